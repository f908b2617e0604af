"""A migration that moves rows: what was there before is there after, and cannot be changed."""

from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from proms.db.migrate import configuration, upgrade
from tests.clinic import Clinic

BEFORE = "0007"
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
    clinic.answers(anna, TEMP=4)
    clinic.answers(anna, "qlq-c30")
    with clinic.database.engine.execution_options(write=True).begin() as connection:
        command.downgrade(configuration(connection), BEFORE)
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
    upgrade(database_url)
    with engine.begin() as connection:
        assert rows(connection) == was
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
        upgrade(database_url)
    with engine.begin() as connection:
        assert rows(connection) == was
        columns = {column["name"] for column in inspect(connection).get_columns("delivery")}
    assert "resent" in columns
