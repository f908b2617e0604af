"""What invented patients do with what is open to them: answer it, leave it lying, begin an extra
check, or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from proms.actions.audit import patient_actor
from proms.actions.drafts import Sitting, open_assignment, save_answer, sit_down
from proms.actions.evaluations import patient_facts
from proms.actions.expected_levels import Expectation, expect_level
from proms.actions.submissions import Submission, submit
from proms.actions.unscheduled import start_extra
from proms.db.queries.today import answerable_at
from proms.db.tables import Assignment, Link, Patient
from proms.demo.answers import EXPECTED, LEFT_UNSENT, THIS_MORNING, filled_in
from proms.demo.clinic import MESSAGES, Clinic
from proms.domain.instrument import Value
from proms.domain.person import PatientStatus, Role
from proms.domain.response import Mode, answers_of
from proms.domain.schedule import AssignmentState

NO_SCRIPT: Mapping[str, Value] = {}
A_DAY = 0.45  # of the days a pack is open, how many a patient thinks of it
LEAVES = 0.04  # of the times she begins, how often she leaves it lying
AWAY = (1, 12)  # and for how many days
EXTRA_A_DAY = 0.004  # how often the illest begins an extra check


@dataclass(frozen=True)
class OpenAssignment:
    """One assignment that a patient could fill in today."""

    id: int
    instrument: str
    begun: bool


def patients_answer(clinic: Clinic, day: date) -> None:
    """Whoever has something open answers it, or leaves it lying, or does not come."""
    start = clinic.instant(day, MESSAGES)
    with clinic.timed("patients"), clinic.work.database.writing() as session:
        open_today = _open_today(session, start)
        for patient_id, treatment in clinic.treatments.items():
            if not treatment.alive(day):
                continue
            # Drawn every day, also while nothing is open.
            random = treatment.random
            life = treatment.life
            now = start + timedelta(minutes=2 + random.randrange(380))
            if random.random() < life.answers * A_DAY:
                for assignment in open_today.get(patient_id, ()):
                    _visit(session, clinic, patient_id, assignment, now)
            if random.random() < EXTRA_A_DAY * life.illness * life.answers:
                _begin_extra(session, clinic, patient_id, now)


def early_risers_answer(clinic: Clinic, day: date, instrument: str) -> None:
    """On the demo's own morning the first few have answered their check, one has left hers at an
    answer that cannot wait; the others still have it to do."""
    start = clinic.instant(day, MESSAGES)
    scripts = list(THIS_MORNING)
    with clinic.work.database.writing() as session:
        open_today = _open_today(session, start)
        # The first came long before the others.
        now = start - timedelta(minutes=40)
        for patient_id in reversed(clinic.treatments):
            check = _first_of(open_today.get(patient_id, ()), instrument)
            if check is None:
                continue
            if not scripts:
                _leave(session, clinic, patient_id, check.id, start)
                return
            script = scripts.pop(0)
            if EXPECTED in script.items():
                _expect(session, clinic, patient_id, instrument, now)
            _answer(session, clinic, patient_id, check.id, now=now, script=script)
            now = start + timedelta(minutes=2 + clinic.random.randrange(15))


def _expect(
    session: Session, clinic: Clinic, patient_id: int, instrument: str, now: datetime
) -> None:
    """Her nurse knows of it: no alert comes of this level for two weeks."""
    item, level = EXPECTED
    until = now.astimezone(clinic.zone).date() + timedelta(days=14)
    expect_level(
        session,
        clinic.work.library,
        patient_id=patient_id,
        expectation=Expectation(instrument, item, level, until, "bekend sinds de vorige kuur"),
        by=clinic.staff[Role.NURSE],
        now=now,
    )


def _leave(
    session: Session, clinic: Clinic, patient_id: int, assignment_id: int, now: datetime
) -> None:
    """She opens it, gives the answers that cannot wait, and puts her phone away."""
    _begin(session, clinic, patient_id, assignment_id, now)
    for item, value in LEFT_UNSENT.items():
        sitting = _sitting(session, clinic, patient_id, assignment_id, now)
        save_answer(sitting, item=item, value=value)


def _first_of(assignments: Iterable[OpenAssignment], instrument: str) -> OpenAssignment | None:
    for assignment in assignments:
        if assignment.instrument == instrument:
            return assignment
    return None


def _open_today(session: Session, now: datetime) -> dict[int, list[OpenAssignment]]:
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
    by_patient: dict[int, list[OpenAssignment]] = {}
    for patient_id, assignment_id, instrument, state in rows:
        begun = state == AssignmentState.STARTED
        assignment = OpenAssignment(assignment_id, instrument, begun)
        by_patient.setdefault(patient_id, []).append(assignment)
    return by_patient


def _visit(
    session: Session, clinic: Clinic, patient_id: int, assignment: OpenAssignment, now: datetime
) -> None:
    """She answers it, unless she begins it and leaves it lying, or has done so and is not back."""
    treatment = clinic.treatments[patient_id]
    today = now.date()
    if treatment.back.get(assignment.id, today) > today:
        return
    if not assignment.begun and treatment.random.random() < LEAVES:
        _begin(session, clinic, patient_id, assignment.id, now)
        treatment.back[assignment.id] = today + timedelta(days=treatment.random.randint(*AWAY))
        return
    _answer(session, clinic, patient_id, assignment.id, now=now)


def _begin_extra(session: Session, clinic: Clinic, patient_id: int, now: datetime) -> None:
    """She begins a check that nobody asked for; what is open already opens instead, and now and
    then she leaves it."""
    treatment = clinic.treatments[patient_id]
    patient = session.get_one(Patient, patient_id)
    event = next(iter(treatment.protocol.unscheduled), None)
    if event is None or patient.status != PatientStatus.ACTIVE:
        return
    assignment = start_extra(
        session,
        clinic.work.library,
        patient=patient,
        event=event,
        language=patient.language,
        by=patient_actor(patient_id),
        now=now,
    )
    if treatment.random.random() < 1 - LEAVES * 2:
        _answer(session, clinic, patient_id, assignment.id, now=now)


def _begin(
    session: Session, clinic: Clinic, patient_id: int, assignment_id: int, now: datetime
) -> None:
    sitting = _sitting(session, clinic, patient_id, assignment_id, now)
    open_assignment(sitting, language=sitting.patient.language)


def _answer(
    session: Session,
    clinic: Clinic,
    patient_id: int,
    assignment_id: int,
    *,
    now: datetime,
    script: Mapping[str, Value] = NO_SCRIPT,
) -> None:
    """She opens it, takes four minutes over it, and sends it."""
    sitting = _sitting(session, clinic, patient_id, assignment_id, now)
    draft = open_assignment(sitting, language=sitting.patient.language)
    instrument = clinic.work.library.instrument(
        sitting.assignment.instrument, draft.instrument_version
    )
    done = now + timedelta(minutes=4)
    sitting = _sitting(session, clinic, patient_id, assignment_id, done)
    facts = {}
    if instrument.conditional:
        facts = patient_facts(sitting)
    treatment = clinic.treatments[patient_id]
    illness = treatment.illness(done.date())
    drawn = filled_in(treatment.random, instrument.asked(facts), illness, done, script)
    # As the pages do: what her own answers leave unasked is left behind.
    asked = instrument.asked(facts, answers_of(drawn))
    document = {item.code: drawn[item.code] for item in asked if item.code in drawn}
    submission = Submission(key=f"demo-{assignment_id}", document=document, mode=Mode.PHONE)
    submit(sitting, submission)
    clinic.sent[assignment_id] = submission.digest


def _sitting(
    session: Session, clinic: Clinic, patient_id: int, assignment_id: int, now: datetime
) -> Sitting:
    return sit_down(
        session,
        clinic.work.library,
        assignment_id=assignment_id,
        patient=session.get_one(Patient, patient_id),
        by=patient_actor(patient_id),
        now=now,
        link_id=last_link(session, patient_id),
    )


def last_link(session: Session, patient_id: int) -> int | None:
    """The link in the last message of an invented patient, by which she comes in."""
    hers = select(Link.id).where(Link.patient_id == patient_id).order_by(col(Link.id).desc())
    return session.exec(hers.limit(1)).first()
