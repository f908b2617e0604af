"""Databases with much in them: one patient is enrolled and treated through the real actions, others
are copies."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, insert, text
from sqlmodel import SQLModel, col, func, select, update

from proms.actions.audit import OPERATOR
from proms.actions.enrolment import NewPatient, enrol
from proms.actions.history import record_entry
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.content import Library
from proms.db.keyring import Keyring
from proms.db.migrate import upgrade
from proms.db.session import Database, connect
from proms.db.tables import (
    Assignment,
    Contact,
    CycleVersion,
    MilestoneVersion,
    Patient,
    Staff,
    TreatmentVersion,
)
from proms.domain.person import ContactKind, Language, Role, Sex
from proms.domain.schedule import Cycle as Given
from proms.domain.schedule import CycleStatus
from proms.domain.schedule.history_entry import (
    CycleRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
)

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
KEYRING = Keyring({"bench": bytes(32)}, "what this seals is nobody's and is thrown away")
DUE = 100
AT_ONCE = 5_000
COPIED = (Contact, MilestoneVersion, TreatmentVersion, CycleVersion, Assignment)
COURSE: tuple[HistoryEntry, ...] = (
    MilestoneRecorded("randomisation", date(2026, 2, 2), arm="A"),
    RegimenChosen("systemic", "folfox"),
    CycleRecorded(Given("systemic", 1, date(2026, 2, 23), date(2026, 2, 23), CycleStatus.GIVEN)),
    CycleRecorded(Given("systemic", 2, date(2026, 3, 9))),
)


@contextmanager
def engines() -> Iterator[Mapping[str, Callable[[], str]]]:
    """Each engine with what gives the address of a new empty database; PostgreSQL where the tests'
    one is installed."""
    with ExitStack() as stack:
        folder, numbers = Path(stack.enter_context(TemporaryDirectory())), count(1)
        ways: dict[str, Callable[[], str]] = {
            "SQLite": lambda: f"sqlite:///{folder / f'{next(numbers)}.db'}"
        }
        try:
            from tests.postgres import running
        except ImportError:
            yield ways
            return
        server = stack.enter_context(running())
        yield {**ways, "PostgreSQL": lambda: server.url(server.create())}


@contextmanager
def opened(library: Library, address: str, patients: int) -> Iterator[tuple[Database, Staff]]:
    """A clinic with so many patients under treatment, and the coordinator who treats them."""
    upgrade(address)
    database = connect(address)
    with database.writing() as session:
        site = add_site(
            session, NewSite("B", "Bench", "020 123 45 67", "020 123 45 68"), by=OPERATOR, now=NOW
        )
        new = NewStaff("bench", "Bench", Role.COORDINATOR, "a long enough password")
        staff = add_staff(session, KEYRING, new, site_id=site.id, by=OPERATOR, now=NOW)
        session.connection().execute(text("CREATE TABLE bench_row (id INTEGER PRIMARY KEY)"))
        session.commit()
    _treat(database, library, staff)
    copy_patient(database, patients - 1)
    yield database, staff
    database.engine.dispose()


def crowd(database: Database, size: int) -> int:
    """Let about so many assignments be held, of which a hundred have a message due and a hundred
    have closed."""
    with database.reading() as session:
        each = session.exec(select(func.count()).select_from(Assignment)).one()
    copy_patient(database, max(1, size // each))
    with database.writing() as session:
        session.exec(
            update(Assignment).values(message_at=None, expires_at=NOW + timedelta(days=30))
        )
        ids = session.exec(
            select(Assignment.id).where(Assignment.state == "planned").limit(2 * DUE)
        ).all()
        for chosen, due in (
            (ids[:DUE], {"message_at": NOW, "message_step": 1}),
            (ids[DUE:], {"expires_at": NOW}),
        ):
            session.exec(update(Assignment).where(col(Assignment.id).in_(chosen)).values(**due))
        held = session.exec(select(func.count()).select_from(Assignment)).one()
        session.commit()
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))
    return held


def _treat(database: Database, library: Library, staff: Staff) -> None:
    new = NewPatient(
        "Bench",
        "1",
        1961,
        Sex.FEMALE,
        Language.NL,
        date(2026, 1, 26),
        ContactKind.SMS,
        "020 12 34 999",
        use_anyway=True,  # nobody's number is no mobile one
    )
    with database.writing() as session:
        patient = enrol(
            session,
            library,
            KEYRING,
            new,
            protocol="pump-it",
            by=staff,
            now=NOW,
        )
    for revision, happened in enumerate(COURSE):
        with database.writing() as session:
            record_entry(
                session,
                library,
                patient_id=patient.id,
                entry=happened,
                revision=revision,
                reason="bench",
                by=staff,
                now=NOW,
            )


def copy_patient(database: Database, wanted: int) -> None:
    """So many patients more, each like the first."""
    with database.engine.execution_options(write=True).begin() as connection:
        first = connection.execute(select(Patient).limit(1)).mappings().one()
        held = connection.execute(select(func.max(Patient.id))).scalar_one()
        numbers = range(held + 1, held + 1 + wanted)
        _insert(
            connection,
            Patient,
            ({**first, "id": n, "code": f"{n:X}", "replan_on": None} for n in numbers),
        )
        for table in COPIED:
            rows = (
                connection.execute(select(table).where(table.patient_id == first["id"]))
                .mappings()
                .all()
            )
            own = [{name: value for name, value in row.items() if name != "id"} for row in rows]
            _insert(connection, table, ({**row, "patient_id": n} for n in numbers for row in own))


def _insert(
    connection: Connection, table: type[SQLModel], rows: Iterator[dict[str, object]]
) -> None:
    while some := list(islice(rows, AT_ONCE)):
        connection.execute(insert(table), some)
