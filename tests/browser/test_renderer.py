"""Our Questionnaires in LHC-Forms, a renderer of another house: filled in by hand there, scored
here."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select
from werkzeug.exceptions import NotFound
from werkzeug.middleware.shared_data import SharedDataMiddleware

from proms.content import Library
from proms.db.tables import Patient, Score
from proms.domain.response import Mode, answers_of
from proms.domain.score import score_one
from proms.settings import HOME
from tests.browser.conftest import DESK, Visit
from tests.browser.house import House, running_house

pytestmark = pytest.mark.nightly
FOLDER = HOME / "tests" / "renderers"
ASKED = """async ([link, assignment]) => {
  const asked = async (path, more) => (await fetch("/api/v1" + path, more)).json();
  const json = {"Content-Type": "application/json"};
  const session = await asked("/session", {method: "POST", headers: json, body: JSON.stringify({link})});
  window.bearer = {Authorization: "Bearer " + session.token};
  const found = await asked("/fhir/Questionnaire?assignment=" + assignment, {headers: window.bearer});
  window.made = found.entry[0].resource;
  await LForms.Util.addFormToPage(window.made, "form", {fhirVersion: "R4"});
}"""
SENT = """async (assignment) => {
  const said = LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4");
  said.questionnaire = window.made.url + "|" + window.made.version;
  said.basedOn = [{identifier: {system: "urn:proms:assignment", value: String(assignment)}}];
  const headers = {...window.bearer, "Content-Type": "application/fhir+json", "Idempotency-Key": "from-lhc-forms"};
  const body = JSON.stringify(said);
  const answered = await fetch("/api/v1/fhir/QuestionnaireResponse", {method: "POST", headers, body});
  return {status: answered.status, body: await answered.json(), sent: said};
}"""


@pytest.fixture
def house(sqlite_database_url: str, library: Library) -> Iterator[House]:
    assert (FOLDER / "node_modules" / "lforms").is_dir(), "LHC-Forms is missing: make renderers"
    renderer = SharedDataMiddleware(NotFound(), {"/": str(FOLDER)})
    with running_house(sqlite_database_url, library, beside={"/renderer": renderer}) as house:
        yield house


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit(DESK)


def shown(page: Page, house: House, patient: Patient, instrument: str) -> int:
    """The patient's questionnaire on the renderer's page, as our API serves it to her."""
    assignment = house.clinic.asked(patient, instrument).id
    page.goto(f"{house.address}/renderer/lforms.html")
    page.wait_for_function("window.LForms && LForms.FHIR && LForms.FHIR.R4")
    page.evaluate(ASKED, [house.link(patient).rpartition("/")[2], assignment])
    expect(page.locator("lhc-item").first).to_be_visible()
    return assignment


def choose(page: Page, item: str, option: int | str) -> None:
    """Tap an option as it is shown under its question."""
    page.locator(f"label[id^='{item}/'][id$='|{option}']").click()


def sent(page: Page, assignment: int, status: int = 201) -> dict[str, Any]:
    answered: dict[str, Any] = page.evaluate(SENT, assignment)
    assert answered["status"] == status, answered["body"]
    return answered


def scores(house: House) -> dict[str, float | None]:
    with house.clinic.database.reading() as session:
        return {row.scale: row.value for row in session.exec(select(Score))}


def test_a_questionnaire_filled_in_elsewhere_is_scored_as_if_it_were_filled_in_here(
    house: House, page: Page, library: Library
) -> None:
    anna = house.enrols()
    assignment = shown(page, house, anna, "qlq-c30")
    answers = {f"q{n}": 1 + n % 4 for n in range(1, 31) if n != 7} | {"q30": 7}
    for item, option in answers.items():
        choose(page, item, option)
    sent(page, assignment)
    (response,) = house.responses(anna)
    assert answers_of(response.document) == answers
    assert response.mode == Mode.API
    instrument = library.instrument("qlq-c30")
    assert scores(house) == {each.scale: each.value for each in score_one(instrument, answers)}


def test_the_stoma_branch_opens_and_closes_in_the_renderer_as_it_does_here(
    house: House, page: Page, library: Library
) -> None:
    anna = house.enrols(rectal_primary=True)
    assignment = shown(page, house, anna, "qlq-cr29")
    with_stoma, without = (
        page.get_by_text("zakje: winden", exact=True),
        page.get_by_text("winden", exact=True),
    )
    expect(without).to_be_visible()  # nothing is said of a stoma, and the hospital knows of none
    choose(page, "q48", 0)
    choose(page, "q49.no_stoma", 4)
    choose(page, "q48", 1)
    expect(with_stoma).to_be_visible()
    expect(without).to_have_count(0)
    answers = {f"q{n}": 1 + n % 4 for n in range(31, 48)} | {"q48": 1}
    answers |= {f"q{n}": 1 + n % 4 for n in range(49, 56)} | {"q58": 2, "q59": 3}
    worded = {f"q{n}": f"q{n}.stoma" for n in range(49, 55)}
    for item, option in answers.items():
        choose(page, worded.get(item, item), option)
    expect(page.get_by_text("erectie")).to_have_count(0)
    said = sent(page, assignment)["sent"]
    assert "q49.no_stoma" not in [each["linkId"] for each in said["item"]]
    (response,) = house.responses(anna)
    assert answers_of(response.document) == answers
    instrument = library.instrument("qlq-cr29")
    assert scores(house) == {each.scale: each.value for each in score_one(instrument, answers)}


def test_ticks_numbers_and_words_come_back_as_they_were_given_and_what_is_urgent_is_told(
    house: House, page: Page
) -> None:
    anna = house.enrols()
    assignment = shown(page, house, anna, "hsc")
    for option in ("none", "tar", "nose"):
        choose(page, "BLEED", option)
    page.locator("textarea[id^='REMARK/']").fill("Sinds gisteren")
    refused = sent(
        page, assignment, status=422
    )  # this renderer does not know that "none" goes with nothing else
    assert "none goes with nothing else" in refused["body"]["issue"][0]["details"]["text"]
    choose(page, "BLEED", "none")
    issues = sent(page, assignment)["body"]["issue"]
    assert [each["severity"] for each in issues[:2]] == ["information", "warning"]
    checked = shown(page, house, anna, "eq-5d-5l")
    page.locator("input[id^='VAS/']").fill("101")
    page.locator("input[id^='VAS/']").press("Tab")
    expect(page.locator("lhc-validate").filter(has_text="100").first).to_be_attached()
    page.locator("input[id^='VAS/']").fill("64")
    page.locator("input[id^='VAS/']").press("Tab")
    sent(page, checked)
    first, second = house.responses(anna)
    assert answers_of(first.document) == {"BLEED": ("tar", "nose"), "REMARK": "Sinds gisteren"}
    assert answers_of(second.document) == {"VAS": 64}
    assert scores(house)["EQ_VAS"] == 64
