"""A PIN for a patient whose phone others use too: set with her in the room, taken away, or set anew
when she forgot it or too many wrong ones were given."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from proms.actions.audit import staff_actor
from proms.actions.pins import FaultyPin, PinsOff, remove_pin, set_pin
from proms.db.tables import PatientPin
from proms.domain.person import Role
from proms.domain.pin import TRIES, PinFault, PinUse
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.layout import layout
from proms.web.staff.routes import staff

FAULTS = {
    PinFault.NOT_DIGITS: _l("A PIN has digits only."),
    PinFault.LENGTH: _l("A PIN has 4 to 8 digits."),
    PinFault.EASY: _l("This PIN is too easy to guess. Choose other digits."),
}


@staff.get("/patients/<code>/pin")
@staff_only(Role.NURSE, Role.COORDINATOR)
def pin(code: str) -> ResponseReturnValue:
    """Whether there is one, and a new one."""
    return _page(code, None)


def _again(code: str) -> ResponseReturnValue:
    """The page without the digits: nobody reads them over a shoulder."""
    return _page(code, None)


@staff.post("/patients/<code>/pin")
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(_again)
def new_pin(code: str) -> ResponseReturnValue:
    """Set it, or another."""
    with request_context.reading() as session:
        owner = own_patient(session, code)
    try:
        set_pin(
            request_context.parts().database,
            patient=owner,
            digits=request.form.get("pin", "").strip(),
            by=staff_actor(request_context.current_staff()),
            now=request_context.now(),
        )
    except FaultyPin as faulty:
        return _page(code, faulty.fault), 422
    except PinsOff:
        return _page(code, None), 422  # which says so
    flash(_("The PIN is set. The phone asks for it from now on."))
    return redirect(url_for("staff.patient", code=code), 303)


@staff.post("/patients/<code>/pin/removal")
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(_again)
def no_pin(code: str) -> ResponseReturnValue:
    """Take it away."""
    with request_context.writing() as session:
        remove_pin(
            session,
            patient=own_patient(session, code),
            by=staff_actor(request_context.current_staff()),
            now=request_context.now(),
        )
    flash(_("The phone asks for no PIN any more."))
    return redirect(url_for("staff.patient", code=code), 303)


def _page(code: str, fault: PinFault | None) -> str:
    with request_context.reading() as session:
        owner = own_patient(session, code)
        held = session.get(PatientPin, owner.id)
    return render_template(
        "staff/patient/pin.html",
        patient=owner,
        held=held,
        locked=held is not None and held.failures >= TRIES.most,
        form=Form({}, {"pin": str(FAULTS[fault])} if fault else {}),
        off=held is None and layout().site.pin_use == PinUse.OFF,
    )
