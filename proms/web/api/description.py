"""The API's description, for machines and for people; nothing of its page comes from elsewhere."""

from importlib.resources import files

import flask_swagger_ui
from flask import Blueprint, abort, current_app, render_template, send_from_directory
from flask.typing import ResponseReturnValue

from proms.web.guard import open_to_all

SHELF = files(flask_swagger_ui) / "dist"
SERVED = ("swagger-ui.css", "swagger-ui-bundle.js")

page = Blueprint("api_page", __name__, url_prefix="/api")


@page.get("/docs")
@open_to_all
def docs() -> str:
    """The description to read and to try."""
    return render_template("api/docs.html", served=SERVED)


@page.get("/docs/<name>")
@open_to_all
def shelf(name: str) -> ResponseReturnValue:
    """The page's own style and script, from the installed package."""
    if name not in SERVED:
        abort(404)
    return send_from_directory(str(SHELF), name)


@page.get("/openapi.json")
@open_to_all
def description() -> ResponseReturnValue:
    """The description as OpenAPI."""
    return current_app.extensions["api_description"], 200
