"""Paper says the same as the phone, and no licensed word where there is no licence."""

import pytest

from tests.desk import Desk
from tests.phone import website

PHONE, TEAM = "020 123 4567", "020 123 4568"


@pytest.fixture
def mo(clinic, app):
    return Desk(app, clinic, clinic.mo)


def test_the_leaflet_is_reached_from_her_page_in_her_language(clinic, anna, mo):
    mo.opens(f"/staff/patients/{anna.code}").follows("Folder om mee te geven")
    assert '<html lang="nl"' in mo.answer.text
    for told in (
        "Zo werkt het",
        "Niemand leest uw antwoorden meteen. Levensgevaar? Bel 112.",
        PHONE,
        TEAM,
        "Wilt u stoppen? Dat mag altijd. U hoeft niet te zeggen waarom.",
        "Uw vragen staan klaar.",
    ):
        assert told in mo.text
    assert anna.code not in mo.text  # it may lie on a table
    mo.follows("English")
    assert '<html lang="en"' in mo.answer.text
    assert "How it works" in mo.text
    assert "Do you want to stop? You may, at any time." in mo.text
    assert mo.follows("Back").path == f"/staff/patients/{anna.code}"


def test_a_blank_form_asks_everything_with_for_whom_and_whom_to_call(clinic, mo):
    mo.opens("/staff/paper/form/hsc/nl")
    assert "1. Kreeg u plotseling een van deze klachten?" in mo.text
    assert "Kruis bij elke vraag één vakje aan." in mo.text
    assert "Alleen als: er zit een pomp." in mo.text
    assert f"Voelt u zich nu heel ziek? Bel {PHONE}" in mo.text
    assert "Dag waarop u dit invult" in mo.text
    assert "nu nog" not in mo.text  # what is asked of an urgent answer
    assert "hsc 0.3" in mo.text
    wording = clinic.library.wording("hsc", "en")
    english = mo.opens("/staff/paper/form/hsc/en").text
    shown = [item for item in wording.items if item not in ("NOW", "CONTACT")]
    assert [item for item in shown if wording.items[item] not in english] == []


def test_where_there_is_no_licence_nothing_of_it_is_printed(clinic, database_url, tmp_path):
    with website(database_url, packs=tmp_path) as bare:
        mo = Desk(bare, clinic, clinic.mo).opens("/staff/paper")
        assert mo.text.count("hier geen officiële tekst") == 8
        assert mo.opens("/staff/paper/form/qlq-c30/nl").status == 409
        assert mo.opens("/staff/paper/leaflet/nl").status == 200


def test_a_licensed_form_is_printed_in_its_own_words(clinic, mo):
    words = mo.opens("/staff/paper/form/qlq-c30/nl").text
    assert "[nl] verzonnen" in words


@pytest.mark.parametrize("path", ["leaflet/fr", "form/nothing/nl", "form/hsc/fr"])
def test_what_there_is_not_is_not_found(mo, path):
    assert mo.opens(f"/staff/paper/{path}").status == 404
