"""The page of a link, which has the rules it needs in it, looks as it does with the whole sheet."""

import re

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.house import House

LOOKS = """() => [...document.querySelectorAll("body, body *")].flatMap((each) =>
  [null, "::before", "::after"].map((part) => {
    const look = getComputedStyle(each, part);
    const names = [...look].filter((name) => !name.startsWith("--"));
    return [each.tagName, part, ...names.map((name) => look.getPropertyValue(name))].join("|");
  }))"""


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["360x740", "1280x800"])
def test_the_page_of_a_link_looks_as_with_the_whole_sheet(
    house: House, visit: Visit, screen: tuple[int, int]
):
    link = house.link(house.enrols())
    page = visit(screen)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    own = looks(page, link)
    assert "stylesheet" not in asked
    page.route("**/q/*", with_the_whole_sheet)
    whole = looks(page, link)
    assert "stylesheet" in asked
    assert own == whole
    assert own["light"] != own["dark"]


def looks(page: Page, link: str) -> dict[str, list[str]]:
    """How each of its elements looks, by day and by night."""
    page.goto(link)
    page.wait_for_load_state("networkidle")
    # A page that arrives takes no tap for a moment, which is seen in how it looks.
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
    seen = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        seen[scheme] = list(page.evaluate(LOOKS))
    return seen


def with_the_whole_sheet(route: Route) -> None:
    answer = route.fetch()
    sheet = '<link rel="stylesheet" href="/static/phone.css">'
    page, count = re.subn(r"<style>.*?</style>", sheet, answer.text(), flags=re.DOTALL)
    assert count == 1
    route.fulfill(body=page, content_type="text/html; charset=utf-8")
