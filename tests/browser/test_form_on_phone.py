"""A form that is turned over on the phone: no request a question, nothing lost without a network,
and never "sent" without a receipt."""

import json

from playwright.sync_api import expect
from sqlmodel import select

from proms.db.tables import Assignment, Draft, KeptAside
from proms.domain.response import answers_of, missing_of
from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Visit
from tests.browser.house import House, press, sideways, small_targets, until
from tests.browser.phone_form import (
    AT_ONCE_MS,
    at_the_first_question,
    draft_of,
    enter,
    next_question,
    ready,
    rows,
    to_the_end,
    wait_for_draft,
)


def test_no_page_is_asked_for_between_questions_and_a_reader_hears_each(house: House, visit: Visit):
    page = visit(PHONE)
    at_the_first_question(page, house, house.enrols())
    page.evaluate("window.same = true")
    next_question(page)
    assert page.evaluate("window.same")
    assert page.url.endswith("/URINE")
    assert page.title().startswith("Vraag 3 van ")
    assert page.evaluate("document.activeElement.textContent.trim()").startswith("Wat was de donk")
    assert page.locator("#count").inner_text().startswith("Vraag 3 van ")
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


def test_U_11_once_something_is_answered_no_page_offers_another_language(
    house: House, visit: Visit
):
    page = visit(PHONE)
    enter(page, house, house.enrols())
    press(page.locator(".today button").first)
    ready(page)
    other = page.get_by_role("button", name="Begin in English")
    expect(other).to_be_visible()
    next_question(page)
    expect(page.locator("#count")).to_contain_text("Vraag 2 van ")
    expect(other).to_have_count(0)


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
    page.get_by_role("link", name="Wijzig vraag 2: Gele huid of ogen").click()
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
    until(page, "caches.match('/offline').then(Boolean)")
    assert rows(page) == []
    form = response.assignment_id
    assert page.evaluate(f"caches.match('/form/{form}/whole').then(Boolean)") is False


def test_a_link_that_ended_on_the_way_loses_nothing(house: House, visit: Visit):
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    page.context.clear_cookies()
    next_question(page)
    page.get_by_text("Open de link in uw nieuwste bericht om verder te gaan.").wait_for()
    assert draft_of(house, patient) == {}
    enter(page, house, patient)
    wait_for_draft(page, house, patient, {"JAUND": 0})
    press(page.locator(".today button").first)
    assert page.url.endswith("/URINE")


def test_U_08_start_goes_on_after_the_answers_that_only_this_phone_has(house: House, visit: Visit):
    patient = house.enrols_for_the_check()
    page = visit(PHONE)
    enter(page, house, patient)  # the check alone is open
    ready(page)
    page.context.set_offline(True)
    next_question(page)
    next_question(page)
    page.wait_for_timeout(AT_ONCE_MS)
    phone = page.context
    phone.clear_cookies()  # first: what leaves a page that closes is not held back offline
    page.close()
    phone.set_offline(False)
    page = phone.new_page()
    enter(page, house, patient)
    page.wait_for_url("**/URINE")
    expect(page.locator("#asked h1")).to_contain_text("Wat was de donk")
    assert page.locator("#intro, form.in-language").count() == 0
    wait_for_draft(page, house, patient, {"JAUND": 0})


def test_a_server_that_fails_is_asked_again_and_nothing_says_that_it_arrived(
    house: House, visit: Visit
):
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)
    page.route("**/keep", lambda route: route.fulfill(status=500, body="{}"))
    page.route("**/arrive", lambda route: route.fulfill(status=503, body="{}"))
    next_question(page)
    page.wait_for_timeout(1500)
    expect(page.locator("#state")).to_have_text("Bewaard op deze telefoon. Nog niet verstuurd.")
    page.context.set_offline(True)
    to_the_end(page)
    page.get_by_role("button", name="Verstuur mijn antwoorden").click()
    page.context.set_offline(False)
    page.get_by_text("Versturen lukt nu niet.").wait_for()
    assert house.responses(patient) == []
    page.unroute("**/arrive")
    page.get_by_role("button", name="Probeer nu te versturen").click()
    page.wait_for_url("**/receipt/*")
    assert len(house.responses(patient)) == 1


def test_a_reply_that_is_lost_is_asked_for_again_and_nothing_is_stored_twice(
    house: House, visit: Visit
):
    patient = house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, patient)

    def lose(route):
        route.fetch()  # it arrives, and nobody hears of it
        route.abort()

    page.route("**/arrive", lose)
    page.context.set_offline(True)
    to_the_end(page)
    page.get_by_role("button", name="Verstuur mijn antwoorden").click()
    page.context.set_offline(False)
    page.get_by_text("Versturen lukt nu niet.").wait_for()
    assert len(house.responses(patient)) == 1
    page.unroute("**/arrive")
    page.reload()
    page.wait_for_url("**/receipt/*")
    assert len(house.responses(patient)) == 1
    with house.clinic.database.reading() as session:
        mine = select(KeptAside).where(KeptAside.patient_id == patient.id)
        assert session.exec(mine).all() == []


def test_another_patient_on_the_same_phone_sees_and_sends_nothing_of_hers(
    house: House, visit: Visit
):
    anna, bea = house.enrols(), house.enrols()
    page = visit(PHONE)
    at_the_first_question(page, house, anna)
    form = page.url.rsplit("/", 1)[0]
    page.context.set_offline(True)
    next_question(page)
    phone = page.context
    phone.clear_cookies()  # first: what leaves a page that closes is not held back offline
    page.close()
    phone.set_offline(False)
    page = phone.new_page()
    enter(page, house, bea)
    until(page, "caches.match('/offline').then(Boolean)")
    until(page, f"caches.match('{form}/whole').then((held) => !held)")
    press(page.locator(".today button").first)
    ready(page)
    assert page.locator("input:checked").count() == 0
    next_question(page)  # nothing sudden
    next_question(page, "#a2")
    wait_for_draft(page, house, bea, {"JAUND": 1})
    assert draft_of(house, anna) == {}
    page.context.set_offline(True)
    page.goto(f"{house.address}/today")
    expect(page.locator("#held li")).to_have_count(1)
    page.goto(form)
    assert page.locator("h1").inner_text() == "Geen internet"
    page.goto("about:blank")  # what waits for the internet asks again by itself
    page.context.set_offline(False)
    page.context.clear_cookies()
    enter(page, house, anna)
    wait_for_draft(page, house, anna, {"JAUND": 0})


def test_two_tabs_lose_no_answer_of_each_other(house: House, visit: Visit):
    patient = house.enrols()
    one = visit(PHONE)
    at_the_first_question(one, house, patient)
    two = one.context.new_page()
    two.goto(one.url.replace("JAUND", "STOOL"))
    ready(two)
    for page in (one, two):
        page.context.set_offline(True)
    next_question(one, "#a2")
    next_question(two, "#a2")
    one.context.set_offline(False)
    wait_for_draft(one, house, patient, {"JAUND": 1, "STOOL": 1})
    one.goto(one.url)
    ready(one)
    one.get_by_role("link", name="Vorige").click()
    expect(one.locator("#a2")).to_be_checked()
