"""What a staff page says when the trial, the web or the database says no."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from proms.actions.refusals import TryLater
from proms.refusal import Refusal
from proms.web.errors import PAGES, RETRY_AFTER_SECONDS, STATUS, is_away, later, retry_after
from proms.web.staff.labels.vocabulary import refused
from proms.web.staff.routes import staff


@staff.errorhandler(Refusal)
def refuse(refusal: Refusal) -> ResponseReturnValue:
    """A rule of the trial stopped this."""
    status = STATUS.get(refusal.code, 422)
    if isinstance(refusal, TryLater):
        return _page(later(refusal), status), status, retry_after(refusal)
    return _page(refused(refusal), status), status


@staff.errorhandler(HTTPException)
def web_error(error: HTTPException) -> ResponseReturnValue:
    """An ordinary web error, in a sentence."""
    if error.response is not None:
        return error.response
    status = error.code or 500
    sentence = PAGES.get(status, PAGES[500])
    return _page(sentence, status), status


@staff.errorhandler(DBAPIError)
def away(error: DBAPIError) -> ResponseReturnValue:
    """The database does not answer: say so, and when to come back."""
    if not is_away(error):
        raise error
    return _page(PAGES[503], 503), 503, {"Retry-After": RETRY_AFTER_SECONDS}


def _page(sentence: str, status: int) -> str:
    return render_template("staff/error.html", sentence=sentence, status=status)
