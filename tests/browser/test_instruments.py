"""The pages about instruments in Chromium: axe, narrow screens, large text, thumbs, a keyboard,
paper."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations_by_day_and_night
from tests.browser.conftest import DESK, PHONE, READERS, Visit
from tests.browser.house import House, press, sideways
from tests.clinic import PASSWORD

SMALLEST_TARGET = 43.9
HSC, C30 = "/staff/instruments/hsc/0.3", "/staff/instruments/qlq-c30/3.0"
CR29, EQ5D = "/staff/instruments/qlq-cr29/2.1", "/staff/instruments/eq-5d-5l/1.0"
PAGES = (
    "/staff/instruments",
    HSC,
    f"{CR29}?in=nl",
    f"{HSC}?show=moments",
    f"{C30}?show=scales",
    f"{EQ5D}?show=scales",
    f"{HSC}?show=rules",
    f"{CR29}?show=proof",
    f"{CR29}/nl/q49?variant=stoma",
    f"{EQ5D}/en/VAS",
)
TOO_SMALL = """least => [...document.querySelectorAll('main a[href], main button, main summary')].filter(each => {
    const box = each.getBoundingClientRect()
    if (!box.width || getComputedStyle(each).display === 'inline' || each.closest('.rows th')) return false
    return box.height < least || box.width < least
  }).map(each => `${each.textContent.trim().slice(0, 30)} ${each.getBoundingClientRect().height}`)"""


def reads(page: Page, house: House, language: str = "nl") -> Page:
    """The analyst, logged in, with the pages in her language."""
    page.goto(f"{house.address}/language/nl?back=/staff/login")
    page.goto(f"{house.address}/staff/login")
    page.get_by_label("Inlognaam").fill(house.clinic.login_of(house.clinic.kim))
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    press(page.get_by_role("button", name="Inloggen"))
    page.goto(f"{house.address}/language/{language}?back=/staff/instruments")
    return page


@pytest.mark.parametrize(("language", "screen"), READERS)
def test_R_31_no_page_about_instruments_has_a_violation_that_axe_can_find(
    house: House, visit: Visit, language: str, screen: tuple[int, int]
):
    page = reads(visit(screen), house, language)
    for path in PAGES:
        page.goto(house.address + path)
        assert page.locator("h1").count() == 1, path
        assert (path, violations_by_day_and_night(page)) == (path, [])


def test_R_32_no_page_scrolls_sideways_at_320_pixels_or_with_text_twice_as_large(
    house: House, visit: Visit
):
    page = reads(visit(PHONE), house)
    for path in PAGES:
        page.goto(house.address + path)
        for width, text in ((320, 100), (360, 200), (1280, 200)):
            page.set_viewport_size({"width": width, "height": 740})
            page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
            assert sideways(page) <= 0, (path, width, text)
            assert page.evaluate(TOO_SMALL, SMALLEST_TARGET) == [], (path, width, text)


def test_a_nurses_menu_stays_on_one_line_of_her_phone(house: House, visit: Visit):
    page = visit(PHONE)
    page.goto(f"{house.address}/language/nl?back=/staff/login")
    page.get_by_label("Inlognaam").fill(house.clinic.login_of(house.clinic.els))
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    press(page.get_by_role("button", name="Inloggen"))
    tops = {round(each.bounding_box()["y"]) for each in page.locator(".menu a").all()}
    assert len(tops) == 1


def test_a_keyboard_goes_from_the_list_to_a_rule_and_to_the_phone(house: House, visit: Visit):
    page = reads(visit(DESK, javascript=False), house)
    follow(page, "Klachtencheck")
    expect(page.get_by_role("heading", level=1)).to_have_text("Klachtencheck")
    follow(page, "Regels")
    expect(page.locator("#rule-F1")).to_contain_text(
        "Temperatuur is “38,0 tot en met 38,4 graden” of hoger"
    )
    follow(page, "Vragen")
    follow(page, "Zoals op de telefoon : JAUND, Nederlands")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Is uw huid of uw oogwit geler dan normaal?"
    )
    follow(page, "Volgende")
    assert page.url.endswith("/hsc/0.3/nl/URINE")
    press(page.get_by_role("link", name="Terug naar het overzicht"))
    assert page.url.endswith("/hsc/0.3#URINE")


def test_on_paper_stands_the_questionnaire_and_nothing_to_click(house: House, visit: Visit):
    page = reads(visit(DESK), house)
    page.goto(house.address + HSC)
    page.emulate_media(media="print")
    expect(page.locator("#TEMP")).to_be_visible()
    for hidden in (".side", ".tabs", ".onphone"):
        expect(page.locator(hidden).first).to_be_hidden()


def follow(page: Page, words: str) -> None:
    """Reach a link by its words as a keyboard does, and follow it."""
    link = page.get_by_role("link", name=words, exact=True).first
    link.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
