"""A red answer on a phone with a script: the page that says to call comes before the network has
answered, and says truly whether the answer is saved."""

import gzip
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from sqlmodel import select

from proms.db.tables import Assignment, Draft, Patient
from proms.domain.response import answers_of
from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House, bottom, press, sideways, small_targets
from tests.browser.phone_form import wait_for_draft
from tests.browser.test_patient import heading

WIDER_PHONE = (390, 844)
MOST_BYTES = 25 * 1024  # of a first load, compressed
SAYS = {
    "nl": (
        "Bel nu het ziekenhuis",
        "Uw antwoord is bewaard op deze telefoon.",
        "Gele huid of ogen\nJa",
    ),
    "en": (
        "Call the hospital now",
        "Your answer is saved on this phone.",
        "Yellow skin or eyes\nYes",
    ),
}
NEXT = {"nl": "Volgende", "en": "Next"}


def at_the_first_question(page: Page, house: House, patient: Patient) -> None:
    page.goto(house.link(patient))
    press(page.locator("form.start button"))
    press(page.locator(".today button").first)
    page.goto(page.url.replace("ALARM", "JAUND"))


def saved(house: House, patient: Patient) -> dict[str, object]:
    with house.clinic.database.reading() as session:
        mine = select(Draft).join(Assignment).where(Assignment.patient_id == patient.id)
        return dict(answers_of(session.exec(mine).one().document))


@pytest.mark.parametrize("screen", [PHONE, WIDER_PHONE], ids=["360x740", "390x844"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_without_a_network_she_is_told_to_call_and_that_nothing_is_saved(
    house: House, visit: Visit, screen: tuple[int, int], language: str
):
    patient = house.enrols(language=language)
    page = visit(screen, locale="nl-NL" if language == "nl" else "en-GB")
    at_the_first_question(page, house, patient)
    call, not_saved, told = SAYS[language]
    page.context.set_offline(True)
    page.locator("#a3").check()
    page.get_by_role("button", name=NEXT[language]).click()
    assert heading(page.locator("#instead")) == call
    assert page.evaluate("document.activeElement.textContent") == call
    page.get_by_text(not_saved).wait_for()
    assert told in page.locator("#instead .say").inner_text()
    for button, number in ((".btn-now", "tel:+31201234567"), (".btn-112", "tel:112")):
        found = page.locator(f"#instead {button}")
        assert found.get_attribute("href") == number
        assert bottom(found) <= screen[1]
        assert (found.bounding_box() or {})["height"] >= 44
    assert (sideways(page), small_targets(page)) == (0, [])
    assert violations(page) == []
    assert saved(house, patient) == {}
    page.context.set_offline(False)
    page.wait_for_url("**/call")  # it is saved by itself once there is a network
    assert saved(house, patient) == {"JAUND": 2}
    assert heading(page) == call


def test_where_the_browser_keeps_nothing_she_saves_it_again_with_a_button(
    house: House, visit: Visit
):
    patient = house.enrols()
    page = visit(PHONE)
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    at_the_first_question(page, house, patient)
    page.route("**/keep", lambda route: route.abort())
    page.locator("#a3").check()
    page.get_by_role("button", name="Volgende").click()
    page.get_by_text("Uw antwoord is niet bewaard.").wait_for()
    page.unroute("**/keep")
    page.get_by_role("button", name="Bewaar mijn antwoord opnieuw").click()
    page.wait_for_url("**/call")
    assert saved(house, patient) == {"JAUND": 2}


def test_the_page_comes_before_the_network_has_answered(house: House, visit: Visit):
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    held = []
    page.route("**/keep", lambda route: held.append(route))
    page.locator("#a3").check()
    page.get_by_role("button", name="Volgende").click()
    assert heading(page.locator("#instead")) == "Bel nu het ziekenhuis"
    page.get_by_text("Uw antwoord is bewaard op deze telefoon.").wait_for()
    assert "Uw antwoord is bewaard." not in page.locator("#instead").inner_text()
    assert saved(house, patient) == {}
    held[0].continue_()
    page.wait_for_url("**/call")
    assert saved(house, patient) == {"JAUND": 2}


def test_a_slip_of_the_finger_is_taken_back(house: House, visit: Visit):
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    page.context.set_offline(True)
    page.locator("#a3").check()
    page.get_by_role("button", name="Volgende").click()
    page.get_by_role("button", name="Terug naar de vraag").click()
    assert heading(page) == "Is uw huid of uw oogwit geler dan normaal?"
    page.context.set_offline(False)
    page.locator("#a1").check()
    press(page.get_by_role("button", name="Volgende"))
    wait_for_draft(page, house, patient, {"JAUND": 0})


def test_only_what_is_newly_red_shows_it(house: House, visit: Visit):
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    form = page.url.rsplit("/", 1)[0]
    page.locator("#a3").check()
    press(page.get_by_role("button", name="Volgende"))
    page.wait_for_url("**/call")
    page.goto(f"{form}/URINE")
    page.locator("#a3").check()
    press(page.get_by_role("button", name="Volgende"))
    assert page.url.endswith("/STOOL")
    # With brown pee it is red in itself: a second rule.
    page.context.set_offline(True)
    page.locator("#a3").check()
    page.get_by_role("button", name="Volgende").click()
    words = page.locator("#instead .told").inner_text().split("\n")
    assert words[::2] == ["Gele huid of ogen", "Kleur van de plas", "Kleur van de ontlasting"]
    assert words[-1] == "Heel licht: grijs of crème"
    assert "de gal niet goed weg kan" in page.locator("#instead").inner_text()
    assert "paracetamol" not in page.locator("#instead").inner_text()


def test_none_together_with_something_else_is_asked_about_first(house: House, visit: Visit):
    page = visit(PHONE)
    at_the_first_question(page, house, house.enrols())
    page.goto(f"{page.url.rsplit('/', 1)[0]}/BLEED")
    page.locator("#a1").check()
    page.locator("#a2").check()
    page.get_by_role("button", name="Volgende").click()
    page.get_by_text("Haal weg wat niet klopt.").wait_for()
    page.locator("#a1").uncheck()
    page.context.set_offline(True)
    page.get_by_role("button", name="Volgende").click()
    assert "Zwarte, plakkerige poep" in page.locator("#instead .told").inner_text()


def test_the_other_language_is_no_answer(house: House, visit: Visit):
    page = visit(PHONE)
    patient = house.enrols()
    at_the_first_question(page, house, patient)
    page.locator("#a1").check()
    page.get_by_role("button", name="Volgende").click()
    page.wait_for_url("**/URINE")
    for _ in range(20):  # a phone sends what it kept a little later
        if not saved(house, patient):
            page.wait_for_timeout(300)
    page.reload()
    page.locator("#a3").check()
    press(page.get_by_role("button", name="English"))
    assert page.locator("#instead").count() == 0
    assert page.locator("#a3").is_checked()


def test_without_a_script_the_server_shows_it(house: House, visit: Visit):
    patient = house.enrols()
    page = visit(PHONE, javascript=False)
    at_the_first_question(page, house, patient)
    page.locator("#a3").check()
    press(page.get_by_role("button", name="Volgende"))
    assert page.url.endswith("/call")
    assert heading(page) == "Bel nu het ziekenhuis"
    for button in (".btn-now", ".btn-112"):
        assert bottom(page.locator(button)) <= PHONE[1]
    assert saved(house, patient) == {"JAUND": 2}


def test_a_first_load_stays_light(house: House, visit: Visit):
    page = visit(PHONE)
    at_the_first_question(page, house, house.enrols())
    page.wait_for_load_state("networkidle")
    parts = page.evaluate("performance.getEntriesByType('resource').map(part => part.name)")
    assert sum(urlsplit(part).path.endswith(".js") for part in parts) == 1
    needed = [page.request.get(part).body() for part in (page.url, *parts)]
    assert sum(len(gzip.compress(body)) for body in needed) <= MOST_BYTES


def test_the_button_stays_under_her_thumb_when_the_servers_page_follows(house: House, visit: Visit):
    page = visit(PHONE)
    at_the_first_question(page, house, house.enrols())
    page.context.set_offline(True)
    page.locator("#a3").check()
    page.get_by_role("button", name="Volgende").click()
    before = bottom(page.locator("#instead .btn-now"))
    page.context.set_offline(False)
    page.wait_for_url("**/call")
    assert abs(bottom(page.locator(".btn-now")) - before) <= 1


@pytest.mark.parametrize("language", ["nl", "en"])
def test_whether_it_can_wait_is_asked_on_a_page_that_everybody_can_use(
    house: House, visit: Visit, language: str
):
    patient = house.enrols(language=language)
    receipt = house.clinic.answers(patient, JAUND=1)
    page = visit(PHONE, locale="nl-NL" if language == "nl" else "en-GB")
    page.goto(house.link(patient))
    press(page.locator("form.start button"))
    page.goto(f"{house.address}/receipt/{receipt.code}")
    for _ in range(2):
        assert (sideways(page), small_targets(page)) == (0, [])
        assert violations(page) == []
        press(page.locator(".wait button").first)
    assert page.locator(".wait .btn-now").get_attribute("href") == "tel:+31201234567"
    assert violations(page) == []
