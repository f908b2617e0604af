"""How much a remark still takes is said before it is full, and nothing that was typed is lost."""

import re

import pytest

from proms.domain.plain_text import LONGEST_TEXT, TYPED
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House, until
from tests.browser.test_patient import heading, open_check, start

LINE = "x" * 19


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_remark_of_many_lines_fits_and_one_too_long_comes_back_whole(
    house: House, visit: Visit, javascript: bool
):
    page = visit(PHONE, javascript=javascript)
    start(page, house, house.enrols())
    open_check(page)
    page.goto(page.url.rsplit("/", 1)[0] + "/REMARK")
    field, room = page.locator("textarea"), page.locator(".room.over")
    assert "Hoogstens 2000 tekens." in page.locator("main").inner_text()
    many = "\n".join([LINE] * (LONGEST_TEXT // 20))
    field.fill(many[:1700])
    assert room.inner_text() == ""
    field.fill(many[:1850])
    assert room.inner_text() == ("Tekens over: 150." if javascript else "")
    field.fill(many + "xxx")
    assert room.inner_text() == ("Tekens te veel: 2. Maak het korter." if javascript else "")
    page.get_by_role("button", name="Volgende").click()
    page.locator("#wrong").wait_for()
    assert field.input_value() == many + "xxx"
    field.fill(many + "x")
    page.get_by_role("button", name="Volgende").click()
    until(page, "!document.querySelector('textarea')")
    assert heading(page) != "Wilt u nog iets vertellen?"


def test_the_phone_takes_the_characters_that_the_hospitals_computer_takes(
    house: House, visit: Visit
):
    page = visit(PHONE)
    start(page, house, house.enrols())
    open_check(page)
    page.goto(page.url.rsplit("/", 1)[0] + "/REMARK")
    places = [*range(0x2100), *range(0xD7F0, 0xE010), 0x1F642, 0x10FFFF]
    taken = page.evaluate(
        """(places) => {
          const typed = new RegExp(document.querySelector("textarea").dataset.typed, "u");
          return places.filter((place) => typed.test(`a${String.fromCodePoint(place)}b`));
        }""",
        places,
    )
    assert taken == [place for place in places if re.fullmatch(TYPED, f"a{chr(place)}b")]
    field = page.locator("textarea")
    field.fill("a bell \x07")
    page.get_by_role("button", name="Volgende").click()
    page.locator("#wrong").wait_for()
    field.fill("one line\u2028and another")
    page.get_by_role("button", name="Volgende").click()
    until(page, "!document.querySelector('textarea')")
