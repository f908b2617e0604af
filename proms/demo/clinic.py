"""An invented site, day by day, through the real actions: its coordinator, its patients, its nurse,
its worker."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.alerts import acknowledge_patient, resolve_patient
from proms.actions.audit import OPERATOR, staff_actor
from proms.actions.confirmation import count_as_confirmed
from proms.actions.enrolment import enrol
from proms.actions.history import record_entry
from proms.actions.letters import Channel
from proms.actions.pauses import pause
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.channels import Outcome, Refused
from proms.db.keyring import Keyring
from proms.db.tables import Alert, Patient, Staff
from proms.demo.lives import Life
from proms.demo.people import SERVED
from proms.demo.treatment import InventedTreatment, TreatmentPause, due_today
from proms.domain.alert.record import AlertState, Closing, NoActionReason, Resolution
from proms.domain.person import PatientStatus, Role
from proms.domain.schedule.history_entry import HistoryEntry, MilestoneRecorded
from proms.jobs.ticks import Work, run_all

MORNING = time(8, 10)  # the coordinator's
MESSAGES = time(9, 2)
NURSE = time(15, 30)
EVENING = time(20, 30)
SATURDAY = 5  # of date.weekday()


@dataclass(frozen=True)
class Moment(Work):
    """A worker's tools at a given instant of the invented past."""

    at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def now(self) -> datetime:
        return self.at


@dataclass
class Clinic:
    """The invented site while its time is played.

    `treatments` are its patients by id; `sent` has the digest of what came in for each assignment.
    """

    work: Work
    keyring: Keyring
    zone: ZoneInfo
    random: Random
    staff: dict[Role, Staff]
    treatments: dict[int, InventedTreatment] = field(default_factory=dict)
    sent: dict[int, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def tick(self, now: datetime) -> None:
        """What the worker would have done by now."""
        work = self.work
        moment = Moment(
            work.database,
            work.read_library,
            work.post,
            work.protocol,
            work.demo,
            work.last_seen,
            at=now,
        )
        with self.timed("worker"):
            run_all(moment)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Count the real seconds that a part of the play takes."""
        began = perf_counter()
        yield
        self.seconds[part] += perf_counter() - began


@dataclass(frozen=True)
class DeadNumbers:
    """A telephone network on which some numbers do not take messages."""

    network: Channel
    numbers: frozenset[str]

    def send(self, address: str, text: str, *, ref: str, subject: str, **mail: Any) -> Outcome:
        if address in self.numbers:
            return Refused("21614", for_good=True)
        return self.network.send(address, text, ref=ref, subject=subject, **mail)


def open_clinic(
    work: Work, keyring: Keyring, site: NewSite, staff: Iterable[NewStaff], now: datetime
) -> Clinic:
    """Open a site with its people."""
    with work.database.writing() as session:
        opened_site = add_site(session, site, by=OPERATOR, now=now)
        people = {
            new.role: add_staff(
                session,
                keyring,
                new,
                site_id=opened_site.id,
                by=OPERATOR,
                now=now,
                served=SERVED,
            )
            for new in staff
        }
    return Clinic(work, keyring, ZoneInfo(opened_site.timezone), Random(site.code), people)


def with_dead_numbers(work: Work, numbers: frozenset[str]) -> Work:
    """The same tools on a network where these numbers take no messages."""
    channels = {kind: DeadNumbers(channel, numbers) for kind, channel in work.post.channels.items()}
    return replace(work, post=replace(work.post, channels=channels))


def morning(clinic: Clinic, newcomers: Mapping[int, Life], seed: object, day: date) -> None:
    """The coordinator enrols who came, and records what happened to the others."""
    now = clinic.instant(day, MORNING)
    protocol = clinic.work.library.protocol(clinic.work.protocol)
    with clinic.timed("coordinator"), clinic.work.database.writing() as session:
        for index, life in newcomers.items():
            random = Random(f"{seed} course {index}")  # these words are part of the seed
            patient = enrol(
                session,
                clinic.work.library,
                clinic.keyring,
                life.patient,
                protocol=clinic.work.protocol,
                by=clinic.staff[Role.COORDINATOR],
                now=now,
                draw=Random(f"{seed} code {index}").choice,
            )
            # Their test messages are not played: the newest patients of a demo would be the only
            # ones whose numbers somebody confirmed.
            count_as_confirmed(session, clinic.work.library, patient=patient, by=OPERATOR, now=now)
            clinic.treatments[patient.id] = InventedTreatment(protocol, life, random)
        for patient_id, treatment in clinic.treatments.items():
            if day in treatment.agenda:
                _record_day(session, clinic, patient_id, treatment, day)


def _record_day(
    session: Session, clinic: Clinic, patient_id: int, treatment: InventedTreatment, day: date
) -> None:
    now = clinic.instant(day, MORNING)
    for due in due_today(treatment, day):
        # Read anew for each entry: the one before may have ended her part in the trial, and counts
        # up the revision that the next one is recorded on.
        patient = session.get_one(Patient, patient_id)
        active = patient.status == PatientStatus.ACTIVE
        if not active and not isinstance(due, MilestoneRecorded):
            return
        if isinstance(due, TreatmentPause):
            pause(
                session,
                clinic.work.library,
                patient=patient,
                until=due.until,
                reason="vakantie",
                by=staff_actor(clinic.staff[Role.COORDINATOR]),
                now=now,
            )
        else:
            _record_entry(session, clinic, patient, due, now)


def _record_entry(
    session: Session, clinic: Clinic, patient: Patient, entry: HistoryEntry, now: datetime
) -> None:
    record_entry(
        session,
        clinic.work.library,
        patient_id=patient.id,
        entry=entry,
        revision=patient.revision,
        reason="volgens het dossier",
        by=clinic.staff[Role.COORDINATOR],
        now=now,
    )


def nurse_works(clinic: Clinic, day: date, *, leave: bool = False) -> None:
    """On a working day the nurse takes and resolves what came in; with `leave` some of it is still
    waiting after."""
    if day.weekday() >= SATURDAY:
        return
    now = clinic.instant(day, NURSE)
    with clinic.timed("nurse"), clinic.work.database.writing() as session:
        for index, (patient_id, states) in enumerate(_states_unresolved(session).items()):
            # Of every three patients one is left as she is, and one taken but not resolved.
            if leave and index % 3 == 0:
                continue
            if AlertState.OPEN in states:
                _take(session, clinic, patient_id, now)
            if leave and index % 3 == 1:
                continue
            _resolve(session, clinic, patient_id, now + timedelta(minutes=10 + index % 180))


def _states_unresolved(session: Session) -> dict[int, set[str]]:
    """The patients with unresolved alerts in order of id, and the states of those alerts."""
    unresolved = select(Alert.patient_id, Alert.state).where(col(Alert.resolved_at).is_(None))
    states: dict[int, set[str]] = {}
    for patient_id, state in session.exec(unresolved.order_by(col(Alert.patient_id))):
        states.setdefault(patient_id, set()).add(state)
    return states


def _take(session: Session, clinic: Clinic, patient_id: int, now: datetime) -> None:
    acknowledge_patient(
        session, clinic.work.library, patient_id=patient_id, by=clinic.staff[Role.NURSE], now=now
    )


def _resolve(session: Session, clinic: Clinic, patient_id: int, now: datetime) -> None:
    resolve_patient(
        session,
        patient_id=patient_id,
        closing=_closing(clinic),
        by=clinic.staff[Role.NURSE],
        now=now,
    )


def _closing(clinic: Clinic) -> Closing:
    resolution = clinic.random.choice(list(Resolution))
    reason = NoActionReason.KNOWN if resolution is Resolution.NONE_NEEDED else None
    return Closing(resolution, "Gebeld en besproken.", reason)
