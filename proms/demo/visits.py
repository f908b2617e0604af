"""What invented patients do with what is open to them: answer it, leave it lying, begin an extra
check, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from proms.actions.audit import patient_actor
from proms.actions.drafts import open_assignment, sit_down
from proms.actions.evaluations import patient_facts
from proms.actions.submissions import Submission, submit
from proms.actions.unscheduled import start_extra
from proms.db.queries.today import answerable_at
from proms.db.tables import Assignment, Patient
from proms.demo.answers import THIS_MORNING, filled_in
from proms.demo.clinic import MESSAGES, Clinic
from proms.domain.instrument import Value
from proms.domain.person import PatientStatus
from proms.domain.response import Mode
from proms.domain.schedule import AssignmentState

NO_SCRIPT: Mapping[str, Value] = {}
A_DAY = 0.45  # of the days a pack is open, how many a patient thinks of it
LEAVES, AWAY = 0.04, (1, 12)  # a pack that is begun and left, and for how many days
EXTRA_A_DAY = 0.004  # how often the illest begins an extra check


@dataclass(frozen=True)
class Open:
    """One assignment that a patient could fill in today."""

    id: int
    instrument: str
    begun: bool


def patients_answer(clinic: Clinic, day: date) -> None:
    """Whoever has something open answers it, or leaves it lying, or does not come."""
    with clinic.timed("patients"), clinic.work.database.writing() as session:
        found = _open_today(session, clinic.instant(day, MESSAGES))
        for patient_id, course in clinic.courses.items():
            if not course.alive(day):
                continue
            now = clinic.instant(day, MESSAGES) + timedelta(
                minutes=2 + course.random.randrange(380)
            )
            if course.random.random() < course.life.answers * A_DAY:
                for each in found.get(patient_id, ()):
                    _visit(session, clinic, patient_id, each, now)
            if course.random.random() < EXTRA_A_DAY * course.life.illness * course.life.answers:
                _extra(session, clinic, patient_id, now)


def early_risers_answer(clinic: Clinic, day: date, instrument: str) -> None:
    """On the demo's own morning the first few have answered their check; the others still have it
    to do."""
    scripts = iter(THIS_MORNING)
    with clinic.work.database.writing() as session:
        found = _open_today(session, clinic.instant(day, MESSAGES))
        for patient_id in reversed(clinic.courses):
            now = clinic.instant(day, MESSAGES) + timedelta(minutes=2 + clinic.random.randrange(15))
            for each in [
                each for each in found.get(patient_id, ()) if each.instrument == instrument
            ][:1]:
                if (script := next(scripts, None)) is None:
                    return
                _answer(session, clinic, patient_id, each.id, now=now, script=script)


def _open_today(session: Session, now: datetime) -> dict[int, list[Open]]:
    """What each active patient could fill in now, in one look."""
    rows = session.exec(
        select(Assignment.patient_id, Assignment.id, Assignment.instrument, Assignment.state)
        .join(Patient, col(Patient.id) == Assignment.patient_id)
        .where(
            Patient.status == PatientStatus.ACTIVE,
            answerable_at(now),
        )
        .order_by(col(Assignment.id))
    )
    found: dict[int, list[Open]] = {}
    for patient_id, assignment_id, instrument, state in rows:
        found.setdefault(patient_id, []).append(
            Open(assignment_id, instrument, state == AssignmentState.STARTED)
        )
    return found


def _visit(session: Session, clinic: Clinic, patient_id: int, each: Open, now: datetime) -> None:
    course = clinic.courses[patient_id]
    if course.back.get(each.id, now.date()) > now.date():
        return
    if not each.begun and course.random.random() < LEAVES:
        _begin(session, clinic, patient_id, each.id, now)
        course.back[each.id] = now.date() + timedelta(days=course.random.randint(*AWAY))
        return
    _answer(session, clinic, patient_id, each.id, now=now)


def _extra(session: Session, clinic: Clinic, patient_id: int, now: datetime) -> None:
    """She begins a check that nobody asked for; what is open already opens instead, and now and
    then she leaves it."""
    course, patient = clinic.courses[patient_id], session.get_one(Patient, patient_id)
    event = next(iter(course.protocol.unscheduled), None)
    if event is None or patient.status != PatientStatus.ACTIVE:
        return
    library, by = clinic.work.library, patient_actor(patient_id)
    held = start_extra(
        session, library, patient=patient, event=event, language=patient.language, by=by, now=now
    )
    if course.random.random() < 1 - LEAVES * 2:
        _answer(session, clinic, patient_id, held.id, now=now)


def _begin(
    session: Session, clinic: Clinic, patient_id: int, assignment_id: int, now: datetime
) -> None:
    patient, by = session.get_one(Patient, patient_id), patient_actor(patient_id)
    sitting = sit_down(
        session, clinic.work.library, assignment_id=assignment_id, patient=patient, by=by, now=now
    )
    open_assignment(sitting, language=patient.language)


def _answer(
    session: Session,
    clinic: Clinic,
    patient_id: int,
    assignment_id: int,
    *,
    now: datetime,
    script: Mapping[str, Value] = NO_SCRIPT,
) -> None:
    library, by, patient = (
        clinic.work.library,
        patient_actor(patient_id),
        session.get_one(Patient, patient_id),
    )
    sitting = sit_down(
        session, library, assignment_id=assignment_id, patient=patient, by=by, now=now
    )
    draft = open_assignment(sitting, language=patient.language)
    instrument = library.instrument(sitting.assignment.instrument, draft.instrument_version)
    done = now + timedelta(minutes=4)
    sitting = sit_down(
        session, library, assignment_id=assignment_id, patient=patient, by=by, now=done
    )
    items = instrument.asked(patient_facts(sitting) if instrument.conditional else {})
    course = clinic.courses[patient_id]
    document = filled_in(course.random, items, course.illness(done.date()), done, script)
    submission = Submission(key=f"demo-{assignment_id}", document=document, mode=Mode.PHONE)
    submit(sitting, submission)
    clinic.said[assignment_id] = submission.digest
