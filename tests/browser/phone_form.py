"""A form on a patient's phone in Chromium: how she comes to it and goes on, and what is where."""

from playwright.sync_api import Page
from sqlmodel import select

from proms.db.tables import Assignment, Draft, Patient
from proms.domain.response import answers_of
from tests.browser.house import House, at_another_address, press, until

AT_ONCE_MS = 200
SOON_MS = 5000


def at_the_first_question(page: Page, house: House, patient: Patient) -> None:
    enter(page, house, patient)
    press(page.locator(".today button").first)
    ready(page)
    next_question(page)  # nothing sudden


def enter(page: Page, house: House, patient: Patient) -> None:
    page.goto(house.link(patient))
    press(page.locator("form.start button"))


def ready(page: Page) -> None:
    """The whole form is on the phone, and the service worker stands before the page."""
    page.locator("#answering[data-taken]").wait_for()
    until(page, "Boolean(navigator.serviceWorker.controller)")
    form = "/".join(page.url.split("/")[3:5])
    until(page, f"caches.match('/{form}/whole').then(Boolean)")


def next_question(page: Page, choice: str | None = "#a1") -> None:
    """Answer it, and be at the next: by another address."""
    before = page.evaluate("location.href")
    if choice:
        page.locator(choice).check()
    page.locator("#answering .btn-1").click()
    at_another_address(page, before)


def to_the_end(page: Page) -> None:
    """The first answer to each question that is left."""
    while not page.evaluate("location.pathname").endswith("/review"):
        next_question(page, "#a1" if page.locator(".opt").count() else None)


def draft_of(house: House, patient: Patient) -> dict[str, object]:
    with house.clinic.database.reading() as session:
        mine = select(Draft).join(Assignment).where(Assignment.patient_id == patient.id)
        draft = session.exec(mine).first()
        kept = answers_of(draft.document) if draft else {}
        return {code: value for code, value in kept.items() if code != "ALARM"}


def wait_for_draft(page: Page, house: House, patient: Patient, wanted: dict[str, object]) -> None:
    for _ in range(SOON_MS // 100):
        if draft_of(house, patient) == wanted:
            return
        page.wait_for_timeout(100)
    assert draft_of(house, patient) == wanted


def rows(page: Page) -> list[dict[str, object]]:
    """What lies on the phone, as whoever picks it up reads it."""
    return list(
        page.evaluate(
            """() => new Promise((done) => {
              const asking = indexedDB.open("forms", 1);
              asking.onsuccess = () => {
                const rows = asking.result.transaction("rows").objectStore("rows").getAll();
                rows.onsuccess = () => done(rows.result.map((row) => ({...row,
                  sealed: new TextDecoder("latin1").decode(row.sealed), iv: null})));
              };
            })"""
        )
    )
