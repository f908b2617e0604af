"""Where a log-in comes from: the caller's address, and the token of a device that was here
before."""

import secrets

from flask import request
from werkzeug.wrappers import Response

from proms.actions.attempts import REMEMBERED, Origin
from proms.web.guard import cookie_name, set_cookie

DEVICE_COOKIE = "device"
TOKEN_BYTES = 20


def device_origin() -> Origin:
    """A browser: with its token, or a new one that nobody has logged in with."""
    # The address is the connection's, or what as many proxies as the settings name have said.
    token = request.cookies.get(cookie_name(DEVICE_COOKIE)) or secrets.token_urlsafe(TOKEN_BYTES)
    return Origin(request.remote_addr or "", token)


def program_origin() -> Origin:
    """A caller of the API, which reads no cookie."""
    return Origin(request.remote_addr or "")


def remember(response: Response, origin: Origin) -> None:
    """Let the browser keep its token, so that nobody elsewhere can make this person wait."""
    if origin.device:
        set_cookie(response, DEVICE_COOKIE, origin.device, int(REMEMBERED.total_seconds()))
