"""A phone that is cut off from the network, killed, and comes back: nothing is lost, and nothing is
sent twice."""

import os
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from proms import clock
from proms.domain.response import answers_of
from tests.browser import chromium
from tests.browser.axe import violations
from tests.browser.conftest import FLAGS, PATIENCE_MS, PHONE, Visit
from tests.browser.house import House, at_another_address, until
from tests.browser.phone_form import (
    AT_ONCE_MS,
    at_the_first_question,
    enter,
    next_question,
    to_the_end,
    wait_for_draft,
)

CUTS, CUTS_AT_NIGHT = 8, 200  # each takes some eight seconds


def test_F_13_killed_without_a_network_she_goes_on_after_three_days_and_sends_once(
    house: House, visit: Visit, tmp_path: Path
):
    patient = house.enrols()
    started = visit(PHONE).context.browser
    assert started
    profile = tmp_path / "profile"
    page = on_her_phone(started, profile).new_page()
    at_the_first_question(page, house, patient)
    next_question(page, "#a2")
    wait_for_draft(page, house, patient, {"JAUND": 1})
    page.context.set_offline(True)
    next_question(page, "#a2")
    page.wait_for_timeout(AT_ONCE_MS)
    kill(profile)
    phone = on_her_phone(started, profile, NOWHERE)
    phone.clock.set_system_time(clock.now() + timedelta(days=3))
    page = phone.new_page()
    page.goto(house.link(patient))
    assert page.locator("h1").inner_text() == "Geen internet"
    assert violations(page) == []
    page.get_by_role("link", name="Ga verder").click()
    expect(page.locator("#asked h1")).to_contain_text("Wat was de lichtste kleur")
    page.get_by_role("link", name="Vorige").click()
    expect(page.locator("#a2")).to_be_checked()
    next_question(page, None)
    to_the_end(page)
    page.get_by_role("button", name="Verstuur mijn antwoorden").click()
    page.get_by_text("Versturen lukt nu niet.").wait_for()
    kill(profile)
    assert house.responses(patient) == []
    phone = on_her_phone(started, profile)
    page = phone.new_page()
    enter(page, house, patient)
    page.wait_for_url("**/receipt/*")
    (response,) = house.responses(patient)
    sent = answers_of(response.document)
    assert (sent["JAUND"], sent["URINE"], sent["STOOL"]) == (1, 1, 0)
    phone.close()


def test_what_could_not_be_sent_at_the_first_try_is_sent_without_another_tap(
    house: House, visit: Visit
):
    """The network is back, and the first try after it is lost all the same."""
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    page.context.set_offline(True)
    to_the_end(page)
    page.get_by_role("button", name="Verstuur mijn antwoorden").click()
    page.get_by_text("Er is nu geen internet.").wait_for()
    lost = []
    page.context.route(
        "**/arrive",
        lambda route: route.continue_() if lost else (lost.append(1), route.abort()),
    )
    page.context.set_offline(False)
    page.wait_for_url("**/receipt/*")
    assert lost
    assert len(house.responses(patient)) == 1


def test_a_send_that_finds_no_network_says_so_and_the_next_one_waits_on_the_phone(
    house: House, visit: Visit
):
    """She looks at the page of the hospital's computer when the network goes."""
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    to_the_end(page)
    send = page.get_by_role("button", name="Verstuur mijn antwoorden")
    send.wait_for()
    page.context.set_offline(True)
    send.click()
    page.get_by_text("Versturen is niet gelukt: er is geen internet.").wait_for()
    assert violations(page) == []
    assert house.responses(patient) == []
    page.locator("[data-send]").click()
    page.get_by_text("Er is nu geen internet.").wait_for()
    page.context.set_offline(False)
    page.wait_for_url("**/receipt/*")
    assert len(house.responses(patient)) == 1


# No network that a browser could find: nothing answers there.
NOWHERE = ("--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>")


def on_her_phone(started: Browser, profile: Path, network: tuple[str, ...] = ()) -> BrowserContext:
    """A browser that keeps what it held when it was closed."""
    phone = started.browser_type.launch_persistent_context(
        profile,
        executable_path=chromium.find(),
        args=[*FLAGS, *network, *([] if os.geteuid() else ["--no-sandbox"])],
        viewport={"width": PHONE[0], "height": PHONE[1]},
        locale="nl-NL",
        timezone_id="Europe/Amsterdam",
    )
    phone.set_default_timeout(PATIENCE_MS)
    return phone


def kill(profile: Path) -> None:
    """As a battery does that runs out: the browser of this profile, and no other."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"--user-data-dir={profile}".encode() in process.read_bytes():
                os.kill(int(process.parent.name), signal.SIGKILL)
    for lock in profile.glob("Singleton*"):
        lock.unlink()


def test_T_cut_off_anywhere_nothing_is_lost_and_nothing_is_sent_twice(house: House, visit: Visit):
    for seed in range(CUTS):
        cut_off(house, visit, Random(seed))


@pytest.mark.nightly
def test_T_cut_off_in_two_hundred_places(house: House, visit: Visit):
    for seed in range(CUTS, CUTS_AT_NIGHT):
        cut_off(house, visit, Random(seed))


def cut_off(house: House, visit: Visit, random: Random) -> None:
    """A form with the network gone from one question to another, and perhaps a page reloaded."""
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    gone, back, reloaded = sorted(random.sample(range(24), 3))
    chosen: dict[str, object] = {"ALARM": ("none",)}  # which is asked before the first here
    for place in range(40):
        if place == gone:
            page.context.set_offline(True)
        if place == back:
            page.context.set_offline(False)
        if page.evaluate("location.pathname").endswith("/review"):
            break
        if place == reloaded:
            page.reload()
            page.locator("#answering[data-taken]").wait_for()
        answer_by_chance(page, random, chosen)
    if page.locator("[data-send]").count():
        page.locator("[data-send]").first.click()
    else:
        page.get_by_role("button", name="Verstuur mijn antwoorden").click()
        until(page, "() => !location.href.endsWith('/review')")
        if page.evaluate("location.search") == "?away":  # it went on the hospital's own page
            page.locator("[data-send]").click()
    page.context.set_offline(False)
    page.wait_for_url("**/receipt/*")
    (response,) = house.responses(patient)
    assert dict(answers_of(response.document)) == chosen
    page.context.close()


def answer_by_chance(page: Page, random: Random, chosen: dict[str, object]) -> None:
    """One of the answers of a question that are not red, or none where it may be left out."""
    item = page.evaluate("location.pathname").rsplit("/", 1)[1]
    options = page.locator(".opt input")
    before = page.evaluate("location.href")
    if options.count():
        place = random.randrange(2) if item in CALM else 0
        value = options.nth(place).get_attribute("value")
        chosen[item] = (value,) if item in ("BLEED", "ALARM", "SITE") else int(value or "")
        options.nth(place).evaluate("box => { box.checked = true; }")
    page.locator("#answering .btn-1").evaluate("button => button.click()")
    at_another_address(page, before)


CALM = {"URINE", "STOOL", "ITCH", "STOM", "NAUS", "VOM", "DIAR", "TIRED", "NERVE"}
