"""What a coordinator sees before saving, in Chromium: on the calendar, by keyboard, on paper, and
of a whole file."""

from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from proms.db.tables import Patient
from proms.domain.schedule.history_entry import MilestoneRecorded
from tests.browser.axe import violations
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.ward import Ward, broken_words, sideways, small_targets

NARROW = (320, 740)
HEADER = "patient;what;kind;number;planned;day_1;status;drugs;dose_percent;reason\n"
FAR = 120  # presses of the tab key: nothing on a page is further away


@pytest.fixture(scope="module")
def anna(ward: Ward) -> Patient:
    """FUDR 1 was given a week late, FUDR 2 is expected today, and FOLFOX 2 is late."""
    return ward.treated("Anna Bakker")


def looks(page: Page, ward: Ward, patient: Patient, planned: str) -> Page:
    """The preview of another date for FUDR 2."""
    page.goto(
        f"{ward.address}/staff/patients/{patient.code}/calendar?form=planned&component=pump&number=2"
    )
    page.locator("input[name=planned]").fill(planned)
    page.locator(".record button").click()
    expect(page.locator("#counts")).to_be_visible()
    return page


def reads(page: Page, ward: Ward, *lines: str, reason: str = "") -> Page:
    """The page after a file was chosen."""
    page.goto(f"{ward.address}/staff/import")
    raw = (HEADER + "\n".join(lines)).encode()
    page.locator("input[type=file]").set_input_files(
        [{"name": "a.csv", "mimeType": "text/csv", "buffer": raw}]
    )
    page.get_by_label("Reden").fill(reason)
    page.get_by_role("button", name="Toon wat er verandert").click()
    return page


def is_sound(page: Page, name: str) -> None:
    """No fault that axe finds, nothing that scrolls sideways, everything large enough for a
    thumb."""
    for folded in page.locator("details").all():
        folded.evaluate("each => { each.open = true }")
    assert (name, violations(page)) == (name, [])
    assert sideways(page) <= 0, name
    assert small_targets(page) == [], name


def tab_to(page: Page, wanted: Locator) -> None:
    """Press the tab key until this has the focus."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError("the tab key does not get there")


def test_the_preview_shows_on_the_calendar_what_leaves_a_day_and_what_comes_to_it(
    ward: Ward, anna: Patient, page: Page
):
    looks(ward.logs_in(page, ward.clinic.mo), ward, anna, "2026-03-23")
    drawn = page.locator(".redrawn")
    expect(drawn).to_contain_text("Pomp: FUDR, zoals nu")
    expect(drawn).to_contain_text("Pomp: FUDR, na opslaan")
    leaves, comes = drawn.locator(".cal .ev.was").first, drawn.locator(".cal .ev.nw").last
    expect(leaves).to_contain_text("− Klachtencheck (schuift naar 23 mrt 2026)")
    expect(comes).to_contain_text("+ Klachtencheck (")
    expect(drawn.locator(".band").first).to_contain_text("FUDR 2 gepland")


@pytest.mark.parametrize("screen", [(390, 844), DESK, (1024, 768)], ids=lambda size: str(size[0]))
def test_no_word_of_the_calendar_breaks_inside(ward: Ward, visit: Visit, screen):
    patient = ward.treated("Dirk")
    ward.clinic.records(patient, MilestoneRecorded("panel", date(2026, 3, 4)))
    page = ward.logs_in(visit(screen), ward.clinic.mo)
    for month in ("2026-01-05", "2026-02-23"):
        page.goto(f"{ward.address}/staff/patients/{patient.code}/calendar?from={month}")
        assert page.locator(".cal .ev").count() > 5
        assert broken_words(page) == []
        assert sideways(page) <= 0
    looks(page, ward, patient, "2026-03-23")
    assert broken_words(page) == []


@pytest.mark.parametrize("screen", [NARROW, DESK], ids=["320x740", "1280x800"])
def test_preview_overtaken_preview_and_import_are_for_every_eye_and_thumb(
    ward: Ward, visit: Visit, screen
):
    patient = ward.treated("Cor")
    page = ward.logs_in(visit(screen), ward.clinic.mo)
    is_sound(looks(page, ward, patient, "2026-03-23"), "preview")
    ward.clinic.plans_cycle(patient, "pump", 2, "2026-03-16")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.locator(".overtaken")).to_contain_text("FUDR 2 is gepland op 16 mrt 2026.")
    is_sound(page, "overtaken preview")
    page.goto(f"{ward.address}/staff/import")
    is_sound(page, "choosing a file")
    is_sound(
        reads(page, ward, f"{patient.code};cycle;pump;9;3-4-2026", "x;cycle;pomp;1;;;;;;"), "faults"
    )
    page = reads(page, ward, f"{patient.code};cycle;pump;2;2026-03-23;;;;;")
    page.get_by_text("Toon de planning").click()
    expect(page.locator(".redrawn .cal .ev.nw").first).to_be_visible()
    is_sound(page, "what a file does")


def test_a_cycle_is_recorded_with_the_keyboard_alone(ward: Ward, anna: Patient, visit: Visit):
    page = ward.logs_in(visit(DESK), ward.clinic.mo)
    page.goto(f"{ward.address}/staff/patients/{anna.code}/calendar")
    tab_to(page, page.get_by_role("link", name="FUDR 2 is gegeven"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Dag 1"))
    page.keyboard.type(
        "03032026"
    )  # day and month are the same, in whichever order this browser asks them
    tab_to(page, page.get_by_role("button", name="Toon wat er verandert"))
    page.keyboard.press("Enter")
    expect(page.locator(".doubt")).to_contain_text("Klopt dit?")
    tab_to(page, page.get_by_label("Reden"))
    page.keyboard.type("op verzoek van de chirurg")
    tab_to(page, page.get_by_role("button", name="Opslaan"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("FUDR 2 is gegeven op 3 mrt 2026")


def test_the_preview_prints_without_menu_and_form(ward: Ward, anna: Patient, visit: Visit):
    page = looks(ward.logs_in(visit(DESK), ward.clinic.mo), ward, anna, "2026-03-30")
    page.emulate_media(media="print")
    expect(page.locator(".redrawn .cal")).to_be_visible()
    expect(page.locator("#counts")).to_be_visible()
    for hidden in (".side", ".noprint", ".up"):
        expect(page.locator(hidden).first).to_be_hidden()


def test_a_file_is_mended_looked_at_and_saved(ward: Ward, visit: Visit):
    dora, page = ward.treated("Dora"), ward.logs_in(visit(PHONE), ward.clinic.mo)
    page.get_by_role("link", name="Patiënten").first.click()
    page.get_by_role("link", name="Bestand inlezen").click()
    reads(page, ward, f"{dora.code};cycle;pump;1;;2026-02-10;;;;")
    expect(page.get_by_role("alert")).to_contain_text(
        "Dit verandert wat al is vastgelegd: geef de reden."
    )
    page.get_by_label("Reden").fill("een dag te vroeg getypt")
    page.get_by_role("button", name="Toon wat er verandert").click()
    expect(page.locator("#counts")).to_have_text("1 patiënt verandert: 0 nieuw, 1 verbeterd.")
    expect(page.locator("main")).to_contain_text(
        "FUDR 1 is gegeven op 10 feb 2026, gepland was 2 feb 2026."
    )
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Opgeslagen. 1 patiënt verandert: 0 nieuw, 1 verbeterd."
    )
