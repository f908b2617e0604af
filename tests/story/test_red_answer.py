"""A red answer acts on the patient's phone by itself: before anything is sent, and until a nurse
has it."""

import string
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from proms.actions.drafts import save_answer
from proms.actions.refusals import AlreadyAnswered
from proms.actions.schedule import GRACE
from proms.db.tables import Alert, Assignment, AuditEntry
from proms.domain.alert.record import Resolution
from proms.domain.alert_policy import AlertPolicy
from proms.domain.response import answers_of, missing_of
from tests.filling_in import DAY_AND_NIGHT, STUDY_TEAM, begun, drafts, newer_link, stored, well
from tests.phone import Phone, website

GSM = set(string.ascii_letters + string.digits + "@_-+.,:;/?!'() \n")
CALL = "Bel nu het ziekenhuis"
SEND = "Verstuur wat ik heb ingevuld"
STILL_YELLOW = "Is uw huid of uw oogwit nu nog geler dan normaal?"


def red(phone, clinic):
    """Her first answer cannot wait."""
    return begun(phone, clinic).answers("Ja")


def dialled(phone):
    """The numbers that a tap calls, in order."""
    return [
        each.attributes["href"].removeprefix("tel:")
        for each in phone.page.things
        if each.attributes.get("href", "").startswith("tel:")
        and "btn" in each.attributes.get("class", "")
    ]


def up_to(phone, title):
    while phone.title != title:
        first = [each.words for each in phone.page.things if each.attributes.get("for") == "a1"]
        phone.answers(*first)
    return phone


def test_the_page_says_what_she_reported_in_her_own_answers(clinic, anna, hand):
    phone = red(hand(), clinic)
    assert "Dit vulde u in: Gele huid of ogen Ja" in phone.text
    assert dialled(phone)[:2] == ["+31201234567", "112"]
    phone.taps("Verder met de vragen")
    up_to(phone, "Wat was uw hoogste temperatuur?").answers("38,5 graden of hoger")
    assert "Gele huid of ogen Ja Temperatuur 38,5 graden of hoger" in phone.text
    assert "Koude rilling" not in phone.text  # nothing that she did not report


def test_both_languages_offer_the_same(clinic, anna, hand):
    phone = red(hand(), clinic).taps("English")
    assert phone.title == "Call the hospital now"
    assert "This is what you filled in: Gele huid of ogen Ja" in phone.text
    for offer in ("Call 020 123 4567", "Call 112", "Send what I have filled in", "Go on with"):
        assert phone.offers(offer)


def test_what_is_filled_in_so_far_is_sent_with_one_tap(clinic, anna, hand):
    phone = red(hand(), clinic)
    sending = phone.sending(SEND)
    phone.taps(SEND)
    assert phone.title == CALL
    assert "Uw antwoorden kwamen aan op maandag 5 januari om 10.46 uur" in phone.text
    assert "Gele huid of ogen Ja" in phone.text
    assert dialled(phone)[:2] == ["+31201234567", "112"]
    receipt = phone.path
    assert phone.sends(sending).path == receipt  # a second tap
    (response,) = stored(clinic)
    assert answers_of(response.document) == {"ALARM": ("none",), "JAUND": 2}
    missing = missing_of(response.document)
    assert (missing["TEMP"], missing["NOW"], missing["SITE"]) == ("skipped", "skipped", "not_asked")
    # A safety question that she did not reach is not answered, and the nurse is told so.
    assert clinic.worklist() == [("B1", "red", "open"), ("Q1", "amber", "open")]


def test_is_it_there_now_and_did_you_call_are_asked_once_beside_the_number(clinic, anna, hand):
    phone = red(hand(), clinic)
    assert STILL_YELLOW in phone.text
    assert "Heeft u hierover al met het ziekenhuis gebeld?" in phone.text
    phone.ticked = [("NOW", "1"), ("CONTACT", "0")]
    phone.taps("Bewaar deze antwoorden")
    assert phone.title == CALL
    assert STILL_YELLOW not in phone.text
    assert answers_of(drafts(clinic)[0].document) == {
        "ALARM": ("none",),
        "JAUND": 2,
        "NOW": 1,
        "CONTACT": 0,
    }
    phone.taps("Verder met de vragen")
    asked = []
    while not phone.path.endswith("/review"):
        asked.append(phone.title)
        phone.answers(*[e.words for e in phone.page.things if e.attributes.get("for") == "a1"])
    assert not any(
        title.startswith(("Is uw huid of uw oogwit nu", "Heeft u hierover")) for title in asked
    )
    assert "Nu nog Ja" in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert answers_of(stored(clinic)[0].document)["NOW"] == 1


def test_who_says_that_she_has_called_reads_another_text(clinic, anna, hand):
    phone = red(hand(), clinic)
    phone.ticked = [("CONTACT", "1")]
    phone.taps("Bewaar deze antwoorden")
    assert phone.title == "U vertelde dat u heeft gebeld"
    assert "Wordt het erger, of twijfelt u? Bel dan opnieuw." in phone.text
    assert CALL not in phone.text
    assert not phone.offers("Ik ga bellen")
    assert STILL_YELLOW in phone.text  # still to be asked
    assert dialled(phone)[:2] == ["+31201234567", "112"]


def test_that_she_called_about_one_thing_says_nothing_of_the_next(clinic, anna, hand):
    phone = red(hand(), clinic)
    phone.ticked = [("NOW", "0"), ("CONTACT", "1")]
    phone.taps("Bewaar deze antwoorden").taps("Verder met de vragen")
    up_to(phone, "Had u koude rillingen die u niet kon stoppen?").answers("Ja")
    assert phone.title == CALL
    assert "Heeft u hier nu nog last van: gele huid of ogen, koude rilling?" in phone.text
    assert answers_of(drafts(clinic)[0].document).keys() & {"NOW", "CONTACT"} == set()


def test_the_other_language_keeps_what_was_chosen(clinic, anna, hand):
    phone = red(hand(), clinic)
    phone.ticked = [("NOW", "1")]
    phone.taps("English")
    assert phone.title == "Call the hospital now"
    assert phone.chosen == ["Ja"]
    assert "NOW" not in answers_of(drafts(clinic)[0].document)


def test_where_calling_fails_she_can_send_and_has_another_number(clinic, anna, hand):
    phone = red(hand(), clinic).taps("Bellen lukt niet")
    assert dialled(phone)[:3] == ["+31201234567", "112", "+31201234568"]
    assert STUDY_TEAM in phone.text
    assert phone.offers(SEND)
    english = phone.taps("English")
    assert "On working days you can also call the study team" in english.text
    assert english.offers("Send what I have filled in")
    english.taps("Nederlands").taps(SEND)
    assert phone.title == CALL
    assert not phone.taps("Bellen lukt niet").offers(SEND)


def test_the_card_stays_on_top_until_a_nurse_has_it(clinic, anna, hand):
    phone = red(hand(), clinic).taps(SEND).opens("/today")
    for days in (0, 2, 20):
        phone.now = clinic.now + timedelta(days=days)
        phone.opens(newer_link(clinic, anna, phone.now)).taps("Start")
        assert phone.text.index(CALL) < phone.text.index("Goede")
        assert "Heeft u al gebeld?" in phone.text
        assert dialled(phone)[:2] == ["+31201234567", "112"]
        assert phone.taps("Wat u nu moet doen").title == CALL
    clinic.acknowledges(anna)
    assert CALL not in phone.opens("/today").text


def test_the_card_goes_when_the_alert_is_closed(clinic, anna, hand):
    clinic.answers(anna, JAUND=2)
    phone = hand().opens(newer_link(clinic, anna, clinic.now)).taps("Start")
    assert CALL in phone.text
    clinic.resolves(anna, Resolution.ADVICE)
    assert CALL not in phone.opens("/today").text


def test_what_cannot_wait_and_is_not_sent_stands_on_top_too(clinic, anna, hand):
    phone = red(hand(), clinic).opens("/today")
    assert phone.text.index(CALL) < phone.text.index("Goede")
    assert "Uw antwoorden zijn nog niet verstuurd." in phone.text
    assert phone.taps("Wat u nu moet doen").title == CALL
    phone.opens("/today").taps("Ga verder").taps("Vorige").answers("Nee")
    assert CALL not in phone.opens("/today").text


def test_what_was_not_sent_in_time_is_not_waved_aside(clinic, anna, hand):
    phone = red(hand(), clinic)
    with clinic.database.reading() as session:
        asked = session.exec(select(Assignment).where(Assignment.state == "started")).one()
    phone.now = asked.closes_at + GRACE + timedelta(days=1)
    phone.opens(newer_link(clinic, anna, phone.now)).taps("Start")
    assert phone.text.index(CALL) < phone.text.index("Goede")
    assert "Deze antwoorden zijn niet op tijd verstuurd." in phone.text
    assert "Dit vulde u in: Gele huid of ogen Ja" in phone.text
    about_it = f"niet op tijd verstuurd. Wordt het erger? Bel {DAY_AND_NIGHT}"
    assert f"maandag 5 januari: {about_it}" in phone.text
    other = hand()
    other.now = phone.now
    other.opens(newer_link(clinic, anna, phone.now)).taps("Start")
    assert CALL in other.text
    assert "Gele huid" not in other.text  # what was answered is shown only where it was


def test_what_can_wait_and_was_not_sent_is_not_said_to_be_no_matter(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Weet ik niet zeker")
    with clinic.database.reading() as session:
        asked = session.exec(select(Assignment).where(Assignment.state == "started")).one()
    closed = asked.closes_at + GRACE + timedelta(days=1)
    clinic.now = closed
    clinic.works()
    assert clinic.worklist() == []
    phone.now = closed
    phone.opens(newer_link(clinic, anna, closed)).taps("Start")
    assert CALL not in phone.text
    lost = "niet op tijd verstuurd, het ziekenhuis heeft deze antwoorden niet."
    assert f"maandag 5 januari: {lost}" in phone.text
    # Of what she never began, nothing is missing that anybody needs.
    assert "Niet ingevuld. U hoeft het niet in te halen." in phone.text


def test_once_a_nurse_has_what_was_not_sent_the_card_goes_and_the_list_stays_true(
    clinic, anna, hand
):
    phone = red(hand(), clinic)
    clinic.today("2026-01-05", "11:00")
    assert clinic.worklist() == [("B1", "red", "open")]
    phone.now = clinic.now
    assert CALL in phone.opens("/today").text
    clinic.acknowledges(anna)
    assert "Heeft u al gebeld?" not in phone.opens("/today").text


def test_where_no_alert_comes_of_it_the_card_stands_for_a_day(clinic, database_url):
    original = clinic.look()
    trial = original.protocol("pump-it")
    off = {"hsc": AlertPolicy(on=False)}
    arms = {code: replace(arm, alerts_of=off) for code, arm in trial.arms.items()}
    protocols = {"pump-it": {trial.version: replace(trial, arms=arms)}}
    library = replace(original, protocols=protocols)
    clinic.look = lambda: library
    clinic.today("2026-01-05", "10:46")
    anna = clinic.enrols()
    check = clinic.asked(anna)
    clinic.randomises(anna, "A", "2026-01-05")
    receipt = clinic.answers(anna, assignment=check, JAUND=2)
    assert clinic.worklist() == []
    with website(database_url, library=library) as app:
        phone = Phone(app, clinic.now).opens(newer_link(clinic, anna, clinic.now)).taps("Start")
        assert phone.taps("Wat u nu moet doen").path == f"/receipt/{receipt.code}"
        phone.now = clinic.now + timedelta(hours=25)
        assert CALL not in phone.opens("/today").text


def test_rules_that_crashed_show_no_card(clinic, anna, hand, monkeypatch):
    from proms.actions import evaluations

    def crash(*_args, **_kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(evaluations, "judge", crash)
    phone = begun(hand(), clinic).answers("Ja")
    assert drafts(clinic)[0].red_at == clinic.now
    assert CALL not in phone.opens("/today").text
    well(phone.taps("Ga verder")).taps("Verstuur mijn antwoorden")
    assert "de computer kon ze niet nakijken" in phone.text
    assert clinic.worklist()[0][:2] == ("not_evaluated", "red")
    assert CALL not in phone.opens("/today").text


@pytest.mark.parametrize(
    ("language", "asks"),
    [
        ("nl", "Heeft u het ziekenhuis gebeld? Dat kan dag en nacht: 020 123 4567. Uw vragen: "),
        ("en", "Did you call the hospital? Day and night: 020 123 4567. Your questions: "),
    ],
)
def test_the_next_reminder_asks_whether_she_called(clinic, language, asks):
    clinic.today("2026-01-05", "08:00")
    anna = clinic.enrols(language=language)
    clinic.today("2026-01-05", "09:00")
    clinic.answers(anna, JAUND=2)
    clinic.today("2026-01-06", "09:00")  # about the questionnaire that is still open
    assert clinic.phone[-1][1].startswith(f"Voorbeeld: {asks}")
    assert len(clinic.phone[-1][1]) <= 160
    assert "/q/" in clinic.phone[-1][1]
    assert set(clinic.phone[-1][1]) <= GSM
    clinic.resolves(anna, Resolution.ADVICE)
    clinic.today("2026-01-07", "09:00")
    assert not clinic.phone[-1][1].startswith(f"Voorbeeld: {asks}")
    assert "/q/" in clinic.phone[-1][1]


def test_a_reminder_asks_it_also_of_what_was_not_sent(clinic):
    clinic.today("2026-01-05", "08:00")
    anna = clinic.enrols()
    clinic.today("2026-01-05", "09:00")
    clinic.today("2026-01-06", "08:55")
    asked = clinic.opens(anna)
    with clinic.database.writing() as session:
        sitting = clinic._sitting(session, anna, asked)
        save_answer(sitting, item="JAUND", value=2)
    clinic.today("2026-01-06", "09:00")  # before it is an alert
    assert clinic.worklist() == []
    assert clinic.phone[-1][1].startswith("Voorbeeld: Heeft u het ziekenhuis gebeld?")


def amber(phone, clinic):
    """She says that her skin may be yellow, and sends it."""
    return well(begun(phone, clinic).answers("Weet ik niet zeker")).taps("Verstuur mijn antwoorden")


def said_of_waiting(clinic):
    with clinic.database.reading() as session:
        alerts = session.exec(select(Alert).order_by(Alert.id)).all()
        entries = session.exec(select(AuditEntry).where(AuditEntry.verb == "alert.can_wait")).all()
    return [alert.can_wait for alert in alerts], [entry.detail["can_wait"] for entry in entries]


def test_after_an_amber_answer_she_says_whether_it_can_wait(clinic, anna, hand):
    phone = amber(hand(), clinic)
    assert "Kan dit wachten tot wij bellen?" in phone.text
    assert said_of_waiting(clinic) == ([None], [])
    yes = phone.sending("Ja, het kan wachten")
    phone.taps("Ja, het kan wachten")
    assert f"U vertelde dat het kan wachten. Wordt het erger? Bel {DAY_AND_NIGHT}" in phone.text
    phone.sends(yes)
    assert said_of_waiting(clinic) == ([True], [True])
    assert clinic.worklist() == [("B3", "amber", "open")]
    phone.taps("Nee, het kan niet wachten")
    assert f"U vertelde dat het niet kan wachten. Bel nu {DAY_AND_NIGHT}" in phone.text
    assert dialled(phone)[0] == "+31201234567"
    assert said_of_waiting(clinic) == ([False], [True, False])
    assert clinic.worklist() == [("B3", "amber", "open")]


def test_what_comes_in_later_is_asked_about_anew(clinic, anna, hand):
    amber(hand(), clinic).taps("Ja, het kan wachten")
    with clinic.database.reading() as session:
        asked = session.exec(select(Assignment).where(Assignment.state == "answered")).one()
    with pytest.raises(AlreadyAnswered):
        clinic.answers(anna, assignment=asked, key="later", JAUND=1, ITCH=1)
    assert said_of_waiting(clinic)[0] == [None]


def test_she_is_asked_only_where_a_call_is_promised(clinic, anna, hand):
    phone = well(begun(hand(), clinic)).taps("Verstuur mijn antwoorden")
    assert "Kan dit wachten" not in phone.text
    clinic.answers(anna, "qlq-c30")
    assert "Kan dit wachten" not in phone.opens("/today").text


def test_on_another_phone_the_page_shows_no_answer(clinic, anna, hand):
    receipt = red(hand(), clinic).taps(SEND).path
    other = hand().opens(newer_link(clinic, anna, clinic.now)).taps("Start").opens(receipt)
    assert other.title == CALL
    assert "Gele huid" not in other.text
