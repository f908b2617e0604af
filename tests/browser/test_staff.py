"""Staff pages in Chromium, on a desk and on a phone: a nurse's and a coordinator's journey, and
what a reader needs."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from proms.db.tables import Patient
from tests.browser.axe import violations
from tests.browser.conftest import DESK, READERS, Visit
from tests.browser.ward import Ward, sideways, small_targets


@pytest.fixture(scope="module")
def ill(ward: Ward) -> Patient:
    """She has just sent a fever, and has had cycles, scores and messages before."""
    patient = ward.treated("Anna Bakker")
    ward.clinic.answers(patient, TEMP=4, NAUS=3, ITCH=1)
    return patient


def test_journey_2_a_nurse_sees_takes_and_closes_what_came_in(ward: Ward, page: Page):
    patient = ward.clinic.enrols("Ben de Wit")
    ward.clinic.answers(patient, JAUND=2)
    ward.logs_in(page, ward.clinic.els)
    row = page.locator("li.al", has_text=patient.code)
    expect(row).to_contain_text("Geelzucht gemeld")
    expect(row).to_contain_text("Ja")
    row.get_by_role("button", name="In behandeling nemen").click()
    expect(row).to_contain_text("In behandeling bij Els")
    row.get_by_role("link", name=patient.code).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(patient.code)
    page.get_by_role("button", name="Toon nummer", exact=True).click()
    expect(page.locator(".callbar a[href^='tel:']")).to_be_visible()
    page.get_by_role("button", name="Stuur de link opnieuw").click()
    expect(page.get_by_role("status")).to_have_text("De link is onderweg.")
    page.get_by_label("Opname").check()
    page.get_by_label("Notitie", exact=True).fill("Komt nu naar de spoedeisende hulp.")
    page.get_by_role("button", name="Melding afhandelen").click()
    expect(page.get_by_role("status")).to_have_text(f"{patient.code} is afgehandeld.")
    expect(page.locator(".callbar")).to_have_count(0)
    page.get_by_role("link", name="Patiënten").first.click()
    page.get_by_label("Naam, studiecode, nummer of telefoonnummer").fill("ben wit")
    page.get_by_role("button", name="Zoek").click()
    expect(page.get_by_role("link", name=patient.code)).to_be_visible()


def test_journey_3_a_coordinator_enrols_treats_and_sees_what_a_delay_moves(ward: Ward, page: Page):
    ward.logs_in(page, ward.clinic.mo)
    page.get_by_role("link", name="Patiënt inschrijven").click()
    fill_in(page, "Cora Smit")
    page.get_by_role("button", name="Inschrijven").click()
    expect(page.get_by_role("status")).to_contain_text("Ingeschreven. De studiecode is")

    page.get_by_role("link", name="Randomisatie vastleggen").click()
    record(page, Wat="randomisation", Datum="2026-03-09", arm="B")
    record_from(page, "Schema kiezen", regimen="fudr")
    record_from(page, "Iets anders vastleggen", Wat="pump_surgery", Datum="2026-03-09")
    record_from(
        page, "FUDR 1 is gegeven", **{"Dag 1": "2026-03-09", "Was gepland op": "2026-03-09"}
    )
    expect(page.locator(".cal")).to_contain_text("FUDR 1")

    record_from(page, "Andere datum", **{"Geplande dag 1": "2026-04-06"})
    page.get_by_role("link", name="Andere datum").click()
    page.get_by_label("Geplande dag 1").fill("2026-04-13")
    page.get_by_role("button", name="Toon wat er verandert").click()
    expect(page.locator("#counts")).to_contain_text("Antwoorden veranderen niet.")
    expect(page.locator("table.diff").first).to_contain_text("FUDR 2")
    expect(page.locator("main")).to_contain_text("Pomp, kuur 2, dag 1")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("status")).to_contain_text("FUDR 2 is gepland op 13 apr 2026.")

    record_from(page, "Berichten pauzeren", **{"Geen berichten tot en met": "2026-03-20"})
    expect(page.locator(".lockbar")).to_contain_text("vrijdag 20 maart")
    record_from(page, "Iets anders vastleggen", Wat="withdrawal", Datum="2026-03-09")
    expect(page.locator("main")).to_contain_text("Vervallen")
    assert sideways(page) <= 0


def test_a_form_that_does_not_read_keeps_what_was_typed_and_its_summary_leads_to_the_field(
    ward: Ward, page: Page
):
    ward.logs_in(page, ward.clinic.mo).goto(f"{ward.address}/staff/patients/new")
    fill_in(page, "Dirk")
    page.get_by_label("Geboortejaar").fill("61")
    page.get_by_role("button", name="Inschrijven").click()
    expect(page.get_by_label("Naam", exact=True)).to_have_value("Dirk")
    page.get_by_role("link", name="Schrijf een heel getal").click()
    expect(page.get_by_label("Geboortejaar")).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("location.hash") == "#f-birth_year"


def test_whoever_sends_what_does_not_read_is_put_at_the_sentences_about_it(
    ward: Ward, visit: Visit
):
    patient = ward.clinic.enrols("Fien")
    ward.clinic.answers(patient, JAUND=2)
    ward.clinic.acknowledges(patient)
    chart = f"/patients/{patient.code}"
    forms = (
        (ward.clinic.mo, "/patients/new", "form.enrol .btn-1"),
        (ward.clinic.mo, f"{chart}/calendar?form=milestone#record", ".record .btn-1"),
        (ward.clinic.mo, "/import", "#choosing .btn-1"),
        (ward.clinic.mo, chart, "#contact-form button"),
        (ward.clinic.els, "/", f"#close-{patient.code} .btn-1"),
        (ward.clinic.els, chart, f"#close-{patient.code} .btn-1"),
        (ward.clinic.ad, "/people", "#add .btn-1"),
    )
    for staff, path, button in forms:
        page = ward.logs_in(visit(DESK), staff)
        page.goto(f"{ward.address}/staff{path}")
        for folded in page.locator("details").all():
            folded.evaluate("each => { each.open = true }")
        page.locator(button).click()
        expect(page.locator(".lookat")).to_have_count(1)
        expect(page.locator(".lookat")).to_be_focused()
        link = page.locator(".lookat a").first
        target = link.get_attribute("href")
        assert target
        assert page.locator(f"[id='{target[1:]}']").count() == 1, f"{path}: {target}"
        page.context.clear_cookies()


def test_enter_sends_a_form_and_never_changes_its_language(ward: Ward, page: Page):
    ward.logs_in(page, ward.clinic.mo).goto(f"{ward.address}/staff/patients/new")
    page.get_by_label("Naam", exact=True).fill("Geertje")
    page.keyboard.press("Enter")
    expect(page.locator(".lookat")).to_contain_text("Er is nog niets opgeslagen.")
    expect(page.get_by_label("Naam", exact=True)).to_have_value("Geertje")


@pytest.mark.parametrize("scripted", [True, False])
def test_another_language_keeps_what_is_typed(ward: Ward, visit: Visit, scripted: bool):
    page = ward.logs_in(visit(DESK, javascript=scripted), ward.clinic.mo)
    page.goto(f"{ward.address}/staff/patients/new")
    fill_in(page, "Hanna")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enrol a patient")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Hanna")
    expect(page.locator("input[name=sex][value=female]")).to_be_checked()


def test_of_several_forms_the_one_that_was_begun_is_kept(ward: Ward, visit: Visit):
    clinic = ward.clinic
    several = [clinic.enrols(name) for name in ("Ida", "Joke")]
    for patient in several:
        clinic.answers(patient, JAUND=2)
        clinic.acknowledges(patient)
    page = ward.logs_in(visit(DESK), clinic.els)
    note = f"[id='{several[1].code}-note']"
    page.locator(note).fill("gebeld")
    page.get_by_label("English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Worklist")
    expect(page.locator(note)).to_have_value("gebeld")


@pytest.mark.parametrize(("language", "screen"), READERS)
def test_R_31_no_page_of_staff_has_a_violation_that_axe_can_find(
    ward: Ward, ill: Patient, visit: Visit, language: str, screen: tuple[int, int]
):
    page = visit(screen)
    for name in every_page(page, ward, ill, language):
        assert (name, violations(page)) == (name, [])


def test_R_32_no_page_scrolls_sideways_at_320_pixels_or_with_text_twice_as_large(
    ward: Ward, ill: Patient, visit: Visit
):
    for screen, size in (((320, 740), 100), ((360, 740), 200), ((1280, 800), 200)):
        page = visit(screen)
        for name in every_page(page, ward, ill, "nl"):
            page.evaluate(
                "size => document.documentElement.style.setProperty('font-size', `${size}%`)", size
            )
            assert sideways(page) <= 0, f"{name} at {screen}, text {size}%"


def test_U_23_everything_to_tap_is_large_enough_for_a_thumb(ward: Ward, ill: Patient, visit: Visit):
    page = visit((320, 740))
    for name in every_page(page, ward, ill, "nl"):
        small = small_targets(page)
        assert small == [], f"{name}: {small}"


def test_a_keyboard_reaches_the_alert_and_takes_it(ward: Ward, visit: Visit):
    patient = ward.clinic.enrols("Els")
    ward.clinic.answers(patient, JAUND=2)
    page = ward.logs_in(visit(DESK), ward.clinic.els)
    taken = page.locator("li.al", has_text=patient.code).get_by_role(
        "button", name="In behandeling nemen"
    )
    for _ in range(80):
        page.keyboard.press("Tab")
        if taken.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("li.al", has_text=patient.code)).to_contain_text("In behandeling bij Els")


def test_the_calendar_prints_without_menu_and_forms(ward: Ward, ill: Patient, visit: Visit):
    page = ward.logs_in(visit(DESK), ward.clinic.mo)
    page.goto(f"{ward.address}/staff/patients/{ill.code}/calendar")
    page.emulate_media(media="print")
    expect(page.locator(".cal")).to_be_visible()
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".record")).to_be_hidden()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_half_a_year_of_the_busiest_calendar_prints_on_one_page(
    ward: Ward, visit: Visit, language: str
):
    patient = ward.treated("Druk")
    for number in range(2, 12):
        day = date(2026, 2, 9) + timedelta(weeks=2 * (number - 1))
        ward.clinic.plans_cycle(patient, "systemic", number, day.isoformat())
    for number in range(2, 7):
        day = date(2026, 2, 9) + timedelta(weeks=4 * (number - 1))
        ward.clinic.plans_cycle(patient, "pump", number, day.isoformat())
    page = ward.logs_in(visit(DESK), ward.clinic.mo)
    page.goto(f"{ward.address}/language/{language}?back=/staff/")
    page.goto(f"{ward.address}/staff/patients/{patient.code}/calendar/half-year?from=2026-01-05")
    assert page.locator(".cal tbody tr").count() == 26
    assert page.locator(".cal .ev").count() > 40
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


NUMBERS = count(1234567)  # one patient, one hospital number


def fill_in(page: Page, name: str) -> None:
    """The enrolment form, with everything that is needed."""
    page.get_by_label("Naam", exact=True).fill(name)
    page.get_by_label("Ziekenhuisnummer").fill(str(next(NUMBERS)))
    page.get_by_label("Geboortejaar").fill("1961")
    page.get_by_label("Vrouw").check()
    page.get_by_label("Heeft een stoma").check()
    page.get_by_label("Nederlands").last.check()
    page.get_by_label("Sms").check()
    page.get_by_label("Telefoonnummer of e-mailadres").fill("+49 171 39200 12")


def record(page: Page, **typed: str) -> None:
    """Fill in the form beside the calendar, look at what it does, save it."""
    for label, value in typed.items():
        if label == "Wat":
            page.get_by_label("Wat", exact=True).select_option(value)
        elif label in ("arm", "regimen"):
            page.locator(f"input[name={label}][value={value}]").check()
        else:
            page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Toon wat er verandert").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Voordat u opslaat")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("status")).to_contain_text("Opgeslagen.")


def record_from(page: Page, link: str, **typed: str) -> None:
    page.get_by_role("link", name=link).first.click()
    record(page, **typed)


def every_page(page: Page, ward: Ward, patient: Patient, language: str) -> Iterator[str]:
    """Every kind of page that staff can meet, one after the other."""
    page.goto(f"{ward.address}/language/nl?back=/staff/login")
    yield "log-in"
    code = patient.code
    chart, calendar = f"/patients/{code}", f"/patients/{code}/calendar"
    pages = (
        (
            ward.clinic.els,
            ["/", "/?show=closed", "/patients", "/messages", chart, calendar, "/people", "/roster"],
        ),
        (ward.clinic.mo, ["/patients/new", chart, calendar, f"{calendar}/half-year"]),
        (
            ward.clinic.mo,
            [
                f"{calendar}?form=given&component=pump&number=2",
                f"{calendar}?form=milestone",
                f"{chart}/confirmation",
            ],
        ),
        (ward.clinic.ad, ["/people", "/sender", "/pin-use", "/data", "/roster"]),
    )
    for staff, paths in pages:
        page.context.clear_cookies()
        page.goto(f"{ward.address}/language/nl?back=/staff/login")
        ward.logs_in(page, staff)
        page.goto(f"{ward.address}/language/{language}?back=/staff/")
        for path in paths:
            page.goto(f"{ward.address}/staff{path}")
            for folded in page.locator("details").all():
                folded.evaluate("each => { each.open = true }")
            yield path
    yield from _after_a_press(page, ward, patient)


def _after_a_press(page: Page, ward: Ward, patient: Patient) -> Iterator[str]:
    """Pages that only a press leads to."""
    page.context.clear_cookies()
    ward.logs_in(page, ward.clinic.mo)
    page.goto(
        f"{ward.address}/staff/patients/{patient.code}/calendar?form=planned&component=pump&number=2"
    )
    page.locator("input[name=planned]").fill("2026-03-23")
    page.locator(".record button").click()
    expect(page.locator("#counts")).to_be_visible()
    yield "preview"
    page.goto(f"{ward.address}/staff/patients/new")
    page.locator("form.enrol button").click()
    expect(page.locator(".lookat")).to_be_visible()
    yield "a form with sentences"
    page.goto(f"{ward.address}/staff/patients/{patient.code}")
    page.goto(f"{ward.address}{page.locator('.rows th a').first.get_attribute('href')}")
    yield "a response"
