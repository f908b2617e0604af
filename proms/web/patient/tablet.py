"""A tablet of the hospital in a patient's hands: a code lets it in for one sitting."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from proms.actions.access import SITTING, end_session
from proms.actions.handing_over import TabletStage, sit_down_at
from proms.actions.refusals import LinkUnknown
from proms.web import request_context
from proms.web.guard import (
    PATIENT_COOKIE,
    cookie_name,
    open_to_all,
    patients_only,
    set_cookie,
    until,
)
from proms.web.patient.review import LEAVE_NOTHING
from proms.web.patient.routes import pages

LONGEST = 40  # signs, with whatever somebody writes between those of a code


@pages.get("/tablet")
@open_to_all
def tablet() -> ResponseReturnValue:
    """Where the code is typed in."""
    return _page("")


@pages.get("/tablet/<code>")
@open_to_all
def scanned_tablet(code: str) -> ResponseReturnValue:
    """Where it is, scanned instead: looking uses nothing, for a program may look too."""
    return _page(code[:LONGEST])


@pages.post("/tablet")
@open_to_all
def take_tablet() -> ResponseReturnValue:
    """The code, exchanged for a visit that ends with the sitting."""
    typed = request.form.get("code", "")[:LONGEST]
    try:
        _patient, visit = sit_down_at(
            request_context.parts().database,
            request_context.keyring(),
            typed=typed,
            now=request_context.now(),
        )
    except LinkUnknown:
        wrong = _("This code does not work. Ask for a new one.")
        return _page(typed, wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    response: Response = redirect(url_for("patient.today"), 303)
    set_cookie(response, PATIENT_COOKIE, visit, int(SITTING.total_seconds()))
    return response


@pages.get("/tablet/back")
@patients_only
@until(TabletStage.OVER)
def give_back() -> ResponseReturnValue:
    """The sitting is over: nothing of hers is shown any more."""
    return render_template("patient/give_back.html")


@pages.post("/tablet/back")
@patients_only
@until(TabletStage.OVER)
def given_back() -> ResponseReturnValue:
    """Leave nothing of hers on it."""
    name = cookie_name(PATIENT_COOKIE)
    with request_context.writing() as session:
        end_session(
            session,
            request_context.keyring(),
            token=request.cookies.get(name, ""),
            now=request_context.now(),
        )
    response: Response = redirect(url_for("patient.tablet"), 303)
    response.delete_cookie(name, secure=request_context.parts().settings.secure, httponly=True)
    response.headers["Clear-Site-Data"] = LEAVE_NOTHING
    return response


def _page(typed: str, wrong: str = "") -> str:
    return render_template("patient/tablet.html", typed=typed, wrong=wrong)
