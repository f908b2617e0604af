"""A patient's PIN and her earlier answers in Chromium: without a script, on the smallest phone, as
they are seen and as they are read aloud."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from proms.db.tables import Patient
from tests.browser.axe import violations_by_day_and_night
from tests.browser.conftest import Visit
from tests.browser.house import (
    PATIENCE_MS,
    House,
    broken_words,
    press,
    sideways,
    small_targets,
)

SMALLEST = (320, 740)
PIN = "2580"


def chooses_a_pin(page: Page, house: House, patient: Patient) -> None:
    page.goto(house.link(patient))
    press(page.locator("form.start button"))
    page.goto(f"{house.address}/earlier")
    press(page.locator("main .btn-1"))
    for field in ("#pin", "#again"):
        page.locator(field).fill(PIN)
    page.wait_for_timeout(PATIENCE_MS)
    press(page.locator("main .btn-1"))


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


def is_sound(page: Page) -> None:
    for width, text in ((320, 100), (320, 200), (360, 200)):
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
        assert sideways(page) <= 0, (page.url, width, text)
        assert small_targets(page) == [], (page.url, width, text)
        assert broken_words(page) == [], (page.url, width, text)
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": 320, "height": 740})
    assert violations_by_day_and_night(page) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_from_the_pin_to_the_way_a_complaint_went(house: House, visit: Visit, language: str):
    patient = house.enrols(language=language)
    page = visit(SMALLEST, locale="nl-NL" if language == "nl" else "en-GB")
    chooses_a_pin(page, house, patient)
    house.clinic.now += timedelta(hours=1)  # what came before a PIN of her own is not shown
    house.clinic.answers(patient, NAUS=2, TEMP=1)
    page.goto(f"{house.address}/earlier")
    is_sound(page)
    unfold(page)
    is_sound(page)
    label = {"nl": "Misselijk", "en": "Feeling sick"}[language]
    heard = page.locator("table", has=page.locator(f"caption:text-is('{label}')")).aria_snapshot()
    answer = {"nl": "Matig", "en": "Moderately"}[language]
    told = [line.strip() for line in heard.splitlines()]
    assert told[0] == f'- table "{label}":'
    assert f'- cell "{answer}"' in told
    assert sum(line.startswith("- columnheader") for line in told) == 2
    assert sum(line.startswith("- rowheader") for line in told) == 1


def test_the_page_that_asks_for_a_pin_says_to_call_where_an_answer_cannot_wait(
    house: House, visit: Visit
):
    patient = house.enrols()
    page = visit(SMALLEST)
    chooses_a_pin(page, house, patient)
    house.clinic.answers(patient, JAUND=2)
    page.goto(house.link(patient))
    press(page.locator("form.start button"))
    assert page.url.endswith("/pin")
    is_sound(page)
    button = page.locator(".btn-now")
    assert button.get_attribute("href") == "tel:+31201234567"
    box = button.bounding_box()
    assert box
    assert box["y"] + box["height"] <= SMALLEST[1]
