"""An operator scores what is stored again: under a new scoring version, with the old values
kept."""

import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner
from sqlmodel import col, func, select

from proms.actions import scores
from proms.actions.audit import OPERATOR
from proms.actions.exports import export_scores
from proms.actions.scores import rescore
from proms.cli import main
from proms.db.queries.patient_page import responses_of
from proms.db.tables import AuditEntry, OperatorWarning, Patient, Response, Score
from tests.clinic import Clinic
from tests.earlier import leaves_copies, only_response, scores_of

PF2_BEFORE = 93.33333333333331  # an earlier release, which added up in another order
PF2_NOW = 100 * (1 - (6 / 5 - 1) / 3)  # items 2, 1, 1, 1, 1


@pytest.fixture
def first(clinic: Clinic, anna: Patient) -> Response:
    """Anna answered the questionnaire: it was scored when she did, under the current version."""
    clinic.answers(anna, "qlq-c30", q1=2)
    return only_response(clinic)


def run(*words: str) -> list[dict[str, str]]:
    """The table that `proms rescore` prints."""
    told = CliRunner().invoke(main, ["rescore", *words])
    assert told.exit_code == 0, told.stderr
    return list(csv.DictReader(io.StringIO(told.stdout)))


def rescored(clinic: Clinic) -> list[dict[str, int]]:
    """What each batch wrote, as it is on record."""
    with clinic.database.reading() as session:
        entries = session.exec(
            select(AuditEntry).where(AuditEntry.verb == "scores.rescored").order_by(AuditEntry.id)
        )
        return [entry.detail for entry in entries]


def count(clinic: Clinic, table: type) -> int:
    with clinic.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def as_before(clinic: Clinic, first: Response) -> dict[str, tuple[float | None, int]]:
    """The scores of an earlier release: PF2 another in its last digits, a scale we dropped, one we
    did not have yet."""
    before = scores_of(clinic, first.id, "1") | {"PF2": (PF2_BEFORE, 5), "OLD": (50.0, 2)}
    del before["FI"]
    return before


def test_what_a_new_scoring_version_changes_is_told_to_the_last_digit_and_the_old_values_stay(
    clinic: Clinic, installation: None, first: Response
) -> None:
    before = as_before(clinic, first)
    (old,) = leaves_copies(clinic, first.id, before, version="0")
    told = run()
    assert list(told[0]) == [
        *(
            "response",
            "scale",
            "old_scoring_version",
            "old_value",
            "new_value",
            "old_answered",
            "new_answered",
        )
    ]
    assert [tuple(row.values()) for row in told] == [
        (str(old), "PF2", "0", "93.33333333333331", repr(PF2_NOW), "5", "5"),
        (str(old), "FI", "0", "", "0.0", "", "1"),
        (str(old), "OLD", "0", "50.0", "", "2", ""),
    ]
    assert scores_of(clinic, old, "0") == before
    assert scores_of(clinic, old, "1") == scores_of(clinic, first.id, "1")
    assert [(each["scores"], each["scoring_version"]) for each in rescored(clinic)] == [(16, "1")]
    assert count(clinic, OperatorWarning) == 0


def test_a_second_run_writes_nothing_and_tells_the_same(
    clinic: Clinic, installation: None, first: Response
) -> None:
    leaves_copies(clinic, first.id, as_before(clinic, first), version="0")
    told, held, on_record = run(), count(clinic, Score), count(clinic, AuditEntry)
    assert run() == told
    assert (count(clinic, Score), count(clinic, AuditEntry)) == (held, on_record)


def test_a_dry_run_tells_the_same_and_writes_nothing(
    clinic: Clinic, installation: None, first: Response
) -> None:
    leaves_copies(clinic, first.id, as_before(clinic, first), version="0")
    held, on_record = count(clinic, Score), count(clinic, AuditEntry)
    told = run("--dry-run")
    assert (count(clinic, Score), count(clinic, AuditEntry)) == (held, on_record)
    assert run() == told != []


def test_where_nothing_differs_only_the_header_is_printed(
    clinic: Clinic, installation: None, first: Response
) -> None:
    (old,) = leaves_copies(clinic, first.id, scores_of(clinic, first.id, "1"), version="0")
    assert run() == []
    assert scores_of(clinic, old, "1") == scores_of(clinic, first.id, "1")


def test_a_response_that_was_never_scored_is_scored(
    clinic: Clinic, installation: None, first: Response
) -> None:
    (bare,) = leaves_copies(clinic, first.id, {}, version="0")
    told = run()
    assert {(row["response"], row["old_scoring_version"], row["old_value"]) for row in told} == {
        (str(bare), "", "")
    }
    assert scores_of(clinic, bare, "1") == scores_of(clinic, first.id, "1")


def test_of_several_earlier_versions_the_last_is_the_one_before(
    clinic: Clinic, installation: None, first: Response
) -> None:
    (old,) = leaves_copies(clinic, first.id, {"PF2": (1.0, 5)}, version="0.9")
    with clinic.database.writing() as session:
        session.add(
            Score(response_id=old, scale="PF2", scoring_version="0.10", value=2.0, answered=5)
        )
        session.commit()
    (row,) = [row for row in run() if row["scale"] == "PF2"]
    assert (row["old_scoring_version"], row["old_value"]) == ("0.10", "2.0")


def test_what_stands_wrong_under_the_current_version_is_told_left_alone_and_the_operator_is_warned(
    clinic: Clinic, installation: None, first: Response
) -> None:
    wrong = scores_of(clinic, first.id, "1") | {
        "PF2": (PF2_BEFORE, 5),
        "FA": (0.0, 2),
        "ZZ": (1.0, 1),
    }
    (tampered,) = leaves_copies(clinic, first.id, wrong, version="1")
    assert [tuple(row.values())[1:] for row in run("--dry-run")] == [
        ("PF2", "1", "93.33333333333331", repr(PF2_NOW), "5", "5"),
        ("FA", "1", "0.0", "0.0", "2", "3"),
        ("ZZ", "1", "1.0", "", "1", ""),
    ]
    assert count(clinic, OperatorWarning) == 0
    assert run() == run("--dry-run")
    assert scores_of(clinic, tampered, "1") == wrong
    with clinic.database.reading() as session:
        warning = session.exec(select(OperatorWarning)).one()
    assert (warning.what, warning.count, warning.responses) == ("scores_differ", 3, [tampered])
    assert rescored(clinic) == []


def test_a_run_that_was_broken_off_goes_on_when_it_is_started_again(
    clinic: Clinic, first: Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "BATCH", 4)
    old = leaves_copies(clinic, first.id, as_before(clinic, first), version="0", times=10)

    def told() -> list[tuple[int, str]]:
        return [(each.response_id, each.difference.scale) for each in started()]

    def started():  # type: ignore[no-untyped-def]
        return rescore(clinic.database, clinic.library, by=OPERATOR, now=clinic.now)

    broken_off = started()
    for _ in range(5):  # the first batch holds the response of today and three of these
        next(broken_off)
    broken_off.close()
    half = [id for id in old if scores_of(clinic, id, "1")]
    assert half == old[:3]
    assert told() == [(id, scale) for id in old for scale in ("PF2", "FI", "OLD")]
    assert all(scores_of(clinic, id, "1") == scores_of(clinic, first.id, "1") for id in old)
    assert [each["scores"] for each in rescored(clinic)] == [3 * 16, 4 * 16, 3 * 16]


@pytest.mark.both_engines
def test_two_runs_at_once_and_a_patient_who_submits_do_not_get_in_each_others_way(
    clinic: Clinic, first: Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "BATCH", 10)
    old = leaves_copies(clinic, first.id, as_before(clinic, first), version="0", times=200)
    bert = clinic.enrols("Bert", hospital_number="1")

    def told() -> list[tuple[int, str, str]]:
        found = rescore(clinic.database, clinic.library, by=OPERATOR, now=clinic.now)
        return [(each.response_id, each.version, each.difference.scale) for each in found]

    with ThreadPoolExecutor(3) as threads:
        runs = [threads.submit(told), threads.submit(told)]
        receipt = threads.submit(clinic.answers, bert, "qlq-c30").result()
        one, other = [run.result() for run in runs]
    assert receipt.code
    assert one == other == [(id, "0", scale) for id in old for scale in ("PF2", "FI", "OLD")]
    assert sum(each["scores"] for each in rescored(clinic)) == 200 * 16
    with clinic.database.reading() as session:
        wanted = select(func.count()).where(
            Score.scoring_version == "1", col(Score.response_id).in_(old)
        )
        assert session.exec(wanted).one() == 200 * 16


@pytest.mark.both_engines
def test_two_runs_at_once_that_find_the_same_wrong_scores_warn_once(
    clinic: Clinic, first: Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = leaves_copies(clinic, first.id, {"PF2": (PF2_BEFORE, 5)}, version="1", times=30)
    monkeypatch.setattr(scores, "BATCH", 1000)
    wrote = threading.Event()
    warn = scores.warn

    def warn_and_wait(*args: Any, **more: Any) -> None:
        """The first to warn has written and not committed, until the second had time to look."""
        warn(*args, **more)
        if not wrote.is_set():
            wrote.set()
            sleep(0.5)

    monkeypatch.setattr(scores, "warn", warn_and_wait)

    def told() -> int:
        return len(list(rescore(clinic.database, clinic.library, by=OPERATOR, now=clinic.now)))

    with ThreadPoolExecutor(2) as threads:
        one, other = (run.result() for run in [threads.submit(told), threads.submit(told)])
    assert one >= 30
    with clinic.database.reading() as session:
        warning = session.exec(select(OperatorWarning)).one()
    assert set(old) <= set(warning.responses)
    assert other >= 30


def test_the_old_version_of_an_instrument_that_is_not_installed_stops_the_run_in_one_clear_line(
    clinic: Clinic, installation: None, first: Response
) -> None:
    leaves_copies(clinic, first.id, {}, version="0", instrument_version="2.0")
    told = CliRunner().invoke(main, ["rescore"])
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
    assert "qlq-c30 2.0, which is not installed" in told.stderr


def test_pages_and_exports_show_the_newest_scoring_and_no_scale_that_it_dropped(
    clinic: Clinic, anna: Patient, first: Response
) -> None:
    (old,) = leaves_copies(clinic, first.id, {"PF2": (PF2_BEFORE, 5), "FI": (33.0, 1)}, version="9")
    with clinic.database.writing() as session:
        session.add(
            Score(response_id=old, scale="PF2", scoring_version="10", value=12.5, answered=5)
        )
        session.commit()
    with clinic.database.reading() as session:
        (given,) = responses_of(session, session.get_one(Patient, anna.id))
    assert given.scores == {"PF2": 12.5}
    file = "".join(
        export_scores(clinic.database, clinic.library, by=OPERATOR, site_id=None, now=clinic.now)
    )
    row = next(row for row in csv.DictReader(io.StringIO(file)) if row["response_version"] == "2")
    assert (row["scoring_version"], row["PF2"], row["FI"]) == ("10", "12.5", "")
