"""The call list and what waits for a person, on a phone and on a desk, for every eye and thumb."""

import pytest

from proms.db.tables import Patient, SetAside
from tests.browser.axe import violations
from tests.browser.conftest import Visit
from tests.browser.ward import Ward, sideways, small_targets

SCREENS = [(360, 740), (1024, 768)]


@pytest.fixture(scope="module")
def silent(ward: Ward) -> Patient:
    """She got all her messages and did not answer; something of hers was set aside too."""
    clinic = ward.clinic
    clinic.today("2026-03-04", "08:30")
    patient = clinic.enrols("Anna Bakker")
    for day in ("2026-03-04", "2026-03-05", "2026-03-06"):
        clinic.today(day, "09:00")
    clinic.today("2026-03-09", "10:46")
    with clinic.database.writing() as session:
        session.add(
            SetAside(
                tick="remind",
                subject_id=patient.id,
                site_id=clinic.site.id,
                patient_id=patient.id,
                error="KeyError",
                tries=5,
                since=clinic.now,
                tried_at=clinic.now,
            )
        )
        session.commit()
    return patient


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_R_31_R_32_the_pages_fit_and_can_be_read_by_everybody(
    ward: Ward, silent: Patient, visit: Visit, screen: tuple[int, int], language: str
):
    page = visit(screen)
    ward.logs_in(page, ward.clinic.els)
    page.goto(f"{ward.address}/language/{language}?back=/staff/")
    pages = ["/call-list", f"/call-list/{silent.code}/HSC-BASE/1", "/set-aside", "/"]
    for path in pages:
        page.goto(f"{ward.address}/staff{path}")
        assert page.locator("h1").count() == 1
        assert violations(page) == [], path
        assert sideways(page) <= 0, path
        assert small_targets(page) == [], path


def test_on_paper_stands_who_is_to_be_called_and_nothing_to_click(
    ward: Ward, silent: Patient, visit: Visit
):
    page = visit(SCREENS[1])
    ward.logs_in(page, ward.clinic.els)
    page.goto(f"{ward.address}/staff/call-list")
    page.emulate_media(media="print")
    assert page.get_by_text("Anna Bakker").first.is_visible()
    assert not page.get_by_role("link", name="Bel:").first.is_visible()
