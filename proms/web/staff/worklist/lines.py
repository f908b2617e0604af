"""The lines of the worklist, one a patient: what was met, who has it and how long it waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from proms.db.queries.calls import CallStatement, said_about_calling
from proms.db.queries.people import names_of_staff
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.queries.worklist import PatientAlerts
from proms.domain.alert import Urgency
from proms.domain.alert.record import NOTICE_EVERY
from proms.domain.calls import end_of_next_working_day
from proms.domain.roster import Hours
from proms.web import request_context
from proms.web.staff.labels import evidence
from proms.web.staff.layout import layout, zone
from proms.web.working_days import working_hours

# How long these may wait before the ring beside them has run empty; what is amber until the end of
# the next working day.
CLOCKS = {
    Urgency.RED: NOTICE_EVERY,
    Urgency.INFO: timedelta(days=7),
}


@dataclass(frozen=True)
class WorklistLine:
    """A row of the worklist, ready to be read; `share_left` is of its clock."""

    row: PatientAlerts
    alerts: tuple[evidence.AlertEvidence, ...]
    description: str
    arm_and_position: str
    waiting_time: str
    share_left: float
    call: CallStatement | None
    holders: str
    taken_by_me: bool
    overdue_since: datetime | None  # amber that nobody took within a working day

    @property
    def chips(self) -> list[evidence.Chip]:
        """The answers that any of the rules looked at, each once, the strongest first."""
        answers = dict.fromkeys(chip for alert in self.alerts for chip in alert.chips)
        return sorted(answers, key=lambda chip: -chip.strength)


def lines_of(session: Session, rows: Sequence[PatientAlerts]) -> list[WorklistLine]:
    """The rows with everything that is shown of them; a fixed number of statements."""
    library = request_context.library()
    now = request_context.now()
    today = now.astimezone(zone()).date()
    me = request_context.current_staff()
    positions = treatment_positions(session, [row.patient for row in rows], today)
    calls = said_about_calling(session, positions)
    names = names_of_staff(session, request_context.keyring(), me.site_id)
    hours_on = working_hours(layout().site)
    lines = []
    for row in rows:
        due_by = _due_by(row, hours_on)
        overdue = row.urgency is Urgency.AMBER and not row.taken and due_by < now
        patient = row.patient
        patient_id = patient.id or 0
        protocol = library.protocol(patient.protocol, patient.protocol_version)
        lines.append(
            WorklistLine(
                row=row,
                alerts=tuple(evidence.alert_evidence(library, rule) for rule in row.met),
                description=evidence.sex_and_age(patient, today.year),
                arm_and_position=evidence.arm_and_position(
                    protocol, patient, positions[patient_id]
                ),
                waiting_time=evidence.waiting_time(row.since, now),
                share_left=max(0.0, 1 - (now - row.since) / (due_by - row.since)),
                call=_call_about(row, calls.get(patient_id)),
                holders=", ".join(sorted(names.get(staff_id, "") for staff_id in row.holders)),
                taken_by_me=me.id in row.holders,
                overdue_since=due_by if overdue else None,
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
