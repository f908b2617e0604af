"""A nurse fills in a check for a patient in Chromium, with and without a script, on a desk and on a
phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import DESK, Visit
from tests.browser.ward import Ward, sideways, small_targets

NARROW = (390, 800)


@pytest.mark.parametrize("screen", [NARROW, DESK], ids=["phone", "desk"])
def test_a_nurse_with_a_patient_on_the_telephone_fills_in_every_question_on_one_page(
    ward: Ward, visit: Visit, screen: tuple[int, int]
):
    anna = ward.treated(f"Anna {screen[0]}")
    page = ward.logs_in(visit(screen, javascript=screen == DESK), ward.clinic.els)
    page.goto(f"{ward.address}/staff/patients/{anna.code}")
    panel = page.get_by_role("region", name="Nu open")
    panel.get_by_role("link").first.click()
    page.get_by_label("Aan de telefoon").check()
    page.get_by_role("group", name="Is uw huid of uw oogwit").get_by_label("Ja").check()
    page.get_by_role("button", name="Antwoorden opslaan").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Een antwoord kan niet wachten.")
    expect(page.get_by_role("alert")).to_contain_text("Misselijk: Kies een antwoord")
    # Who cannot see it well finds each sentence at its question, and nothing hangs out of the page.
    if screen == DESK:
        assert violations(page) == []
    assert sideways(page) == 0
    assert small_targets(page) == []
    page.get_by_role("link", name=re.compile(r"Misselijk\s*: Kies een antwoord")).click()
    page.get_by_label("Alle andere vragen zijn overgeslagen").check()
    page.get_by_role("button", name="Antwoorden opslaan").click()
    expect(page.get_by_role("status")).to_contain_text("Een antwoord kan niet wachten.")
    take = page.get_by_role("button", name="In behandeling nemen").first
    expect(take).to_be_in_viewport()
    take.click()
    assert ("B1", "red", "acknowledged") in ward.clinic.worklist()
    page.goto(f"{ward.address}/staff/patients/{anna.code}")
    assert sideways(page) == 0
    assert small_targets(page) == []
