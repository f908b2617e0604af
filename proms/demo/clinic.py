"""An invented site, day by day, through the real actions: its coordinator, its patients, its nurse,
its worker."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.alerts import acknowledge_patient, resolve_patient
from proms.actions.audit import OPERATOR
from proms.actions.deliveries import Channel
from proms.actions.enrolment import enrol
from proms.actions.history import pause, record_entry
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.channels import Outcome, Refused
from proms.db.keyring import Keyring
from proms.db.tables import Alert, Patient, Staff
from proms.demo.lives import Life
from proms.demo.treatment import InventedTreatment, TreatmentPause, due_today
from proms.domain.alert.record import AlertState, Resolution
from proms.domain.person import PatientStatus, Role
from proms.domain.schedule.history_entry import HistoryEntry, MilestoneRecorded
from proms.jobs.ticks import Work, run_all

MORNING, MESSAGES, NURSE, EVENING = time(8, 10), time(9, 2), time(15, 30), time(20, 30)


@dataclass(frozen=True)
class Moment(Work):
    """A worker's tools at a given instant of the invented past."""

    at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def now(self) -> datetime:
        return self.at


@dataclass
class Clinic:
    """The invented site while its time is played; `said` is what each patient sent, by
    assignment."""

    work: Work
    keyring: Keyring
    zone: ZoneInfo
    random: Random
    staff: dict[Role, Staff]
    courses: dict[int, InventedTreatment] = field(default_factory=dict)
    said: dict[int, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def tick(self, now: datetime) -> None:
        """What the worker would have done by now."""
        work = self.work
        with self.timed("worker"):
            run_all(
                Moment(
                    work.database, work.look, work.post, work.protocol, work.demo, work.seen, now
                )
            )

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Count the real seconds that something takes."""
        began = perf_counter()
        yield
        self.seconds[what] += perf_counter() - began


@dataclass(frozen=True)
class DeadNumbers:
    """A telephone network on which some numbers do not take messages."""

    network: Channel
    numbers: frozenset[str]

    def send(self, address: str, text: str, *, ref: str, subject: str) -> Outcome:
        if address in self.numbers:
            return Refused("21614", for_good=True)
        return self.network.send(address, text, ref=ref, subject=subject)


def opened(
    work: Work, keyring: Keyring, site: NewSite, staff: Iterable[NewStaff], now: datetime
) -> Clinic:
    """Open a site with its people."""
    with work.database.writing() as session:
        held = add_site(session, site, by=OPERATOR, now=now)
        people = {
            new.role: add_staff(session, new, site_id=held.id, by=OPERATOR, now=now)
            for new in staff
        }
    return Clinic(work, keyring, ZoneInfo(held.timezone), Random(site.code), people)


def with_dead_numbers(work: Work, numbers: frozenset[str]) -> Work:
    """The same tools on a network where these numbers take no messages."""
    channels = {kind: DeadNumbers(each, numbers) for kind, each in work.post.channels.items()}
    return replace(work, post=replace(work.post, channels=channels))


def morning(clinic: Clinic, newcomers: Mapping[int, Life], seed: object, day: date) -> None:
    """The coordinator enrols who came, and records what happened to the others."""
    now = clinic.instant(day, MORNING)
    protocol = clinic.work.library.protocol(clinic.work.protocol)
    with clinic.timed("coordinator"), clinic.work.database.writing() as session:
        for index, life in newcomers.items():
            random = Random(f"{seed} course {index}")
            patient = enrol(
                session,
                clinic.work.library,
                clinic.keyring,
                life.patient,
                protocol=clinic.work.protocol,
                by=clinic.staff[Role.COORDINATOR],
                now=now,
                draw=random.choice,
            )
            clinic.courses[patient.id] = InventedTreatment(protocol, life, random)
        for patient_id, course in clinic.courses.items():
            if day in course.agenda:
                _record(session, clinic, patient_id, course, day)


def _record(
    session: Session, clinic: Clinic, patient_id: int, course: InventedTreatment, day: date
) -> None:
    now, by = clinic.instant(day, MORNING), clinic.staff[Role.COORDINATOR]
    for happened in due_today(course, day):
        patient = session.get_one(Patient, patient_id)
        if patient.status != PatientStatus.ACTIVE and not isinstance(happened, MilestoneRecorded):
            return
        if isinstance(happened, TreatmentPause):
            pause(
                session,
                patient_id=patient_id,
                until=happened.until,
                reason="vakantie",
                by=by,
                now=now,
            )
        else:
            _amend(session, clinic, patient, happened, now)


def _amend(
    session: Session, clinic: Clinic, patient: Patient, happened: HistoryEntry, now: datetime
) -> None:
    record_entry(
        session,
        clinic.work.library,
        patient_id=patient.id,
        entry=happened,
        revision=patient.revision,
        reason="volgens het dossier",
        by=clinic.staff[Role.COORDINATOR],
        now=now,
    )


def nurse_works(clinic: Clinic, day: date, *, leave: bool = False) -> None:
    """On a working day the nurse takes and resolves what came in; with `leave` some of it is still
    waiting after."""
    if day.weekday() > 4:
        return
    now = clinic.instant(day, NURSE)
    with clinic.timed("nurse"), clinic.work.database.writing() as session:
        waiting: dict[int, set[str]] = {}
        unresolved = select(Alert.patient_id, Alert.state).where(col(Alert.resolved_at).is_(None))
        for patient_id, state in session.exec(unresolved.order_by(col(Alert.patient_id))):
            waiting.setdefault(patient_id, set()).add(state)
        for index, (patient_id, states) in enumerate(waiting.items()):
            if not (leave and index % 3 == 0):
                done = not (leave and index % 3 == 1)
                _take(session, clinic, patient_id, now, untaken=AlertState.OPEN in states)
                if done:
                    _resolve(session, clinic, patient_id, now + timedelta(minutes=10 + index % 180))


def _take(
    session: Session, clinic: Clinic, patient_id: int, now: datetime, *, untaken: bool
) -> None:
    if untaken:
        acknowledge_patient(session, patient_id=patient_id, by=clinic.staff[Role.NURSE], now=now)


def _resolve(session: Session, clinic: Clinic, patient_id: int, now: datetime) -> None:
    resolution = clinic.random.choice(list(Resolution))
    nurse, note = clinic.staff[Role.NURSE], "Gebeld en besproken."
    resolve_patient(
        session, patient_id=patient_id, resolution=resolution, note=note, by=nurse, now=now
    )
