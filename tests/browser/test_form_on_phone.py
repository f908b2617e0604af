"""A form that is turned over on the phone: no request a question, nothing lost without a network,
and never "sent" without a receipt."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from proms.content import Library
from proms.db.tables import Assignment, Draft, Patient
from proms.domain.response import answers_of, missing_of
from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House, press, running_house, sideways, small_targets

AT_ONCE_MS = 200
SOON_MS = 5000
CUTS = 30


@pytest.fixture(scope="module")
def house(sqlite_clinic_template: Path, stand_ins: Library, sqlite_folder: Path) -> Iterator[House]:
    file = Path(mkdtemp(prefix="house-", dir=sqlite_folder), "trial.db")
    file.write_bytes(sqlite_clinic_template.read_bytes())
    with running_house(f"sqlite:///{file}", stand_ins) as house:
        yield house


def at_the_first_question(page: Page, house: House, patient: Patient) -> None:
    enter(page, house, patient)
    press(page.locator(".today button").first)
    press(page.locator(".btn-1"))
    ready(page)


def enter(page: Page, house: House, patient: Patient) -> None:
    page.goto(house.link(patient))
    press(page.locator("form.start button"))


def ready(page: Page) -> None:
    """The whole form is on the phone, and the service worker stands before the page."""
    page.locator("#answering[data-taken]").wait_for()
    page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    form = "/".join(page.url.split("/")[3:5])
    page.wait_for_function(f"caches.match('/{form}/whole').then(Boolean)")


def next_question(page: Page, choice: str | None = "#a1") -> None:
    """Answer it, and be at the next: by another address."""
    before = page.url
    if choice:
        page.locator(choice).check()
    page.get_by_role("button", name="Volgende").click()
    page.wait_for_function("before => location.href !== before", arg=before)


def to_the_end(page: Page) -> None:
    """The first answer to each question that is left."""
    while not page.url.endswith("/review"):
        next_question(page, "#a1" if page.locator(".opt").count() else None)


def draft_of(house: House, patient: Patient) -> dict[str, object]:
    with house.clinic.database.reading() as session:
        mine = select(Draft).join(Assignment).where(Assignment.patient_id == patient.id)
        draft = session.exec(mine).first()
        return dict(answers_of(draft.document)) if draft else {}


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


def test_no_page_is_asked_for_between_questions_and_a_reader_hears_each(house: House, visit: Visit):
    page = visit(PHONE)
    at_the_first_question(page, house, house.enrols())
    page.evaluate("window.same = true")
    next_question(page)
    assert page.evaluate("window.same")
    assert page.url.endswith("/URINE")
    assert page.title().startswith("Vraag 2 van ")
    assert page.evaluate("document.activeElement.textContent.trim()").startswith("Wat was de donk")
    assert page.locator("#count").inner_text().startswith("Vraag 2 van ")
    assert page.locator("input:checked").count() == 0
    assert violations(page) == []
    page.go_back()
    expect(page.locator("#a1")).to_be_checked()
    assert page.url.endswith("/JAUND")
    page.go_forward()
    assert page.url.endswith("/URINE")
    page.get_by_role("link", name="Vorige").click()
    expect(page.locator("#a1")).to_be_checked()
    assert page.evaluate("window.same")


def test_U_10_an_answer_is_on_the_phone_at_once_and_sealed_and_soon_at_the_hospital(
    house: House, visit: Visit
):
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    page.locator("#a1").check()
    page.get_by_role("button", name="Volgende").click()
    page.wait_for_timeout(AT_ONCE_MS)
    (row,) = [row for row in rows(page) if row["item"] == "JAUND"]
    assert "value" not in json.dumps(row)
    wait_for_draft(page, house, patient, {"JAUND": 0})
    expect(page.locator("#state")).to_have_text("Bewaard. Nog niet verstuurd.")
    with house.clinic.database.reading() as session:
        mine = select(Draft).join(Assignment).where(Assignment.patient_id == patient.id)
        entry = session.exec(mine).one().document["JAUND"]
    assert entry["on_phone"].endswith("+00:00")
    assert entry["on_phone"] != entry["first_answered"]  # the house lives in another year


def test_a_form_is_filled_in_and_sent_without_a_network_and_arrives_once(
    house: House, visit: Visit
):
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    page.context.set_offline(True)
    next_question(page)
    expect(page.locator("#state")).to_have_text(
        "Geen internet. Bewaard op deze telefoon. Nog niet verstuurd."
    )
    next_question(page, None)
    assert page.locator("h1").inner_text() == "U heeft deze vraag niet beantwoord"
    page.get_by_role("button", name="Vraag overslaan").click()
    to_the_end(page)
    assert page.locator("h1").inner_text() == "Kijk uw antwoorden na"
    assert violations(page) == []
    assert (sideways(page), small_targets(page)) == (0, [])
    page.get_by_role("link", name="Wijzig Is uw huid").click()
    page.locator("#a2").check()
    page.get_by_role("button", name="Volgende").click()
    page.get_by_role("button", name="Verstuur mijn antwoorden").click()
    page.get_by_text("Er is nu geen internet.").wait_for()
    assert page.locator("h1").inner_text() == "Bewaard op uw telefoon"
    assert "aangekomen" not in page.locator("main").inner_text()
    assert violations(page) == []
    assert (sideways(page), small_targets(page)) == (0, [])
    assert (draft_of(house, patient), house.responses(patient)) == ({}, [])
    page.get_by_role("button", name="Probeer nu te versturen").click()
    page.get_by_text("Er is nu geen internet.").wait_for()
    page.context.set_offline(False)
    page.wait_for_url("**/receipt/*")
    (response,) = house.responses(patient)
    assert answers_of(response.document)["JAUND"] == 1
    assert missing_of(response.document)["URINE"] == "skipped"
    page.wait_for_function("caches.match('/offline')")
    assert rows(page) == []
    form = response.assignment_id
    assert page.evaluate(f"caches.match('/form/{form}/whole').then(Boolean)") is False
