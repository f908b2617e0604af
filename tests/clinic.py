"""A clinic to tell stories with: its verbs are the clinic's, its parts are the real ones, its clock
is in the story."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.alerts import acknowledge_patient, resolve_patient
from proms.actions.audit import OPERATOR, patient_actor, staff_actor
from proms.actions.drafts import open_assignment, sit_down
from proms.actions.enrolment import NewPatient, change_contact, enrol
from proms.actions.history import preview_entry, record_entry
from proms.actions.letters import Post
from proms.actions.pauses import pause
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.actions.reminders import remind_due
from proms.actions.submissions import Receipt, Submission, submit
from proms.channels import Outcome, Refused
from proms.channels.inbox import Inbox
from proms.content import Library
from proms.db.keyring import Keyring
from proms.db.queries.people import member
from proms.db.session import Database
from proms.db.tables import Alert, Assignment, Patient, Site, Staff
from proms.domain.alert.record import Closing, NoActionReason, Resolution
from proms.domain.person import PERSONAL_FACTS, ContactKind, Language, Role, Sex
from proms.domain.response import MissingReason, Mode, from_answers
from proms.domain.schedule import AssignmentState, Changes, Cycle, CycleStatus
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
)
from proms.domain.served import Served
from proms.domain.study_code import Draw
from proms.jobs.ticks import LastOffered, Work, run_all

ZONE = ZoneInfo("Europe/Amsterdam")
PASSWORD = "a long enough password"
KEYRING = Keyring({"k1": bytes(range(32))}, "0123456789abcdefghijklmnopqrstuvwxyz")
MOBILE = "+49 171 39200 01"  # one of those kept for films: nobody's
SERVED = Served(countries=frozenset({"+31", "+49"}))
OPENED = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class At(Work):
    """The worker's tools at the story's moment."""

    at: datetime = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def instant(day: str, at: str) -> datetime:
    """A moment by the clock of the site."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), ZONE).astimezone(UTC)


@dataclass(frozen=True)
class Doubtful:
    """A channel that refuses for good what goes to an address that is nobody's."""

    channel: Inbox
    nobody: set[str]

    def send(
        self, address: str, text: str, *, ref: str, subject: str = "", **_mail: object
    ) -> Outcome:
        if address in self.nobody:
            return Refused("21211", for_good=True)
        return self.channel.send(address, text, ref=ref, subject=subject)


class Clinic:
    """One site with its people; `clinic.today("2026-03-02", "10:00")` moves the story's clock.

    A database that holds no site yet gets this one; a copy of a database that does is the same
    clinic.
    """

    def __init__(self, database: Database, library: Library, protocol: str = "pump-it") -> None:
        self.database, self.keyring, self.protocol = database, KEYRING, protocol
        self.look: Callable[[], Library] = lambda: library  # a story may look at a shelf instead
        self.seen = LastOffered()  # the worker's memory
        self.phone: list[tuple[str, str]] = []  # (address, text) as they arrive
        self.nobody: set[str] = set()  # the addresses that are nobody's
        self.now = OPENED
        self.enrolled = 0  # patients, each with a number of her own
        with self.database.reading() as session:
            site = session.exec(select(Site)).one_or_none()
        self.site = site or self._opens_its_doors()
        with self.database.reading() as session:
            self.els, self.mo, self.kim, self.ad = session.exec(
                select(Staff).order_by(col(Staff.id))
            ).all()

    def _opens_its_doors(self) -> Site:
        new = NewSite(
            "AMS", "Ziekenhuis Voorbeeld", phone="020 123 45 67", study_phone="020 123 45 68"
        )
        with self.database.writing() as session:
            self.site = add_site(session, new, by=OPERATOR, now=self.now)
        self.employs("els", Role.NURSE, phone=MOBILE)
        self.employs("mo", Role.COORDINATOR)
        self.employs("kim", Role.ANALYST)
        self.employs("ad", Role.ADMINISTRATOR)
        return self.site

    @property
    def library(self) -> Library:
        return self.look()

    def employs(
        self, login: str, role: Role, phone: str | None = None, email: str | None = None
    ) -> Staff:
        new = NewStaff(login, login.title(), role, PASSWORD, phone=phone, email=email)
        with self.database.writing() as session:
            return add_staff(
                session,
                self.keyring,
                new,
                site_id=self.site.id,
                by=OPERATOR,
                now=self.now,
                served=SERVED,
            )

    def login_of(self, staff: Staff) -> str:
        with self.database.reading() as session:
            return member(session, self.keyring, staff).login

    def today(self, day: str, at: str = "10:00") -> datetime:
        """Move to a moment at the site, with everything the worker would have done there."""
        self.now = instant(day, at)
        self.works()
        return self.now

    def works(self) -> None:
        """Every tick of the worker, now."""
        channels = {
            kind: Doubtful(
                Inbox(lambda address, text, ref: self.phone.append((address, text))), self.nobody
            )
            for kind in ContactKind
        }
        post = Post(channels, self.keyring, "https://proms.example.org", countries=SERVED.countries)
        run_all(At(self.database, self.look, post, self.protocol, False, self.seen, at=self.now))

    def decides(self, day: str, at: str) -> None:
        """What is due is decided at this moment; then the worker falls silent before it sends."""
        self.now = instant(day, at)
        with self.database.writing() as session:
            assert remind_due(session, self.library, now=self.now)

    def pauses(
        self, patient: int, until: str | None, first: str | None = None, reason: str = "vakantie"
    ) -> None:
        """Her messages are held from a day, today by default, to another; or no longer."""
        with self.database.writing() as session:
            pause(
                session,
                self.library,
                patient=session.get_one(Patient, patient),
                until=date.fromisoformat(until) if until else None,
                first=date.fromisoformat(first) if first else None,
                reason=reason,
                by=staff_actor(self.mo),
                now=self.now,
            )

    def corrects_contact(
        self, patient: int, address: str, kind: ContactKind = ContactKind.SMS
    ) -> None:
        """The way she is reached is another from now on, though the number is of no mobile."""
        with self.database.writing() as session:
            change_contact(
                session,
                self.library,
                self.keyring,
                patient=session.get_one(Patient, patient),
                kind=kind,
                address=address,
                use_anyway=True,
                consented_on=self.now.date(),
                by=staff_actor(self.mo),
                now=self.now,
                served=SERVED,
            )

    def enrols(
        self,
        name: str = "Anna",
        consent: str | None = None,
        draw: Draw = secrets.choice,
        **facts: object,
    ) -> Patient:
        given = {
            "hospital_number": str(7654321 + self.enrolled),
            "birth_year": 1961,
            "sex": Sex.FEMALE,
            "language": Language.NL,
            "contact_kind": ContactKind.SMS,
            "address": "020 12 34 999",
            "use_anyway": True,
        }
        self.enrolled += 1
        on = date.fromisoformat(consent) if consent else self.now.astimezone(ZONE).date()
        true = frozenset(fact for fact in PERSONAL_FACTS if facts.pop(fact, False))
        new = NewPatient(name=name, consent=on, facts=true, **{**given, **facts})  # type: ignore[arg-type]
        with self.database.writing() as session:
            return enrol(
                session,
                self.library,
                self.keyring,
                new,
                protocol=self.protocol,
                by=self.mo,
                now=self.now,
                draw=draw,
                served=SERVED,
            )

    def records(self, patient: Patient, entry: HistoryEntry, reason: str = "") -> Changes:
        with self.database.writing() as session:
            held = session.get_one(Patient, patient.id)
            return record_entry(
                session,
                self.library,
                patient_id=held.id,
                entry=entry,
                revision=held.revision,
                reason=reason,
                by=self.mo,
                now=self.now,
            )

    def previews(self, patient: Patient, entry: HistoryEntry) -> Changes:
        with self.database.reading() as session:
            held = session.get_one(Patient, patient.id)
            return preview_entry(
                session, self.library, patient=held, entry=entry, now=self.now
            ).changes

    def randomises(self, patient: Patient, arm: str, on: str) -> Changes:
        return self.records(
            patient, MilestoneRecorded("randomisation", date.fromisoformat(on), arm=arm)
        )

    def chooses(self, patient: Patient, component: str, regimen: str) -> Changes:
        return self.records(patient, RegimenChosen(component, regimen))

    def operates(self, patient: Patient, on: str) -> Changes:
        return self.records(patient, MilestoneRecorded("pump_surgery", date.fromisoformat(on)))

    def plans_cycle(self, patient: Patient, component: str, number: int, on: str) -> Changes:
        return self.records(
            patient, CycleRecorded(Cycle(component, number, planned=date.fromisoformat(on)))
        )

    def gives_cycle(
        self, patient: Patient, component: str, number: int, on: str, planned: str | None = None
    ) -> Changes:
        day = date.fromisoformat(on)
        was = date.fromisoformat(planned) if planned else day
        return self.records(
            patient, CycleRecorded(Cycle(component, number, was, day, CycleStatus.GIVEN))
        )

    def stops(self, patient: Patient, component: str, on: str) -> Changes:
        return self.records(patient, ComponentStopped(component, date.fromisoformat(on)))

    def withdraws(self, patient: Patient, on: str) -> Changes:
        return self.records(patient, MilestoneRecorded("withdrawal", date.fromisoformat(on)))

    def dies(self, patient: Patient, on: str) -> Changes:
        return self.records(patient, MilestoneRecorded("death", date.fromisoformat(on)))

    def asked(self, patient: Patient, instrument: str = "hsc") -> Assignment:
        """The patient's assignment that is open now."""
        with self.database.reading() as session:
            return session.exec(
                select(Assignment)
                .where(
                    Assignment.patient_id == patient.id,
                    Assignment.instrument == instrument,
                    col(Assignment.state).in_((AssignmentState.PLANNED, AssignmentState.STARTED)),
                    col(Assignment.opens_at) <= self.now,
                )
                .order_by(col(Assignment.opens_at))
            ).one()

    def opens(self, patient: Patient, instrument: str = "hsc") -> Assignment:
        """The patient opens what is due, and leaves it."""
        assignment = self.asked(patient, instrument)
        with self.database.writing() as session:
            self.opens_this(session, patient, assignment)
        return assignment

    def opens_this(self, session: Session, patient: Patient, assignment: Assignment) -> None:
        open_assignment(self._sitting(session, patient, assignment), language=patient.language)

    def answers(
        self,
        patient: Patient,
        instrument: str = "hsc",
        *,
        key: str | None = None,
        assignment: Assignment | None = None,
        left_out: dict[str, MissingReason] | None = None,
        link_id: int | None = None,
        **answers: int | str | tuple[str, ...],
    ) -> Receipt:
        """The patient fills in what is due, come in by a link: nothing to report, but for the
        answers named."""
        asked = assignment or self.asked(patient, instrument)
        items = self.library.instrument(instrument).items
        well = {
            item.code: (item.none,) if item.none else item.options[0]
            for item in items
            if item.options and not item.asked_if and item.code not in (left_out or {})
        }
        document = from_answers({**well, **answers}, left_out or {}, self.now)
        with self.database.writing() as session:
            sitting = replace(self._sitting(session, patient, asked), link_id=link_id)
            return submit(sitting, Submission(key or f"key-{asked.id}", document, Mode.PHONE))

    def acknowledges(self, patient: Patient, by: Staff | None = None) -> list[Alert]:
        with self.database.writing() as session:
            return acknowledge_patient(
                session, self.library, patient_id=patient.id, by=by or self.els, now=self.now
            )

    def resolves(
        self,
        patient: Patient,
        resolution: Resolution,
        by: Staff | None = None,
        *,
        note: str = "Gebeld.",
        reason: NoActionReason | None = None,
        shown: dict[int, int] | None = None,
    ) -> list[Alert]:
        if resolution is Resolution.NONE_NEEDED:
            reason = reason or NoActionReason.KNOWN
        with self.database.writing() as session:
            closed = resolve_patient(
                session,
                patient_id=patient.id,
                closing=Closing(resolution, note, reason),
                by=by or self.els,
                now=self.now,
                shown=shown,
            )
        return closed.alerts

    def worklist(self) -> list[tuple[str, str, str]]:
        """What waits: (rule, urgency, state), most urgent first."""
        with self.database.reading() as session:
            rows = session.exec(select(Alert).where(col(Alert.resolved_at).is_(None))).all()
        ranked = ["red", "amber", "info"]
        return sorted(
            ((row.rule, row.urgency, row.state) for row in rows),
            key=lambda each: (ranked.index(each[1]), each[0]),
        )

    def calendar(
        self, patient: Patient, instrument: str = "hsc"
    ) -> list[tuple[str, int, str, str]]:
        """(event, number, due, state) of what is not cancelled, in order of opening."""
        with self.database.reading() as session:
            rows = session.exec(
                select(Assignment)
                .where(
                    Assignment.patient_id == patient.id,
                    Assignment.instrument == instrument,
                    Assignment.state != AssignmentState.CANCELLED,
                )
                .order_by(col(Assignment.opens), col(Assignment.event))
            ).all()
        return [(row.event, row.number, row.due.isoformat(), row.state) for row in rows]

    def _sitting(self, session: Session, patient: Patient, assignment: Assignment):  # type: ignore[no-untyped-def]
        held = session.get_one(Patient, patient.id)
        by = patient_actor(held.id)
        return sit_down(
            session, self.library, assignment_id=assignment.id, patient=held, by=by, now=self.now
        )
