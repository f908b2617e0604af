"""The patient asks by herself for a rest from messages: no message leaves, everything else goes on,
and the site can see it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from proms.actions.audit import patient_actor
from proms.actions.pauses import UnfitPause, pause
from proms.db.tables import AuditEntry, Patient
from proms.domain.own_page import PauseFault
from tests.desk import Desk
from tests.filling_in import DAY_AND_NIGHT, STUDY_TEAM, newer_link, well
from tests.phone import READ_FOR, Phone, website

PHONE = "+31201234999"
YES = "Ja, geen berichten op die dagen"


def on_her_page(clinic, anna, hand):
    return hand().opens(newer_link(clinic, anna, clinic.now)).taps("Start")


def asks(phone, first, until):
    """The two days filled in, up to the page that asks once more."""
    phone.taps("Even geen berichten")
    phone.ticked = [("first", first), ("until", until)]
    return phone.taps("Ga verder")


def paused(clinic, anna):
    with clinic.database.reading() as session:
        held = session.get_one(Patient, anna.id)
    return held.paused_from, held.paused_until


def told(clinic):
    return [text for to, text in clinic.phone if to == PHONE and "/q/" in text]


def without_pauses(library):
    """The same trial, under a protocol that lets patients give themselves none."""
    protocol = library.protocol("pump-it")
    bare = replace(protocol, own_page=replace(protocol.own_page, pause=None))
    return replace(library, protocols={"pump-it": {1: bare}})


def verbs(clinic):
    with clinic.database.reading() as session:
        found = select(AuditEntry).where(AuditEntry.verb.in_(["patient.paused", "patient.resumed"]))
        return list(session.exec(found.order_by(AuditEntry.id)))


def by_herself(clinic, anna, until, first=None):
    with clinic.database.writing() as session:
        pause(
            session,
            clinic.library,
            patient=session.get_one(Patient, anna.id),
            first=date.fromisoformat(first) if first else None,
            until=date.fromisoformat(until) if until else None,
            by=patient_actor(anna.id),
            now=clinic.now,
        )


def test_she_asks_looks_at_it_and_confirms_and_no_message_leaves_until_it_is_over(
    clinic, anna, hand
):
    before = len(told(clinic))
    phone = asks(on_her_page(clinic, anna, hand), "2026-01-06", "2026-01-09")
    assert phone.title == "Geen berichten van dinsdag 6 januari tot en met vrijdag 9 januari?"
    assert paused(clinic, anna) == (None, None)  # nothing yet
    phone.taps(YES)
    assert phone.path == "/today"
    assert "Geen berichten van dinsdag 6 januari tot en met vrijdag 9 januari" in phone.text
    for day in ("06", "07", "08", "09"):
        clinic.today(f"2026-01-{day}", "09:00")
    assert len(told(clinic)) == before
    clinic.today("2026-01-10", "09:00")
    assert len(told(clinic)) == before + 1


def test_while_it_lasts_her_page_says_until_when_and_nothing_else_changes(clinic, anna, hand):
    by_herself(clinic, anna, "2026-01-09", "2026-01-05")
    phone = on_her_page(clinic, anna, hand)
    assert "Geen berichten tot en met vrijdag 9 januari" in phone.text
    assert "sturen wij u een bericht" not in phone.text
    phone.taps("Begin Klachtencheck")
    well(phone).taps("Verstuur mijn antwoorden")
    assert phone.title == "Dank u wel"


def test_it_promises_no_message_about_what_comes_within_it(clinic, anna, hand):
    clinic.answers(anna, "qlq-c30")
    clinic.answers(anna, "qlq-lmc21")
    clinic.answers(anna, "eq-5d-5l")
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-12")
    phone = (
        hand().opens(newer_link(clinic, anna, clinic.now)).taps("Start")
    )  # the check alone is open
    well(phone).taps("Verstuur mijn antwoorden")
    assert "De volgende vragen komen op vrijdag 9 januari. U krijgt dan een bericht." in phone.text
    by_herself(clinic, anna, "2026-01-09", "2026-01-05")
    phone.opens(phone.path)
    assert "De volgende vragen komen op vrijdag 9 januari." in phone.text
    assert "U krijgt dan een bericht." not in phone.text
    assert "Op die dag krijgt u geen bericht." in phone.text
    assert "sturen wij u een bericht" not in phone.taps("Naar uw pagina").text


def test_what_cannot_wait_acts_as_ever(clinic, anna, hand):
    by_herself(clinic, anna, "2026-01-20", "2026-01-05")
    phone = on_her_page(clinic, anna, hand)
    phone.taps("Begin Klachtencheck").answers("Nee, geen van deze")
    assert phone.answers("Ja").title == "Bel nu het ziekenhuis"
    phone.taps("Verstuur wat ik heb ingevuld")
    clinic.works()
    assert clinic.worklist()[0] == ("B1", "red", "open")
    assert any("+49" in to for to, _ in clinic.phone)  # the nurse is told
    # And her page says to call, and nothing of pauses above that.
    phone.opens("/today")
    assert phone.text.index("Bel nu het ziekenhuis") < phone.text.index("Geen berichten tot en met")


def test_the_page_says_that_nobody_is_told_and_whom_to_call(clinic, anna, hand):
    phone = on_her_page(clinic, anna, hand).taps("Even geen berichten")
    for page in (phone, asks(on_her_page(clinic, anna, hand), "2026-01-06", "2026-01-09")):
        assert "Niemand krijgt bericht van" in page.text
        assert DAY_AND_NIGHT in page.text.split("Niemand krijgt bericht van")[1]
    assert STUDY_TEAM in phone.text


def test_it_is_ended_with_one_tap_and_what_it_held_leaves_at_once(clinic, anna, hand):
    by_herself(clinic, anna, "2026-01-20", "2026-01-05")
    clinic.today("2026-01-06", "10:00")
    before = len(told(clinic))
    phone = on_her_page(clinic, anna, hand).taps("Beëindig de pauze nu")
    assert phone.path == "/today"
    assert "Geen berichten tot en met" not in phone.text
    assert paused(clinic, anna) == (None, None)
    clinic.works()
    assert len(told(clinic)) == before + 1
    assert [(entry.verb, entry.actor) for entry in verbs(clinic)] == [
        ("patient.paused", "patient"),
        ("patient.resumed", "patient"),
    ]


def test_a_tap_by_accident_begins_nothing(clinic, anna, hand):
    phone = asks(on_her_page(clinic, anna, hand), "", "")
    assert (phone.path, phone.status) == ("/pause/check", 422)
    assert "Vul een datum in." in phone.text
    phone = asks(on_her_page(clinic, anna, hand), "2026-01-06", "2026-01-09")
    phone.taps("Nee, terug naar uw pagina")
    assert phone.path == "/today"
    hasty = on_her_page(clinic, anna, hand)
    hasty.read_for = 0
    assert asks(hasty.opens("/today"), "2026-01-06", "2026-01-09").title == "Even geen berichten"
    hasty.read_for = READ_FOR
    method, address, fields = asks(hasty.opens("/today"), "2026-01-06", "2026-01-09").sending(YES)
    just_made = str(int(dict(fields)["made"]) + READ_FOR)
    others = [each for each in fields if each[0] != "made"]
    hasty.sends((method, address, [*others, ("made", just_made)]))
    assert hasty.title.endswith("tot en met vrijdag 9 januari?")
    assert paused(clinic, anna) == (None, None)
    assert verbs(clinic) == []


def test_a_second_tap_on_yes_or_on_the_end_adds_nothing(clinic, anna, hand):
    phone = asks(on_her_page(clinic, anna, hand), "2026-01-06", "2026-01-09")
    yes = phone.sending(YES)
    phone.sends(yes).sends(yes)
    assert paused(clinic, anna) == (date(2026, 1, 6), date(2026, 1, 9))
    end = phone.sending("Beëindig de pauze nu")
    phone.sends(end).sends(end)
    assert [entry.verb for entry in verbs(clinic)] == ["patient.paused", "patient.resumed"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (("2026-01-06", "gisteren"), "Deze datum klopt niet. Schrijf hem als 31-12-2026."),
        (("2026-01-04", "2026-01-09"), "Kies vandaag of een dag daarna."),
        (("2026-01-09", "2026-01-06"), "De laatste dag komt niet vóór de eerste."),
        (("2026-01-06", "2026-02-03"), "Een pauze duurt hooguit 28 dagen. Kies een eerdere dag."),
        (("2026-07-05", "2026-07-06"), "Deze dag is nog te ver weg."),
    ],
)
def test_what_cannot_be_comes_back_as_she_typed_it_with_a_sentence(clinic, anna, hand, days, said):
    phone = asks(on_her_page(clinic, anna, hand), *days)
    assert (phone.status, phone.title) == (422, "Even geen berichten")
    assert said in phone.text
    held = {box.attributes.get("name"): box.attributes.get("value") for box in phone.page.inputs}
    assert (held["first"], held["until"]) == days
    assert paused(clinic, anna) == (None, None)


def test_a_day_may_be_written_as_people_write_it(clinic, anna, hand):
    asks(on_her_page(clinic, anna, hand), "6-1-2026", "9-1-2026").taps(YES)
    assert paused(clinic, anna) == (date(2026, 1, 6), date(2026, 1, 9))


def test_the_protocol_says_how_long_and_one_made_longer_counts_from_its_first_day(clinic, anna):
    by_herself(clinic, anna, "2026-01-20", "2026-01-05")
    clinic.today("2026-01-15", "10:00")
    with pytest.raises(UnfitPause) as refused:
        by_herself(clinic, anna, "2026-02-02")
    assert refused.value.fault is PauseFault.TOO_LONG
    by_herself(clinic, anna, "2026-02-01")
    assert paused(clinic, anna) == (date(2026, 1, 5), date(2026, 2, 1))  # 28 days
    clinic.pauses(anna.id, "2026-06-01")  # staff may, as ever


def test_a_running_one_keeps_its_first_day_and_asks_for_the_last_alone(clinic, anna, hand):
    by_herself(clinic, anna, "2026-01-20", "2026-01-05")
    clinic.today("2026-01-07", "10:00")
    phone = on_her_page(clinic, anna, hand).taps("Andere dagen kiezen")
    assert "Eerste dag zonder berichten" not in phone.text
    phone.ticked = [("until", "2026-01-10")]
    phone.taps("Ga verder").taps(YES)
    assert paused(clinic, anna) == (date(2026, 1, 5), date(2026, 1, 10))


def test_what_a_nurse_began_for_her_she_sees_and_may_end(clinic, anna, hand):
    clinic.pauses(anna.id, "2026-01-20")
    phone = on_her_page(clinic, anna, hand)
    assert "Geen berichten tot en met dinsdag 20 januari" in phone.text
    phone.taps("Beëindig de pauze nu")
    assert paused(clinic, anna) == (None, None)


def test_the_site_can_see_that_she_asked_for_it_herself(clinic, app, anna, hand):
    asks(on_her_page(clinic, anna, hand), "2026-01-06", "2026-01-09").taps(YES)
    (entry,) = verbs(clinic)
    assert (entry.actor, entry.actor_id, entry.patient_id) == ("patient", anna.id, anna.id)
    assert entry.detail == {"first": "2026-01-06", "until": "2026-01-09"}
    for staff, place in ((clinic.els, ""), (clinic.mo, "/calendar")):
        desk = Desk(app, clinic, staff).opens(f"/staff/patients/{anna.code}{place}")
        assert "De patiënt vroeg hier zelf om, op maandag 5 januari." in desk.text
    log = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}").text
    assert "Berichten op pauze gezet door de patiënt zelf" in log
    clinic.pauses(anna.id, "2026-01-09")
    desk.opens(f"/staff/patients/{anna.code}/calendar")
    assert "vroeg hier zelf om" not in desk.text


def test_where_the_protocol_allows_none_it_is_not_offered_and_not_taken(
    clinic, anna, database_url, monkeypatch
):
    allowing_none = without_pauses(clinic.library)
    monkeypatch.setattr(clinic, "look", lambda: allowing_none)
    with website(database_url, library=allowing_none) as app:
        phone = on_her_page(clinic, anna, lambda: Phone(app, clinic.now))
        assert not phone.offers("Even geen berichten")
        assert phone.opens("/pause").status == 404
        with pytest.raises(UnfitPause):
            by_herself(clinic, anna, "2026-01-09")
        clinic.pauses(anna.id, "2026-01-09")
        phone.opens("/today").taps("Beëindig de pauze nu")  # one that staff began she may end
    assert paused(clinic, anna) == (None, None)


def test_while_an_answer_cannot_wait_her_page_speaks_of_that_and_offers_no_pause(
    clinic, anna, hand
):
    clinic.answers(anna, JAUND=2)
    phone = on_her_page(clinic, anna, hand)
    assert "Bel nu het ziekenhuis" in phone.text
    assert not phone.offers("Even geen berichten")


def test_the_days_are_those_of_the_site(clinic, anna):
    clinic.today("2026-01-05", "23:30")
    clinic.now += timedelta(hours=1)  # already the sixth in Amsterdam, still the fifth in UTC
    with pytest.raises(UnfitPause) as refused:
        by_herself(clinic, anna, "2026-01-09", "2026-01-05")
    assert refused.value.fault is PauseFault.GONE_BY
