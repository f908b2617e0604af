"""A coordinator over HTTP who says another thing about what is on record: with a reason, and
nothing is lost by it."""

import pytest
from sqlmodel import col, select

from proms.db.tables import CycleVersion
from proms.domain.schedule.history_entry import RegimenChosen
from tests.desk import Desk


@pytest.fixture
def mo(clinic, app):
    clinic.today("2026-01-05")
    return Desk(app, clinic, clinic.mo)


@pytest.fixture
def anna(clinic, mo):
    """She has FOLFOX in the systemic arm, and no cycle yet."""
    patient = clinic.enrols("Anna")
    clinic.randomises(patient, "A", "2026-01-05")
    clinic.chooses(patient, "systemic", "folfox")
    return patient


def form(desk, patient, query, **typed):
    """Open a form beside the calendar and ask what it would change."""
    desk.opens(f"/staff/patients/{patient.code}/calendar?form={query}")
    return desk.presses("Toon wat er verandert", **typed)


def versions(clinic):
    """Every version of the cycles, as (number, status, drugs, dose, reason)."""
    with clinic.database.reading() as session:
        rows = session.exec(
            select(CycleVersion).order_by(col(CycleVersion.number), col(CycleVersion.version))
        )
        return [(row.number, row.status, row.drugs, row.dose_percent, row.reason) for row in rows]


def test_a_preview_from_before_a_colleague_gave_the_cycle_overwrites_it_only_with_a_reason(
    clinic, mo, anna
):
    form(mo, anna, "planned&component=systemic&number=1", planned="2026-01-12")
    assert "Reden, als die er is" in mo.text
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    assert mo.presses("Opslaan").status == 409
    assert "FOLFOX 1 is gegeven op 5 jan 2026." in mo.text
    assert "Hier nodig: de reden wordt bij de wijziging vastgelegd." in mo.text
    assert mo.presses("Opslaan").status == 422
    assert [status for _, status, *_ in versions(clinic)] == ["given"]
    mo.presses("Opslaan", reason="was van een andere patiënt")
    assert versions(clinic)[-1] == (1, "planned", [], None, "was van een andere patiënt")


@pytest.mark.parametrize(
    ("query", "typed"),
    [
        ("given&component=systemic&number=1", {"day_1": "2026-01-06"}),
        ("skipped&component=systemic&number=1", {"why": "bloedwaarden"}),
        ("milestone&kind=consent&number=1", {"on": "2026-01-04"}),
        ("stop&component=systemic", {"last_dose": "2026-01-07"}),
        ("regimen", {"regimen": "capox"}),
        ("regimen", {"regimen": "folfox"}),
    ],
)
def test_whatever_overturns_the_record_needs_a_reason_though_the_form_does_not_say_it_corrects(
    clinic, mo, anna, query, typed
):
    clinic.today("2026-01-08")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.stops(anna, "systemic", "2026-01-06")
    mo.logs_in(clinic.mo).opens(f"/staff/patients/{anna.code}/calendar")
    fact, _, rest = query.partition("&")
    said = {"form": fact, **dict(pair.split("=") for pair in rest.split("&") if pair), **typed}
    mo.sends(f"/staff/patients/{anna.code}/preview", **said)
    assert "Hier nodig" in mo.text, mo.text
    assert mo.presses("Opslaan").status == 422
    assert "Geef in een paar woorden de reden." in mo.text


def test_a_correction_after_another_regimen_keeps_the_drugs_and_says_what_changes(clinic, mo, anna):
    form(mo, anna, "given&component=systemic&number=1", day_1="2026-01-05", dose="100")
    mo.presses("Opslaan")
    given = versions(clinic)[-1][2]
    assert "fluorouracil" in given
    clinic.records(anna, RegimenChosen("systemic", "capox"), reason="andere kuur")
    mo.opens(f"/staff/patients/{anna.code}/calendar").follows("Verbeter: FOLFOX 1")
    assert mo.holds("drug-fluorouracil") == "1"
    mo.presses("Toon wat er verandert", dose="80")
    assert "Deze kuur Wat Was Wordt Dosis, procent van volledig 100% 80%" in mo.text
    mo.presses("Opslaan", reason="verkeerd overgenomen")
    assert versions(clinic)[-1] == (1, "given", given, 80, "verkeerd overgenomen")


def lands_on(desk):
    """What a phone shows first: the page from the place on that the form was sent to."""
    return desk.answer.text.split('id="record"')[1]


def test_a_form_beside_the_calendar_lands_where_its_answer_is(clinic, mo, anna):
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=given&component=systemic&number=1")
    assert next(sheet.action for sheet in mo.page.sheets if "day_1" in sheet.held).endswith(
        "/preview#record"
    )
    mo.presses("Toon wat er verandert", day_1="morgen")
    assert lands_on(mo).index("Er is nog niets opgeslagen") < 400
    mo.presses("Toon wat er verandert", day_1="2026-01-05")
    assert lands_on(mo).index("<h1>Voordat u opslaat") < 40
    mo.presses("Opslaan")
    mo.opens(f"/staff/patients/{anna.code}/calendar").follows("Verbeter: FOLFOX 1").presses(
        "Toon wat er verandert"
    )
    assert next(sheet.action for sheet in mo.page.sheets if "reason" in sheet.held).endswith(
        "/history#record"
    )
    assert mo.presses("Opslaan").status == 422
    assert "<h1>" not in lands_on(mo)
    assert "Geef in een paar woorden de reden." in lands_on(mo)


@pytest.mark.parametrize(
    ("query", "typed", "sentence"),
    [
        (
            "given&component=systemic&number=1",
            {"dose": "9" * 5000},
            "Schrijf een heel getal van 0 tot en met 150.",
        ),
        (
            f"given&component=systemic&number={'9' * 5000}",
            {},
            "Schrijf een heel getal van 1 tot en met 200.",
        ),
    ],
)
def test_a_number_of_thousands_of_digits_is_refused_at_its_field(mo, anna, query, typed, sentence):
    assert form(mo, anna, query, **typed).status == 422
    assert sentence in mo.text


def test_a_year_of_birth_of_thousands_of_digits_is_refused_at_its_field(mo):
    mo.opens("/staff/patients/new").presses("Inschrijven", birth_year="1" * 5000)
    assert mo.status == 422
    assert "Schrijf een heel getal van 1900 tot en met 2100." in mo.text


def test_a_reason_too_long_is_refused_with_what_was_typed_and_no_address_carries_one(
    clinic, mo, anna
):
    form(mo, anna, "skipped&component=systemic&number=1", why="lang " * 200)
    assert mo.status == 422
    assert "Dit is langer dan 500 tekens." in mo.text
    assert mo.holds("why").startswith("lang lang")
    mo.presses("Toon wat er verandert", why="bloedwaarden").presses("Opslaan", reason="lang " * 200)
    assert mo.status == 422
    assert "Dit is langer dan 500 tekens." in mo.text
    assert mo.holds("reason").startswith("lang lang")
    mo.presses("Opslaan", reason="volgens de arts")
    assert "volgens" not in mo.opens(f"/staff/patients/{anna.code}/calendar").answer.text


def test_a_death_recorded_by_mistake_is_taken_back_on_the_page(clinic, mo, anna):
    clinic.dies(anna, "2026-01-05")
    mo.opens(f"/staff/patients/{anna.code}/calendar")
    assert "Is overleden" in mo.text
    assert not mo.offers("Berichten pauzeren")
    mo.follows("Verbeter: Overlijden").presses("Toon wat er verandert", taken_back="1")
    assert "Overlijden is niet gebeurd." in mo.text
    mo.presses("Opslaan", reason="was een andere patiënt")
    assert mo.offers("Iets anders vastleggen")
    assert ("HSC-BASE", 1, "2026-01-12", "planned") in clinic.calendar(anna)


def test_a_cycle_that_was_not_given_is_planned_again_with_a_reason(clinic, mo, anna):
    clinic.today("2026-01-08")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-07", planned="2026-01-06")
    mo.logs_in(clinic.mo).opens(f"/staff/patients/{anna.code}/calendar").follows(
        "Verbeter: FOLFOX 1"
    )
    mo.presses("Toon wat er verandert", not_given="1")
    assert "FOLFOX 1 is gepland op 6 jan 2026." in mo.text
    assert "Status gegeven gepland" in mo.text
    assert mo.presses("Opslaan").status == 422
    mo.presses("Opslaan", reason="was van een andere patiënt")
    assert versions(clinic)[-1] == (1, "planned", [], None, "was van een andere patiënt")
