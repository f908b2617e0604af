"""Blood values in Chromium: entered by hand, beside cycles and symptoms, and on a page of paper."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from proms.db.tables import Patient
from tests.browser.axe import violations
from tests.browser.conftest import DESK, READERS, Visit
from tests.browser.ward import Ward, sideways, small_targets
from tests.labs import measure


@pytest.fixture(scope="module")
def busy(ward: Ward) -> Patient:
    """Everything that a page of hers can hold: cycles, values of every week, alerts, scores."""
    patient = ward.treated("Druk")
    for week in range(9):
        day = date(2026, 1, 5) + timedelta(weeks=week)
        rise = 1 + week / 4
        measure(
            ward.clinic,
            patient,
            day.isoformat(),
            bilirubin=round(12 * rise, 1),
            alp=round(98.5 * rise, 2),
            ast=30 * rise,
            alt=28 * rise,
            ggt=44 * rise,
        )
    ward.clinic.answers(patient, JAUND=2, TEMP=4, NAUS=3, ITCH=2, STOOL=2, DIAR=3, NERVE=4)
    return patient


def pages(patient: Patient) -> list[str]:
    address = f"/staff/patients/{patient.code}"
    return [
        address,
        f"{address}/labs",
        f"{address}/labs?test=alp&taken_on=2026-03-02",
        f"{address}/strips/biliary",
        f"{address}/consultation",
        "/staff/import/labs",
    ]


@pytest.mark.parametrize(("language", "screen"), READERS)
def test_the_pages_with_values_can_be_read_by_everybody(
    ward: Ward, busy: Patient, visit: Visit, screen: tuple[int, int], language: str
):
    page = ward.logs_in(visit(screen), ward.clinic.els)
    page.goto(f"{ward.address}/language/{language}?back=/staff/")
    for path in pages(busy):
        page.goto(f"{ward.address}{path}")
        for folded in page.locator("details").all():
            folded.evaluate("each => { each.open = true }")
        assert (path, violations(page)) == (path, [])
        assert (path, sideways(page)) == (path, 0)
        assert (path, small_targets(page)) == (path, [])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_consultation_of_the_busiest_patient_prints_on_one_page(
    ward: Ward, busy: Patient, visit: Visit, language: str
):
    page = ward.logs_in(visit(DESK), ward.clinic.els)
    page.goto(f"{ward.address}/language/{language}?back=/staff/")
    page.goto(f"{ward.address}/staff/patients/{busy.code}/consultation")
    assert page.locator(".onepage .callbar").count() == 1
    assert page.locator(".onepage .c").count() > 200
    assert page.locator(".onepage .mini").count() == 4
    assert page.locator(".onepage .log li").count() == 2
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_value_is_seen_by_its_number_and_its_sign_whatever_its_shade(
    ward: Ward, busy: Patient, page: Page
):
    ward.logs_in(page, ward.clinic.els)
    page.goto(f"{ward.address}/staff/patients/{busy.code}/strips/biliary")
    strip = page.locator(".strip")
    expect(strip.get_by_role("row", name="AF, U/L")).to_contain_text("295,5↑")
    words = page.locator("details").first
    words.locator("summary").click()
    expect(words).to_contain_text("AF: 295,5 U/L, 2,46 × bovengrens")
    expect(words).to_contain_text("8 keer op rij gestegen, graad 1")


def test_a_nurse_types_a_decimal_comma_and_hears_at_the_field_what_does_not_fit(
    ward: Ward, page: Page
):
    patient = ward.treated("Klaas")
    ward.logs_in(page, ward.clinic.els)
    page.goto(f"{ward.address}/staff/patients/{patient.code}")
    page.get_by_role("link", name="Waarden invoeren").click()
    bilirubin = page.get_by_role("group", name="Bilirubine, µmol/L")
    bilirubin.get_by_label("Waarde").fill("1,2")
    bilirubin.get_by_label("Bovengrens van normaal").fill("1,2")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("alert")).to_contain_text("Staat dit in een andere eenheid?")
    expect(page.get_by_role("alert")).to_be_focused()
    bilirubin.get_by_label("Waarde").fill("20,5")
    bilirubin.get_by_label("Bovengrens van normaal").fill("20")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("status")).to_have_text("1 waarde opgeslagen.")
    expect(page.get_by_role("row", name="9 mrt 2026")).to_contain_text("20,5 µmol/L")
