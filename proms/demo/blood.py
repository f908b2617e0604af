"""The blood of invented patients: taken at enrolment, on the days of a dose and after the last one,
the same every time."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random

from sqlmodel import Session, col, select

from proms.actions.audit import staff_actor
from proms.actions.laboratory import record_values
from proms.db.tables import CycleVersion, Patient, TreatmentVersion
from proms.demo.clinic import Clinic
from proms.demo.lives import Life
from proms.domain.laboratory import LabEntry, LabTest, Panel
from proms.domain.person import PatientStatus, Role
from proms.domain.protocol import Protocol
from proms.domain.schedule import CycleStatus

LABORATORY = time(8, 30)
AFTER_LAST_DOSE = 28  # days, again and again
# Of a laboratory's possible upper limits, where this one's lies; and of that limit, where healthy
# values lie.
HEALTHY = (0.45, 0.8)
NOISE = (0.94, 1.08)
A_WEEK = 0.05  # how much the liver of whom it takes hardest worsens


def take_blood(clinic: Clinic, day: date) -> None:
    """The nurse enters what the laboratory found this morning, where the trial keeps it."""
    library = clinic.work.library
    protocol = library.protocol(clinic.work.protocol)
    panel = library.panel_of(protocol)
    if panel is None:
        return
    with clinic.timed("laboratory"), clinic.work.database.writing() as session:
        for patient_id in sorted(_sampled(session, clinic, protocol, day)):
            treatment = clinic.treatments.get(patient_id)
            patient = session.get_one(Patient, patient_id)
            if treatment is None or patient.status != PatientStatus.ACTIVE:
                continue
            record_values(
                session,
                library,
                patient_id=patient_id,
                entries=list(_values(panel, treatment.life, day)),
                reason="",
                by=staff_actor(clinic.staff[Role.NURSE]),
                now=clinic.instant(day, LABORATORY),
            )


def _sampled(session: Session, clinic: Clinic, protocol: Protocol, day: date) -> set[int]:
    """Whose blood was taken: who came in, who has a dose or the end of one, and who had the last
    one so many weeks ago."""
    sampled = {
        patient_id
        for patient_id, treatment in clinic.treatments.items()
        if treatment.life.patient.consent == day
    }
    infused = {regimen.infusion_days for regimen in protocol.regimens.values()} - {0}
    begun = [day, *(day - timedelta(days=length - 1) for length in infused)]
    given = select(CycleVersion).where(
        col(CycleVersion.day_1).in_(begun), CycleVersion.status == CycleStatus.GIVEN
    )
    for cycle in session.exec(given):
        length = protocol.regimens[cycle.regimen].infusion_days if cycle.regimen else 0
        last = timedelta(days=length - 1)
        if cycle.day_1 and day in (cycle.day_1, cycle.day_1 + last):
            sampled.add(cycle.patient_id)
    stopped = select(TreatmentVersion).where(col(TreatmentVersion.stopped_on).is_not(None))
    for treatment in session.exec(stopped):
        days = (day - treatment.stopped_on).days if treatment.stopped_on else 0
        if days > 0 and days % AFTER_LAST_DOSE == 0:
            sampled.add(treatment.patient_id)
    return sampled


def _values(panel: Panel, life: Life, day: date) -> Iterator[LabEntry]:
    """What is found of every test; who is treated through the liver's artery rises more."""
    own = Random(f"liver of {life.patient.hospital_number}")
    weeks = (day - life.patient.consent).days / 7
    strength = own.random() ** 2 * (1 if len(life.regimens) > 1 else 0.3)
    worse = 1 + A_WEEK * weeks * strength * 2
    for place, test in enumerate(panel.tests.values()):
        level = own.uniform(*HEALTHY) * _noise(life, test, day)
        # The first test lags behind the others: it rises once they have long done so.
        rise = worse if place else max(1.0, worse * 0.6)
        limit = _limit(test)
        yield LabEntry(test.code, day, _rounded(float(limit) * level * rise), limit)


def _limit(test: LabTest) -> Decimal:
    lowest, highest = test.upper_limit
    return Decimal(round((lowest * highest).sqrt()))


def _noise(life: Life, test: LabTest, day: date) -> float:
    return Random(f"{life.patient.hospital_number} {test.code} {day}").uniform(*NOISE)


def _rounded(number: float) -> Decimal:
    return Decimal(max(1, round(number)))
