"""No answer repeats whose host a request claims to be for: every redirect is a path of this
site."""

from urllib.parse import urlsplit

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import RequestRedirect


def install(app: Flask) -> None:
    app.before_request(correct_path)


def correct_path() -> ResponseReturnValue | None:
    """Where routing would add a slash or take one of two away, it names the host too: we send the
    path alone."""
    corrected = request.routing_exception
    if not isinstance(corrected, RequestRedirect):
        return None
    new = urlsplit(corrected.new_url)
    path = "/" + new.path.lstrip("/")  # two would name another host
    return redirect(f"{path}?{new.query}" if new.query else path, corrected.code)
