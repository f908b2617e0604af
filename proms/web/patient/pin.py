"""The PIN of a phone that others use too: nothing of hers is shown before it is given."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from proms.actions.pins import PinLocked, PinWaits, WrongPin, give_pin
from proms.domain.pin import LONGEST
from proms.web import request_context
from proms.web.access import own_days
from proms.web.guard import PATIENT_COOKIE, before_pin, cookie_name, patients_only
from proms.web.patient.red_card import red_card
from proms.web.patient.routes import pages
from proms.web.phone_numbers import hospital


@pages.get("/pin")
@patients_only
@before_pin
def pin() -> ResponseReturnValue:
    """Ask for it; whom to call stands here as on every page."""
    return _page("")


@pages.post("/pin")
@patients_only
@before_pin
def enter() -> ResponseReturnValue:
    """The right one lets her in; a wrong one says what she can do."""
    token = request.cookies.get(cookie_name(PATIENT_COOKIE), "")
    parts = request_context.parts()
    try:
        give_pin(
            parts.database,
            request_context.keyring(),
            token=token,
            digits=request.form.get("pin", "").strip(),
            now=request_context.now(),
        )
    except WrongPin:
        return _page(_("This PIN is not right. Try it again.")), HTTPStatus.UNPROCESSABLE_ENTITY
    except PinWaits as wait:
        sentence = ngettext(
            "A wrong PIN was given too often. Try again in %(num)s minute.",
            "A wrong PIN was given too often. Try again in %(num)s minutes.",
            wait.minutes,
        )
        return _page(sentence), HTTPStatus.TOO_MANY_REQUESTS
    except PinLocked:
        return (
            _page(_("A wrong PIN was given too often. The study team can give you a new one.")),
            HTTPStatus.FORBIDDEN,
        )
    return redirect(url_for("patient.today"), 303)


def _page(wrong: str) -> str:
    """An answer that cannot wait is not behind the PIN: that there is one is said here, and what it
    was is not."""
    patient = request_context.current_patient()
    with request_context.reading() as session:
        red = red_card(session, patient, own_days(session, patient))
    return render_template(
        "patient/pin.html", wrong=wrong, longest=LONGEST, site=hospital(), red=red is not None
    )
