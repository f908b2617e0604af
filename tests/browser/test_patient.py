"""A patient's phone in Chromium: the journey with and without a script, what fits the screen, what
a reader hears."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlmodel import col, select

from proms.db.tables import Assignment, Patient
from proms.domain.response import MissingReason, missing_of
from proms.web.patient.arrival import ARRIVAL
from tests.browser.axe import violations_by_day_and_night
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import (
    House,
    bottom,
    broken_words,
    every_page,
    press,
    sideways,
    small_targets,
)
from tests.filling_in import NOTHING_SUDDEN

SMALL_PHONE = 640
LARGEST = 0.5  # of a pixel: boxes lie between pixels


def start(page: Page, house: House, patient: Patient) -> None:
    page.goto(house.link(patient))
    press(page.get_by_role("button", name="Start"))


def open_check(page: Page, *, calm: bool = True) -> None:
    """The check at its first question; `calm`: nothing sudden, and on to the next."""
    press(page.get_by_role("button", name="Begin Klachtencheck"))
    if calm:
        answer(page, NOTHING_SUDDEN)


def answer(page: Page, words: str) -> None:
    page.get_by_label(words, exact=True).check()
    press(page.get_by_role("button", name="Volgende"))


def answer_the_rest(page: Page) -> None:
    """Nothing to report to every question that is left."""
    while not page.url.endswith("/review"):
        page.locator(
            ".acts"
        ).wait_for()  # below the answers: a page that is still arriving has none to count
        if page.locator(".opt").count():
            page.locator(".opt input").first.check()
        press(page.get_by_role("button", name="Volgende"))


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["360x740", "1280x800"])
def test_journey_1_from_the_link_to_the_receipt(
    house: House, visit: Visit, screen: tuple[int, int], javascript: bool
):
    patient = house.enrols()
    page = visit(screen, javascript=javascript)
    start(page, house, patient)
    open_check(page)
    answer(page, "Nee")
    answer(page, "Donkerder dan normaal")
    press(page.get_by_role("link", name="Vorige"))
    assert page.get_by_label("Donkerder dan normaal").is_checked()
    answer(page, "Gewoon")
    press(page.get_by_role("button", name="Volgende"))
    assert heading(page) == "U heeft deze vraag niet beantwoord"
    press(page.get_by_role("button", name="Vraag overslaan"))
    answer_the_rest(page)
    assert heading(page) == "Kijk uw antwoorden na"
    page.get_by_role("button", name="Verstuur mijn antwoorden").dblclick()
    page.wait_for_url("**/receipt/*")
    assert heading(page) == "Dank u wel"
    assert "vandaag om 10.4" in page.locator("main").inner_text()
    (response,) = house.responses(patient)
    assert missing_of(response.document)["STOOL"] is MissingReason.SKIPPED
    page.go_back()
    assert page.locator("input:checked").count() == 0
    assert "Nee" not in page.locator("main").inner_text().split()


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["360x740", "1280x800"])
def test_an_answer_that_cannot_wait_shows_the_number_to_tap_on_the_first_screen(
    house: House, visit: Visit, screen: tuple[int, int]
):
    page = visit(screen, javascript=False)
    start(page, house, house.enrols())
    open_check(page)
    answer(page, "Ja")
    assert heading(page) == "Bel nu het ziekenhuis"
    button = page.locator(".btn-now")
    assert button.get_attribute("href") == "tel:+31201234567"
    assert bottom(button) <= screen[1]
    press(page.get_by_role("button", name="Ik ga bellen"))
    press(page.get_by_role("link", name="Verder met de vragen"))
    answer_the_rest(page)
    press(page.get_by_role("button", name="Verstuur mijn antwoorden"))
    assert heading(page) == "Bel nu het ziekenhuis"
    assert bottom(page.locator(".btn-now")) <= screen[1]


def test_U_01_every_question_fits_the_phone_and_its_answers_are_alike(house: House, visit: Visit):
    patient = with_a_pump(house)
    page = visit(PHONE, javascript=False)
    start(page, house, patient)
    open_check(page, calm=False)
    seen = 0
    while not page.url.endswith("/review"):
        if page.locator(".intro").count():  # what is read before the first stands above it
            page.locator("#asked").evaluate("question => question.scrollIntoView()")
        boxes = [each.bounding_box() for each in page.locator(".opt").all()]
        heights = [each["height"] for each in boxes if each]
        if heights:
            seen += 1
            assert max(heights) - min(heights) <= LARGEST, page.url
            assert boxes[-1]["y"] + heights[-1] <= SMALL_PHONE, page.url
            assert min(heights) >= 44, page.url
        if len(heights) <= 4:
            assert bottom(page.get_by_role("button", name="Volgende")) <= PHONE[1], page.url
        assert page.locator("input:checked").count() == 0, page.url
        if heights:
            page.locator(".opt input").first.check()
        press(page.get_by_role("button", name="Volgende"))
    assert seen == 18


def test_the_hospitals_number_is_on_the_first_screen_of_the_patients_page(
    house: House, visit: Visit
):
    page = visit(PHONE, javascript=False)
    page.goto(house.link(house.enrols()))
    assert bottom(page.locator(".help .btn")) <= PHONE[1]
    press(page.get_by_role("button", name="Start"))
    assert bottom(page.locator(".help .btn")) <= PHONE[1]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_U_15_where_the_check_alone_is_open_start_leads_to_it_and_the_number_is_on_the_first_screen(
    house: House, visit: Visit, javascript: bool
):
    patient = house.enrols_for_the_check()
    page = visit(PHONE, javascript=javascript)
    start(page, house, patient)
    assert page.url.endswith("/ALARM")
    assert bottom(page.locator(".intro a[href='tel:+31201234567']")) <= PHONE[1]
    assert bottom(page.locator(".intro")) < page.locator("#asked h1").bounding_box()["y"]
    answer(page, NOTHING_SUDDEN)
    assert page.url.endswith("/JAUND")
    assert page.locator(".intro").count() == 0
    press(page.get_by_role("link", name="Vorige"))
    assert page.get_by_label(NOTHING_SUDDEN, exact=True).is_checked()
    assert page.locator(".intro").count() == 0
    press(page.get_by_role("link", name="Vorige"))
    assert page.url.endswith("/today")


def test_a_keyboard_goes_through_a_question_in_reading_order_and_arrows_choose(
    house: House, visit: Visit
):
    page = visit(PHONE)
    start(page, house, house.enrols())
    open_check(page)
    page.reload()  # a page that was turned over in place reads on from its question
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate(
                "(document.activeElement.textContent.trim() || document.activeElement.name)"
            )
        )
    assert order == [
        "Naar de inhoud",
        "Vorige",
        "Stoppen, later verder",
        "answer",
        "Volgende",
        "Ik sla deze vraag over",
    ]
    page.locator("#a1").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#a2").is_checked()
    assert page.url.endswith("/JAUND")  # choosing does not leave the page


@pytest.mark.parametrize("language", ["nl", "en"])
def test_R_31_no_page_of_a_patient_has_a_violation_that_axe_can_find(
    house: House, visit: Visit, language: str
):
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    for name in every_page(page, house, house.enrols(language=language)):
        assert page.locator("html").get_attribute("lang") == language, name
        assert page.locator("h1").count() == 1, name
        assert (name, violations_by_day_and_night(page)) == (name, [])


def test_R_32_no_page_scrolls_sideways_at_320_pixels_or_with_text_twice_as_large(
    house: House, visit: Visit
):
    page = visit(PHONE)
    for name in every_page(page, house, house.enrols()):
        for width, text in ((320, 100), (320, 200), (360, 200), (1280, 200)):
            page.set_viewport_size({"width": width, "height": 740})
            page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
            assert sideways(page) <= 0, (name, width, text)
            assert small_targets(page) == [], (name, width, text)
            assert broken_words(page) == [], (name, width, text)


def test_the_number_that_answers_day_and_night_stands_on_every_page(house: House, visit: Visit):
    page = visit(PHONE)
    for name in every_page(page, house, house.enrols()):
        numbers = page.locator("a[href='tel:+31201234567']")
        assert any(number.is_visible() for number in numbers.all()), name


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_none_together_with_another_leads_the_reader_to_the_sentence_that_says_so(
    house: House, visit: Visit, javascript: bool
):
    page = visit(PHONE, javascript=javascript)
    start(page, house, house.enrols())
    open_check(page, calm=False)
    for words in (NOTHING_SUDDEN, "Flauwgevallen"):
        page.get_by_label(words, exact=True).check()
    page.wait_for_timeout(1000 * ARRIVAL.total_seconds())
    page.get_by_role("button", name="Volgende").click()
    focused = page.locator("#wrong:focus")
    focused.wait_for()
    assert "U koos “Nee, geen van deze” en ook een ander antwoord." in focused.inner_text()
    assert page.locator("input:checked").count() == 2


def with_a_pump(house: House) -> Patient:
    """A patient of arm B two weeks after her pump was placed, so that the questions about the pump
    are asked."""
    clinic = house.clinic
    patient = house.enrols()
    clinic.randomises(patient, "B", "2026-01-05")
    clinic.operates(patient, "2026-01-05")
    with clinic.database.writing() as session:
        rows = session.exec(
            select(Assignment)
            .where(Assignment.patient_id == patient.id)
            .order_by(col(Assignment.id))
        )
        check = next(row for row in rows if row.instrument == "hsc" and row.state == "planned")
        check.opens_at, check.closes_at = (
            clinic.now - timedelta(hours=1),
            clinic.now + timedelta(days=1),
        )
        session.add(check)
        session.commit()
    return patient
