"""A patient's page: facts, open alerts, treatment and symptoms on one axis, scores, contact, who it
is."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.audit import staff_actor
from proms.actions.enrolment import change_contact
from proms.actions.page_views import note_contact_shown, note_view
from proms.actions.refusals import Incomplete, PatientInactive, Unreachable
from proms.actions.reminders import send_link
from proms.db.queries.contact_log import passages
from proms.db.queries.history import history_of
from proms.db.queries.patient_page import (
    assignments_of,
    kept_aside_of,
    red_items,
    response_of,
    responses_of,
)
from proms.db.queries.patients import person
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.queries.worklist import names_of_staff, unresolved
from proms.db.tables import Assignment, KeptAside, Patient, Response
from proms.domain.person import ContactKind, PatientStatus, Role
from proms.domain.schedule import AssignmentState, History
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.locale import language
from proms.web.staff.calendar.cycle_bars import cycle_lanes
from proms.web.staff.calendar.week_axis import first_week, week_columns
from proms.web.staff.forms import Form
from proms.web.staff.labels import evidence
from proms.web.staff.layout import zone
from proms.web.staff.patient.symptoms import Reports, symptoms
from proms.web.staff.patient.trends import trends
from proms.web.staff.routes import staff
from proms.web.staff.worklist.views import lines_of

LOG_SHOWN, LOG_ALL = 12, 400
DUE_STATES = (AssignmentState.ANSWERED, AssignmentState.MISSED)


@staff.get("/patients/<code>")
@staff_only(Role.NURSE, Role.COORDINATOR)
def patient(code: str) -> ResponseReturnValue:
    """Everything about one patient; that it was looked at is on record."""
    with request_context.writing() as session:
        note_view(
            session,
            patient=own_patient(session, code),
            page="chart",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return page(code)


@staff.post("/patients/<code>/contact")
@staff_only(Role.NURSE, Role.COORDINATOR)
def show_contact(code: str) -> ResponseReturnValue:
    """The same page with the telephone number or e-mail address on it; that it was shown is on
    record."""
    with request_context.writing() as session:
        note_contact_shown(
            session,
            patient=own_patient(session, code),
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return page(code, contact_shown=True)


@staff.post("/patients/<code>/contact/change")
@staff_only(Role.COORDINATOR)
def new_contact(code: str) -> ResponseReturnValue:
    """Another number or address, with the patient's consent to use it."""
    form = Form(request.form)
    kind, address, consented_on = (
        form.choice("contact_kind", ContactKind),
        form.text("address"),
        form.day("consented_on"),
    )
    if kind is None or consented_on is None or form.wrong:
        return page(code, form=form), 422
    try:
        with request_context.writing() as session:
            change_contact(
                session,
                request_context.keyring(),
                patient=own_patient(session, code),
                kind=kind,
                address=address,
                consented_on=consented_on,
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
            )
    except Incomplete as refusal:
        form.refuse(refusal)
        return page(code, form=form), 422
    flash(_("Messages go to the new address from now on."))
    return redirect(url_for("staff.patient", code=code, _anchor="who"), 303)


@staff.post("/patients/<code>/link")
@staff_only(Role.NURSE, Role.COORDINATOR)
def link_again(code: str) -> ResponseReturnValue:
    """Send the patient her link once more, at once."""
    with request_context.writing() as session:
        try:
            send_link(
                session,
                patient=own_patient(session, code),
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
            )
            flash(_("The link is on its way."))
        except Unreachable:
            flash(_("Not sent: there is no telephone number or e-mail address for this patient."))
        except PatientInactive:
            flash(_("Not sent: this patient takes no further part."))
    return redirect(url_for("staff.patient", code=code, _anchor="contact"), 303)


@staff.get("/patients/<code>/responses/<int:response_id>")
@staff_only(Role.NURSE, Role.COORDINATOR)
def response(code: str, response_id: int) -> ResponseReturnValue:
    """One response, question by question."""
    with request_context.writing() as session:
        owner = own_patient(session, code)
        given = response_of(session, owner, response_id)
        if given is None:
            abort(404)
        note_view(
            session,
            patient=owner,
            page="response",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return _answers(owner, given.response, given.assignment, None)


@staff.get("/patients/<code>/aside/<int:kept_id>")
@staff_only(Role.NURSE, Role.COORDINATOR)
def aside(code: str, kept_id: int) -> ResponseReturnValue:
    """Answers that were kept aside, question by question."""
    with request_context.writing() as session:
        owner = own_patient(session, code)
        found = next(
            (each for each in kept_aside_of(session, owner) if each.kept.id == kept_id), None
        )
        if found is None:
            abort(404)
        note_view(
            session,
            patient=owner,
            page="kept_aside",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return _answers(owner, found.first, found.assignment, found.kept)


def page(code: str, *, contact_shown: bool = False, form: Form | None = None) -> str:
    """The patient's page, read in one session."""
    today = request_context.now().astimezone(zone()).date()
    everything = request.args.get("log") == "all"
    with request_context.reading() as session:
        owner = own_patient(session, code)
        shown = _treatment(session, owner, today) | {
            "lines": lines_of(session, unresolved(session, owner.site_id, patient_id=owner.id)),
            "log": passages(session, owner, LOG_ALL if everything else LOG_SHOWN),
            "asides": kept_aside_of(session, owner),
            "who": person(session, request_context.keyring(), owner),
            "staff_names": names_of_staff(session, owner.site_id),
        }
    return render_template(
        "staff/patient/patient.html",
        patient=owner,
        active=owner.status == PatientStatus.ACTIVE,
        by_phone=shown["who"].contact_kind == ContactKind.SMS,
        described=evidence.sex_and_age(owner, today.year),
        not_asked=evidence.not_asked_of(request_context.library(), owner),
        today=today,
        contact_shown=contact_shown,
        form=form or Form({}),
        everything=everything,
        log_shown=LOG_SHOWN,
        **shown,
    )


def _treatment(session: Session, owner: Patient, today: date) -> dict[str, Any]:
    """Cycles, symptoms and scores, as the page shows them."""
    library = request_context.library()
    protocol = library.protocol(owner.protocol, owner.protocol_version)
    history = history_of(session, owner)
    given, asked = responses_of(session, owner), assignments_of(session, owner)
    weeks = week_columns(history, today, first_week(request.args.get("from"), today))
    missed = [each for each in asked if each.state == AssignmentState.MISSED]
    reports = Reports(given, missed, red_items(session, owner))
    return {
        "protocol": protocol,
        "history": history,
        "standing": _standing(history, protocol, today),
        "place": evidence.arm_and_position(
            protocol, owner, treatment_positions(session, [owner], today)[owner.id or 0]
        ),
        "weeks": weeks,
        "lanes": cycle_lanes(protocol, history, today, weeks),
        "symptoms": symptoms(library, reports, weeks),
        "trends": trends(library, given, history.first("randomisation"), zone()),
        "given": given[::-1],
        "checks": [
            each
            for each in asked
            if library.has_rules(each.instrument) and each.state in DUE_STATES
        ],
        "answered": AssignmentState.ANSWERED,
        "titles": {
            each.instrument: library.wording(each.instrument, language()).short_title
            for each in asked
        },
    }


def _standing(history: History, protocol: Any, today: date) -> list[tuple[str, date]]:
    """The milestones that have come, in order of date."""
    return sorted(
        (
            (kind, day)
            for kind in protocol.milestones
            for day in history.milestones.get(kind, ())
            if day <= today
        ),
        key=lambda each: each[1],
    )


def _answers(owner: Patient, sent: Response, asked: Assignment, kept: KeptAside | None) -> str:
    """Question by question what was sent, or what was kept aside from it."""
    library, version = request_context.library(), sent.instrument_version
    wording = library.wording_to_read(sent.instrument, language(), version, sent.wording_version)
    document = kept.document if kept else sent.document
    return render_template(
        "staff/patient/response.html",
        patient=owner,
        title=wording.title,
        banner=wording.banner,
        sent=sent,
        asked=asked,
        kept=kept,
        answers=evidence.item_readings(
            library.instrument(sent.instrument, version), wording, document
        ),
    )
