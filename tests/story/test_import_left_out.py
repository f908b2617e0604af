"""A file that is taken without the lines that are refused, each of them listed."""

import pytest
from sqlmodel import select

from proms.actions.audit import OPERATOR
from proms.actions.history_import import ImportFile, save_import
from proms.actions.rows_by_patient import UnsoundTable
from proms.content.history_table import read_table
from proms.db.tables import AuditEntry, CycleVersion, Patient
from tests.clinic import KEYRING
from tests.story.test_import import anna, cycle, due, file, imports, installation, looks, run

__all__ = ["anna", "installation"]  # fixtures of the other stories of imports


def test_the_operator_takes_a_file_without_the_lines_that_are_refused(clinic, anna, installation):
    rows = file(
        cycle("1234567", 3, planned="2026-03-12"), cycle("1234567", 1, planned="2026-01-12")
    )
    saved = run("-", "--site", "AMS", "--without-refused", given=rows)
    assert saved.exit_code == 3
    assert saved.stderr == ("left out: line 2: systemic cycle 3 is recorded, but cycle 2 is not\n")
    assert "1 new, 0 corrected, 1 lines left out, saved." in saved.stdout
    assert due(clinic, anna, "HSC-SYST-D1", 1) == "2026-01-12"


def test_the_file_is_taken_without_the_lines_that_are_refused_if_that_is_said(clinic, anna):
    clinic.today("2026-02-20")
    bert = clinic.enrols("Bert")
    clinic.randomises(bert, "A", "2026-02-20")
    clinic.chooses(bert, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-19")
    clinic.dies(anna, "2026-02-01")
    lines = [
        cycle(anna, 2, day_1="2026-01-30"),
        cycle(anna, 3, day_1="2026-02-13"),
        cycle(bert, 1, day_1="2026-02-20"),
        cycle("nobody", 1, day_1="2026-02-20"),
    ]
    with pytest.raises(UnsoundTable) as refused:
        imports(clinic, *lines, reason="apotheek")
    assert [fault.line for fault in refused.value.faults] == [3, 5]
    seen = looks(clinic, *lines, reason="apotheek", without_refused=True)
    saved = imports(clinic, *lines, reason="apotheek", without_refused=True)
    assert saved.left_out == seen.left_out == (3, 5)
    with clinic.database.reading() as session:
        given = session.exec(select(CycleVersion).where(CycleVersion.status == "given")).all()
        assert sorted((row.patient_id, row.number) for row in given) == [
            (anna.id, 1),
            (anna.id, 2),
            (bert.id, 1),
        ]
        entry = session.exec(select(AuditEntry).where(AuditEntry.verb == "import.saved")).one()
        assert entry.detail["left_out"] == [3, 5]
        assert session.get_one(Patient, anna.id).status == "died"
    again = imports(clinic, *lines, reason="apotheek", without_refused=True)
    assert (again.news, again.left_out) == ((), (3, 5))


def test_a_file_that_does_not_read_is_never_taken_in_part(clinic, anna):
    raw = file(cycle(anna, 1, day_1="2026-01-19"), '"' + cycle(anna, 2, day_1="2026-02-02"))
    wanted = ImportFile(read_table(raw), clinic.site.id, "x", without_refused=True)
    with clinic.database.writing() as session, pytest.raises(UnsoundTable):
        save_import(session, clinic.library, KEYRING, wanted, by=OPERATOR, now=clinic.now)
