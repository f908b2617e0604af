"""The invented clinic is months old, believable, and the same every time."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
import time_machine
from sqlmodel import Session, col, func, select

from proms.actions.audit import OPERATOR
from proms.actions.demo_clock import ask_for_days
from proms.db.migrate import upgrade
from proms.db.queries.worklist import unresolved
from proms.db.tables import (
    Alert,
    Assignment,
    CycleVersion,
    Delivery,
    DemoClock,
    ExpectedLevel,
    InboxMessage,
    MessageDecision,
    MilestoneVersion,
    Patient,
    Response,
    ScoreCheck,
    Site,
    TreatmentVersion,
)
from proms.demo.half_year import play
from proms.demo.living import PEOPLE
from proms.demo.start import build, environment, first_moment
from proms.domain.alert import Urgency
from proms.factory import work
from proms.jobs.ticks import pass_days
from proms.parts import Parts, parts
from proms.settings import from_environment

UNTIL = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)  # half past nine on a Tuesday


def played(folder: Path) -> Parts:
    settings = environment(folder, 8000)
    upgrade(settings["DATABASE_URL"])
    made = parts(from_environment(settings))
    for _ in play(work(made), made.keyring, until=UNTIL):
        pass
    return made


@pytest.fixture(scope="module")
def demo(sqlite_folder: Path) -> Iterator[Parts]:
    made = played(Path(mkdtemp(prefix="demo-", dir=sqlite_folder)))
    yield made
    made.database.engine.dispose()


@pytest.fixture
def session(demo: Parts) -> Iterator[Session]:
    with demo.database.reading() as session:
        yield session


def tally(session: Session, column: object) -> dict[str, int]:
    return dict(session.exec(select(column, func.count()).group_by(column)).all())  # type: ignore[call-overload]


def test_forty_patients_in_both_arms_one_withdrew_one_died(session: Session):
    assert tally(session, Patient.status) == {"active": 38, "withdrawn": 1, "died": 1}
    arms = tally(session, Patient.arm)
    assert arms["A"] > 10
    assert arms["B"] > 10


def test_cycles_were_given_delayed_skipped_and_stopped(session: Session):
    states = tally(session, CycleVersion.status)
    assert states["given"] > 100
    assert states["skipped"] > 0
    late = session.exec(
        select(func.count())
        .select_from(CycleVersion)
        .where(col(CycleVersion.day_1) > col(CycleVersion.planned))
    ).one()
    assert late > 5
    assert (
        session.exec(
            select(func.count()).where(col(TreatmentVersion.stopped_on).is_not(None))
        ).one()
        > 0
    )
    assert tally(session, MilestoneVersion.kind)["pump_surgery"] > 10


def test_questions_were_answered_missed_and_are_due_now(session: Session):
    assert tally(session, Response.instrument)["hsc"] > 200
    assert tally(session, Response.instrument)["qlq-c30"] > 40
    assert tally(session, Assignment.state)["missed"] > 10
    due = select(func.count()).where(
        Assignment.instrument == "hsc",
        Assignment.state == "planned",
        col(Assignment.opens_at) <= UNTIL,
        col(Assignment.closes_at) > UNTIL,
    )
    assert session.exec(due).one() >= 3


def test_alerts_are_open_and_closed_and_one_cannot_wait(session: Session):
    states = tally(session, Alert.state)
    assert states["resolved"] > 20
    assert states["open"] >= 3
    assert (
        session.exec(
            select(func.count()).where(Alert.urgency == "red", Alert.state == "open")
        ).one()
        >= 1
    )


def test_messages_were_sent_held_and_undelivered(session: Session):
    assert tally(session, Delivery.state)["sent"] > 300
    assert tally(session, Delivery.state)["dead"] > 0
    assert tally(session, MessageDecision.verdict)["hold"] > 0
    assert session.exec(select(func.count()).select_from(InboxMessage)).one() > 300


def test_a_new_demo_begins_at_half_past_nine_on_the_nearest_working_day():
    for now, begins in (
        ("2026-11-23T07:00", "2026-11-23T08:30"),  # a Monday before half past nine
        ("2026-11-23T12:00", "2026-11-24T08:30"),
        ("2026-11-27T12:00", "2026-11-30T08:30"),  # Friday afternoon
        ("2026-12-24T12:00", "2026-12-28T08:30"),  # Christmas
        ("2026-07-01T12:00", "2026-07-02T07:30"),  # summer time
    ):
        moment = datetime.fromisoformat(f"{now}+00:00")
        assert first_moment(moment) == datetime.fromisoformat(f"{begins}+00:00")


def test_a_demo_that_was_kept_is_brought_to_the_schema_of_today(tmp_path: Path):
    settings = environment(tmp_path, 8000)
    upgrade(settings["DATABASE_URL"], "0004")
    made = build(settings)
    with made.database.reading() as session:
        assert session.exec(select(ScoreCheck)).all() == []
    made.database.engine.dispose()


def test_on_its_first_morning_the_worklist_has_something_of_every_kind(session: Session):
    site = session.exec(select(Site)).one()
    rows = unresolved(session, site.id)
    kinds = Counter(row.urgency for row in rows)
    assert len(rows) >= 12
    assert kinds[Urgency.RED] == 2
    overdue = [row for row in rows if UNTIL - row.since > timedelta(minutes=30)]
    assert [row.urgency for row in overdue][0] is Urgency.RED
    assert any(met.source.unsent for row in rows for met in row.met if met.source)
    assert session.exec(select(ExpectedLevel)).one().item == "NAUS"


REAL = UNTIL - timedelta(days=365)


def two_days_on(folder: Path, played_file: Path) -> list[object]:
    """What the demo's people did in two days that pass on a copy of it."""
    # A copy of the file alone would lack what is still in the log beside it.
    with (
        closing(sqlite3.connect(played_file)) as old,
        closing(sqlite3.connect(folder / "demo.db")) as new,
    ):
        old.backup(new)
    keys = played_file.parent / "demo.secrets"
    shutil.copyfile(keys, folder / "demo.secrets")
    made = parts(from_environment(environment(folder, 8000)))
    with time_machine.travel(REAL, tick=False):
        tools = replace(work(made), people=PEOPLE)
        with made.database.writing() as session:
            ahead = (UNTIL - REAL).total_seconds()
            session.merge(DemoClock(id=1, offset_seconds=ahead))
            session.commit()
            ask_for_days(session, days=2, by=OPERATOR, now=UNTIL)
        while pass_days(tools):
            pass
    with made.database.reading() as session:
        responses = session.exec(
            select(Response.submitted_at, Response.document)
            .where(col(Response.submitted_at) > UNTIL)
            .order_by(col(Response.id))
        ).all()
        alerts = session.exec(
            select(Alert.rule, Alert.state, Alert.raised_at, Alert.resolution)
            .where(col(Alert.clock_from) >= UNTIL - timedelta(days=3))
            .order_by(col(Alert.id))
        ).all()
        cycles = session.exec(select(func.count()).where(CycleVersion.status == "given")).one()
    made.database.engine.dispose()
    return [list(responses), list(alerts), cycles]


def test_while_days_pass_its_people_go_on_the_same_every_time(demo: Parts, tmp_path: Path):
    file = Path(str(demo.settings.database_url).removeprefix("sqlite:///"))
    with demo.database.reading() as session:
        given = session.exec(select(func.count()).where(CycleVersion.status == "given")).one()
    runs = []
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        runs.append(two_days_on(tmp_path / name, file))
    assert runs[0] == runs[1]
    responses, alerts, cycles = runs[0]
    assert len(responses) >= 5
    assert {state for _, state, _, _ in alerts} >= {"open", "resolved"}
    assert cycles > given


@pytest.mark.nightly
def test_the_half_year_is_the_same_every_time(demo: Parts, tmp_path: Path):
    again = played(tmp_path)
    seen = []
    for made in (demo, again):
        with made.database.reading() as session:
            answers = session.exec(
                select(Response.submitted_at, Response.document).order_by(col(Response.id))
            ).all()
            codes = session.exec(select(Patient.code).order_by(col(Patient.id))).all()
            alerts = session.exec(
                select(Alert.rule, Alert.state, Alert.raised_at).order_by(col(Alert.id))
            ).all()
        seen.append((answers, codes, alerts))
    again.database.engine.dispose()
    assert seen[0] == seen[1]
