"""Half a year at an invented site, day by day, through the real actions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.alerts import acknowledge_patient, resolve_patient
from proms.actions.answering import Submission, open_assignment, sit_down, submit
from proms.actions.audit import OPERATOR, patient_actor
from proms.actions.delivering import Channel
from proms.actions.enrolling import enrol
from proms.actions.evaluating import patient_facts
from proms.actions.people import add_site, add_staff
from proms.actions.treating import amend, pause
from proms.channels import Outcome, Refused
from proms.db.sealing import Keyring
from proms.db.tables import Alert, Assignment, Patient, Staff
from proms.demo.answers import THIS_MORNING, filled_in
from proms.demo.course import Course, due_today
from proms.demo.people import DEAD_NUMBER, SITE, STAFF, WEEKS, Life, lives
from proms.domain.alert.record import AlertState, Resolution
from proms.domain.instrument import Value
from proms.domain.person import PatientStatus, Role
from proms.domain.response import Mode
from proms.domain.schedule import AssignmentState
from proms.domain.schedule.amendment import Amendment
from proms.jobs.ticks import Work, run_all

SEED = 20261123
MORNING, MESSAGES, NURSE, EVENING = time(8, 10), time(9, 2), time(15, 30), time(20, 30)
NO_SCRIPT: Mapping[str, Value] = {}
A_DAY = 0.45  # of the days a pack is open, how many a patient thinks of it
ASKED = (AssignmentState.PLANNED, AssignmentState.STARTED)


@dataclass(frozen=True)
class Moment(Work):
    """A worker's tools at a given instant of the invented past."""

    at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def now(self) -> datetime:
        return self.at


@dataclass
class Clinic:
    """The invented site while its half year is played."""

    work: Work
    keyring: Keyring
    zone: ZoneInfo
    random: Random
    staff: dict[Role, Staff]
    courses: dict[int, Course]

    def instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def tick(self, now: datetime) -> None:
        """What the worker would have done by now."""
        work = self.work
        run_all(Moment(work.database, work.look, work.post, work.protocol, work.demo, work.seen, now))


def play(work: Work, keyring: Keyring, *, until: datetime) -> Iterator[date]:
    """Play the half year that ends at `until`; yields each day once it is over. The same every time."""
    random = Random(SEED)
    clinic = _opened(_with_a_dead_number(work), keyring, random, until)
    today = until.astimezone(clinic.zone).date()
    coming = lives(random, today)
    day = today - timedelta(weeks=WEEKS)
    while day <= today:
        last = day == today
        _morning(clinic, [life for life in coming if life.patient.consent == day], day)
        clinic.tick(clinic.instant(day, MESSAGES))
        if last:
            _early_risers_answer(clinic, day)
        else:
            _patients_answer(clinic, day)
            clinic.tick(clinic.instant(day, NURSE))
            _nurse_works(clinic, day, leave=day >= today - timedelta(days=3))
            clinic.tick(clinic.instant(day, EVENING))
        yield day
        day += timedelta(days=1)
    clinic.tick(until)


@dataclass(frozen=True)
class DeadNumber:
    """A telephone network on which one number does not take messages."""

    network: Channel
    number: str

    def send(self, address: str, text: str, *, ref: str, subject: str) -> Outcome:
        if address == self.number:
            return Refused("21614", for_good=True)
        return self.network.send(address, text, ref=ref, subject=subject)


def _with_a_dead_number(work: Work) -> Work:
    channels = {kind: DeadNumber(each, DEAD_NUMBER) for kind, each in work.post.channels.items()}
    return replace(work, post=replace(work.post, channels=channels))


def _opened(work: Work, keyring: Keyring, random: Random, until: datetime) -> Clinic:
    now = until - timedelta(weeks=WEEKS, days=1)
    with work.database.writing() as session:
        site = add_site(session, SITE, by=OPERATOR, now=now)
        staff = {new.role: add_staff(session, new, site_id=site.id, by=OPERATOR, now=now) for new in STAFF}
    return Clinic(work, keyring, ZoneInfo(site.timezone), random, staff, {})


def _morning(clinic: Clinic, newcomers: list[Life], day: date) -> None:
    """The coordinator enrols who came, and records what happened to the others."""
    now = clinic.instant(day, MORNING)
    by = clinic.staff[Role.COORDINATOR]
    with clinic.work.database.writing() as session:
        for life in newcomers:
            patient = enrol(
                session,
                clinic.work.library,
                clinic.keyring,
                life.patient,
                protocol=clinic.work.protocol,
                by=by,
                now=now,
                draw=clinic.random.choice,
            )
            clinic.courses[patient.id] = Course(life)
        for patient_id, course in clinic.courses.items():
            _record(session, clinic, patient_id, course, day)


def _record(session: Session, clinic: Clinic, patient_id: int, course: Course, day: date) -> None:
    now, by = clinic.instant(day, MORNING), clinic.staff[Role.COORDINATOR]
    for happened in due_today(course, day, clinic.random):
        patient = session.get_one(Patient, patient_id)
        if patient.status != PatientStatus.ACTIVE:
            return
        if isinstance(happened, timedelta):
            pause(session, patient_id=patient_id, until=day + happened, reason="vakantie", by=by, now=now)
        else:
            _amend(session, clinic, patient, happened, now)


def _amend(session: Session, clinic: Clinic, patient: Patient, happened: Amendment, now: datetime) -> None:
    amend(
        session,
        clinic.work.library,
        patient_id=patient.id,
        amendment=happened,
        revision=patient.revision,
        reason="volgens het dossier",
        by=clinic.staff[Role.COORDINATOR],
        now=now,
    )


def _patients_answer(clinic: Clinic, day: date) -> None:
    """Whoever has something open answers it, or not."""
    with clinic.work.database.writing() as session:
        for patient_id, course in clinic.courses.items():
            if clinic.random.random() > course.life.answers * A_DAY:
                continue
            now = clinic.instant(day, MESSAGES) + timedelta(minutes=2 + clinic.random.randrange(380))
            for assignment_id in _open_now(session, patient_id, now):
                _answer(session, clinic, patient_id, assignment_id, now=now)


def _early_risers_answer(clinic: Clinic, day: date) -> None:
    """On the demo's own morning the first few have answered their check; the others still have it to do."""
    scripts = iter(THIS_MORNING)
    with clinic.work.database.writing() as session:
        for patient_id in reversed(clinic.courses):
            now = clinic.instant(day, MESSAGES) + timedelta(minutes=2 + clinic.random.randrange(15))
            for assignment_id in _open_now(session, patient_id, now, "hsc")[:1]:
                if (script := next(scripts, None)) is None:
                    return
                _answer(session, clinic, patient_id, assignment_id, now=now, script=script)


def _open_now(session: Session, patient_id: int, now: datetime, instrument: str | None = None) -> list[int]:
    if session.get_one(Patient, patient_id).status != PatientStatus.ACTIVE:
        return []
    rows = session.exec(
        select(Assignment).where(
            Assignment.patient_id == patient_id,
            col(Assignment.state).in_(ASKED),
            col(Assignment.opens_at) <= now,
            col(Assignment.closes_at) > now,
        )
    )
    return [row.id for row in rows if instrument in (None, row.instrument)]


def _answer(
    session: Session,
    clinic: Clinic,
    patient_id: int,
    assignment_id: int,
    *,
    now: datetime,
    script: Mapping[str, Value] = NO_SCRIPT,
) -> None:
    library, by, patient = clinic.work.library, patient_actor(patient_id), session.get_one(Patient, patient_id)
    sitting = sit_down(session, library, assignment_id=assignment_id, patient=patient, by=by, now=now)
    draft = open_assignment(sitting, language=patient.language)
    instrument = library.instrument(sitting.assignment.instrument, draft.instrument_version)
    done = now + timedelta(minutes=4)
    sitting = sit_down(session, library, assignment_id=assignment_id, patient=patient, by=by, now=done)
    items = instrument.asked(patient_facts(sitting))
    document = filled_in(clinic.random, items, clinic.courses[patient_id].illness(done.date()), done, script)
    submit(sitting, Submission(key=f"demo-{assignment_id}", document=document, mode=Mode.PHONE))


def _nurse_works(clinic: Clinic, day: date, *, leave: bool) -> None:
    """The nurse takes and resolves what came in; yesterday's last ones are still waiting today."""
    if day.weekday() > 4:
        return
    nurse, now = clinic.staff[Role.NURSE], clinic.instant(day, NURSE)
    with clinic.work.database.writing() as session:
        waiting = session.exec(select(Alert.patient_id).where(col(Alert.resolved_at).is_(None)).distinct()).all()
        for index, patient_id in enumerate(sorted(waiting)):
            if leave and index % 3 == 0:
                continue
            states = session.exec(
                select(Alert.state).where(Alert.patient_id == patient_id, col(Alert.resolved_at).is_(None))
            ).all()
            if AlertState.OPEN in states:
                acknowledge_patient(session, patient_id=patient_id, by=nurse, now=now)
            if leave and index % 3 == 1:
                continue
            done = clinic.random.choice(list(Resolution))
            later = now + timedelta(minutes=10 + index)
            note = "Gebeld en besproken."
            resolve_patient(session, patient_id=patient_id, resolution=done, note=note, by=nurse, now=later)
