"""A second tap in the same place: it leaves nothing out, sends nothing and answers nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page
from sqlmodel import select

from proms.db.tables import Assignment, Draft, Patient
from proms.web.patient.arrival import ARRIVAL
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House, press
from tests.browser.test_patient import answer_the_rest, heading, open_check, start

SCREENS = [(320, 568), (360, 740), (375, 667), (390, 844), (740, 360)]
TEXTS = [100, 115, 130, 150, 200]  # per cent
TAPS, PAUSE_MS = 6, 1000
FIRST, SAFETY, CHOICES, PLAIN = "ALARM", "JAUND", "BLEED", "ITCH"
SCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])


def kept(house: House, patient: Patient) -> list[str]:
    """The items that stand in the drafts of a patient, answered or left out."""
    with house.clinic.database.reading() as session:
        mine = select(Draft).join(Assignment).where(Assignment.patient_id == patient.id)
        return [item for draft in session.exec(mine).all() for item in draft.document]


def middle(button: Locator) -> tuple[float, float]:
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def taps_again_and_again(page: Page, place: tuple[float, float]) -> None:
    """Tap on this place of the screen, whatever page is there by then."""
    for _ in range(TAPS):
        page.wait_for_timeout(PAUSE_MS)
        page.mouse.click(*place)
    page.wait_for_timeout(PAUSE_MS)


@SCRIPT
@pytest.mark.parametrize("screen", [(360, 740), (375, 667)], ids=["360x740", "375x667"])
def test_six_taps_on_next_leave_nothing_out(
    house: House, visit: Visit, screen: tuple[int, int], javascript: bool
):
    patient = house.enrols()
    page = visit(screen, javascript=javascript)
    start(page, house, patient)
    open_check(page)
    taps_again_and_again(page, middle(page.get_by_role("button", name="Volgende")))
    assert kept(house, patient) == ["ALARM"]
    assert heading(page) == "U heeft deze vraag niet beantwoord"


@SCRIPT
def test_six_taps_on_the_last_next_send_nothing(house: House, visit: Visit, javascript: bool):
    patient = house.enrols()
    page = visit(PHONE, javascript=javascript)
    start(page, house, patient)
    open_check(page)
    answer_the_rest(page)
    for path in ("/REMARK", "/REMARK?check=1"):
        page.goto(page.url.rsplit("/", 1)[0] + path)
        taps_again_and_again(page, middle(page.get_by_role("button", name="Volgende")))
        assert heading(page) == "Kijk uw antwoorden na"
    assert house.responses(patient) == []


@SCRIPT
def test_six_taps_on_next_with_an_answer_that_cannot_wait_say_nothing_of_calling(
    house: House, visit: Visit, javascript: bool
):
    patient = house.enrols()
    page = visit(PHONE, javascript=javascript)
    start(page, house, patient)
    open_check(page)
    page.get_by_label("Ja", exact=True).check()
    taps_again_and_again(page, middle(page.get_by_role("button", name="Volgende")))
    assert heading(page) == "Bel nu het ziekenhuis"
    assert page.get_by_role("button", name="Ik ga bellen").count() == 1
    assert house.responses(patient) == []
    assert kept(house, patient) == ["ALARM", SAFETY]


@SCRIPT
@pytest.mark.parametrize("pause", [0, 60, 250])
def test_a_double_tap_with_an_answer_chooses_and_skips_nothing_on_the_next_question(
    house: House, visit: Visit, javascript: bool, pause: int
):
    patient = house.enrols()
    page = visit(PHONE, javascript=javascript)
    start(page, house, patient)
    open_check(page)
    page.get_by_label("Nee", exact=True).check()
    place = middle(page.get_by_role("button", name="Volgende"))
    page.wait_for_timeout(PAUSE_MS)
    page.mouse.click(*place)
    if pause:
        page.wait_for_url("**/URINE")
        page.wait_for_timeout(pause)
    page.mouse.click(*place)
    page.wait_for_timeout(PAUSE_MS)
    assert page.url.endswith("/URINE")
    assert heading(page).startswith("Wat was de donkerste kleur")
    assert page.locator("input:checked").count() == 0
    for _ in range(5):  # a phone sends what it kept a little later
        if SAFETY not in kept(house, patient):
            page.wait_for_timeout(PAUSE_MS)
    assert kept(house, patient) == ["ALARM", SAFETY]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("item", [FIRST, SAFETY, CHOICES, PLAIN])
def test_no_button_of_the_skip_page_lies_where_the_finger_was(
    house: House, visit: Visit, language: str, item: str
):
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    page.goto(house.link(house.enrols(language=language)))
    press(page.locator("form.start button"))
    press(page.locator(".today button").first)
    form = page.url.rsplit("/", 1)[0]
    page.goto(f"{form}/{item}")
    raising = ".acts .btn-1", ".acts .btn-t"
    bands = {look: [reach(page, each, look[0]) for each in raising] for look in looks(page)}
    page.goto(f"{form}/{item}/skip")
    for look in looks(page):
        for button in page.locator("main form .btn").all():
            box = button.bounding_box()
            assert box
            for first, last in bands[look]:
                clear = box["y"] >= min(last, look[0][1]) or box["y"] + box["height"] <= first
                assert clear, (look, button.inner_text(), box, (first, last))


def looks(page: Page) -> Iterator[tuple[tuple[int, int], int]]:
    """The page on each screen and with each size of text."""
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        for text in TEXTS:
            page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
            yield (width, height), text


def reach(page: Page, button: str, screen: tuple[int, int]) -> tuple[float, float]:
    """Between which heights of the screen a button can lie, however far the page is scrolled."""
    box = page.locator(button).bounding_box()
    assert box
    furthest = page.evaluate("document.documentElement.scrollHeight") - screen[1]
    highest = box["y"] - min(furthest, box["y"])
    lowest = box["y"] + box["height"] - max(0, box["y"] + box["height"] - screen[1])
    return highest, lowest


def test_a_page_takes_no_tap_for_as_long_as_the_server_does_nothing_with_one(
    house: House, visit: Visit
):
    page = visit(PHONE)
    page.goto(house.link(house.enrols()))
    lasts = page.evaluate("getComputedStyle(document.body).animationDuration")
    assert lasts == f"{ARRIVAL.total_seconds():g}s"
