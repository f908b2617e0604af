"""The worklist: what still needs a person, and the two verbs that move it on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.alerts import acknowledge_patient, resolve_patient
from proms.actions.refusals import AlreadyAcknowledged, AlreadyResolved, Incomplete
from proms.db.queries.calls import CallStatement, said_about_calling
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.queries.worklist import PatientAlerts, names_of_staff, resolved, unresolved
from proms.db.queries.worklist_counts import codes_of, not_in_yet
from proms.db.tables import Patient
from proms.domain.alert import Urgency
from proms.domain.alert.record import NOTICE_EVERY, Resolution
from proms.domain.person import Role
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.staff.forms import Form
from proms.web.staff.labels import evidence
from proms.web.staff.layout import CARERS, HOMES, zone
from proms.web.staff.routes import staff

RING = {
    Urgency.RED: NOTICE_EVERY,
    Urgency.AMBER: timedelta(hours=24),
    Urgency.INFO: timedelta(days=7),
}
OPEN, MINE, CLOSED = "open", "mine", "closed"


@dataclass(frozen=True)
class WorklistLine:
    """A row of the worklist, ready to be read; `left` is the share of its clock that is left."""

    row: PatientAlerts
    told: tuple[evidence.AlertEvidence, ...]
    who: str
    where: str
    waited: str
    left: float
    call: CallStatement | None
    holders: str
    mine: bool

    @property
    def chips(self) -> list[evidence.Chip]:
        """The answers that any of the rules looked at, each once, the strongest first."""
        answers = dict.fromkeys(chip for told in self.told for chip in told.chips)
        return sorted(answers, key=lambda chip: -chip.strength)


@staff.get("/")
@staff_only()
def worklist() -> ResponseReturnValue:
    """What waits for a person; whoever has no patients goes on to her own first page."""
    role = Role(request_context.current_staff().role)
    if role not in CARERS:
        return redirect(url_for(HOMES[role]))
    show = request.args.get("show", OPEN)
    if show == CLOSED:
        return _closed()
    return _open(show)


@staff.post("/patients/<code>/taking")
@staff_only(Role.NURSE)
def take(code: str) -> ResponseReturnValue:
    """A nurse takes all of a patient's alerts that nobody has taken."""
    with request_context.writing() as session:
        patient = own_patient(session, code)
        try:
            acknowledge_patient(
                session,
                patient_id=patient.id or 0,
                by=request_context.current_staff(),
                now=request_context.now(),
            )
        except AlreadyAcknowledged:
            flash(_("A colleague has taken %(code)s just before you.", code=patient.code))
    return redirect(_back(patient), 303)


@staff.post("/patients/<code>/resolution")
@staff_only(Role.NURSE)
def resolve(code: str) -> ResponseReturnValue:
    """A nurse records what was done about a patient's alerts."""
    form = Form(request.form)
    done, note = form.choice("resolution", Resolution), form.text("note")
    with request_context.writing() as session:
        patient = own_patient(session, code)
        if done and not form.wrong:
            try:
                resolve_patient(
                    session,
                    patient_id=patient.id or 0,
                    resolution=done,
                    note=note,
                    by=request_context.current_staff(),
                    now=request_context.now(),
                )
                flash(_("%(code)s is closed.", code=patient.code))
            except Incomplete as refusal:
                form.refuse(refusal)
            except AlreadyResolved:
                flash(_("%(code)s was closed before. Your note is not kept.", code=patient.code))
    if form.wrong:
        return _open(OPEN, {patient.code: form}), 422
    return redirect(_back(patient), 303)


def lines_of(session: Any, rows: Sequence[PatientAlerts]) -> list[WorklistLine]:
    """The rows with everything that is said of them; a fixed number of statements."""
    now, me = request_context.now(), request_context.current_staff()
    today = now.astimezone(zone()).date()
    places = treatment_positions(session, [row.patient for row in rows], today)
    calls = said_about_calling(session, places)
    names = names_of_staff(session, me.site_id)
    lines = []
    for row in rows:
        patient = row.patient
        protocol = request_context.library().protocol(patient.protocol, patient.protocol_version)
        lines.append(
            WorklistLine(
                row=row,
                told=tuple(
                    evidence.alert_evidence(request_context.library(), met) for met in row.met
                ),
                who=evidence.sex_and_age(patient, today.year),
                where=evidence.arm_and_position(protocol, patient, places[patient.id or 0]),
                waited=evidence.waiting_time(row.since, now),
                left=_left(row, now),
                call=_since(calls.get(patient.id or 0), row),
                holders=", ".join(sorted(names.get(each, "") for each in row.holders)),
                mine=me.id in row.holders,
            )
        )
    return lines


def _open(show: str, forms: dict[str, Form] | None = None) -> str:
    me = request_context.current_staff()
    with request_context.reading() as session:
        every = lines_of(session, unresolved(session, me.site_id))
        missing = not_in_yet(session, me.site_id, now=request_context.now())
    mine = [line for line in every if line.mine]
    shown = mine if show == MINE else every
    groups = [
        (urgency, [line for line in shown if line.row.urgency is urgency]) for urgency in Urgency
    ]
    return render_template(
        "staff/worklist/worklist.html",
        show=MINE if show == MINE else OPEN,
        every=every,
        mine=mine,
        groups=[(urgency, lines) for urgency, lines in groups if lines],
        tiles=[
            (urgency, [line for line in every if line.row.urgency is urgency])
            for urgency in Urgency
        ],
        missing=missing,
        forms=forms or {},
        now=request_context.now(),
    )


def _closed() -> str:
    me = request_context.current_staff()
    with request_context.reading() as session:
        met = resolved(session, me.site_id)
        rows = unresolved(session, me.site_id)
        codes = codes_of(session, {each.alert.patient_id for each in met})
        names = names_of_staff(session, me.site_id)
    closed = [evidence.alert_evidence(request_context.library(), each) for each in met]
    mine = [row for row in rows if me.id in row.holders]
    return render_template(
        "staff/worklist/closed.html", closed=closed, codes=codes, names=names, every=rows, mine=mine
    )


def _back(patient: Patient) -> str:
    if request.form.get("back") == "patient":
        return url_for("staff.patient", code=patient.code)
    return url_for("staff.worklist", _anchor=patient.code)


def _left(row: PatientAlerts, now: datetime) -> float:
    whole = RING[row.urgency]
    return max(0.0, 1 - (now - row.since) / whole)


def _since(call: CallStatement | None, row: PatientAlerts) -> CallStatement | None:
    """What the patient said of calling, if it was about these answers, even before she sent
    them."""
    first = min(each.alert.clock_from for each in row.met)
    about = {each.source.assignment_id for each in row.met if each.source}
    return call if call and (call.at >= first or call.assignment_id in about) else None
