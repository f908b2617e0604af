"""`proms export`: what the operator pulls at the command line."""

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from proms.cli import main
from proms.db.tables import AuditEntry
from tests.clinic import Clinic


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["export", *words])


def test_without_a_database_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    refused = run("scores")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "DATABASE_URL" in refused.stderr


def test_the_codebook_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    told = run("codebook")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.startswith("column,meaning,type,values,source")
    assert "below 83" in told.stdout


def test_the_operator_gets_every_site_and_is_on_record(
    clinic: Clinic, installation: None, tmp_path: Path
) -> None:
    clinic.today("2026-03-02")
    anna = clinic.enrols("Anna")
    clinic.answers(anna, "qlq-c30")
    printed = run("scores")
    assert (printed.exit_code, printed.stderr) == (0, "")
    assert printed.stdout_bytes.count(anna.code.encode()) == 1
    file = tmp_path / "scores.csv"
    assert run("scores", "--out", str(file)).exit_code == 0
    assert file.read_bytes() == printed.stdout_bytes
    with clinic.database.reading() as session:
        noted = session.exec(select(AuditEntry).where(AuditEntry.verb == "export.finished")).all()
    fingerprint = hashlib.sha256(file.read_bytes()).hexdigest()
    assert [(each.actor, each.detail["sha256"]) for each in noted] == [
        ("operator", fingerprint)
    ] * 2
