"""A coordinator's file over HTTP and without a script: every fault at once, a preview, a save, and
nothing twice."""

from base64 import urlsafe_b64encode
from io import BytesIO

import pytest
from sqlmodel import col, select

from proms.db.tables import AuditEntry, CycleVersion, Patient
from tests.desk import Desk

HEADER = "patient;what;kind;number;planned;day_1;status;reason\n"


@pytest.fixture
def mo(clinic, app):
    clinic.today("2026-01-05")
    return Desk(app, clinic, clinic.mo)


@pytest.fixture
def anna(clinic, mo):
    patient = clinic.enrols("Anna Bakker", hospital_number="1234567")
    clinic.randomises(patient, "A", "2026-01-05")
    clinic.chooses(patient, "systemic", "folfox")
    clinic.plans_cycle(patient, "systemic", 1, "2026-01-19")
    return patient


def chooses(desk, *lines, raw=None, **typed):
    file = (BytesIO(raw or (HEADER + "\n".join(lines)).encode()), "apotheek.csv")
    return desk.opens("/staff/import").presses("Toon wat er verandert", file=file, **typed)


def given(clinic):
    with clinic.database.reading() as session:
        return [
            row.day_1.isoformat()
            for row in session.exec(
                select(CycleVersion).where(col(CycleVersion.day_1).is_not(None))
            )
        ]


def test_faults_come_with_line_and_column_and_the_file_need_not_be_chosen_again(clinic, mo, anna):
    chooses(mo, "1234567;cycle;systemic;1;;5-1-2026;;", "Anna Bakker;cycle;systemic;1;;;;")
    assert mo.status == 422
    assert "2 fouten in het bestand" in mo.text
    assert "2 day_1 Dit kan twee datums zijn" in mo.text
    assert "3 patient Geen patiënt van dit ziekenhuis heeft deze code of dit nummer." in mo.text
    mo.presses("Toon wat er verandert", day_first="1")
    assert "1 fout in het bestand" in mo.text
    assert given(clinic) == []


def test_what_is_shown_is_saved_and_the_second_time_there_is_nothing_to_save(clinic, mo, anna):
    row = "1234567;cycle;systemic;1;;5-1-2026;given;"
    chooses(mo, row, day_first="1")
    assert "1 patiënt verandert: 1 nieuw, 0 verbeterd." in mo.text
    assert (
        f"{anna.code} Anna Bakker in het bestand: 1234567 Rij 2 FOLFOX 1 is gegeven op 5 jan 2026,"
        " gepland was 19 jan 2026." in mo.text
    )
    assert "Antwoorden veranderen niet." in mo.text
    assert given(clinic) == []
    mo.presses("Opslaan")
    assert mo.path == "/staff/patients"
    assert "Opgeslagen. 1 patiënt verandert: 1 nieuw, 0 verbeterd." in mo.text
    assert given(clinic) == ["2026-01-05"]
    chooses(mo, row, day_first="1")
    assert "Niets: alles in dit bestand is al vastgelegd." in mo.text
    assert not mo.offers("Opslaan")
    with clinic.database.reading() as session:
        saved = session.exec(
            select(AuditEntry).where(col(AuditEntry.verb).in_(("import.saved", "history.imported")))
        )
        assert sorted((each.verb, each.actor_id) for each in saved) == [
            ("history.imported", clinic.mo.id),
            ("import.saved", clinic.mo.id),
        ]


def test_what_a_colleague_saved_in_between_is_shown_and_the_new_preview_can_be_saved(
    clinic, mo, anna
):
    chooses(mo, f"{anna.code};cycle;systemic;1;2026-02-02;;;")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-26")
    mo.presses("Opslaan")
    assert mo.status == 409
    assert "Iemand heeft net gegevens van een patiënt veranderd." in mo.text
    assert "10.00 uur , Mo FOLFOX 1 is gepland op 26 jan 2026." in mo.text
    mo.presses("Opslaan")
    assert "Opgeslagen." in mo.text
    with clinic.database.reading() as session:
        assert session.get_one(Patient, anna.id).revision == 5


def test_a_colleagues_save_that_makes_the_file_impossible_is_told_with_the_faults(clinic, mo, anna):
    chooses(mo, f"{anna.code};cycle;systemic;1;2026-02-02;;;")
    clinic.withdraws(anna, "2026-01-05")
    mo.presses("Opslaan")
    assert mo.status == 422
    assert "Terugtrekking op 5 jan 2026." in mo.text
    assert "FOLFOX 1 op 2 feb 2026 is na Terugtrekking op 5 jan 2026." in mo.text


def test_the_lines_that_are_refused_are_left_out_where_she_says_so_and_each_is_listed(
    clinic, mo, anna
):
    bea = clinic.enrols("Bea")
    clinic.randomises(bea, "A", "2026-01-05")
    clinic.chooses(bea, "systemic", "folfox")
    clinic.withdraws(anna, "2026-01-05")
    chooses(
        mo,
        f"{anna.code};cycle;systemic;1;2026-02-02;;;",
        f"{bea.code};cycle;systemic;1;2026-01-05;2026-01-05;;",
    )
    assert "1 fout in het bestand" in mo.text
    assert not mo.offers("Opslaan")
    mo.presses("Toon wat er verandert", without_refused="1")
    assert mo.status == 200
    assert "1 rij wordt weggelaten" in mo.text
    assert "FOLFOX 1 op 2 feb 2026 is na Terugtrekking op 5 jan 2026." in mo.text
    assert "1 row is left out" in mo.switches("en").text
    assert "1 rij wordt weggelaten" in mo.switches("nl").text
    assert given(clinic) == []
    mo.presses("Opslaan")
    assert "Opgeslagen. 1 patiënt verandert: 1 nieuw, 0 verbeterd." in mo.text
    assert "Weggelaten en niet opgeslagen: rij 2." in mo.text
    assert given(clinic) == ["2026-01-05"]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"\xff\xfe", "Dit is geen UTF-8-tekst."),
        (b"naam\nAnna\n", "De eerste rij heeft een kolom die niet bekend is."),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_in_a_sentence(mo, raw, sentence):
    assert sentence in chooses(mo, raw=raw).text
    assert mo.status == 422


def test_without_a_file_she_is_asked_for_one_and_a_body_that_is_far_too_large_is_not_read(mo):
    assert "Kies een bestand." in mo.opens("/staff/import").presses("Toon wat er verandert").text
    large = urlsafe_b64encode(b"x" * 1_000_001).decode()
    assert (
        "Dit bestand is groter dan 1 MB." in mo.sends("/staff/import/preview", content=large).text
    )
    assert mo.opens("/staff/import").sends("/staff/import/preview", content=3 * large).status == 413
    assert mo.opens("/staff/import").status == 200
    assert mo.sends("/staff/patients/new", name="x" * 100_000).status == 413


@pytest.mark.parametrize("megabytes", [1.1, 2.5, 15])
def test_a_file_that_is_too_large_is_told_so_on_the_page_which_keeps_the_rest(mo, megabytes):
    raw = HEADER.encode() + b"1234567;cycle;systemic;1;;5-1-2026;given;\n" * int(megabytes * 23_810)
    chooses(mo, raw=raw, reason="van de apotheek", day_first="1")
    assert mo.status == 422
    assert "Dit bestand is groter dan 1 MB. Maak er meer bestanden van." in mo.text
    assert mo.holds("reason") == "van de apotheek"
    assert mo.holds("day_first") == "1"


def test_the_template_can_be_taken_from_the_page(mo):
    mo.opens("/staff/import").follows("Sjabloon, CSV")
    assert mo.answer.headers["Content-Disposition"] == 'attachment; filename="import.csv"'
    assert mo.answer.text.startswith("patient,what,kind,")
