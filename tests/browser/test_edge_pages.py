"""The pages off the common way, as every other page of a patient is: axe by day and by night,
narrow screens and large text."""

import pytest

from tests.browser.axe import violations_by_day_and_night
from tests.browser.conftest import PHONE, Visit
from tests.browser.edge_pages import edge_pages
from tests.browser.house import House, sideways, small_targets


@pytest.mark.parametrize("language", ["nl", pytest.param("en", marks=pytest.mark.nightly)])
def test_R_31_R_32_no_page_off_the_common_way_is_unsound(house: House, visit: Visit, language: str):
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    for name in edge_pages(page, house, language):
        assert page.locator("html").get_attribute("lang") == language, name
        assert page.locator("h1:visible").count() == 1, name
        assert (name, violations_by_day_and_night(page)) == (name, [])
        for width, text in ((320, 100), (320, 200), (360, 200), (1280, 200)):
            page.set_viewport_size({"width": width, "height": 740})
            page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
            assert sideways(page) <= 0, (name, width, text)
            assert small_targets(page) == [], (name, width, text)
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
