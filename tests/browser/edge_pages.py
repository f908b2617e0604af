"""The pages that a patient meets off the common way: a wrong hand, a PIN, a tablet, a number, no
network."""

from collections.abc import Iterator

from playwright.sync_api import Page

from proms.actions.audit import staff_actor
from proms.actions.handing_over import hand_over
from proms.actions.pins import set_pin
from proms.db.tables import Patient
from tests.browser.house import House, at_another_address, press, until
from tests.browser.phone_form import ready

PIN = "2580"


def edge_pages(page: Page, house: House, language: str) -> Iterator[str]:
    """Each of them, one after the other, to patients of this language."""
    yield from not_hers(page, house, house.enrols(language=language))
    yield from behind_a_pin(page, house, house.enrols(language=language))
    yield from on_a_tablet(page, house, house.enrols(language=language))
    yield from sent_and_told(page, house, house.enrols(language=language))
    yield from without_network(page, house, house.enrols(language=language))


def enter(page: Page, house: House, patient: Patient) -> None:
    page.goto(house.link(patient))
    press(page.locator("form.start button"))


def not_hers(page: Page, house: House, patient: Patient) -> Iterator[str]:
    link = house.link(patient)
    page.goto(f"{link}/not-mine")
    yield "not for me"
    press(page.locator("form .btn-1"))
    yield "not for me, said"
    page.goto(link)
    yield "a link that does not work any more"
    link = house.link(patient)
    house.clinic.withdraws(patient, "2026-01-05")
    page.goto(link)
    yield "a link of who takes no further part"


def behind_a_pin(page: Page, house: House, patient: Patient) -> Iterator[str]:
    clinic = house.clinic
    set_pin(clinic.database, patient=patient, digits=PIN, by=staff_actor(clinic.mo), now=clinic.now)
    enter(page, house, patient)
    yield "a PIN is asked for"
    page.locator("#pin").fill("1357")
    press(page.locator("form .btn-1"))
    yield "a PIN that is not right"
    clinic.answers(patient, NAUS=2)
    page.locator("#pin").fill(PIN)
    press(page.locator("form .btn-1"))
    page.goto(f"{house.address}/earlier")
    page.locator("summary", has_text="Misselijk").or_(
        page.locator("summary", has_text="Feeling sick")
    ).click()
    yield "earlier answers"
    page.context.clear_cookies()


def on_a_tablet(page: Page, house: House, patient: Patient) -> Iterator[str]:
    clinic = house.clinic
    page.goto(f"{house.address}/tablet")
    yield "a code for a tablet"
    page.locator("#code").fill("AAAA AAAA")
    press(page.locator("form .btn-1"))
    yield "a code that is not right"
    with clinic.database.writing() as session:
        code = hand_over(
            session,
            clinic.keyring,
            patient=patient,
            by=staff_actor(clinic.mo),
            now=clinic.now,
        )
    page.locator("#code").fill(code)
    press(page.locator("form .btn-1"))
    yield "today on a tablet"
    press(page.locator(".today button").first)
    while not page.evaluate("location.pathname").endswith("/review"):
        if page.locator(".opt").count():
            page.locator(".opt input").first.check()
        press(page.locator(".btn-1"))
    press(page.locator(".btn-1"))
    yield "receipt on a tablet"
    page.goto(f"{house.address}/tablet/back")
    yield "give back"
    page.context.clear_cookies()


def sent_and_told(page: Page, house: House, patient: Patient) -> Iterator[str]:
    """A rating and a remark; and what a patient reads who sent an answer that a nurse looks at."""
    clinic = house.clinic
    enter(page, house, patient)
    rated = clinic.opens(patient, "eq-5d-5l")
    page.goto(f"{house.address}/form/{rated.id}/VAS")
    yield "a number"
    page.locator("#answer").fill("180")
    page.locator("#answering .btn-1").click()
    page.locator("#wrong").wait_for()
    yield "a number that is not on the scale"
    receipt = clinic.answers(patient, ITCH=3)
    page.goto(f"{house.address}/receipt/{receipt.code}")
    yield "receipt of what can be called about"
    page.context.clear_cookies()


def without_network(page: Page, house: House, patient: Patient) -> Iterator[str]:
    enter(page, house, patient)
    press(page.locator(".today button").first)
    form = page.url
    ready(page)
    until(page, "caches.match('/offline').then(Boolean)")
    page.context.set_offline(True)
    page.goto(f"{house.address}/today")
    page.locator("#held li").wait_for()
    yield "without a network"
    page.goto(form)
    while not page.evaluate("location.pathname").endswith("/review"):
        before = page.evaluate("location.href")
        if page.locator(".opt").count():
            page.locator(".opt input").first.check()
        page.locator("#answering .btn-1").evaluate("button => button.click()")
        at_another_address(page, before)
    yield "review without a network"
    page.locator("[data-send]").first.evaluate("button => button.click()")
    page.locator("#instead .big-ok").wait_for()
    yield "waiting for a network"
    page.context.set_offline(False)
    page.wait_for_url("**/receipt/*")
