"""A laboratory's file: looked at, saved as a whole or not at all, and only once."""

from base64 import b64encode
from io import BytesIO

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from proms.actions.audit import OPERATOR
from proms.actions.lab_import import LabFile, preview_lab_import, save_lab_import
from proms.actions.refusals import HistoryChanged
from proms.actions.rows_by_patient import UnsoundTable
from proms.cli import main
from proms.content.lab_table import read_lab_table
from proms.db.tables import AuditEntry, LabVersion
from tests.clinic import KEYRING
from tests.desk import Desk
from tests.labs import lab_file


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    patient = clinic.enrols("Anna", hospital_number="1234567")
    clinic.today("2026-03-09")
    return patient


def sheet(clinic, *lines, reason=None):
    return LabFile(read_lab_table(lab_file(*lines)), clinic.site.id, reason)


def imports(clinic, *lines, reason=None, seen=None):
    with clinic.database.writing() as session:
        return save_lab_import(
            session,
            clinic.library,
            KEYRING,
            sheet(clinic, *lines, reason=reason),
            seen=seen,
            by=OPERATOR,
            now=clinic.now,
        )


def looks(clinic, *lines):
    with clinic.database.reading() as session:
        return preview_lab_import(
            session, clinic.library, KEYRING, sheet(clinic, *lines), now=clinic.now
        )


def kept(clinic):
    with clinic.database.reading() as session:
        rows = session.exec(select(LabVersion).order_by(col(LabVersion.id)))
        return [
            (row.test, row.taken_on.isoformat(), row.version, row.value, row.reason) for row in rows
        ]


ALP = "1234567;2026-03-02;alp;88.5;U/L;120;"
AST = "1234567;2026-03-02;ast;31;U/L;40;"


def test_a_file_is_saved_once_under_hospital_number_and_study_code(clinic, anna):
    found = imports(clinic, ALP, f"{anna.code};2026-03-02;bilirubin;9;umol/L;20;")
    assert found.counts() == {"rows": 2, "patients": 1, "new": 2, "corrected": 0}
    assert imports(clinic, ALP).counts()["new"] == 0
    assert kept(clinic) == [
        ("alp", "2026-03-02", 1, 88.5, None),
        ("bilirubin", "2026-03-02", 1, 9, None),
    ]
    with clinic.database.reading() as session:
        verbs = session.exec(select(AuditEntry.verb).where(col(AuditEntry.verb).contains("labs")))
        assert sorted(verbs) == ["import.labs_saved", "labs.imported"]


def test_one_line_that_does_not_fit_and_nothing_of_the_file_is_saved(clinic, anna):
    with pytest.raises(UnsoundTable) as refused:
        imports(
            clinic,
            ALP,
            "1234567;2026-03-02;ast;31,5;U/L;40;",
            "1234567;2026-03-02;bilirubin;1.1;mg/dL;20;",
            "7777777;2026-03-02;alt;30;U/L;;",
        )
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (3, "value"),
        (4, "unit"),
        (5, "patient"),
        (5, "uln"),
    ]
    assert kept(clinic) == []


def test_another_value_of_the_same_day_is_a_correction_with_its_reason(clinic, anna):
    imports(clinic, ALP, AST)
    changed = "1234567;2026-03-02;alp;98.5;U/L;120;"
    with pytest.raises(UnsoundTable):
        imports(clinic, changed)
    found = imports(clinic, changed, AST, reason="lab sent it again")
    assert (found.counts()["new"], found.counts()["corrected"]) == (0, 1)
    assert kept(clinic)[-1] == ("alp", "2026-03-02", 2, 98.5, "lab sent it again")
    assert len(kept(clinic)) == 3


def test_what_was_saved_since_the_preview_stops_the_file(clinic, anna):
    seen = looks(clinic, ALP).seen
    imports(clinic, AST)
    with pytest.raises(HistoryChanged):
        imports(clinic, ALP, seen=seen)
    imports(clinic, ALP, seen=looks(clinic, ALP).seen)
    assert len(kept(clinic)) == 2


def test_a_patient_of_another_site_is_as_absent_as_none(clinic, anna):
    foreign = LabFile(read_lab_table(lab_file(ALP)), clinic.site.id + 1)
    with clinic.database.reading() as session:
        found = preview_lab_import(session, clinic.library, KEYRING, foreign, now=clinic.now)
    assert [str(fault) for fault in found.faults] == [
        "line 2, column patient: No patient of this hospital has this code or number."
    ]


@pytest.fixture
def installation(database_url, monkeypatch):
    named = {
        "DATABASE_URL": database_url,
        "PROMS_SECRET": KEYRING.secret,
        "PROMS_IDENTITY_KEYS": f"k1:{b64encode(KEYRING.keys['k1']).decode()}",
        "PROMS_PUBLIC_URL": "https://proms.example.org",
        "PROMS_SMTP_HOST": "127.0.0.1",
        "PROMS_SMTP_SENDER": "trial@example.org",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)


def test_the_command_says_what_it_would_do_then_does_it(clinic, anna, installation, tmp_path):
    file = tmp_path / "labs.csv"
    file.write_bytes(lab_file(ALP))

    def runs(*more):
        return CliRunner().invoke(main, ["import", "labs", str(file), "--site", "AMS", *more])

    dry = runs("--dry-run")
    assert "would be saved; nothing was changed" in dry.output, dry.output
    assert kept(clinic) == []
    assert "1 rows, 1 patients: 1 new, 0 corrected, saved." in runs().output
    assert [value for *_, value, _ in kept(clinic)] == [88.5]
    file.write_bytes(lab_file("1234567;2026-03-02;ast;31,5;U/L;40;"))
    refused = runs()
    assert refused.exit_code == 2
    assert "line 2, column value: Write decimals with a point" in refused.output


def test_the_page_shows_every_fault_then_what_is_new_and_saves_what_it_showed(clinic, anna, app):
    els = Desk(app, clinic, clinic.els)

    def chooses(*lines):
        file = (BytesIO(lab_file(*lines)), "lab.csv")
        return els.opens("/staff/import/labs").presses("Toon wat er verandert", file=file)

    chooses(ALP, "1234567;2026-03-02;bilirubin;1,1;mg/dL;20;")
    assert els.status == 422
    assert "2 fouten in het bestand" in els.text
    assert "3 unit Hier wordt µmol/L verwacht en niet mg/dL." in els.text
    assert "3 value Schrijf decimalen met een punt, zoals in 12.5." in els.text
    chooses(ALP)
    assert "1 patiënt: 1 waarde nieuw, 0 verbeteringen." in els.text
    assert "AF 88,5 U/L op 2 mrt 2026, bovengrens 120" in els.text
    assert kept(clinic) == []
    imports(clinic, AST)
    els.presses("Opslaan")
    assert els.status == 409
    assert "Iemand heeft net bloedwaarden opgeslagen." in els.text
    els.presses("Opslaan")
    assert "Opgeslagen. 1 patiënt: 1 waarde nieuw" in els.text
    assert len(kept(clinic)) == 2
