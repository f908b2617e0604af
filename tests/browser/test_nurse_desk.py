"""A nurse's desk in Chromium: from the log-in to the number of the worst patient, at a glance, and
with a note half typed."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from proms.db.tables import Patient
from proms.domain.alert.record import Resolution
from proms.domain.person import Role
from tests.browser.axe import violations
from tests.browser.conftest import DESK, Visit
from tests.browser.ward import Ward, sideways, small_targets
from tests.clinic import MOBILE

SMALL_DESK, SMALL_PHONE = (1024, 768), (390, 844)
COUNT_CLICKS = "addEventListener('click', () => sessionStorage.clicks = +(sessionStorage.clicks || 0) + 1, true)"


@pytest.fixture(scope="module")
def worst(ward: Ward) -> Patient:
    """The worst patient of a list: a fever with belly pain, of two weeks ago a milder report."""
    patient = ward.treated("Anna Bakker")
    ward.clinic.answers(patient, TEMP=4, RUQP=2, NAUS=1)
    return patient


@pytest.fixture(scope="module")
def mild(ward: Ward, worst: Patient) -> Patient:
    patient = ward.clinic.enrols("Bea de Vries")
    ward.clinic.answers(patient, ITCH=3)
    return patient


def line_of(page: Page, patient: Patient):
    return page.locator(f"li.al[id='{patient.code}']")


def test_from_the_log_in_to_the_worst_patients_number_in_at_most_three_clicks(
    ward: Ward, worst: Patient, mild: Patient, visit: Visit
):
    page = visit(SMALL_DESK)
    page.add_init_script(COUNT_CLICKS)
    ward.logs_in(page, ward.clinic.els)
    page.locator(".reach button").first.click()
    number = line_of(page, worst).locator("a[href^='tel:']")
    expect(number).to_be_focused()
    expect(number).to_contain_text("Anna Bakker")
    assert int(page.evaluate("sessionStorage.clicks")) <= 3


@pytest.mark.parametrize("screen", [SMALL_DESK, SMALL_PHONE])
def test_what_is_typed_stays_while_a_number_is_shown_and_the_list_renews_itself(
    ward: Ward, worst: Patient, mild: Patient, visit: Visit, screen: tuple[int, int]
):
    clinic = ward.clinic
    page = ward.logs_in(visit(screen), clinic.els)
    line_of(page, mild).locator("summary").last.click()
    note = page.locator(f"[id='{mild.code}-note']")
    note.fill("belt terug")
    line_of(page, worst).locator(".reach button").click()
    expect(line_of(page, worst).locator("a[href^='tel:']")).to_be_visible()
    expect(note).to_have_value("belt terug")
    late = clinic.enrols("Cor")
    clinic.answers(late, JAUND=2)
    page.evaluate("document.activeElement.blur()")
    page.evaluate(
        "import(document.querySelector('script[type=module]').src).then(desk => desk.watch())"
    )
    expect(line_of(page, late)).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(\d+\) "))
    expect(note).to_have_value("belt terug")
    expect(note).to_be_visible()
    expect(line_of(page, worst).locator("a[href^='tel:']")).to_be_visible()
    clinic.resolves(late, Resolution.ADVICE)


def test_without_a_script_the_number_comes_into_the_alert_and_what_is_typed_stays(
    ward: Ward, worst: Patient, mild: Patient, visit: Visit
):
    page = ward.logs_in(visit(DESK, javascript=False), ward.clinic.els)
    line_of(page, mild).locator("summary").last.click()
    page.locator(f"[id='{mild.code}-note']").fill("belt terug")
    line_of(page, worst).locator(".reach button").click()
    expect(line_of(page, worst).locator("a[href^='tel:']")).to_be_visible()
    expect(page.locator(f"[id='{mild.code}-note']")).to_have_value("belt terug")


def test_the_first_alert_can_be_taken_without_scrolling_on_a_small_desk(
    ward: Ward, worst: Patient, visit: Visit
):
    page = ward.logs_in(visit(SMALL_DESK), ward.clinic.els)
    expect(page.get_by_role("button", name="In behandeling nemen").first).to_be_in_viewport()


def test_why_nothing_was_needed_is_asked_only_then(ward: Ward, mild: Patient, visit: Visit):
    page = ward.logs_in(visit(DESK, javascript=False), ward.clinic.els)
    line = line_of(page, mild)
    line.locator("summary").last.click()
    why = line.get_by_text("Waarom was niets nodig?")
    expect(why).to_be_hidden()
    line.get_by_label("Geen actie nodig").check()
    expect(why).to_be_visible()


def test_a_red_line_that_a_colleague_has_takes_little_room(
    ward: Ward, worst: Patient, visit: Visit
):
    clinic = ward.clinic
    other = clinic.enrols("Dik")
    clinic.answers(other, JAUND=2, TEMP=4, RUQP=3)
    clinic.acknowledges(other, by=clinic.employs("ria", Role.NURSE, phone=MOBILE))
    page = ward.logs_in(visit(DESK), clinic.els)
    taken, open_one = line_of(page, other).bounding_box(), line_of(page, worst).bounding_box()
    assert taken
    assert open_one
    assert taken["height"] < open_one["height"] * 0.75
    clinic.now += timedelta(minutes=1)
    clinic.resolves(other, Resolution.ADVICE)


def test_a_mistake_puts_the_reader_at_one_summary_on_top_and_her_place_is_kept(
    ward: Ward, mild: Patient, visit: Visit
):
    page = ward.logs_in(visit(DESK), ward.clinic.els)
    page.goto(f"{ward.address}/staff/patients/{mild.code}")
    page.locator(f"[id='close-{mild.code}'] summary").click()
    page.get_by_role("button", name="Melding afhandelen").click()
    expect(page.locator(".lookat")).to_have_count(1)
    expect(page.locator(".lookat")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text(mild.code)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_R_31_R_32_U_23_the_desk_fits_and_can_be_read_by_everybody(
    ward: Ward, worst: Patient, mild: Patient, visit: Visit, language: str
):
    chart = f"/patients/{worst.code}"
    for screen in (SMALL_DESK, SMALL_PHONE):
        page = ward.logs_in(visit(screen), ward.clinic.els)
        page.goto(f"{ward.address}/language/{language}?back=/staff/")
        for path in ("/", "/?show=mine", "/?show=closed", "/worklist/hand-over", chart):
            page.goto(f"{ward.address}/staff{path}")
            for folded in page.locator("details").all():
                folded.evaluate("each => { each.open = true }")
            assert (path, screen, violations(page)) == (path, screen, [])
            assert sideways(page) <= 0, f"{path} {screen}"
            assert small_targets(page) == [], f"{path} {screen}"
