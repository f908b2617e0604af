"""The kinds of question that only the quality-of-life pack has, in Chromium: a number, and words
that depend."""

import pytest
from playwright.sync_api import Page, expect

from proms.db.tables import Patient
from proms.web.patient.arrival import ARRIVAL
from tests.browser.axe import violations_by_day_and_night
from tests.browser.conftest import Visit
from tests.browser.house import House, bottom, press, sideways, small_targets

SMALL = (360, 640)


def sit_down(page: Page, house: House, patient: Patient, instrument: str, item: str) -> Page:
    """Her phone at a question of an instrument that she has opened."""
    asked = house.clinic.opens(patient, instrument)
    page.goto(house.link(patient))
    press(page.get_by_role("button", name="Start"))
    page.goto(f"{house.address}/form/{asked.id}/{item}")
    return page


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_number_is_asked_on_one_small_screen_and_a_wrong_one_is_explained_beside_it(
    house: House, visit: Visit, javascript: bool
):
    page = sit_down(visit(SMALL, javascript=javascript), house, house.enrols(), "eq-5d-5l", "VAS")
    field = page.get_by_label("gezondheid vandaag, 0 tot en met 100")
    expect(field).to_have_attribute("inputmode", "numeric")
    expect(field).to_have_accessible_description("Een heel getal van 0 tot en met 100.")
    assert bottom(page.get_by_role("button", name="Volgende")) <= SMALL[1]
    field.fill("180")
    page.get_by_role("button", name="Volgende").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Vul een heel getal in van 0 tot en met 100, in cijfers."
    )
    expect(field).to_have_value("180")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert bottom(field) <= SMALL[1]
    field.fill("80")
    page.wait_for_timeout(1000 * ARRIVAL.total_seconds())
    field.press("Enter")  # as a phone's keyboard does
    page.wait_for_url(lambda url: not url.endswith("/VAS"))


def test_a_tap_on_the_scale_chooses_and_nothing_is_chosen_before(house: House, visit: Visit):
    page = sit_down(visit(SMALL), house, house.enrols(), "eq-5d-5l", "VAS")
    scale, field = page.locator(".scale"), page.locator("#answer")
    expect(field).to_have_value("")
    assert mark(page) == "none"
    page.get_by_text("+", exact=True).click()
    expect(field).to_have_value("")  # there is no number yet that could be one more
    box = scale.bounding_box()
    assert box
    scale.click(position={"x": 40, "y": box["height"] * 0.25})
    expect(field).to_have_value("75")
    assert mark(page) != "none"
    page.get_by_text("+", exact=True).click()
    page.get_by_text("−", exact=True).click(click_count=2)
    expect(field).to_have_value("74")
    field.press("ArrowUp")
    expect(field).to_have_value("75")
    scale.click(position={"x": 40, "y": box["height"] - 1})
    page.get_by_text("−", exact=True).click(click_count=3)
    expect(field).to_have_value("0")
    scale.click(position={"x": 40, "y": box["height"] * 0.9})
    press(page.get_by_role("button", name="Volgende"))
    page.go_back()
    expect(page.locator("#answer")).to_have_value("10")
    assert mark(page) != "none"
    page.locator("#answer").fill("101")
    assert mark(page) == "none"


def mark(page: Page) -> str:
    """What stands on the scale where the number is."""
    return str(
        page.locator(".scale").evaluate("scale => getComputedStyle(scale, '::after').content")
    )


def test_who_scrolls_over_the_scale_chooses_nothing_and_without_a_script_there_is_none(
    house: House, visit: Visit
):
    patient = house.enrols()
    page = sit_down(visit(SMALL), house, patient, "eq-5d-5l", "VAS")
    box = page.locator(".scale").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.wheel(0, 200)
    expect(page.locator("#answer")).to_have_value("")
    plain = sit_down(visit(SMALL, javascript=False), house, patient, "eq-5d-5l", "VAS")
    assert not plain.locator(".scale").is_visible()
    assert not plain.get_by_text("Tik op de schaal").is_visible()


def test_with_text_twice_as_large_the_number_and_its_sentence_fit_the_width_and_axe_finds_nothing(
    house: House, visit: Visit
):
    page = sit_down(visit(SMALL), house, house.enrols(), "eq-5d-5l", "VAS")
    assert ("number", violations_by_day_and_night(page)) == ("number", [])
    page.get_by_label("gezondheid vandaag, 0 tot en met 100").fill("tachtig")
    page.get_by_role("button", name="Volgende").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert ("wrong number", violations_by_day_and_night(page)) == ("wrong number", [])
    for width, text in ((320, 100), (360, 200), (1280, 200)):
        page.set_viewport_size({"width": width, "height": 640})
        page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
        assert sideways(page) <= 0, (width, text)
        assert small_targets(page) == [], (width, text)
        field = page.locator("#answer").bounding_box()
        assert field
        assert field["x"] + field["width"] <= width


def test_words_follow_the_answer_about_the_stoma_and_are_asked_anew_when_it_changes(
    house: House, visit: Visit
):
    page = sit_down(visit(SMALL), house, house.enrols(rectal_primary=True), "qlq-cr29", "q31")
    while page.locator("h1").inner_text() != "stoma aanwezig":
        choose(page, 1)
    choose(page, 2)
    expect(page.locator("h1")).to_have_text("zakje: winden")
    assert ("for a stoma", violations_by_day_and_night(page)) == ("for a stoma", [])
    while not page.url.endswith("/review"):
        choose(page, 1)
    press(page.get_by_role("link", name="Wijzig vraag 18: stoma aanwezig"))
    choose(page, 1)
    expect(page.locator("h1")).to_have_text("winden")
    assert page.locator("input:checked").count() == 0
    while not page.url.endswith("/review"):
        choose(page, 1)
    expect(page.locator(".rev")).not_to_contain_text("zakje")


def choose(page: Page, place: int) -> None:
    page.locator(f"#a{place}").check()
    press(page.get_by_role("button", name="Volgende"))
