"""`make screenshots`: every page of a patient in both languages, on each screen, by day and by
night, for people to look at. No test looks at them."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.edge_pages import edge_pages
from tests.browser.house import House, every_page

FOLDER = Path(os.environ.get("SCREENSHOTS", "screenshots"))
SCREENS = [(320, 640), (360, 740), (390, 844), (768, 1024), (1280, 800)]
BY_NIGHT = (390, 844)
STYLE = """<style>
body{font:1rem sans-serif}
figure{display:inline-block;vertical-align:top;margin:.5rem}
img{border:1px solid #999;max-width:24rem}
</style>"""


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pictures(house: House, visit: Visit, language: str):
    page = visit(SCREENS[0], locale="nl-NL" if language == "nl" else "en-GB")
    taken: list[str] = []
    for name in every_page(page, house, house.enrols(language=language)):
        taken += photograph(page, f"{len(taken):03} {name}".replace("/", " "), language)
    page.context.clear_cookies()
    for name in edge_pages(page, house, language):
        taken += photograph(page, f"{len(taken):03} {name}".replace("/", " "), language)
    shown = "".join(
        f'<figure><img loading="lazy" src="{name}"><figcaption>{name}</figcaption></figure>\n'
        for name in taken
    )
    Path(FOLDER, language, "index.html").write_text(f"<!doctype html>{STYLE}{shown}")


def photograph(page: Page, name: str, language: str) -> list[str]:
    """The whole page on each screen, and by night on one; the names of the files."""
    folder = Path(FOLDER, language)
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    for scheme, screens in (("light", SCREENS), ("dark", [BY_NIGHT])):
        page.emulate_media(
            color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
        )
        for width, height in screens:
            page.set_viewport_size({"width": width, "height": height})
            taken.append(f"{name} {width} {scheme}.png")
            page.screenshot(path=folder / taken[-1], full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": SCREENS[1][0], "height": SCREENS[1][1]})
    return taken
