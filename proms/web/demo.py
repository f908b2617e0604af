"""The demo's phone: every message as it would have arrived. Exists only in a demo."""

import re

from flask import Blueprint, Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue

from proms.db.queries.inbox import inbox_page
from proms.web import here
from proms.web.guard import open_to_all

LINK = re.compile(r"(https?://\S+)")
EVERY_SECONDS = "10"

demo = Blueprint("demo", __name__, url_prefix="/demo")


def install(app: Flask) -> None:
    app.register_blueprint(demo)


@demo.get("/inbox")
@open_to_all
def inbox() -> ResponseReturnValue:
    """The messages, newest first; the first page looks for new ones by itself until it is told to stop."""
    address, before = request.args.get("to"), request.args.get("before", type=int)
    with here.reading() as session:
        page = inbox_page(session, address=address, before=before)
    live = before is None and "still" not in request.args
    response = make_response(
        render_template("demo/inbox.html", page=page, address=address, live=live, split=LINK.split)
    )
    if live:
        response.headers["Refresh"] = EVERY_SECONDS
    return response
