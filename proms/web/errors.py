"""The trial's "no" gets its status and its sentence in the reader's language; nothing else leaks
out."""

import secrets
from math import ceil
from typing import Any

import structlog
from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from proms.actions.refusals import TryLater
from proms.logs import kinds, places
from proms.refusal import Refusal
from proms.web.guard import asked_by_script, is_api

log = structlog.get_logger()

RETRY_AFTER_SECONDS = "10"
LONG = 90  # seconds that are better said in minutes
CONFLICT = {
    "already_answered",
    "idempotency_key_reused",
    "history_changed",
    "already_acknowledged",
    "already_resolved",
    "something_new",
    "patient_inactive",
    "window_closed",
    "not_open_yet",
    "days_passing",
    "login_taken",
    "number_taken",
    "own_access",
    "last_of_role",
    "alerts_in_hand",
    "unreachable",
    "channel_paused",
    "message_left",
    "no_licensed_wording",
    "other_wording",
}
STATUS = {code: 409 for code in CONFLICT} | {
    "not_found": 404,
    "link_unknown": 404,
    "wrong_password": 401,
    "wrong_pin": 401,
    "pin_waits": 429,
    "pin_locked": 403,
    "not_signed_in": 401,
    "too_many_attempts": 429,
    "too_busy": 503,
}
SENTENCES = {
    "not_found": _l("We cannot find this."),
    "window_closed": _l("These questions have closed. You do not have to fill them in any more."),
    "not_open_yet": _l(
        "These questions are not open yet. You get a message when you can fill them in."
    ),
    "already_answered": _l("These questions have been filled in already."),
    "idempotency_key_reused": _l(
        "You have already sent these questions, with other answers. If "
        "something is wrong, call the study team."
    ),
    "history_changed": _l(
        "Somebody changed this patient’s record just now. Look at the new preview before you save."
    ),
    "already_acknowledged": _l("A colleague has taken this alert."),
    "already_resolved": _l("This alert was closed before."),
    "something_new": _l("Something new came in. Look at the alerts again before you act."),
    "patient_inactive": _l("This patient no longer takes part."),
    "days_passing": _l("The days are passing already. Wait until they are over."),
    "login_taken": _l("This log-in name is already in use."),
    "unreachable": _l("There is no telephone number or e-mail address for this patient."),
    "channel_paused": _l(
        "Messages to this patient stand still: correct the number or address first."
    ),
    "message_left": _l("This message has left already, or is being sent."),
    "answer_not_offered": _l(
        "This answer does not belong to the question. Go back and choose again."
    ),
    "no_licensed_wording": _l(
        "We cannot show you these questions yet. You do not have to do anything."
    ),
    "wrong_password": _l("The log-in name or the password is not right."),
    "too_many_attempts": _l("A wrong password was given too often."),
    "too_busy": _l("Many people are logging in at this moment."),
}
# Said in the reader's language by the API too: it may be shown to a patient as it is.
SPOKEN = {"no_licensed_wording"}
PAGES = {
    400: _l("Sending did not work. Go back and try again."),
    403: _l("You do not have access to this page."),
    404: _l("We cannot find this page."),
    405: _l("This page cannot be used this way."),
    413: _l("This is too much to send at once."),
    500: _l(
        "Something went wrong on our side. What you just filled in may not be saved. Check "
        "it when you continue."
    ),
    503: _l(
        "We cannot save anything right now. What you just filled in is not saved yet. Try "
        "again in a few minutes."
    ),
}


def install(app: Flask) -> None:
    # Ordinary web errors are not among these: flask-smorest answers them for the whole application,
    # and the API's `Described` hands those of a page to `web_error`.
    app.log_exception = _report  # type: ignore[method-assign]
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(OperationalError, away)
    app.register_error_handler(DBAPIError, away)


def _report(exc_info: tuple[Any, ...]) -> None:
    """The line of a request that ended in a 500: neither what was sent nor what the error says, but
    its kind and the places in the code; the answer carries the same request id."""
    error = exc_info[1]
    g.request_id = secrets.token_hex(8)
    log.error(
        "request_failed",
        request=g.request_id,
        method=request.method,
        endpoint=request.endpoint,
        error=kinds(error),
        trace=places(error),
    )


def refuse(refusal: Refusal) -> ResponseReturnValue:
    """A rule of the trial stopped this; the API and the staff pages have their own way to say
    so."""
    status = STATUS.get(refusal.code, 422)
    sentence = SENTENCES.get(refusal.code, str(refusal))
    if asked_by_script():
        return {"code": refusal.code, "message": str(sentence)}, status, retry_after(refusal)
    page = render_template("error.html", sentence=sentence, status=status)
    return page, status, retry_after(refusal)


def retry_after(refusal: Refusal) -> dict[str, str]:
    """The header that says when to come back, where a refusal says so."""
    return {"Retry-After": str(refusal.seconds)} if isinstance(refusal, TryLater) else {}


def later(refusal: TryLater) -> str:
    """Why not now, and when: in seconds, or in minutes where it takes long."""
    when = ngettext(
        "Try again in %(num)s second.", "Try again in %(num)s seconds.", refusal.seconds
    )
    if refusal.seconds > LONG:
        minutes = ceil(refusal.seconds / 60)
        when = ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)
    return f"{SENTENCES[refusal.code]} {when}"


def api_sentence(refusal: Refusal) -> str:
    """What the API says of a refusal."""
    if refusal.code in SPOKEN:
        return str(SENTENCES[refusal.code])
    return str(refusal)


def web_error(error: HTTPException) -> ResponseReturnValue:
    """An ordinary web error, in a sentence."""
    if error.response is not None:
        return error.response
    status = error.code or 500
    sentence = PAGES.get(status, PAGES[500])
    return render_template("error.html", sentence=sentence, status=status), status


def away(error: DBAPIError) -> ResponseReturnValue:
    """The database does not answer: say so, and when to come back; the form keeps its answers."""
    if not is_away(error):
        raise error
    headers = {"Retry-After": RETRY_AFTER_SECONDS}
    if is_api():
        body = {"code": "database_away", "message": "Nothing was stored; try again shortly."}
        return body, 503, headers
    return render_template("error.html", sentence=PAGES[503], status=503), 503, headers


def is_away(error: DBAPIError) -> bool:
    """Whether the connection failed, not the statement."""
    return isinstance(error, OperationalError) or error.connection_invalidated
