"""Confirming a number or address with the patient in the room: a test message, and the code that
stands in it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.audit import staff_actor
from proms.actions.confirmation import confirm_contact, send_test
from proms.actions.contact_codes import DIGITS
from proms.actions.refusals import ChannelPaused, Incomplete, PatientInactive, Unreachable
from proms.actions.senders import sender_of
from proms.content.catalogues import catalogue
from proms.db.queries.confirmations import contact_in_use, last_test
from proms.db.tables import Patient
from proms.domain.person import PatientStatus, Role
from proms.domain.reminder import confirmation_text, from_sender
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.layout import layout
from proms.web.staff.routes import staff

CARERS = (Role.NURSE, Role.COORDINATOR)
PAGE = "/patients/<code>/confirmation"
SECOND = "second"  # in the address of the page that confirms the second way
HIDDEN = "•" * DIGITS


@staff.get(PAGE)
@staff_only(*CARERS)
def confirmation(code: str) -> ResponseReturnValue:
    """What to do with the patient beside you, step by step."""
    return _page(code, Form({}))


@staff.post(f"{PAGE}/message")
@staff_only(*CARERS)
def send_test_message(code: str) -> ResponseReturnValue:
    """Send the test message now."""
    try:
        with request_context.writing() as session:
            send_test(
                session,
                patient=own_patient(session, code),
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
                second=_second(),
            )
    except Incomplete as refusal:
        form = Form({})
        form.refuse(refusal)
        return _page(code, form), 422
    except Unreachable:
        flash(_("Not sent: there is no telephone number or e-mail address for this patient."))
    except ChannelPaused:
        flash(_("Not sent: messages to this patient stand still."))
    except PatientInactive:
        flash(_("Not sent: this patient no longer takes part."))
    return _again(code)


@staff.post(PAGE)
@staff_only(*CARERS)
@keeps_typed(lambda code: _page(code, Form(request.form)))
def confirm(code: str) -> ResponseReturnValue:
    """The code that the patient read out."""
    form = Form(request.form)
    try:
        with request_context.writing() as session:
            confirm_contact(
                session,
                request_context.library(),
                request_context.keyring(),
                patient=own_patient(session, code),
                code=form.line("code"),
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
                second=_second(),
            )
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(code, form), 422
    except (Unreachable, PatientInactive):
        return _again(code)
    flash(_("Confirmed: messages reach this patient."))
    return redirect(url_for("staff.patient", code=code, _anchor="who"), 303)


def _second() -> bool:
    """Whether the page is about her second way."""
    return request.values.get("way") == SECOND


def _again(code: str) -> ResponseReturnValue:
    way = SECOND if _second() else None
    return redirect(url_for("staff.confirmation", code=code, way=way), 303)


def _page(code: str, form: Form) -> str:
    with request_context.reading() as session:
        owner = own_patient(session, code)
        contact = contact_in_use(session, owner.id, second=_second())
        test = last_test(session, contact) if contact else None
    return render_template(
        "staff/patient/confirmation.html",
        patient=owner,
        active=owner.status == PatientStatus.ACTIVE,
        contact=contact,
        way=SECOND if _second() else None,
        test=test,
        reads=_as_she_reads_it(owner),
        form=form,
    )


def _as_she_reads_it(patient: Patient) -> str:
    """The test message without its code."""
    parts = request_context.parts()
    revealing = request_context.library().revealing(parts.settings.protocol)
    sender = sender_of(layout().site, parts.settings.public_url, revealing)
    return from_sender(confirmation_text(catalogue(patient.language), code=HIDDEN), sender).body
