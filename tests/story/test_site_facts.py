"""What a site decides for itself has versions: dated, with who and why; rules read it as it is on
the day of the answers."""

import shutil

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from proms.cli import main
from proms.content import load
from proms.content.source import UnsoundContent
from proms.db.tables import AuditEntry, Evaluation, SiteFact
from proms.settings import HOME


@pytest.fixture
def site(installation, clinic):
    def command(*words: str):
        return CliRunner().invoke(main, ["site", *words])

    return command


def judged(clinic, patient, day, **answers) -> tuple[str, list[str]]:
    """The limit that was read on a day, and the rules that were met."""
    clinic.today(day, "12:00")
    clinic.answers(patient, **answers)
    with clinic.database.reading() as session:
        row = session.exec(select(Evaluation).order_by(col(Evaluation.id).desc())).first()
    return row.facts["fever_limit"], [breach["rule"] for breach in row.breaches]


def test_a_rule_reads_the_limit_of_the_day_and_what_was_judged_before_stays(clinic, site):
    clinic.today("2026-01-05", "09:00")
    anna, bert, carla = (clinic.enrols(name) for name in ("Anna", "Bert", "Carla"))
    assert judged(clinic, anna, "2026-01-05", TEMP=3, RUQP=2) == ("38.0", ["C1"])
    done = site("fact", "AMS", "fever_limit", "38.5", "--from", "2026-01-07", "--reason", "board")
    assert done.output == "AMS: fever_limit is 38.5 from 2026-01-07 on.\n"
    assert judged(clinic, bert, "2026-01-06", TEMP=3, RUQP=2) == ("38.0", ["C1"])
    assert judged(clinic, carla, "2026-01-07", TEMP=3, RUQP=2) == ("38.5", ["F3"])
    with clinic.database.reading() as session:
        facts = session.exec(select(Evaluation.facts).order_by(col(Evaluation.id))).all()
        entry = session.exec(
            select(AuditEntry).where(AuditEntry.verb == "site.fact_recorded")
        ).one()
    assert [known["fever_limit"] for known in facts] == ["38.0", "38.0", "38.5"]
    assert (entry.actor, entry.reason) == ("operator", "board")
    assert entry.detail == {"fact": "fever_limit", "since": "2026-01-07", "value": "38.5"}


def test_what_was_recorded_wrongly_is_put_right_or_taken_back_and_stays_on_record(clinic, site):
    for words in (
        ("38.5", "--from", "2026-01-01", "--reason", "board"),
        ("38.0", "--from", "2026-01-01", "--reason", "mistyped"),
        ("38.5", "--from", "2026-01-03", "--reason", "board again"),
        ("--take-back", "--from", "2026-01-03", "--reason", "not decided after all"),
    ):
        assert site("fact", "AMS", "fever_limit", *words).exit_code == 0
    clinic.today("2026-01-05", "09:00")
    assert judged(clinic, clinic.enrols(), "2026-01-05", TEMP=3)[0] == "38.0"
    listed = site("facts", "AMS").output.splitlines()
    assert [line.split(",")[:4] for line in listed[1:]] == [
        ["fever_limit", "2026-01-01", "38.5", "board"],
        ["fever_limit", "2026-01-01", "38.0", "mistyped"],
        ["fever_limit", "2026-01-03", "38.5", "board again"],
        ["fever_limit", "2026-01-03", "", "not decided after all"],
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("AMS", "fever_limit", "39", "--from", "2026-01-01", "--reason", "x"), "not one of"),
        (("AMS", "beard", "39", "--from", "2026-01-01", "--reason", "x"), "is nothing a site"),
        (
            ("ZZZ", "fever_limit", "38.5", "--from", "2026-01-01", "--reason", "x"),
            "no site with the code ZZZ.",
        ),
        (("AMS", "fever_limit", "38.5", "--from", "soon", "--reason", "x"), "soon"),
        (("AMS", "fever_limit", "38.5", "--from", "2026-01-01", "--reason", " "), "reason"),
        (("AMS", "fever_limit", "38.0", "--from", "2026-01-01", "--reason", "x"), "already"),
        (("AMS", "fever_limit", "--from", "2026-01-01", "--reason", "x"), "--take-back"),
        (
            ("AMS", "fever_limit", "--take-back", "--from", "2026-01-01", "--reason", "x"),
            "Nothing is on record",
        ),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_a_sentence(clinic, site, words, sentence):
    refused = site("fact", *words)
    assert refused.exit_code != 0
    assert sentence in refused.output
    with clinic.database.reading() as session:
        assert not session.exec(select(SiteFact)).all()


def test_a_rule_that_asks_for_a_value_no_site_can_have_is_refused_by_file_and_line(tmp_path):
    for part in ("instruments", "protocols"):
        shutil.copytree(HOME / part, tmp_path / part)
    path = tmp_path / "instruments/hsc/0.2/rules/0.2.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('fever_limit, is: "38.5"', 'fever_limit, is: "39.0"'), "utf-8")
    with pytest.raises(UnsoundContent, match=r"0\.2\.yaml:\d+.*fever_limit"):
        load(tmp_path)
