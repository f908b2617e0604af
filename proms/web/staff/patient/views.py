"""A patient's page: facts, open alerts, treatment and symptoms on one axis, scores, contact, who it
is."""

from datetime import datetime
from functools import partial

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session, col

from proms.actions.asked_messages import send_link, send_link_unless_owed
from proms.actions.audit import Actor, staff_actor
from proms.actions.enrolment import change_contact
from proms.actions.page_views import note_view
from proms.actions.refusals import ChannelPaused, Incomplete, PatientInactive, Unfit, Unreachable
from proms.actions.ways import second_contact
from proms.db.queries.alerts_in_hand import expected_now
from proms.db.queries.channel_pauses import paused_channels
from proms.db.queries.confirmations import to_confirm
from proms.db.queries.contact_log import passages, said_of_alerts
from proms.db.queries.history import fact_versions_of
from proms.db.queries.patient_page import kept_aside_of, response_of
from proms.db.queries.patient_texts import texts_of
from proms.db.queries.patients import person
from proms.db.queries.pauses import asked_by_herself
from proms.db.queries.people import names_of_staff
from proms.db.queries.worklist import unresolved
from proms.db.tables import Assignment, KeptAside, Patient, Response
from proms.domain.person import ContactKind, PatientStatus, Role
from proms.domain.response import phone_ahead
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.locale import language
from proms.web.staff.calendar.week_axis import first_week
from proms.web.staff.forms import Form
from proms.web.staff.labels import evidence
from proms.web.staff.labels.expected import expectable_items, expected_symptoms
from proms.web.staff.labels.facts import PERSONAL
from proms.web.staff.labels.moments import moment_in_words
from proms.web.staff.layout import zone
from proms.web.staff.patient.facts import personal_facts_of
from proms.web.staff.patient.open_now import fillable
from proms.web.staff.patient.treatment import treatment_of
from proms.web.staff.routes import staff
from proms.web.staff.worklist.desk import PATIENT, Desk, desk_sent
from proms.web.staff.worklist.lines import lines_of

LOG_SHOWN, LOG_ALL = 12, 400


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


@staff.post("/patients/<code>/contact/change")
@staff_only(Role.COORDINATOR)
@keeps_typed(lambda code: page(code, form=Form(request.form)))
def new_contact(code: str) -> ResponseReturnValue:
    """Another number or address, with the patient's consent to use it."""
    form = Form(request.form)
    kind = form.choice("contact_kind", ContactKind)
    address = form.line("address")
    consented_on = form.day("consented_on")
    if kind is None or consented_on is None or form.wrong:
        return page(code, form=form), 422
    now, by = request_context.now(), staff_actor(request_context.current_staff())
    sent = replaced = False
    try:
        with request_context.writing() as session:
            owner = own_patient(session, code)
            second = second_contact(session, owner.id)
            change_contact(
                session,
                request_context.library(),
                request_context.keyring(),
                patient=owner,
                kind=kind,
                address=address,
                consented_on=consented_on,
                use_anyway=form.ticked("use_anyway"),
                by=by,
                now=now,
                served=request_context.parts().settings.served,
            )
            replaced = second is not None and not second.second
            if form.ticked("send_now") and owner.status == PatientStatus.ACTIVE:
                sent = _link_leaves(session, owner, by=by, now=now)
    except Incomplete as refusal:
        form.refuse(refusal)
        return page(code, form=form), 422
    flash(_("Messages go to the new address from now on."))
    if replaced:
        flash(_("It takes the place of the second way too: there is none now."))
    if sent:
        flash(_("The link is on its way."))
    return redirect(url_for("staff.patient", code=code, _anchor="who"), 303)


def _link_leaves(session: Session, owner: Patient, *, by: Actor, now: datetime) -> bool:
    """Send her link to the new address, unless she was sent too many today, which is said."""
    try:
        send_link_unless_owed(session, patient=owner, by=by, now=now)
    except Unfit as too_many:
        flash(_(too_many.sentence, **too_many.slots))
        return False
    return True


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
        except Unfit as too_many:
            flash(_(too_many.sentence, **too_many.slots))
        except ChannelPaused:
            flash(_("Not sent: messages to this patient stand still."))
        except PatientInactive:
            flash(_("Not sent: this patient no longer takes part."))
    desk = desk_sent()
    if not desk.is_empty:
        return page(code, desk=desk)
    return redirect(url_for("staff.patient", code=code, _anchor="contact"), 303)


@staff.get("/patients/<code>/responses/<id:response_id>")
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
    return _response_page(owner, given.response, given.assignment, None)


@staff.get("/patients/<code>/aside/<id:kept_id>")
@staff_only(Role.NURSE, Role.COORDINATOR)
def aside(code: str, kept_id: int) -> ResponseReturnValue:
    """Answers that were kept aside, question by question."""
    with request_context.writing() as session:
        owner = own_patient(session, code)
        by_id = {answers.kept.id: answers for answers in kept_aside_of(session, owner)}
        answers = by_id.get(kept_id)
        if answers is None:
            abort(404)
        note_view(
            session,
            patient=owner,
            page="kept_aside",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return _response_page(owner, answers.first, answers.assignment, answers.kept)


def page(
    code: str,
    *,
    form: Form | None = None,
    desk: Desk | None = None,
) -> str:
    """The patient's page, read in one session; `form` holds another address and `desk` what was
    typed about her alerts."""
    desk = desk or Desk(PATIENT)
    today = request_context.now().astimezone(zone()).date()
    wanted_week = first_week(request.args.get("from"), today)
    everything = request.args.get("log") == "all"
    with request_context.reading() as session:
        owner = own_patient(session, code)
        treatment = treatment_of(session, owner, today, wanted_week)
        lines = lines_of(session, unresolved(session, owner.site_id, patient_id=owner.id), desk)
        log = passages(session, owner, LOG_ALL if everything else LOG_SHOWN)
        said = said_of_alerts(session, owner, LOG_ALL if everything else LOG_SHOWN)
        asides = kept_aside_of(session, owner)
        identity = person(session, request_context.keyring(), owner)
        staff_names = names_of_staff(session, request_context.keyring(), owner.site_id)
        known = expected_now(session, [owner.id], today)[owner.id]
        facts = personal_facts_of(fact_versions_of(session, owner))
        waits = to_confirm(
            session,
            request_context.message_plans(),
            request_context.now(),
            col(Patient.id) == owner.id,
        )
        asked_at = asked_by_herself(session, owner)
        texts = texts_of(session, request_context.keyring(), owner.id)
        pauses = paused_channels(session, owner.site_id, patient_id=owner.id)
        to_fill_in = fillable(session, owner, Role(request_context.current_staff().role))
    protocol = request_context.library().protocol(owner.protocol, owner.protocol_version)
    return render_template(
        "staff/patient/patient.html",
        patient=owner,
        pauses=pauses,
        to_confirm=waits,
        paused_by_herself=asked_at and asked_at.astimezone(zone()),
        texts=texts,
        active=owner.status == PatientStatus.ACTIVE,
        who=identity,
        by_phone=identity.by_phone,
        described=evidence.sex_and_age(owner, today.year),
        personal_facts=[words.short for fact, words in PERSONAL.items() if getattr(owner, fact)],
        facts=facts,
        not_asked=evidence.not_asked_of(request_context.library(), owner),
        today=today,
        contact_shown=owner.code in desk.reached,
        moment=partial(moment_in_words, protocol),
        form=form or Form({"send_now": "1"}),
        desk=desk,
        stray=desk.without_line(line.row.patient.code for line in lines),
        lines=lines,
        known=expected_symptoms(request_context.library(), known),
        expectable=expectable_items(request_context.library(), protocol.instrument_order),
        asides=asides,
        to_fill_in=to_fill_in,
        log=log,
        said=said,
        everything=everything,
        log_shown=LOG_SHOWN,
        staff_names=staff_names,
        **treatment,
    )


def _response_page(
    owner: Patient, sent: Response, assignment: Assignment, kept: KeptAside | None
) -> str:
    """Question by question what was sent, or what was kept aside from it."""
    library = request_context.library()
    version = sent.instrument_version
    wording = library.wording_to_read(sent.instrument, language(), version, sent.wording_version)
    document = kept.document if kept else sent.document
    protocol = library.protocol(owner.protocol, owner.protocol_version)
    with request_context.reading() as session:
        staff_names = names_of_staff(session, request_context.keyring(), owner.site_id)
    return render_template(
        "staff/patient/response.html",
        typed=kept or sent,
        staff_names=staff_names,
        patient=owner,
        title=wording.title,
        banner=wording.banner,
        sent=sent,
        asked=assignment,
        kept=kept,
        phone_ahead=phone_ahead(document),
        moment=partial(moment_in_words, protocol),
        answers=evidence.item_readings(
            library.instrument(sent.instrument, version), wording, document
        ),
    )
