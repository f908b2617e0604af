"""Anything that may happen to the patients of a clinic, in any order, through the real actions."""

import shutil
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule
from sqlalchemy import event
from sqlmodel import col, select

from proms.actions.audit import OPERATOR, patient_actor
from proms.actions.callbacks import note_report
from proms.actions.enrolment import change_contact
from proms.actions.protocol_versions import Adoption, adopt
from proms.actions.second_ways import give_second_way
from proms.actions.submissions import Receipt
from proms.actions.unscheduled import start_extra
from proms.db.queries.history import history_of
from proms.db.session import Database, connect
from proms.db.tables import Assignment, Delivery, MessageDecision, Patient, Response
from proms.domain.person import ContactKind, PatientStatus
from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.reports import Report, Said
from proms.domain.schedule import AssignmentState, Cycle, CycleStatus
from proms.domain.schedule.history_entry import CycleRecorded, FactRecorded, MilestoneRecorded
from proms.refusal import Refusal
from tests.clinic import Clinic
from tests.versions import two_versions

OPENING = date(2026, 1, 5)
REGIMENS = {"A": ("capox", "folfox", "folfoxiri"), "B": ("folfox", "folfiri")}
NOBODYS = "+31201230000"
NOBODYS_MAIL = "nobody@example.org"
HOURS = st.sampled_from(["00:20", "06:30", "09:05", "14:00", "23:50"])
LIBRARY = two_versions()


def hurried(database: Database) -> Database:
    """The same database without waiting for the disk: nothing here pulls a plug."""

    @event.listens_for(database.engine, "connect")
    def hurry(connection, _record) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return database


class Course(RuleBasedStateMachine):
    """A clinic in which anything may happen; a refusal is the trial's own answer and changes
    nothing."""

    patients = Bundle("patients")
    template: Path

    @initialize()
    def opens(self) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name, "trial.db")
        shutil.copyfile(self.template, path)
        self.database = hurried(connect(f"sqlite:///{path}"))
        # What was read holds until something is committed.
        self.read: dict[str, list] = {}
        event.listen(self.database.engine, "commit", lambda _connection: self.read.clear())
        self.clinic = Clinic(self.database, LIBRARY)
        self.day = OPENING
        self.seen: dict[int, tuple[object, ...]] = {}
        self.receipts: dict[str, str] = {}
        self.ended: dict[int, datetime] = {}
        self.wrong: set[int] = set()  # whose number is nobody's
        self.second: dict[int, bool] = {}  # who has a second way, and whether it is hers
        self.reported: set[int] = set()  # of whom a message was said not to have arrived
        self.clinic.nobody |= {NOBODYS, NOBODYS_MAIL}
        self.clinic.today(self.day.isoformat(), "09:05")

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.engine.dispose()
            self.folder.cleanup()

    @rule(target=patients, stoma=st.booleans())
    def enrols(self, stoma: bool) -> object:
        if len(self.ended) + len(self.everybody()) > 2:
            return multiple()
        return self.clinic.enrols(stoma=stoma).id

    @rule(patient=patients, arm=st.sampled_from("AB"), regimen=st.integers(0, 2))
    def randomises(self, patient: int, arm: str, regimen: int) -> None:
        with suppress(Refusal):
            self.clinic.randomises(self.one(patient), arm, self.day.isoformat())
            for component in ("systemic", "pump")[: 1 + (arm == "B")]:
                self.clinic.chooses(
                    self.one(patient), component, self.chosen(arm, component, regimen)
                )
                self.clinic.plans_cycle(
                    self.one(patient), component, 1, (self.day + timedelta(days=9)).isoformat()
                )

    @rule(patient=patients, component=st.sampled_from(["systemic", "pump"]), on=st.integers(-2, 0))
    def gives(self, patient: int, component: str, on: int) -> None:
        """The next cycle, today or recorded a little late; the one after it is planned when its
        time comes."""
        with suppress(Refusal):
            number = self.next_cycle(patient, component)
            self.clinic.gives_cycle(
                self.one(patient), component, number, (self.day + timedelta(days=on)).isoformat()
            )

    @rule(
        patient=patients, component=st.sampled_from(["systemic", "pump"]), ahead=st.integers(0, 20)
    )
    def plans(self, patient: int, component: str, ahead: int) -> None:
        with suppress(Refusal):
            number, on = self.next_cycle(patient, component), self.day + timedelta(days=ahead)
            self.clinic.plans_cycle(self.one(patient), component, number, on.isoformat())

    @rule(patient=patients, component=st.sampled_from(["systemic", "pump"]))
    def skips(self, patient: int, component: str) -> None:
        with suppress(Refusal):
            number = self.next_cycle(patient, component)
            cycle = Cycle(
                component, number, self.day, None, CycleStatus.SKIPPED, reason="bloedwaarden"
            )
            self.clinic.records(self.one(patient), CycleRecorded(cycle), "bloedwaarden")

    @rule(patient=patients, component=st.sampled_from(["systemic", "pump"]), by=st.integers(-6, 6))
    def corrects(self, patient: int, component: str, by: int) -> None:
        """The last cycle given was on another day after all."""
        given = [each for each in self.history(patient).cycles_of(component) if each.day_1]
        if given and given[-1].day_1:
            on = given[-1].day_1 + timedelta(days=by)
            changed = Cycle(component, given[-1].number, given[-1].planned, on, CycleStatus.GIVEN)
            with suppress(Refusal):
                self.clinic.records(
                    self.one(patient), CycleRecorded(changed), "verkeerd overgenomen"
                )

    @rule(
        patient=patients, component=st.sampled_from(["systemic", "pump"]), ahead=st.integers(-1, 9)
    )
    def stops(self, patient: int, component: str, ahead: int) -> None:
        with suppress(Refusal):
            on = self.day + timedelta(days=ahead)
            self.clinic.stops(self.one(patient), component, on.isoformat())

    @rule(patient=patients, regimen=st.integers(0, 2))
    def switches(self, patient: int, regimen: int) -> None:
        arm = self.one(patient).arm
        with suppress(Refusal):
            if arm:
                chosen = self.chosen(arm, "systemic", regimen)
                self.clinic.chooses(self.one(patient), "systemic", chosen)

    @rule(
        patient=patients,
        kind=st.sampled_from(["pump_surgery", "panel", "progression", "local_treatment"]),
    )
    def reaches(self, patient: int, kind: str) -> None:
        with suppress(Refusal):
            held = self.history(patient).milestones.get(kind, ())
            self.clinic.records(self.one(patient), MilestoneRecorded(kind, self.day, len(held) + 1))

    @rule(patient=patients, stoma=st.booleans(), ago=st.integers(0, 30), earlier=st.integers(0, 2))
    def learns(self, patient: int, stoma: bool, ago: int, earlier: int) -> None:
        """She has a stoma, or none, since some day; or what was recorded of it was wrong."""
        values = self.history(patient).facts["stoma"]
        number = max(value.number for value in values) + 1 - earlier
        since = self.day - timedelta(days=ago)
        with suppress(Refusal):
            self.clinic.records(
                self.one(patient), FactRecorded("stoma", since, stoma, number), "gezien"
            )

    @rule(patient=patients, which=st.integers(0, 5), whole=st.booleans(), ill=st.booleans())
    def fills_in(self, patient: int, which: int, whole: bool, ill: bool) -> None:
        """She opens something that is open, and sends it or leaves it."""
        open_now = self.open_now(patient)
        if not open_now:
            return
        asked = open_now[which % len(open_now)]
        with suppress(Refusal):
            if whole:
                told = {"JAUND": 2} if ill and asked.instrument == "hsc" else {}
                self.acknowledged(
                    self.clinic.answers(
                        self.one(patient), asked.instrument, assignment=asked, **told
                    )
                )
            else:
                with self.database.writing() as session:
                    self.clinic.opens_this(session, self.one(patient), asked)

    @rule(patient=patients)
    def begins_extra(self, patient: int) -> None:
        with suppress(Refusal), self.database.writing() as session:
            mine = session.get_one(Patient, patient)
            if mine.status == PatientStatus.ACTIVE:
                by, now = patient_actor(patient), self.clinic.now
                start_extra(
                    session, LIBRARY, patient=mine, event="HSC-PRN", language="nl", by=by, now=now
                )

    @rule(patient=patients, kind=st.sampled_from(["withdrawal", "death"]), really=st.integers(0, 3))
    def leaves(self, patient: int, kind: str, really: int) -> None:
        if really == 0 and patient not in self.ended:
            with suppress(Refusal):
                self.clinic.records(self.one(patient), MilestoneRecorded(kind, self.day))
                self.ended[patient] = self.clinic.now

    @rule(ahead=st.integers(0, 10), everybody=st.booleans())
    def changes_protocol(self, ahead: int, everybody: bool) -> None:
        wanted = Adoption(
            "pump-it", 2, self.day + timedelta(days=ahead), everybody, "panels every nine weeks"
        )
        with suppress(Refusal), self.database.writing() as session:
            adopt(session, LIBRARY, wanted, by=OPERATOR, now=self.clinic.now)

    @rule(patient=patients, days=st.integers(0, 12), ahead=st.integers(0, 6))
    def pauses(self, patient: int, days: int, ahead: int) -> None:
        """She asks to be left alone for some days, from today or later, or no longer."""
        first = self.day + timedelta(days=ahead)
        until = first + timedelta(days=days) if days else None
        with suppress(Refusal):
            self.clinic.pauses(patient, until and until.isoformat(), first.isoformat())

    @rule(patient=patients, right=st.booleans())
    def changes_number(self, patient: int, right: bool) -> None:
        """Her number is written down anew, rightly or not."""
        address = f"+3120123{patient:04}" if right else NOBODYS
        with suppress(Refusal), self.database.writing() as session:
            change_contact(
                session,
                LIBRARY,
                self.clinic.keyring,
                patient=session.get_one(Patient, patient),
                kind=ContactKind.SMS,
                address=address,
                use_anyway=True,
                consented_on=self.day,
                by=OPERATOR,
                now=self.clinic.now,
            )
            self.wrong = self.wrong - {patient} if right else self.wrong | {patient}

    @rule(patient=patients, right=st.booleans())
    def gets_a_second_way(self, patient: int, right: bool) -> None:
        """An e-mail address of hers is written down beside her number, rightly or not."""
        address = f"patient{patient}@example.org" if right else NOBODYS_MAIL
        with suppress(Refusal), self.database.writing() as session:
            give_second_way(
                session,
                LIBRARY,
                self.clinic.keyring,
                patient=session.get_one(Patient, patient),
                kind=ContactKind.EMAIL,
                address=address,
                consented_on=self.day,
                by=OPERATOR,
                now=self.clinic.now,
            )
            self.second[patient] = right

    @rule(patient=patients, which=st.integers(1, 3))
    def is_not_reached(self, patient: int, which: int) -> None:
        """A text of hers is said not to have arrived; she has another way that works."""
        texts = [
            row
            for row in self.all_of(Delivery)
            if (row.patient_id, row.channel, row.state) == (patient, "sms", "sent")
        ]
        if not self.second.get(patient) or len(texts) < which:
            return
        row = texts[-which]
        with self.database.writing() as session:
            said = Report(row.sid or "", Said.UNDELIVERED, "30003")
            limits, now = OutboxLimits(), self.clinic.now
            note_report(session, row.id, said, channel="sms", limits=limits, now=now)
        self.reported.add(patient)

    @rule(days=st.integers(1, 5), at=HOURS)
    def goes_without_a_worker(self, days: int, at: str) -> None:
        """For some days nothing works, until some hour."""
        self.day += timedelta(days=days)
        self.clinic.today(self.day.isoformat(), at)
        self.everybody_knows()

    @rule(days=st.integers(1, 9), at=HOURS)
    def passes(self, days: int, at: str) -> None:
        """Days go by, each with its worker."""
        for _ in range(days):
            self.day += timedelta(days=1)
            self.clinic.today(self.day.isoformat(), "09:05")
            self.everybody_knows()
        if at > "09:05":
            self.clinic.today(self.day.isoformat(), at)

    @rule()
    def ticks_twice(self) -> None:
        self.clinic.works()
        before = self.counts()
        self.clinic.works()
        assert self.counts() == before

    def everybody_knows(self) -> None:
        """What must hold of messages after a worker's round; a course says what."""

    # Reading

    def rows(self, wanted: object) -> list:
        with self.database.reading() as session:
            return list(session.exec(wanted))

    def all_of(self, table: type) -> list:
        """Every row of a table."""
        if table.__name__ not in self.read:
            self.read[table.__name__] = self.rows(select(table).order_by(col(table.id)))
        return self.read[table.__name__]

    def assignments(self) -> list[Assignment]:
        return self.all_of(Assignment)

    def everybody(self) -> list[Patient]:
        return self.all_of(Patient)

    def one(self, patient: int) -> Patient:
        with self.database.reading() as session:
            return session.get_one(Patient, patient)

    def history(self, patient: int):
        with self.database.reading() as session:
            return history_of(session, session.get_one(Patient, patient))

    def next_cycle(self, patient: int, component: str) -> int:
        """The first number that is neither given nor skipped."""
        cycles = self.history(patient).cycles_of(component)
        return (
            max(
                (each.number for each in cycles if each.status is not CycleStatus.PLANNED),
                default=0,
            )
            + 1
        )

    def open_now(self, patient: int) -> list[Assignment]:
        now, own = self.clinic.now, (row for row in self.assignments() if row.patient_id == patient)
        ends = {AssignmentState.PLANNED: "closes_at", AssignmentState.STARTED: "expires_at"}
        return [
            row
            for row in own
            if row.state in ends and row.opens_at <= now < getattr(row, ends[row.state])
        ]

    def acknowledged(self, receipt: Receipt) -> None:
        (row,) = self.rows(select(Response).where(Response.receipt == receipt.code))
        self.receipts[receipt.code] = row.digest

    def counts(self) -> list[object]:
        rows = [
            *self.assignments(),
            *self.all_of(Delivery),
            *self.all_of(MessageDecision),
        ]
        return [(type(row).__name__, row.id, getattr(row, "state", None)) for row in rows]

    @staticmethod
    def chosen(arm: str, component: str, place: int) -> str:
        return "fudr" if component == "pump" else REGIMENS[arm][place % len(REGIMENS[arm])]
