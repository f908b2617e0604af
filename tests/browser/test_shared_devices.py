"""A phone that others use too and a tablet of the hospital, in Chromium: axe in both languages,
narrow screens and large text, and where the reader is when something is wrong."""

import pytest
from playwright.sync_api import Page, expect

from proms.actions.audit import staff_actor
from proms.actions.pins import set_pin
from tests.browser.axe import violations_by_day_and_night
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House, press, sideways, small_targets
from tests.clinic import PASSWORD

PIN = "2580"


def is_sound(page: Page) -> None:
    assert (page.url, violations_by_day_and_night(page)) == (page.url, [])
    for width, text in ((320, 100), (320, 200), (360, 100)):
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
        assert sideways(page) <= 0, (page.url, width, text)
        assert small_targets(page) == [], (page.url, width, text)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_pin_is_asked_for_and_a_wrong_one_leads_the_reader_to_the_sentence(
    house: House, visit: Visit, language: str
):
    clinic = house.clinic
    patient = house.enrols(language=language)
    set_pin(clinic.database, patient=patient, digits=PIN, by=staff_actor(clinic.mo), now=clinic.now)
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    page.goto(house.link(patient))
    press(page.locator("form.start button"))
    assert page.url.endswith("/pin")
    is_sound(page)
    page.locator("#pin").fill("1357")
    press(page.locator("form .btn-1"))
    expect(page.locator("#wrong:focus")).to_be_visible()
    is_sound(page)
    page.locator("#pin").fill(PIN)
    press(page.locator("form .btn-1"))
    assert page.url.endswith("/today")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_tablet_is_handed_over_with_a_code(house: House, visit: Visit, language: str):
    patient = house.enrols(language=language)
    desk = visit(DESK)
    desk.goto(f"{house.address}/staff/login")
    desk.get_by_label("Inlognaam").fill(house.clinic.login_of(house.clinic.mo))
    desk.get_by_label("Wachtwoord").fill(PASSWORD)
    press(desk.get_by_role("button", name="Inloggen"))
    for page in ("pin", "tablet"):
        desk.goto(f"{house.address}/staff/patients/{patient.code}/{page}")
        assert (page, violations_by_day_and_night(desk)) == (page, [])
        assert sideways(desk) <= 0
    press(desk.get_by_role("button", name="Maak een code"))
    assert violations_by_day_and_night(desk) == []
    code = desk.locator(".handed .big").inner_text()
    tablet = visit((768, 1024), locale="nl-NL" if language == "nl" else "en-GB", javascript=False)
    tablet.goto(f"{house.address}/tablet")
    tablet.locator("#code").fill("AAAA AAAA")
    press(tablet.locator("form .btn-1"))
    assert tablet.locator("#wrong").is_visible()
    tablet.locator("#code").fill(code)
    press(tablet.locator("form .btn-1"))
    assert tablet.url.endswith("/today")
    press(tablet.locator(".today button").first)
    while not tablet.url.endswith("/review"):
        if tablet.locator(".opt").count():
            tablet.locator(".opt input").first.check()
        press(tablet.locator(".btn-1"))
    press(tablet.locator(".btn-1"))
    assert "/receipt/" in tablet.url
    tablet.goto(f"{house.address}/today")
    assert tablet.url.endswith("/tablet/back")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_pages_of_a_tablet_are_sound(house: House, visit: Visit, language: str):
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    page.goto(f"{house.address}/tablet")
    is_sound(page)
    page.locator("#code").fill("AAAA AAAA")
    press(page.locator("form .btn-1"))
    expect(page.locator("#wrong:focus")).to_be_visible()
    is_sound(page)
