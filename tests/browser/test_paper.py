"""What is printed, in Chromium: axe in both languages, narrow screens, and how many sheets it
takes."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations_by_day_and_night
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House, press, sideways
from tests.clinic import PASSWORD

SHEETS = {
    "leaflet/nl": (1, "420"),  # A5 is 148 by 210 millimetres: 420 by 595 points
    "leaflet/en": (1, "420"),
    "form/hsc/nl": (4, "594"),
    "form/hsc/en": (4, "594"),
    "form/eq-5d-5l/nl": (2, "594"),
}


@pytest.fixture
def page(house: House, visit: Visit) -> Page:
    page = visit(DESK)
    page.goto(f"{house.address}/staff/login")
    page.get_by_label("Inlognaam").fill(house.clinic.login_of(house.clinic.mo))
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    press(page.get_by_role("button", name="Inloggen"))
    return page


def test_no_sheet_has_a_violation_that_axe_can_find_or_scrolls_sideways(house: House, page: Page):
    for path in ("", *(f"/{sheet}" for sheet in SHEETS)):
        page.goto(f"{house.address}/staff/paper{path}")
        assert (path, violations_by_day_and_night(page)) == (path, [])
        for width, text in ((PHONE[0], 100), (320, 200)):
            page.set_viewport_size({"width": width, "height": 740})
            page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
            assert sideways(page) <= 0, (path, width, text)
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def test_each_is_printed_on_its_paper_and_on_few_of_them(house: House, page: Page):
    for path, (most, width) in SHEETS.items():
        page.goto(f"{house.address}/staff/paper/{path}")
        printed = page.pdf(prefer_css_page_size=True)
        sheets = re.findall(rb"/MediaBox \[0 0 (\d+)", printed)
        assert 1 <= len(sheets) <= most, (path, len(sheets))
        assert {sheet.decode() for sheet in sheets} == {width}, path
