"""The page to look answers over: in groups, what matters first, and short."""

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House, bottom, press, sideways, small_targets
from tests.browser.phone_form import at_the_first_question, next_question, to_the_end
from tests.browser.test_patient import (
    answer,
    answer_the_rest,
    heading,
    open_check,
    start,
    with_a_pump,
)

MOST_SCREENS = 3.2


def headings(page: Page) -> list[str]:
    return page.locator("main h2").all_inner_texts()


def test_a_whole_check_is_looked_over_on_some_three_screens_what_matters_first(
    house: House, visit: Visit
):
    page = visit(PHONE, javascript=False)
    start(page, house, with_a_pump(house))
    open_check(page)
    answer(page, "Nee")
    answer(page, "Gewoon")
    answer(page, "Gewoon")
    answer(page, "Licht")
    press(page.get_by_role("link", name="Ik sla deze vraag over"))
    press(page.get_by_role("button", name="Vraag overslaan"))
    answer_the_rest(page)
    assert heading(page) == "Kijk uw antwoorden na"
    assert page.evaluate("document.documentElement.scrollHeight") <= MOST_SCREENS * PHONE[1]
    assert headings(page) == [
        "Lever en galwegen",
        "Bloeding en plotselinge klachten",
        "Uw pomp",
        "Buik en eten",
        "Algemeen",
    ]
    first_group = page.locator(".rev").first.inner_text()
    assert first_group.index("Jeuk") < first_group.index("Temperatuur")
    assert first_group.index("Temperatuur") < first_group.index("Gele huid of ogen")
    asked = [text.split(".")[0] for text in page.locator(".rev dt").all_inner_texts()]
    assert sorted(map(int, asked)) == list(range(1, len(asked) + 1))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_cannot_wait_stands_on_top_with_the_number_to_call(
    house: House, visit: Visit, language: str
):
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    page.goto(house.link(house.enrols(language=language)))
    press(page.locator("form.start button"))
    press(page.locator(".today button").first)
    page.locator("#a3").check()
    press(page.locator(".btn-1"))
    press(page.locator("a.btn-2").last)
    answer_the_rest_in(page)
    call = page.locator(".urgent-card .btn-now")
    assert call.get_attribute("href") == "tel:+31201234567"
    assert bottom(call) <= PHONE[1]
    assert violations(page) == []
    for width, text in ((320, 100), (360, 200)):
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
        assert sideways(page) <= 0
        assert small_targets(page) == []


LOOKED_OVER = """() => [...document.querySelectorAll(
  "h1, h2, .lead, .note p, .urgent-card p, .told dt, .told dd, .urgent-card a, .rev dt, .rev .v, .rev .e a",
)].filter((each) => each.closest("main") && !each.closest("[hidden]"))
  .map((each) => `${each.closest(".urgent-card") ? "!" : ""} ${each.textContent.replace(/\\s+/g, " ").trim()}`)"""


@pytest.mark.parametrize("language", ["nl", "en"])
def test_without_a_network_the_answers_are_looked_over_as_with_one(
    house: House, visit: Visit, language: str
):
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    at_the_first_question(page, house, house.enrols(language=language))
    page.context.set_offline(True)
    for choice in ("#a2", "#a1", "#a1", "#a2"):
        next_question(page, choice)
    next_question(page, None)  # her temperature
    page.locator("[data-skip]").click()
    for choice in ("#a1", "#a3", "#a1", "#a1"):
        next_question(page, choice)
    page.locator("#a4").check()  # vomiting that cannot wait
    page.locator("#answering .btn-1").click()
    page.locator("[data-on]").click()
    to_the_end(page)
    assert violations(page) == []
    assert bottom(page.locator(".urgent-card .btn-now")) <= PHONE[1]
    here = page.evaluate(LOOKED_OVER)
    with page.expect_response("**/keep"):
        page.context.set_offline(False)
    page.goto(page.evaluate("location.href"))
    assert page.locator("#instead").count() == 0
    assert here == page.evaluate(LOOKED_OVER)
    for width, text in ((320, 100), (360, 200)):
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
        assert sideways(page) <= 0
        assert small_targets(page) == []


def answer_the_rest_in(page: Page) -> None:
    """Nothing to report to every question that is left, in whatever language."""
    while not page.url.endswith("/review"):
        page.locator(".acts").wait_for()
        if page.locator(".opt").count():
            page.locator(".opt input").first.check()
        press(page.locator(".acts .btn-1"))
