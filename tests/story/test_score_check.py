"""Every night some scores are worked out again; what does not add up troubles everybody until an
operator closes it."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from proms import logs
from proms.actions.scores import check_scores
from proms.cli import main
from proms.content import Library
from proms.db.session import connect
from proms.db.tables import AuditEntry, OperatorWarning, Patient, Response
from proms.domain.person import Role
from tests.clinic import Clinic
from tests.desk import Desk, stranger
from tests.earlier import leaves_copies, only_response, scores_of

DUTCH = "De computer heeft scores gevonden die niet kloppen. Bel de technisch beheerder."
ENGLISH = "The computer found scores that do not add up. Call the operator."


@pytest.fixture
def first(clinic: Clinic, anna: Patient) -> Response:
    clinic.answers(anna, "qlq-c30")
    return only_response(clinic)


@pytest.fixture
def tampered(clinic: Clinic, first: Response) -> int:
    """A response one of whose stored scores was never worked out from its answers: off by the last
    digit."""
    wrong = scores_of(clinic, first.id, "1") | {"PF2": (99.99999999999999, 5)}
    (id,) = leaves_copies(clinic, first.id, wrong, version="1")
    return id


def proms(*words: str) -> list[dict[str, str]]:
    told = CliRunner().invoke(main, [*words])
    assert told.exit_code == 0, told.stderr
    return list(csv.DictReader(io.StringIO(told.stdout)))


def checks(clinic: Clinic) -> list[dict[str, object]]:
    with clinic.database.reading() as session:
        entries = session.exec(
            select(AuditEntry).where(AuditEntry.verb == "scores.checked").order_by(AuditEntry.id)
        )
        return [entry.detail for entry in entries]


def warnings(clinic: Clinic) -> list[tuple[str, int, list[int]]]:
    with clinic.database.reading() as session:
        return [
            (each.what, each.count, each.responses)
            for each in session.exec(select(OperatorWarning))
        ]


def test_a_night_without_a_difference_warns_nobody(clinic: Clinic, first: Response) -> None:
    clinic.today("2026-01-06", "03:00")
    assert checks(clinic)[-1] == {"responses": 1, "differing": 0, "scoring_version": "1"}
    assert warnings(clinic) == []


def test_scores_are_checked_once_a_night_however_often_the_worker_looks(
    clinic: Clinic, first: Response
) -> None:
    before = len(checks(clinic))
    for moment in ("03:00", "03:10", "09:00", "23:59"):
        clinic.today("2026-01-06", moment)
    assert len(checks(clinic)) == before + 1
    clinic.today("2026-01-07", "01:59")
    assert len(checks(clinic)) == before + 1
    clinic.today("2026-01-07", "02:00")
    assert len(checks(clinic)) == before + 2


@pytest.mark.both_engines
def test_of_two_workers_one_does_the_check(clinic: Clinic, first: Response) -> None:
    before, night = len(checks(clinic)), clinic.now + timedelta(days=1)

    def check(_: int) -> int:
        with clinic.database.writing() as session:
            return check_scores(session, clinic.library, dice=Random(1), now=night)

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(check, range(4))) == [0, 0, 0, 1]
    assert len(checks(clinic)) == before + 1


def test_a_check_that_breaks_down_is_done_by_the_next_worker(
    clinic: Clinic, first: Response
) -> None:
    night = clinic.now + timedelta(days=1)

    class Broken(Random):
        def randint(self, a: int, b: int) -> int:
            raise ZeroDivisionError

    with clinic.database.writing() as session, pytest.raises(ZeroDivisionError):
        check_scores(session, clinic.library, dice=Broken(), now=night)
    with clinic.database.writing() as session:
        assert check_scores(session, clinic.library, dice=Random(1), now=night) == 1


@pytest.mark.parametrize(
    ("scale", "stored"),
    [("PF2", (99.99999999999999, 5)), ("PF2", (100.0, 4)), ("PF2", (None, 5)), ("ZZ", (0.0, 1))],
)
def test_a_score_that_is_off_by_its_last_digit_or_its_count_is_found(
    clinic: Clinic, first: Response, scale: str, stored: tuple[float | None, int]
) -> None:
    (tampered,) = leaves_copies(
        clinic, first.id, scores_of(clinic, first.id, "1") | {scale: stored}, version="1"
    )
    clinic.today("2026-01-06", "03:00")
    assert warnings(clinic) == [("scores_differ", 1, [tampered])]
    assert checks(clinic)[-1] == {"responses": 2, "differing": 1, "scoring_version": "1"}


def test_a_score_that_is_gone_is_found(clinic: Clinic, first: Response) -> None:
    held = scores_of(clinic, first.id, "1")
    del held["C30SUM"]
    (tampered,) = leaves_copies(clinic, first.id, held, version="1")
    clinic.today("2026-01-06", "03:00")
    assert warnings(clinic) == [("scores_differ", 1, [tampered])]


def test_what_an_earlier_version_scored_is_left_to_a_rescoring(
    clinic: Clinic, first: Response
) -> None:
    leaves_copies(clinic, first.id, {"PF2": (1.0, 5)}, version="0", times=3)
    clinic.today("2026-01-06", "03:00")
    assert checks(clinic)[-1]["responses"] == 1
    assert warnings(clinic) == []


def test_every_page_of_every_site_says_so_in_both_languages_until_an_operator_closes_it(
    clinic: Clinic, app: Flask, installation: None, tampered: int
) -> None:
    clinic.today("2026-01-06", "03:00")
    people = [clinic.els, clinic.mo, clinic.kim, clinic.ad, stranger(clinic, Role.NURSE)]
    desks = [Desk(app, clinic, person) for person in people]
    for desk in desks:
        assert f"{DUTCH} Gevonden: " in desk.text
        assert f"{ENGLISH} Found: " in desk.opens("/language/en?back=/staff/").text
    (warning,) = proms("warnings", "list")
    assert {key: warning[key] for key in ("number", "what", "count", "responses")} == {
        "number": "1",
        "what": "scores_differ",
        "count": "1",
        "responses": str(tampered),
    }
    proms("warnings", "close", "1", "--reason", "Row 2 was restored wrongly; ticket 31.")
    assert proms("warnings", "list") == []
    for desk in desks:
        assert ENGLISH not in desk.opens("/staff/").text
    with clinic.database.reading() as session:
        closed = session.exec(select(AuditEntry).where(AuditEntry.verb == "warning.closed")).one()
    assert (closed.actor, closed.subject_id) == ("operator", 1)
    assert closed.reason == "Row 2 was restored wrongly; ticket 31."


def test_what_is_found_again_is_not_counted_again_until_it_was_closed(
    clinic: Clinic, installation: None, tampered: int
) -> None:
    for day in ("2026-01-06", "2026-01-07", "2026-01-08"):
        clinic.today(day, "03:00")
    assert warnings(clinic) == [("scores_differ", 1, [tampered])]
    proms("rescore")
    assert len(warnings(clinic)) == 1
    proms("warnings", "close", "1", "--reason", "Known.")
    clinic.today("2026-01-09", "03:00")
    assert warnings(clinic) == [("scores_differ", 1, [tampered])] * 2


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["7", "--reason", "Known."], "There is no open warning 7."),
        (["1", "--reason", " "], "Say what was found and done about it."),
    ],
)
def test_a_warning_that_is_not_open_or_without_a_reason_is_not_closed(
    clinic: Clinic, installation: None, tampered: int, words: list[str], line: str
) -> None:
    clinic.today("2026-01-06", "03:00")
    told = CliRunner().invoke(main, ["warnings", "close", *words])
    assert (told.exit_code, told.stderr) == (2, f"proms: {line}\n")
    assert len(proms("warnings", "list")) == 1


def test_the_log_holds_an_error_with_counts_and_nobodys_code(
    clinic: Clinic, anna: Patient, tampered: int, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    clinic.today("2026-01-06", "03:00")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    (error,) = [line for line in lines if line["level"] == "error"]
    assert {key: error[key] for key in ("event", "what", "count", "responses")} == {
        "event": "warning",
        "what": "scores_differ",
        "count": 1,
        "responses": 1,
    }
    assert anna.code not in json.dumps(lines)


@pytest.mark.parametrize("table", ["score_check", "operator_warning", "warning_closed"])
def test_nights_and_warnings_cannot_be_wiped_away(
    clinic: Clinic, installation: None, tampered: int, table: str
) -> None:
    clinic.today("2026-01-06", "03:00")
    proms("warnings", "close", "1", "--reason", "Known.")
    column = {"score_check": "night", "operator_warning": "id", "warning_closed": "warning_id"}[
        table
    ]
    for act in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
        with (
            clinic.database.engine.connect() as connection,
            pytest.raises(DBAPIError, match="append-only"),
        ):
            connection.execute(text(act))


def test_a_night_costs_the_same_however_many_scores_there_are(
    sqlite_database_url: str, library: Library
) -> None:
    clinic = Clinic(connect(sqlite_database_url), library)
    clinic.today("2026-01-05")
    clinic.answers(clinic.enrols(), "qlq-c30")
    first = only_response(clinic)
    costs = []
    for copies, moment in ((500, "2026-01-06"), (4_500, "2026-01-07")):
        leaves_copies(clinic, first.id, scores_of(clinic, first.id, "1"), version="1", times=copies)
        costs.append(steps_of_a_check(clinic, datetime.fromisoformat(f"{moment}T03:00Z")))
    clinic.database.engine.dispose()
    assert costs[1] < 1.5 * costs[0]


def steps_of_a_check(clinic: Clinic, night: datetime) -> int:
    """What a check costs, in steps of the database's engine."""
    steps: list[int] = []
    with clinic.database.writing() as session:
        held = session.connection().connection.driver_connection
        held.set_progress_handler(lambda: steps.append(1), 100)
        assert check_scores(session, clinic.library, dice=Random(1), now=night) > 100
        held.set_progress_handler(None, 0)
    return len(steps)
