"""The lines of the worklist, one a patient: what was met, who has it, what was said about it and
what comes next."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _
from sqlmodel import Session

from proms.db.queries.alerts_in_hand import GivenBack, expected_now, given_back, notes_about
from proms.db.queries.calls import CallStatement, said_about_calling
from proms.db.queries.patient_texts import ReadText, texts_waiting
from proms.db.queries.patients import names_of
from proms.db.queries.people import names_of_staff
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.queries.worklist import PatientAlerts
from proms.db.tables import Alert, AlertNote
from proms.domain.alert import Urgency
from proms.domain.alert.record import NOTICE_EVERY, Returned
from proms.domain.calls import end_of_next_working_day
from proms.domain.roster import Hours
from proms.web import request_context
from proms.web.locale import at, clock_time
from proms.web.staff.labels import evidence
from proms.web.staff.labels.expected import ExpectedSymptom, expected_symptoms
from proms.web.staff.layout import layout, zone
from proms.web.staff.worklist.desk import Desk
from proms.web.working_days import working_hours

# How long these may wait before the ring beside them has run empty; what is amber until the end of
# the next working day.
CLOCKS = {
    Urgency.RED: NOTICE_EVERY,
    Urgency.INFO: timedelta(days=7),
}


class SaidBy(NamedTuple):
    """What was written of a patient's alerts, and by whom."""

    note: AlertNote
    name: str


@dataclass(frozen=True)
class WorklistLine:
    """A row of the worklist, ready to be read; `share_left` is of its clock, `fresh` the alerts of
    which something is new since the page was sent."""

    row: PatientAlerts
    name: str
    alerts: tuple[evidence.AlertEvidence, ...]
    description: str
    arm_and_position: str
    waiting_time: str
    share_left: float
    call: CallStatement | None
    holders: str
    taken_by_me: bool
    overdue_since: datetime | None  # amber that nobody took within a working day
    next_step: str
    returned: str
    notes: tuple[SaidBy, ...]
    expected: tuple[ExpectedSymptom, ...]
    fresh: frozenset[int]
    texts: tuple[ReadText, ...] = ()  # what she texted and nobody has dealt with

    @property
    def chips(self) -> list[evidence.Chip]:
        """The answers that any of the rules looked at, each once, the strongest first."""
        answers = dict.fromkeys(chip for alert in self.alerts for chip in alert.chips)
        return sorted(answers, key=lambda chip: -chip.strength)

    @property
    def alarming(self) -> list[evidence.Chip]:
        return [chip for chip in self.chips if chip.strength]

    @property
    def reassuring(self) -> list[evidence.Chip]:
        """The answers at the lowest level: they weigh less."""
        return [chip for chip in self.chips if not chip.strength]

    @property
    def last_at(self) -> datetime:
        """When something was last said or done about it, by the patient, a nurse or time."""
        moments = [met.last_at or met.alert.raised_at for met in self.row.met]
        moments += [met.alert.returned_at for met in self.row.met if met.alert.returned_at]
        return max([*moments, *(said.note.at for said in self.notes)])

    @property
    def information(self) -> str:
        """Of what is shown the information alone."""
        return " ".join(
            f"{met.alert.id}:{met.times}" for met in self.row.met if met.urgency is Urgency.INFO
        )

    @property
    def has_clock(self) -> bool:
        return self.row.urgency is not Urgency.INFO

    @property
    def shown(self) -> str:
        """What stands on the page of this patient, for the form: "alert:times alert:times"."""
        return " ".join(f"{met.alert.id}:{met.times}" for met in self.row.met)


def lines_of(
    session: Session, rows: Sequence[PatientAlerts], desk: Desk | None = None
) -> list[WorklistLine]:
    """The rows with everything that is shown of them; a fixed number of statements."""
    library = request_context.library()
    keyring = request_context.keyring()
    now = request_context.now()
    today = now.astimezone(zone()).date()
    me = request_context.current_staff()
    ids = [row.patient.id for row in rows]
    positions = treatment_positions(session, [row.patient for row in rows], today)
    calls = said_about_calling(session, positions)
    staff_names = names_of_staff(session, keyring, me.site_id)
    names = names_of(session, keyring, ids)
    notes = notes_about(session, ids)
    expected = expected_now(session, ids, today)
    back = given_back(session, ids)
    texts = texts_waiting(session, keyring, ids)
    hours_on = working_hours(layout().site)
    lines = []
    for row in rows:
        due_by = _due_by(row, hours_on)
        overdue = row.urgency is Urgency.AMBER and not row.taken and due_by < now
        patient = row.patient
        protocol = library.protocol(patient.protocol, patient.protocol_version)
        fresh = _fresh(row, desk.shown(patient.code) if desk else None)
        told = [evidence.alert_evidence(library, rule) for rule in row.met]
        lines.append(
            WorklistLine(
                row=row,
                name=names.get(patient.id, ""),
                # What is new stands first.
                alerts=tuple(sorted(told, key=lambda alert: alert.met.alert.id not in fresh)),
                description=evidence.sex_and_age(patient, today.year),
                arm_and_position=evidence.arm_and_position(
                    protocol, patient, positions[patient.id]
                ),
                waiting_time=evidence.waiting_time(row.since, now),
                share_left=max(0.0, 1 - (now - row.since) / (due_by - row.since)),
                call=_call_about(row, calls.get(patient.id)),
                holders=", ".join(sorted(staff_names.get(id, "") for id in row.holders)),
                taken_by_me=me.id in row.holders,
                overdue_since=due_by if overdue else None,
                next_step=_next_step(row, due_by, now),
                returned=_returned(row, back, staff_names, now),
                notes=said_of(ids_of(row), notes.get(patient.id, []), staff_names),
                expected=expected_symptoms(library, expected.get(patient.id, [])),
                fresh=fresh,
                texts=tuple(texts.get(patient.id, ())),
            )
        )
    return lines


def by_urgency(lines: Sequence[WorklistLine]) -> list[tuple[Urgency, list[WorklistLine]]]:
    """Every urgency, the most urgent first, with its lines, also where there are none."""
    return [
        (urgency, [line for line in lines if line.row.urgency is urgency]) for urgency in Urgency
    ]


def _due_by(row: PatientAlerts, hours_on: Callable[[date], Hours | None]) -> datetime:
    if row.urgency is Urgency.AMBER:
        return end_of_next_working_day(row.since.astimezone(zone()), hours_on).astimezone(UTC)
    return row.since + CLOCKS[row.urgency]


def _fresh(row: PatientAlerts, shown: Mapping[int, int] | None) -> frozenset[int]:
    if shown is None:
        return frozenset()
    return frozenset(met.alert.id for met in row.met if met.times > shown.get(met.alert.id, -1))


def _next_step(row: PatientAlerts, due_by: datetime, now: datetime) -> str:
    """What happens next if nobody does anything, and when."""
    if row.urgency is Urgency.INFO:
        return ""
    if row.taken:
        until = min(
            (met.alert.taken_until for met in row.met if met.alert.taken_until), default=None
        )
        return _("If not closed, open again at %(when)s", when=_when(until, now)) if until else ""
    told_at = min((met.alert.notice_at for met in row.waiting if met.alert.notice_at), default=None)
    if told_at:
        return _("Next message to staff: %(when)s", when=_when(told_at, now))
    return _("Call before %(when)s", when=_when(due_by, now))


def _when(moment: datetime, now: datetime) -> str:
    """A clock time today, else with its day."""
    site = layout().site.timezone
    same_day = moment.astimezone(zone()).date() == now.astimezone(zone()).date()
    return clock_time(moment, site) if same_day else at(moment, site)


def _returned(
    row: PatientAlerts, back: Mapping[int, GivenBack], names: Mapping[int, str], now: datetime
) -> str:
    """Why something that was taken is open again; the last of it."""
    returned = [met.alert for met in row.waiting if met.alert.returned_at]
    if not returned:
        return ""
    alert = max(returned, key=_returned_at)
    given = back.get(alert.id)
    name = names.get(given.holder, "") if given else ""
    if alert.returned_why == Returned.OWNER_LEFT:
        return _("Open again: %(name)s no longer works here.", name=name)
    if given is None or given.taken_at is None:
        return _("Open again: it was taken and not closed in time.")
    return _(
        "Open again: %(name)s had it for %(time)s and did not close it.",
        name=name,
        time=evidence.waiting_time(given.taken_at, now),
    )


def _returned_at(alert: Alert) -> tuple[datetime, int]:
    return alert.returned_at or alert.raised_at, alert.id


def ids_of(row: PatientAlerts) -> set[int]:
    return {met.alert.id for met in row.met}


def said_of(
    alerts: Collection[int], notes: Iterable[AlertNote], names: Mapping[int, str]
) -> tuple[SaidBy, ...]:
    """What was written of any of these alerts, with who wrote it."""
    wanted = set(alerts)
    return tuple(
        SaidBy(note, names.get(note.by, "")) for note in notes if wanted & set(note.alerts)
    )


def _call_about(row: PatientAlerts, call: CallStatement | None) -> CallStatement | None:
    """What the patient said of calling, if it was about these answers, even before she sent
    them."""
    if call is None:
        return None
    first_clock = min(rule.alert.clock_from for rule in row.met)
    assignments = {rule.source.assignment_id for rule in row.met if rule.source}
    if call.at >= first_clock or call.assignment_id in assignments:
        return call
    return None
