"""Where patients are in their treatment, for many at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from proms.db.queries.history import latest
from proms.db.tables import CycleVersion, Patient, TreatmentVersion
from proms.domain import schedule
from proms.domain.schedule import CycleDay, CycleStatus, History, cycle_day


@dataclass(frozen=True)
class TreatmentPosition:
    """A component of a patient's treatment and her latest cycle of it, with the regimen of that
    cycle; of the component where no cycle was given. `last_dose` may still be ahead."""

    component: str
    regimen: str
    day: CycleDay | None
    last_dose: date | None
    stopped: bool


def treatment_positions(
    session: Session, patients: Sequence[Patient], today: date
) -> dict[int, tuple[TreatmentPosition, ...]]:
    """By patient id, in order of component; two statements however many patients."""
    ids = [patient.id for patient in patients]
    if not ids:
        return {}
    cycles: dict[int, list[CycleVersion]] = defaultdict(list)
    treatments: dict[int, list[TreatmentVersion]] = defaultdict(list)
    for cycle in session.exec(select(CycleVersion).where(col(CycleVersion.patient_id).in_(ids))):
        cycles[cycle.patient_id].append(cycle)
    for treatment in session.exec(
        select(TreatmentVersion).where(col(TreatmentVersion.patient_id).in_(ids))
    ):
        treatments[treatment.patient_id].append(treatment)
    return {id: _positions(cycles[id], treatments[id], today) for id in ids}


def _positions(
    cycles: list[CycleVersion], treatments: list[TreatmentVersion], today: date
) -> tuple[TreatmentPosition, ...]:
    given = tuple(
        schedule.Cycle(
            row.component,
            row.number,
            day_1=row.day_1,
            status=CycleStatus(row.status),
            regimen=row.regimen,
        )
        for row in latest(cycles)
    )
    history = History(cycles=given)
    return tuple(_position(history, row, today) for row in latest(treatments))


def _position(history: History, treatment: TreatmentVersion, today: date) -> TreatmentPosition:
    component, regimen = treatment.component, treatment.regimen
    day = cycle_day(history, component, today)
    if day:
        cycle = history.cycle(component, day.number)
        regimen = (cycle.regimen if cycle else None) or regimen
    last_dose = treatment.stopped_on
    stopped = last_dose is not None and last_dose <= today
    return TreatmentPosition(component, regimen, day, last_dose, stopped)
