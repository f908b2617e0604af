"""A migration that moves rows: what was there before is there after, and cannot be changed."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from proms.actions.access import log_in
from proms.actions.attempts import Origin
from proms.db.migrate import KeysNeeded, configuration, upgrade
from proms.db.queries.history import fact_versions_of
from proms.db.queries.people import member, staff_with_login
from proms.db.tables import Patient
from proms.domain.person import Role, Sex
from tests.clinic import KEYRING, PASSWORD, Clinic

pytestmark = pytest.mark.both_engines

BEFORE, AFTER = "0007", "0008"
WITHOUT_FACTS = "0014"
GONE = {"response": {"corrected_by", "reason"}, "evaluation": {"previous_id", "baseline_id"}}


def rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, without the columns that go."""
    names = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
    found = {}
    for name in names:
        without = GONE.get(name, set()) | {"resent"}
        result = connection.execute(text(f"SELECT * FROM {name}")).mappings()
        found[name] = sorted(
            ({key: row[key] for key in sorted(row) if key not in without} for row in result),
            key=str,
        )
    return found


def shape(connection: Connection, table: str) -> dict[str, Any]:
    looked = inspect(connection)
    return {
        "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in looked.get_columns(table)],
        "key": looked.get_pk_constraint(table)["constrained_columns"],
        "unique": sorted(u["column_names"] for u in looked.get_unique_constraints(table)),
        "indexes": sorted((i["name"], i["column_names"]) for i in looked.get_indexes(table)),
        "foreign": sorted(
            (f["constrained_columns"], f["referred_table"], f["referred_columns"])
            for f in looked.get_foreign_keys(table)
        ),
    }


@pytest.fixture
def before(clinic: Clinic, database_url: str) -> Clinic:
    """Answers, an alert and its occurrence, in the schema as it was."""
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols()
    clinic.works()
    clinic.answers(anna, JAUND=2)
    clinic.answers(anna, "qlq-c30")
    with clinic.database.engine.execution_options(write=True).begin() as connection:
        command.downgrade(configuration(connection, KEYRING), BEFORE)
    return clinic


def test_the_rows_of_tables_that_lose_a_column_stay_and_point_where_they_did(
    before: Clinic, database_url: str
):
    engine = before.database.engine
    with engine.begin() as connection:
        was = rows(connection)
        shapes = {table: shape(connection, table) for table in GONE}
    assert len(was["response"]) == 2
    assert was["alert_occurrence"]
    upgrade(database_url, AFTER, keyring=KEYRING)
    with engine.begin() as connection:
        assert {table: now for table, now in rows(connection).items() if table in was} == was
        for table, gone in GONE.items():
            now = shape(connection, table)
            for part in ("key", "unique", "indexes"):
                assert now[part] == shapes[table][part], (table, part)
            assert now["columns"] == [c for c in shapes[table]["columns"] if c[0] not in gone]
            assert now["foreign"] == [f for f in shapes[table]["foreign"] if not gone & set(f[0])]
    for table in GONE:
        for act in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
                connection.execute(text(act))
    with engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(
            text("UPDATE alert_occurrence SET response_id = 999")  # append-only, and nobody's
        )


def test_what_was_known_of_a_patient_becomes_the_first_entry_of_its_history(
    clinic: Clinic, database_url: str
):
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols(stoma=True, consent="2026-01-02")
    sam = clinic.enrols("Sam", sex=Sex.MALE, anticoagulant=True)
    with clinic.database.reading() as session:
        written = entries(session, anna) | entries(session, sam)
    engine = clinic.database.engine
    with engine.execution_options(write=True).begin() as connection:
        command.downgrade(configuration(connection), WITHOUT_FACTS)
    upgrade(database_url)
    with clinic.database.reading() as session:
        assert entries(session, anna) | entries(session, sam) == written
    assert len(written) == 10
    for act in ("UPDATE patient_fact SET id = id", "DELETE FROM patient_fact"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(act))


def entries(session: Session, patient: Patient) -> set[tuple[Any, ...]]:
    return {
        (row.patient_id, row.fact, row.number, row.version, row.since, row.value)
        + (row.reason, row.recorded_at, row.recorded_by)
        for row in fact_versions_of(session, patient)
    }


def test_a_value_that_somebody_wrote_all_the_same_stops_the_migration_whole(
    before: Clinic, database_url: str
):
    engine = before.database.engine
    insert = (
        "INSERT INTO evaluation (response_id, rule_set, facts, breaches, failed, evaluated_at,"
        " previous_id) SELECT response_id, rule_set, facts, breaches, failed, evaluated_at,"
        " response_id FROM evaluation WHERE response_id IS NOT NULL LIMIT 1"
    )
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(text(insert))
        was = rows(connection)
    with pytest.raises(RuntimeError, match="evaluation holds values in previous_id, baseline_id"):
        upgrade(database_url, AFTER, keyring=KEYRING)
    with engine.begin() as connection:
        assert rows(connection) == was
        columns = {column["name"] for column in inspect(connection).get_columns("delivery")}
    assert "resent" in columns


def stored(clinic: Clinic) -> bytes:
    """What the database has on disk, once nothing waits in a log any more."""
    url = clinic.database.engine.url
    if url.drivername == "sqlite":
        clinic.database.engine.dispose()
        folder = Path(str(url.database)).parent
        return b"".join(file.read_bytes() for file in folder.iterdir())
    with clinic.database.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("CHECKPOINT"))
        where = connection.execute(text("SHOW data_directory")).scalar_one()
        found = connection.execute(text("SELECT pg_relation_filepath('staff')")).scalar_one()
    return Path(where, found).read_bytes()


def test_staff_who_stood_in_the_clear_are_sealed_and_leave_no_trace(
    clinic: Clinic, database_url: str
):
    vera = clinic.employs("vera", Role.NURSE, phone="+49 171 39200 77")
    with clinic.database.engine.execution_options(write=True).begin() as connection:
        command.downgrade(configuration(connection, KEYRING), "0008")
        clear = connection.execute(text("SELECT login, name, phone FROM staff")).all()
    assert ("vera", "Vera", "+491713920077") in [tuple(row) for row in clear]
    assert b"+491713920077" in stored(clinic)

    with pytest.raises(KeysNeeded, match="nothing was changed"):
        upgrade(database_url)
    assert b"+491713920077" in stored(clinic)

    upgrade(database_url, keyring=KEYRING)
    left = stored(clinic)
    for word in (b"vera", b"Vera", b"+491713920077"):
        assert word not in left
    with clinic.database.reading() as session:
        found = staff_with_login(session, KEYRING, "vera")
        assert found
        assert found.id == vera.id
        assert member(session, KEYRING, found).phone == "+491713920077"
    _, token = log_in(
        clinic.database, KEYRING, login="vera", password=PASSWORD, origin=Origin(), now=clinic.now
    )
    assert token
