"""What must hold of the database itself, on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from alembic import command
from sqlalchemy import DateTime, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from proms.actions.audit import OPERATOR
from proms.actions.people import NewStaff, add_staff
from proms.actions.refusals import AlreadyAnswered
from proms.db.keyring import Keyring
from proms.db.migrate import configuration, upgrade
from proms.db.session import Database, connect
from proms.db.tables import Heartbeat
from proms.domain.person import Role
from proms.domain.response import answers_of
from tests.clinic import OPENED, Clinic

pytestmark = pytest.mark.both_engines

APPEND_ONLY = (
    "response",
    "kept_aside",
    "score",
    "evaluation",
    "message_decision",
    "alert_occurrence",
    "audit_entry",
    "milestone",
    "treatment",
    "cycle",
)


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url):
    database = connect(database_url)
    with database.engine.begin() as connection:
        command.check(configuration(connection))
    database.engine.dispose()


def test_migrating_twice_changes_nothing(database_url):
    upgrade(database_url)


@pytest.fixture
def busy_clinic(clinic: Clinic) -> Clinic:
    """A clinic with a row in every table that may only be appended to."""
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols()
    clinic.works()
    asked = clinic.asked(anna)
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-19")
    clinic.answers(anna, "qlq-c30")
    clinic.answers(anna, assignment=asked, JAUND=2)
    with pytest.raises(AlreadyAnswered):
        clinic.answers(anna, assignment=asked, key="another", CHILL=1)
    return clinic


def test_r01_the_database_itself_refuses_to_change_what_was_said(busy_clinic: Clinic):
    engine = busy_clinic.database.engine
    for table in APPEND_ONLY:
        column = "response_id" if table == "score" else "id"
        with engine.connect() as connection:
            assert connection.execute(text(f"SELECT 1 FROM {table}")).first(), (
                f"{table} has no row to try it on"
            )
        for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
                connection.execute(text(act))


def test_no_column_keeps_a_time_without_its_zone():
    """A plain zone-aware type lost the zone on SQLite, silently: every instant goes through the
    type that cannot."""
    for table in SQLModel.metadata.tables.values():
        for column in table.columns:
            assert type(column.type) is not DateTime, f"{table.name}.{column.name}"


def test_a_naive_time_is_refused(clinic: Clinic):
    from datetime import datetime

    from proms.db.tables import Heartbeat

    naive = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001
    with clinic.database.writing() as session:
        session.add(Heartbeat(process="clock", beat_at=naive))
        with pytest.raises(Exception, match=r"(?i)naive|aware|timezone"):
            session.commit()


def test_f26_every_sqlite_connection_is_durable(sqlite_database_url: str):
    database = connect(sqlite_database_url)
    for _ in range(3):
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.engine.dispose()


@pytest.mark.parametrize("instrument", ["hsc", "qlq-c30"])
def test_a_submission_is_one_commit_and_a_handful_of_statements(clinic: Clinic, instrument: str):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    asked = clinic.opens(anna, instrument)
    with _watched(clinic) as (said, commits):
        clinic.answers(anna, instrument, assignment=asked)
    assert len(commits) == 1
    assert len(said) <= 12, "\n".join(said)


def test_a_cycle_that_moves_is_one_commit_and_a_handful_of_statements(clinic: Clinic):
    clinic.today("2026-01-12")
    anna = clinic.enrols()
    clinic.randomises(anna, "A", "2026-01-12")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-19")
    with _watched(clinic) as (said, commits):
        assert clinic.plans_cycle(anna, "systemic", 1, "2026-01-26").move
    assert len(commits) == 1
    assert len(said) <= 9, "\n".join(said)


@contextmanager
def _watched(clinic: Clinic) -> Iterator[tuple[list[str], list[int]]]:
    """What is said to the database meanwhile, and one entry for each commit."""
    said: list[str] = []
    commits: list[int] = []

    def keep(*told: Any) -> None:
        if not told[2].startswith(("BEGIN", "SAVEPOINT")):
            said.append(told[2])

    event.listen(clinic.database.engine, "before_cursor_execute", keep)
    event.listen(clinic.database.engine, "commit", lambda _connection: commits.append(1))
    yield said, commits


def test_the_document_says_of_every_item_what_was_answered_or_why_not(clinic: Clinic):
    from sqlmodel import select

    from proms.db.tables import Response

    clinic.today("2026-01-05")
    anna = clinic.enrols()
    clinic.answers(anna, ITCH=3, BLEED=("nose",))
    with clinic.database.reading() as session:
        document = session.exec(select(Response)).one().document
    assert set(document) == {item.code for item in clinic.library.instrument("hsc").items}
    assert answers_of(document)["ITCH"] == 3
    assert answers_of(document)["BLEED"] == ("nose",)
    assert document["SITE"] == {"missing": "not_asked"}
    assert set(document["ITCH"]) == {"value", "first_answered", "last_changed"}


def test_identity_is_unreadable_in_the_database_and_bound_to_its_place(clinic: Clinic):
    from proms.db.keyring import Unreadable
    from proms.db.queries.patients import person
    from proms.db.tables import Identity

    clinic.today("2026-01-05")
    anna, bert = clinic.enrols("Anna Bakker"), clinic.enrols("Bert Smit")
    engine = clinic.database.engine
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                said = " ".join(map(str, row))
                assert not any(
                    word in said for word in ("Bakker", "Smit", "+31201234999", "7654321")
                ), table
    with clinic.database.writing() as session:
        assert person(session, clinic.keyring, anna).name == "Anna Bakker"
        one, other = session.get_one(Identity, anna.id), session.get_one(Identity, bert.id)
        one.name, other.name = other.name, one.name
        with pytest.raises(Unreadable):
            person(session, clinic.keyring, anna)


def test_who_works_here_is_unreadable_in_the_database_and_bound_to_its_place(clinic: Clinic):
    from proms.db.keyring import Unreadable
    from proms.db.queries.people import staff_of
    from proms.db.tables import StaffIdentity

    vera = clinic.employs("vera.de.zwart@ams.example", Role.NURSE, phone="+49 171 39200 77")
    said = dumped(clinic.database)
    for word in ("zwart", "vera", "+491713920077"):
        assert word not in said.casefold()
    with clinic.database.writing() as session:
        members = {each.id: each for each in staff_of(session, clinic.keyring, clinic.site.id)}
        assert members[vera.id].name == "Vera.De.Zwart@Ams.Example"
        assert members[vera.id].login == "vera.de.zwart@ams.example"
        assert members[vera.id].phone == "+491713920077"
        one = session.get_one(StaffIdentity, vera.id)
        one.phone = one.name
        with pytest.raises(Unreadable):
            staff_of(session, clinic.keyring, clinic.site.id)


def test_a_log_in_name_is_found_under_an_older_key_as_long_as_it_is_kept(clinic: Clinic):
    from proms.actions.refusals import LoginTaken
    from proms.db.queries.people import staff_with_login

    newer = Keyring({"k2": bytes(reversed(range(32))), **clinic.keyring.keys}, "another secret")
    with clinic.database.reading() as session:
        found = staff_with_login(session, newer, " Els")
        assert found
        assert found.id == clinic.els.id
        assert staff_with_login(session, Keyring({"k2": newer.keys["k2"]}, ""), "els") is None
    new = NewStaff("els", "Another Els", Role.ANALYST, "a long enough password")
    with clinic.database.writing() as session, pytest.raises(LoginTaken):
        add_staff(session, newer, new, site_id=clinic.site.id, by=OPERATOR, now=clinic.now)


def dumped(database: Database) -> str:
    """Everything that stands in every table."""
    said = []
    with database.engine.connect() as connection:
        for table in inspect(database.engine).get_table_names():
            said += [str(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
    return "\n".join(said)


def test_sessions_of_one_transaction_are_kept_or_undone_together(database_url):
    database = connect(database_url)

    def beat(session, process):
        session.add(Heartbeat(process=process, beat_at=OPENED))
        session.commit()

    with suppress(KeyError), database.together() as together:
        with together.writing() as session:
            beat(session, "first")
        with together.reading() as session:
            assert session.get(Heartbeat, "first")
        raise KeyError
    with database.reading() as session:
        assert session.get(Heartbeat, "first") is None
    with database.together() as together:
        for process in ("first", "second"):
            with together.writing() as session:
                beat(session, process)
        with together.writing() as session:
            session.add(Heartbeat(process="third", beat_at=OPENED))  # and no commit
    with database.reading() as session:
        assert [session.get(Heartbeat, name) for name in ("first", "second")]
        assert session.get(Heartbeat, "third") is None
    database.engine.dispose()
