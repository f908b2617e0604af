"""A whole trial with invented histories, through the real actions: what must hold holds, whatever
happens in it."""

import csv
import io
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from proms.cli.simulate import MOST_YEARS
from proms.content import load
from proms.db.migrate import upgrade
from proms.db.session import connect
from proms.db.tables import Assignment, Delivery, MessageDecision, Patient, Response
from proms.demo.census import CensusLine
from proms.demo.invariants import Played, violations
from proms.demo.lives import draw
from proms.demo.people import person
from proms.demo.sites import play
from proms.demo.trial import FIRST_DAY, Report, Trial, newcomers, play_site
from proms.domain.protocol import Ending
from proms.settings import HOME

SMALL = Trial(patients=20, years=1, seed=3)
TINY = Trial(patients=2, years=0.15, seed=1)
# What this seed comes to: it changes with what the protocol asks and sends, and with the invented
# histories, and not otherwise.
PINNED = {
    "milestones": 129,
    "cycles": 169,
    "assignments": 1959,
    "responses": 749,
    "messages decided": 1661,
}
ZONE = ZoneInfo("Europe/Amsterdam")


def total(report: Report, what: str, **also: str) -> int:
    """The sum of the lines about this."""
    return sum(
        count
        for line, count in report.counts.items()
        if line.what == what and all(getattr(line, name) == value for name, value in also.items())
    )


def played(trial: Trial, folder: Path, processes: int) -> Report:
    return play(trial, folder, processes, lambda days: None)


def one_after_the_other(trial: Trial, folder: Path) -> Report:
    """The same sites, in this process."""
    whole = Report()
    for number in range(trial.sites):
        path = folder / f"seed-{trial.seed}-site-{number}.db"
        upgrade(f"sqlite:///{path}")
        whole.add(play_site(trial, number, path, lambda days: None))
    return whole


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trial")


@pytest.fixture(scope="module")
def year(folder: Path) -> Report:
    """Twenty patients for one year, at two sites."""
    return played(SMALL, folder, 2)


def test_twenty_patients_for_a_year_break_nothing(year: Report):
    assert year.violations == []


def test_the_year_has_the_counts_it_always_had(year: Report):
    assert total(year, "patients") == 20
    assert {what: total(year, what) for what in PINNED} == PINNED


def test_every_kind_of_thing_happens_in_it(year: Report):
    seen = {line[:1] + line[2:] for line in year.counts} | {
        (line.what, line.which) for line in year.counts
    }
    assert ("cycles", "late", "given") in seen  # a cycle put off
    assert ("cycles", "reduced", "given") in seen
    assert ("cycles", "", "skipped") in seen
    assert ("cycles", "", "corrected") in seen
    assert ("responses", "", "late") in seen
    assert ("responses", "", "extra") in seen
    assert ("deliveries", "sms", "dead") in seen
    assert ("messages decided", "hold", "paused") in seen
    assert ("patients", "", "withdrawn") in seen
    assert ("patients", "", "died") in seen
    assert total(year, "assignments", state="missed") > 20
    assert total(year, "milestones", which="pump_removal") > 0
    assert total(year, "audit", which="history.componentstopped") > 10


def test_the_same_seed_is_the_same_trial_on_one_core_or_two_and_another_is_not(tmp_path: Path):
    side_by_side = played(TINY, tmp_path, 2)
    assert side_by_side.counts == one_after_the_other(TINY, tmp_path).counts
    assert side_by_side.counts != one_after_the_other(Trial(2, 0.15, 2), tmp_path).counts


def test_who_comes_in_depends_on_nothing_but_the_trial(library):
    protocol = library.protocol("pump-it")
    lives = [
        life
        for number in range(SMALL.sites)
        for life in newcomers(SMALL, number, protocol).values()
    ]
    assert len({life.patient.address for life in lives}) == 20
    assert {life.arm for life in lives} == set(protocol.arms)
    assert all(life.regimens.keys() <= protocol.components.keys() for life in lives)


def test_a_life_follows_another_protocol_as_well(library):
    """Arms, regimens and cycle lengths are the protocol's: where it knows one arm and no surgery,
    so do the lives."""
    protocol = library.protocol("pump-it")
    kept = {code: each for code, each in protocol.milestones.items() if each.arms is None}
    systemic = {
        code: replace(each, cycle_days=42)
        for code, each in protocol.regimens.items()
        if "A" in each.arms
    }
    other = replace(
        protocol, arms={"A": protocol.arms["A"]}, milestones=kept, regimens=systemic, standing={}
    )
    random = Random(1)
    for index in range(50):
        life = draw(other, random, person(random, index, date(2026, 1, 5)), "A")
        assert set(life.regimens) == {"systemic"}
        assert {each.kind for each in life.foreseen} <= kept.keys()
        assert max(life.cycles.values()) <= 26 * 7 // 42
        assert life.ends.keys() <= set(Ending)


BROKEN = {
    "a message after the end": "messages left after death or withdrawal was recorded",
    "a missed extra check": "extra checks were missed",
    "a message at night": "outside the hours of messages",
    "altered answers": "responses differ from what was sent",
    "left lying": "are neither answered nor missed",
    "overlap": "windows overlap",
    "two messages too many": "more than 2 messages",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_trial_in_which_something_is_broken_is_found_out(fault, folder, year, library, tmp_path):
    copy = tmp_path / "site.db"
    copy.write_bytes((folder / "site-1.db").read_bytes())
    database = connect(f"sqlite:///{copy}", durable=False)
    protocol, now = library.protocol("pump-it"), datetime(2027, 1, 5, tzinfo=UTC)
    with database.writing() as session:
        said = dict(session.exec(select(Response.assignment_id, Response.digest)).all())
        assert list(violations(Played(session, protocol, ZONE, now, said))) == []
        broken(session, fault, said)
        session.flush()
        found = list(violations(Played(session, protocol, ZONE, now, said)))
    database.engine.dispose()
    assert any(BROKEN[fault] in each for each in found), found


def broken(session, fault: str, said: dict[int, str]) -> None:
    """Do to the database what must never have happened."""
    sent = select(Delivery).where(Delivery.state == "sent", col(Delivery.patient_id).is_not(None))
    if fault == "a message after the end":
        gone = sent.join(Patient).where(Patient.status != "active")
        session.exec(gone).first().settled_at = datetime(2027, 1, 4, tzinfo=UTC)
    elif fault == "a message at night":
        session.exec(sent).first().settled_at = datetime(2026, 7, 1, 20, tzinfo=UTC)
    elif fault == "a missed extra check":
        session.exec(
            select(Assignment).where(Assignment.state == "missed")
        ).first().event = "HSC-PRN"
    elif fault == "altered answers":
        said[next(iter(said))] = "another"
    elif fault == "left lying":
        session.exec(
            select(Assignment).where(Assignment.state == "missed")
        ).first().state = "planned"
    elif fault == "overlap":
        checks = select(Assignment).where(
            Assignment.state == "missed", Assignment.instrument == "hsc"
        )
        rows = session.exec(checks.order_by(Assignment.patient_id)).all()
        most = Counter(row.patient_id for row in rows).most_common(1)[0][0]
        first, second = [
            row for row in rows if row.patient_id == most and row.event not in ("HSC-BASE",)
        ][:2]
        second.opens, second.closes = first.opens, first.closes
    else:
        patient_id = session.exec(select(MessageDecision.patient_id)).first()
        for row in session.exec(sent.where(Delivery.patient_id == patient_id).limit(3)).all():
            row.settled_at = datetime(2026, 12, 1, 9, tzinfo=UTC)


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "proms.cli", "simulate", *words], capture_output=True, text=True
    )


def test_the_command_prints_every_count_and_keeps_the_sites_when_asked(tmp_path: Path):
    out = tmp_path / "kept"
    run = command("--patients", "2", "--years", "0.1", "--out", str(out))
    assert run.returncode == 0, run.stderr
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert list(rows[0]) == [*CensusLine._fields, "count"]
    assert sum(int(row["count"]) for row in rows if row["what"] == "patients") == 2
    assert "s in all" in run.stderr
    assert sorted(path.name for path in out.glob("*.db")) == ["site-1.db", "site-2.db"]
    again = command("--patients", "2", "--years", "0.1", "--out", str(out))
    assert (again.returncode, again.stdout) == (2, "")
    assert "is not an empty folder" in again.stderr


def test_the_longest_simulation_ends_within_the_years_of_the_trial():
    protocol = load(HOME, stand_ins=True).protocol(SMALL.protocol)
    assert protocol.years.hold(FIRST_DAY + timedelta(days=Trial(1, MOST_YEARS, 1).days))


@pytest.mark.nightly
def test_the_whole_trial_runs_for_five_years(tmp_path: Path):
    run = command()
    print(run.stderr)
    assert run.returncode == 0, run.stderr
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert sum(int(row["count"]) for row in rows if row["what"] == "patients") == 306
