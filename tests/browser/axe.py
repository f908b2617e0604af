"""What axe finds wrong with a page; only what it finds crosses from the browser to the test."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LOADED = "() => Boolean(window.axe)"
# What axe could load from other addresses is nothing here: our pages have one origin.
RUN = """only => axe.run(document, {resultTypes: ["violations"], preload: false, ...only})
  .then(found => found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.html).join("; ")}`))"""
CONTRAST = {"runOnly": ["color-contrast"]}


def violations(page: Page) -> list[str]:
    """Each rule that the page as it stands breaks, with the elements that break it."""
    return _found(page, {})


def violations_by_day_and_night(page: Page) -> list[str]:
    """The same, and what is too faint in the dark; dark changes nothing but colours."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    dark = _found(page, CONTRAST)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return [f"dark: {each}" for each in dark] + _found(page, {})


def _found(page: Page, only: dict[str, list[str]]) -> list[str]:
    if not page.evaluate(LOADED):
        page.evaluate(Axe().axe_script)
    return list(page.evaluate(RUN, only))
