"""The demo's phone and clock: every message as it would have arrived, and days that pass on
request. Only in a demo."""

import re

from flask import (
    Blueprint,
    Flask,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from proms.actions.audit import OPERATOR
from proms.actions.demo_clock import ask_for_days
from proms.db.queries.demo_time import still_to_go
from proms.db.queries.inbox import inbox_page
from proms.web import request_context
from proms.web.addresses import id_in_query
from proms.web.guard import open_to_all

# A message is kept as it left; the demo may have moved to another port since, so only the way
# behind the address counts.
LINK = re.compile(r"https?://[^/\s]+(/\S*)")
# Seconds after which the page looks again.
EVERY_SECONDS = "10"
WHILE_DAYS_PASS = "2"
STEPS = (1, 7)  # days that may be asked to pass at once

demo = Blueprint("demo", __name__, url_prefix="/demo")


def install(app: Flask) -> None:
    app.register_blueprint(demo)


@demo.get("/inbox")
@open_to_all
def inbox() -> ResponseReturnValue:
    """The messages, newest first; the first page looks for new ones by itself until it is told to
    stop."""
    address = request.args.get("to")
    before = id_in_query("before")
    with request_context.reading() as session:
        page = inbox_page(session, request_context.keyring(), address=address, before=before)
        passing = bool(still_to_go(session))
    live = before is None and "still" not in request.args
    text = render_template(
        "demo/inbox.html",
        page=page,
        address=address,
        live=live,
        split=LINK.split,
        address_now=request_context.parts().settings.public_url,
        now=request_context.now(),
        passing=passing,
        steps=STEPS,
    )
    response = make_response(text)
    if live:
        response.headers["Refresh"] = WHILE_DAYS_PASS if passing else EVERY_SECONDS
    return response


@demo.post("/clock")
@open_to_all
def clock() -> ResponseReturnValue:
    """Ask for a day or a week to pass, and go back to the demo's phone to see it pass."""
    days = request.form.get("days", type=int)
    if days not in STEPS:
        abort(400)
    with request_context.writing() as session:
        ask_for_days(session, days=days, by=OPERATOR, now=request_context.now())
    return redirect(url_for("demo.inbox"), 303)
