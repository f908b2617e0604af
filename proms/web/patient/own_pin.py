"""The PIN that a patient chooses herself, where the site uses PINs: at her own wish, or because the
site wants everybody to have one. Whom to call is never behind it."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from proms.actions.pins import FaultyPin, PinHeld, PinsOff, choose_pin
from proms.domain.pin import LONGEST, PinFault, PinUse
from proms.web import request_context
from proms.web.guard import PATIENT_COOKIE, cookie_name, patients_only
from proms.web.patient.arrival import counts_when_read
from proms.web.patient.routes import pages
from proms.web.phone_numbers import hospital

FAULTS = {
    PinFault.NOT_DIGITS: _l("A PIN has digits only."),
    PinFault.LENGTH: _l("A PIN has 4 to 8 digits."),
    PinFault.EASY: _l("This PIN is too easy to guess. Choose other digits."),
}


def handed_over() -> bool:
    """Whether this is a tablet of the hospital, in her hands for one sitting."""
    return request_context.current_visit().visit.handed_over


def may_choose_pin() -> bool:
    """Whether she has none and may have one."""
    if request_context.current_visit().has_pin or handed_over():
        return False
    return hospital().pin_use != PinUse.OFF


def lacks_pin() -> bool:
    """Whether her site wants her to have one."""
    return may_choose_pin() and hospital().pin_use == PinUse.REQUIRED


def offers_earlier_answers() -> bool:
    """Whether her page leads to her earlier answers: the trial shows some, and she has the PIN that
    they are behind, or may choose it."""
    patient = request_context.current_patient()
    protocol = request_context.library().protocol(patient.protocol, patient.protocol_version)
    if not protocol.own_page.earlier_answers or handed_over():
        return False
    return request_context.current_visit().has_pin or may_choose_pin()


@pages.get("/pin/new")
@patients_only
def new_pin() -> ResponseReturnValue:
    """Choose one; who has one, or gets none here, is led on."""
    return _page("") if may_choose_pin() else _onward()


def _again() -> ResponseReturnValue:
    """The page without the digits."""
    return new_pin()


@pages.post("/pin/new")
@patients_only
@counts_when_read(_again)
def choose() -> ResponseReturnValue:
    """The digits twice, so that a slip locks nobody out."""
    digits = request.form.get("pin", "").strip()
    if digits != request.form.get("again", "").strip():
        return _page(_("You filled in two different PINs. Try it again.")), _UNFIT
    try:
        choose_pin(
            request_context.parts().database,
            request_context.keyring(),
            token=request.cookies.get(cookie_name(PATIENT_COOKIE), ""),
            digits=digits,
            now=request_context.now(),
        )
    except FaultyPin as faulty:
        return _page(str(FAULTS[faulty.fault])), _UNFIT
    except (PinHeld, PinsOff):
        pass  # another device of hers was sooner, or the site decided otherwise meanwhile
    return _onward()


_UNFIT = HTTPStatus.UNPROCESSABLE_ENTITY


def _onward() -> ResponseReturnValue:
    return redirect(url_for("patient.today"), 303)


def _page(wrong: str) -> str:
    return render_template(
        "patient/new_pin.html",
        wrong=wrong,
        longest=LONGEST,
        site=hospital(),
        required=lacks_pin(),
    )
