"""What is due is found by an index, however much is stored: no tick reads a whole table."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from proms.actions.answered_packs import hold_answered
from proms.actions.deliveries import Lane, deliver_due
from proms.actions.evaluations import told_unsent
from proms.actions.letters import Post
from proms.actions.notices import repeat_notices
from proms.actions.reminders import remind_due
from proms.actions.schedule import expire_due, replan_due
from proms.content import Library
from proms.db.queries.watch import watched
from proms.db.queries.worklist import _of_drafts, _of_kept_aside
from proms.db.session import Database, connect
from tests.clinic import KEYRING

pytestmark = pytest.mark.both_engines

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def database(sqlite_database_url: str) -> Iterator[Database]:
    database = connect(sqlite_database_url)
    yield database
    database.engine.dispose()


@pytest.fixture
def asked(database: Database) -> list[tuple[str, tuple[object, ...]]]:
    """Every question that is put to the database from here on."""
    said: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def keep(*told: Any) -> None:
        said.append((told[2], told[3]))

    return said


def steps(database: Database, asked: list[tuple[str, tuple[object, ...]]]) -> list[str]:
    """How SQLite would answer them: each step of its plan."""
    file = sqlite3.connect(str(database.engine.url.database))
    found = [
        row[3]
        for statement, parameters in asked
        if statement.startswith("SELECT")
        for row in file.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]
    file.close()
    return found


@pytest.mark.parametrize(
    ("tick", "index"),
    [
        (lambda session, library: expire_due(session, library, now=NOW), "ix_assignment_expires"),
        (lambda session, library: remind_due(session, library, now=NOW), "ix_assignment_message"),
        (
            lambda session, library: hold_answered(session, library, now=NOW),
            "ix_assignment_message",
        ),
        (lambda session, library: replan_due(session, library, now=NOW), "ix_patient_replan_on"),
        (lambda session, library: repeat_notices(session, now=NOW), "ix_alert_notice"),
    ],
    ids=["expire", "remind", "answered", "replan", "repeat"],
)
def test_what_is_due_is_found_by_its_index(
    database: Database,
    library: Library,
    asked: list[tuple[str, tuple[object, ...]]],
    tick: Callable[[Session, Library], int],
    index: str,
):
    with database.writing() as session:
        tick(session, library)
    plan = steps(database, asked)
    assert any(index in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN")]


def test_what_was_made_of_answers_that_were_not_sent_is_found_by_an_index(
    database: Database, asked: list[tuple[str, tuple[object, ...]]]
):
    with database.reading() as session:
        told_unsent(session, 7)
        _of_drafts(session, {7})
        _of_kept_aside(session, {7})
    plan = steps(database, asked)
    assert len([step for step in plan if "ix_evaluation_draft_id" in step]) == 2, plan
    assert len([step for step in plan if "ix_evaluation_kept_aside_id" in step]) == 1, plan
    assert not [step for step in plan if step.startswith("SCAN")]


def test_what_the_outbox_owes_is_found_by_its_index(
    database: Database, library: Library, asked: list[tuple[str, tuple[object, ...]]]
):
    for lane in Lane:
        deliver_due(
            database, library, Post({}, KEYRING, "https://proms.example.org"), lane=lane, now=NOW
        )
    plan = steps(database, asked)
    assert any("ix_delivery_owed" in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN")]


def test_what_the_watch_counts_is_found_by_an_index(
    database: Database, asked: list[tuple[str, tuple[object, ...]]]
):
    with database.reading() as session:
        watched(session, now=NOW)
    plan = steps(database, asked)
    # One row a tick, one a site, and the warnings that no operator has closed: short tables.
    short = (
        "tick_state",
        "site_texts",
        "operator_warning",
        "USING COVERING INDEX ix_delivery_owed",
    )
    partial = ("USING INDEX ix_", "USING COVERING INDEX ix_", "USING INDEX ux_alert_unresolved")
    read_whole = [step for step in plan if step.startswith("SCAN")]
    assert [step for step in read_whole if not any(one in step for one in (*short, *partial))] == []
