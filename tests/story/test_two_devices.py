"""Two devices on one questionnaire: each keeps a draft of its own, the first that sends counts, and
what the other answered otherwise is told, kept and shown."""

import random
from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.db.tables import Alert, KeptAside
from proms.domain.response import answered_otherwise, answers_of
from tests.filling_in import DAY_AND_NIGHT, begun, drafts, newer_link, stored, well
from tests.phone import Phone

SEND = "Verstuur mijn antwoorden"
KEPT = "Wat u nu verstuurde, is anders. Het ziekenhuis kan beide zien."
ITEMS = ("URINE", "STOOL", "ITCH", "RUQP", "STOM", "NAUS")
ROUNDS = 50


def kept_aside(clinic):
    with clinic.database.reading() as session:
        return list(session.exec(select(KeptAside).order_by(col(KeptAside.id))))


def test_each_device_keeps_a_draft_of_its_own_and_the_last_write_of_an_item_says_where(
    clinic, anna, hand
):
    one, two = begun(hand(), clinic), begun(hand(), clinic)
    one.answers("Nee")
    two.answers("Weet ik niet zeker")
    [draft] = drafts(clinic)
    assert answers_of(draft.document) == {"ALARM": ("none",), "JAUND": 1}
    assert {answers_of(each)["JAUND"] for each in draft.devices.values()} == {0, 1}
    written = {each["JAUND"]["device"] for each in draft.devices.values()}
    assert written == set(draft.devices)
    assert draft.document["JAUND"] in [each["JAUND"] for each in draft.devices.values()]
    assert one.opens("/form/1/JAUND").chosen == ["Nee"]
    assert two.opens("/form/1/JAUND").chosen == ["Weet ik niet zeker"]


def test_the_first_that_sends_counts_and_the_other_is_told_and_kept(clinic, anna, hand):
    one, two = begun(hand(), clinic), begun(hand(), clinic)
    well(two.answers("Nee").answers("Donkerder dan normaal"))
    well(one).taps(SEND)
    [response] = stored(clinic)
    assert answers_of(response.document)["URINE"] == 0
    [kept] = kept_aside(clinic)
    assert answers_of(kept.document)["URINE"] == 1
    receipt = one.path
    assert two.taps(SEND).path.partition("?")[0] == receipt
    assert KEPT in two.text
    assert len(kept_aside(clinic)) == 1
    assert KEPT in two.opens("/form/1").text
    assert KEPT not in one.opens("/form/1").text


def test_a_form_that_another_device_only_began_like_this_one_leaves_nothing_aside(
    clinic, anna, hand
):
    begun(hand(), clinic).answers("Nee").answers("Gewoon")
    well(begun(hand(), clinic)).taps(SEND)
    assert (len(stored(clinic)), kept_aside(clinic), clinic.worklist()) == (1, [], [])


def test_what_cannot_wait_on_the_other_device_is_an_alert_and_its_owner_is_told_to_call(
    clinic, anna, hand
):
    one, two = begun(hand(), clinic), begun(hand(), clinic)
    well(two.answers("Ja").taps("Verder met de vragen"))
    well(one).taps(SEND)
    assert clinic.worklist() == [("B1", "red", "open")]
    with clinic.database.reading() as session:
        assert len(session.exec(select(Alert)).all()) == 1
    two.taps(SEND)
    assert "Bel nu het ziekenhuis" in two.text
    assert two.text.index(DAY_AND_NIGHT) < two.text.index("Goedemorgen")
    assert clinic.worklist() == [("B1", "red", "open")]


def test_what_cannot_wait_on_one_device_is_not_calmed_by_the_other(clinic, anna, hand):
    begun(hand(), clinic).answers("Ja")
    begun(hand(), clinic).answers("Nee").answers("Gewoon")
    clinic.now += timedelta(minutes=9)
    clinic.works()
    assert clinic.worklist() == []
    clinic.now += timedelta(minutes=2)
    clinic.works()
    assert clinic.worklist() == [("B1", "red", "open")]


def test_who_takes_it_back_where_she_said_it_has_taken_it_back(clinic, anna, hand):
    one = begun(hand(), clinic).answers("Ja")
    begun(hand(), clinic).answers("Nee")
    one.now += timedelta(minutes=1)
    one.opens("/form/1/JAUND").answers("Nee")
    clinic.now += timedelta(minutes=11)
    clinic.works()
    assert clinic.worklist() == []


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_two_devices_in_any_order_lose_nothing(clinic, anna, app, seed):
    chance = random.Random(seed)
    phones = []
    for _ in range(2):
        phone = Phone(app, clinic.now).opens(newer_link(clinic, anna, clinic.now)).taps("Start")
        phones.append(phone.taps("Begin Klachtencheck"))
    wrote, receipts = ({}, {}), []
    for _ in range(chance.randint(4, 10)):
        who, item = chance.randrange(2), chance.choice(ITEMS)
        value = chance.randrange(2)
        phone = phones[who].opens(f"/form/1/{item}")
        labels = [e for e in phone.page.things if e.tag == "label"]
        phone.answers(labels[value].words)
        wrote[who][item] = value
    order = chance.sample((0, 1), 2)
    for who in order:
        phone = phones[who].opens("/form/1")
        if phone.path.startswith("/form/"):
            filled = finish(phone)
            wrote[who].update(filled)
            phone.taps(SEND)
        receipts.append(phone.path.partition("?")[0])
    assert receipts[0] == receipts[1]
    [response] = stored(clinic)
    first, second = order
    assert {item: answers_of(response.document)[item] for item in wrote[first]} == wrote[first]
    otherwise = {
        item
        for item, value in wrote[second].items()
        if answers_of(response.document).get(item) != value
    }
    kept = kept_aside(clinic)
    assert len(kept) == bool(otherwise)
    for each in kept:
        assert answered_otherwise(each.document, response.document) == otherwise
    assert (KEPT in phones[second].text) == bool(otherwise)


def finish(phone):
    """Every question that is left, with nothing to report."""
    filled = {}
    while not phone.path.endswith("/review"):
        item = phone.path.rpartition("/")[2]
        if item in ITEMS:
            filled[item] = 0
        phone.answers(
            *[each.words for each in phone.page.things if each.attributes.get("for") == "a1"]
        )
    return filled
