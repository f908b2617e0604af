"""Where patients are in their treatment, for many at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from proms.db.queries.history import latest
from proms.db.tables import Cycle, Patient, Treatment
from proms.domain import schedule
from proms.domain.schedule import CycleDay, CycleStatus, History, cycle_day


@dataclass(frozen=True)
class Place:
    """A component of a patient's treatment, its regimen, and her latest cycle of it."""

    component: str
    regimen: str
    day: CycleDay | None
    stopped_on: date | None


def places_of(session: Session, patients: Sequence[Patient], today: date) -> dict[int, tuple[Place, ...]]:
    """By patient id, in order of component; two statements however many patients."""
    ids = [patient.id for patient in patients]
    cycles: dict[int, list[Cycle]] = defaultdict(list)
    treatments: dict[int, list[Treatment]] = defaultdict(list)
    if ids:
        for cycle in session.exec(select(Cycle).where(col(Cycle.patient_id).in_(ids))):
            cycles[cycle.patient_id].append(cycle)
        for treatment in session.exec(select(Treatment).where(col(Treatment.patient_id).in_(ids))):
            treatments[treatment.patient_id].append(treatment)
    return {each or 0: _places(cycles[each or 0], treatments[each or 0], today) for each in ids}


def _places(cycles: list[Cycle], treatments: list[Treatment], today: date) -> tuple[Place, ...]:
    given = tuple(
        schedule.Cycle(row.component, row.number, day_1=row.day_1, status=CycleStatus(row.status))
        for row in latest(cycles)
    )
    history = History(cycles=given)
    return tuple(
        Place(row.component, row.regimen, cycle_day(history, row.component, today), row.stopped_on)
        for row in latest(treatments)
    )
