"""FOLFOX becomes FOLFIRI: what was given before keeps its name wherever it is read."""

from datetime import date

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import select

from proms.content.history_table import read_table
from proms.db.migrate import configuration, upgrade
from proms.db.queries.history import history_of
from proms.db.tables import CycleVersion
from proms.domain.schedule import Cycle, CycleStatus
from proms.domain.schedule.history_entry import CycleRecorded
from tests.desk import Desk

FOLFOX = ("folinic_acid", "fluorouracil", "oxaliplatin")


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna")
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    for number, on in enumerate(["2026-01-12", "2026-01-26"], start=1):
        clinic.today(on)
        day = date.fromisoformat(on)
        cycle = Cycle("systemic", number, day, day, CycleStatus.GIVEN, FOLFOX)
        clinic.records(anna, CycleRecorded(cycle))
    return anna


def regimens(clinic, patient):
    with clinic.database.reading() as session:
        history = history_of(session, patient)
        return [history.regimen_of(cycle) for cycle in history.cycles_of("systemic")]


def test_a_switch_needs_no_reason_and_the_calendar_keeps_the_old_names(clinic, app, anna):
    clinic.today("2026-02-02")
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}/calendar?form=regimen")
    mo.presses("Toon wat er verandert", regimen="folfiri")
    assert "Klopt dit?" not in mo.text
    mo.presses("Opslaan")
    assert "FOLFOX 2" in mo.text
    assert "FOLFIRI 3" in mo.text
    assert "FOLFOX 2 dag 8" in mo.text
    assert regimens(clinic, anna) == ["folfox", "folfox"]


@pytest.mark.parametrize("page", ["", "/calendar"])
def test_the_bars_of_a_switched_component_say_what_each_cycle_was(clinic, app, anna, page):
    clinic.today("2026-02-02")
    clinic.chooses(anna, "systemic", "folfiri")
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}{page}")
    assert "Systemische therapie: FOLFOX, FOLFIRI" in mo.text
    assert "FOLFOX 2 gegeven, dag 1 26 jan 2026" in mo.text
    assert "FOLFIRI 3 gepland, dag 1 9 feb 2026" in mo.text


def test_a_late_entry_says_which_regimen_it_was_given_under(clinic, app, anna):
    clinic.today("2026-02-10")
    clinic.chooses(anna, "systemic", "folfiri")
    mo = Desk(app, clinic, clinic.mo).opens(
        f"/staff/patients/{anna.code}/calendar?form=given&component=systemic&number=3"
    )
    mo.presses("Toon wat er verandert", day_1="2026-02-09", regimen="folfox")
    assert "FOLFOX 3" in mo.text
    mo.presses("Opslaan", reason="met irinotecan begonnen")
    assert regimens(clinic, anna) == ["folfox", "folfox", "folfox"]


def test_a_table_says_of_a_cycle_what_it_was_given_under():
    raw = (
        b"patient,what,kind,number,day_1,regimen\n"
        b"K7M2QX,cycle,systemic,1,2026-01-12,folfox\n"
        b"K7M2QX,milestone,panel,1,,folfox\n"
    )
    table = read_table(raw)
    assert table.rows[0].regimen == "folfox"
    assert [(fault.line, fault.column) for fault in table.faults] == [(3, "regimen")]


def test_the_migration_gives_every_cycle_the_regimen_of_its_day(clinic, database_url, anna):
    clinic.today("2026-02-02")
    clinic.chooses(anna, "systemic", "folfiri")
    clinic.today("2026-02-09")
    clinic.gives_cycle(anna, "systemic", 3, "2026-02-09")
    clinic.plans_cycle(anna, "systemic", 4, "2026-02-23")
    day = date(2026, 1, 13)
    moved = Cycle("systemic", 1, day, day, CycleStatus.GIVEN, FOLFOX)
    clinic.records(anna, CycleRecorded(moved), "verkeerd overgenomen")
    wanted = _rows(clinic)
    assert wanted == [
        (1, 1, "folfox"),
        (1, 2, "folfox"),
        (2, 1, "folfox"),
        (3, 1, "folfiri"),
        (4, 1, None),
    ]
    with clinic.database.engine.execution_options(write=True).begin() as connection:
        alembic = configuration(connection)
        before = ScriptDirectory.from_config(alembic).get_revision("0013").down_revision
        command.downgrade(alembic, before)
    upgrade(database_url)
    assert _rows(clinic) == wanted
    with (
        pytest.raises(Exception, match="append-only"),
        clinic.database.engine.execution_options(write=True).begin() as connection,
    ):
        connection.execute(text("UPDATE cycle SET regimen = 'capox'"))


def _rows(clinic):
    with clinic.database.reading() as session:
        rows = session.exec(select(CycleVersion)).all()
        return sorted(
            ((row.number, row.version, row.regimen) for row in rows), key=lambda row: row[:2]
        )
