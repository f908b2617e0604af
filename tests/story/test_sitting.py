"""One sitting of several lists: home, form and receipt count alike, and the receipt leads on to all
that is open."""

import pytest

from proms.db.session import connect
from tests.clinic import Clinic
from tests.filling_in import calm, newer_link
from tests.phone import Phone, website

SEND = "Verstuur mijn antwoorden"


@pytest.fixture
def clinic(database_url, stand_ins):
    """A demo's clinic: our own labels say what each question is about."""
    database = connect(database_url)
    yield Clinic(database, stand_ins)
    database.engine.dispose()


@pytest.fixture
def app(clinic, database_url):
    with website(database_url, demo=True) as running:
        yield running


def her_page(clinic, app, patient):
    return Phone(app, clinic.now).opens(newer_link(clinic, patient, clinic.now)).taps("Start")


def through(phone):
    """Every question of a list, a number too, up to the page to check the answers on."""
    while not phone.path.endswith("/review"):
        if any(box.attributes.get("type") == "text" for box in phone.page.inputs):
            phone.writes("80").taps("Volgende")
        firsts = [each for each in phone.page.things if each.attributes.get("for") == "a1"]
        if firsts and not phone.path.endswith("/review"):
            phone.answers(firsts[0].words)
        elif any(box.tag == "textarea" for box in phone.page.inputs):
            phone.taps("Volgende")
    return phone


def progress(phone):
    """How far she is of how much, as the bar says."""
    bar = phone.answer.text.partition("<progress")[2].partition(">")[0]
    return int(bar.partition('value="')[2].split('"')[0]), int(
        bar.partition('max="')[2].split('"')[0]
    )


def test_lists_of_one_sitting_are_counted_alike_at_home_and_in_the_form(clinic, app, anna):
    phone = her_page(clinic, app, anna)
    whole = phone.text.partition(" vragen. Ongeveer")[0].rpartition(" ")[2]
    assert "30 vragen" not in phone.text
    phone.taps("Begin Vragenlijst kwaliteit")
    assert "Vragenlijst 1 van 3" in phone.text
    assert "Vragenlijst 1 van 3 Vraag 1 van 30" in phone.text
    assert progress(phone)[0] == 0
    everything = progress(phone)[1]
    phone.answers("1 geen").answers("1 geen")
    assert progress(phone) == (2, everything)
    phone.opens("/today")
    assert "U bent bij vragenlijst 1 van 3, vraag 3." in phone.text
    assert f"{everything} vragen" in phone.text
    assert int(whole) > 0


def test_the_receipt_leads_to_the_next_list_and_thanks_once_at_the_end(clinic, app, anna):
    phone = her_page(clinic, app, anna).taps("Begin Vragenlijst kwaliteit")
    thanked = 0
    for list_ in (1, 2, 3):
        through(phone).taps(SEND)
        thanked += phone.text.count("Dank u wel")
        if list_ < 3:
            assert phone.title == "Uw antwoorden zijn aangekomen"
            assert "Dit staat nog open:" in phone.text
            assert phone.text.index("nog open") < phone.text.index("Wat gebeurt er nu?")
            assert f"U bent bij vragenlijst {list_ + 1} van 3." in phone.text
            phone.taps("Ga verder")
            done, everything = progress(phone)
            assert 0 < done < everything
    assert thanked == 1


def test_a_check_that_is_open_too_stands_on_the_receipt_and_no_later_day_does(clinic, app, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.works()
    clinic.answers(anna, "qlq-c30")
    clinic.answers(anna, "qlq-lmc21")
    last = clinic.answers(anna, "eq-5d-5l")
    phone = her_page(clinic, app, anna).opens(f"/receipt/{last.code}")
    assert phone.title == "Dank u wel"
    assert phone.text.index("Klachtencheck") < phone.text.index("Wat gebeurt er nu?")
    assert "De volgende vragen komen" not in phone.text
    while phone.offers("Begin Klachtencheck"):
        assert "De volgende vragen komen" not in phone.text
        through(phone.taps("Begin Klachtencheck")).taps(SEND)
    assert "nog open" not in phone.text
    assert "De volgende vragen komen" in phone.text
    assert phone.text.count("Dank u wel") == 1


def test_what_an_answer_brings_is_counted_at_home_as_in_the_form(clinic, app, anna):
    phone = her_page(clinic, app, anna).taps("Begin Klachtencheck")
    calm(phone).answers("Ja").taps("Verder met de vragen")
    assert "Vraag 3 van 19" in phone.text
    phone.opens("/today")
    assert "19 vragen" in phone.text
    assert "U bent bij vraag 3." in phone.text
