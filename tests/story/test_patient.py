"""A patient fills in her questions over HTTP, on a phone without a script, and the site learns what
it must."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.db.tables import Assignment, AuditEntry
from proms.domain.response import Mode, answers_of, missing_of
from tests.filling_in import (
    DAY_AND_NIGHT,
    STUDY_TEAM,
    begun,
    calm,
    drafts,
    link,
    newer_link,
    stored,
    well,
)
from tests.phone import Phone, squeezed, website


def test_journey_1_a_patient_answers_in_dutch_goes_back_once_leaves_one_out_and_gets_a_receipt(
    clinic, anna, hand
):
    phone = hand().opens(link(clinic))
    assert DAY_AND_NIGHT in phone.text
    assert STUDY_TEAM in phone.text
    assert not any(word in phone.text for word in ("Anna", "Bakker", "lever", "kanker", "chemo"))
    phone.taps("Start")
    assert phone.path == "/today"
    assert "Klachtencheck Over de afgelopen 7 dagen. 17 vragen. Ongeveer 4 minuten." in phone.text
    phone.taps("Begin Klachtencheck")
    assert "Denk aan de afgelopen 7 dagen. Vandaag hoort erbij." in phone.text
    assert f"Voelt u zich nu heel ziek? Bel {DAY_AND_NIGHT}" in phone.text
    assert phone.title.startswith("Kreeg u plotseling een van deze klachten?")
    assert "Vraag 1 van 17" in phone.text
    assert phone.chosen == []
    calm(phone)
    assert phone.title == "Is uw huid of uw oogwit geler dan normaal?"
    phone.answers("Nee").answers("Donkerder dan normaal").taps("Vorige")
    assert phone.chosen == ["Donkerder dan normaal"]
    phone.answers("Gewoon").answers("Gewoon")
    assert phone.title == "Had u jeuk?"
    phone.taps("Volgende")
    assert phone.title == "U heeft deze vraag niet beantwoord"
    phone.taps("Terug naar de vraag")
    assert phone.title == "Had u jeuk?"
    phone.taps("Ik sla deze vraag over").taps("Vraag overslaan")
    assert phone.title == "Wat was uw hoogste temperatuur?"
    well(phone)
    assert phone.title == "Kijk uw antwoorden na"
    assert "5. Jeuk Overgeslagen" in phone.text
    assert "U heeft 1 vraag overgeslagen." in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert phone.path.startswith("/receipt/")
    assert (
        "Uw antwoorden zijn aangekomen: vandaag om 10.46 uur. "
        "Dat betekent niet dat iemand ze al heeft gelezen."
    ) in phone.text
    assert (
        "In uw antwoorden staat niets waarvoor u nu moet bellen. "
        f"Voelt u zich toch ziek, of wordt het erger? Bel {DAY_AND_NIGHT}" in phone.text
    )
    (response,) = stored(clinic)
    assert (response.mode, response.language, response.version) == (Mode.PHONE, "nl", 1)
    assert answers_of(response.document)["URINE"] == 0
    assert answers_of(response.document)["BLEED"] == ("none",)
    assert missing_of(response.document)["ITCH"] == "skipped"
    assert missing_of(response.document)["SITE"] == "not_asked"
    assert (
        phone.taps("Naar uw pagina").text.count("Klachtencheck") == 2
    )  # under "done", and as an extra one


def test_an_answer_that_cannot_wait_says_call_now_before_anything_is_sent(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Ja")
    assert phone.title == "Bel nu het ziekenhuis"
    assert phone.text.index(DAY_AND_NIGHT) < phone.text.index("Dit kunt u zeggen")
    assert "de gal niet goed weg kan" in phone.text
    assert anna.code in phone.text
    assert "Bel eerst. Uw antwoorden zijn nog niet verstuurd" in phone.text
    assert (stored(clinic), clinic.worklist()) == ([], [])
    assert drafts(clinic)[0].call_shown_at == clinic.now
    phone.taps("Ik ga bellen")
    assert "U gaf om 10.46 uur aan dat u gaat bellen. Lukt het niet?" in phone.text
    phone.taps("Verder met de vragen")
    assert "Vraag 3 van 19" in phone.text  # two more: is it there now, and did you call
    well(phone)
    assert "Nu nog Nee" in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert phone.title == "Bel nu het ziekenhuis"
    assert "kwamen aan op maandag 5 januari om 10.46 uur" in phone.text
    assert clinic.worklist() == [("B1", "red", "open")]
    assert phone.taps("Naar uw pagina").taps("Wat u nu moet doen").title == "Bel nu het ziekenhuis"


def test_who_cannot_call_is_told_what_to_do_and_the_site_can_see_it(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Ja").taps("Bellen lukt niet")
    assert "Bel 112" in phone.text
    assert f"Op werkdagen kunt u ook het studieteam bellen: {STUDY_TEAM}" in phone.text
    assert "Maar niemand leest dat meteen." in phone.text
    assert DAY_AND_NIGHT in phone.text
    assert STUDY_TEAM in phone.text
    with clinic.database.reading() as session:
        said = session.exec(
            select(AuditEntry).where(col(AuditEntry.verb).startswith("call."))
        ).all()
    assert [(each.verb, each.actor, each.patient_id, each.at) for each in said] == [
        ("call.shown", "patient", anna.id, clinic.now),
        ("call.cannot", "patient", anna.id, clinic.now),
    ]


def test_who_has_called_already_is_not_asked_again_whether_she_will(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Ja").taps("Verder met de vragen")
    while phone.title != "Heeft u hierover al met het ziekenhuis gebeld?":
        first = [each.words for each in phone.page.things if each.attributes.get("for") == "a1"]
        phone.answers(*first)
    well(phone.answers("Ja")).taps("Verstuur mijn antwoorden")
    assert phone.title == "U vertelde dat u heeft gebeld"
    assert "Bel dan opnieuw." in phone.text
    assert "Bel nu het ziekenhuis" not in phone.text
    assert not phone.offers("Ik ga bellen")


def test_the_call_page_comes_once_for_each_new_reason(clinic, anna, hand):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.works()
    phone = begun(hand(), clinic).answers("Ja").taps("Verder met de vragen")
    phone.answers("Gewoon").answers("Gewoon").answers("Nee").answers("38,5 graden of hoger")
    assert phone.title == "Bel nu het ziekenhuis"
    assert "Neem geen paracetamol voordat u heeft gebeld." in phone.text
    phone.taps("Verder met de vragen")
    assert phone.answers("Nee").title.startswith("Had u pijn boven in uw buik")


def test_an_answer_taken_back_takes_back_its_two_extra_questions(clinic, anna, hand):
    phone = well(begun(hand(), clinic).answers("Ja").taps("Verder met de vragen"))
    phone.taps("Wijzig vraag 2:").answers("Nee")
    assert phone.path.endswith("/review")
    assert "Nu nog" not in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert missing_of(stored(clinic)[0].document)["NOW"] == "not_asked"
    assert clinic.worklist() == []


def test_a_changed_answer_leads_back_to_the_page_it_was_changed_from(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    phone.taps("Wijzig vraag 10:")
    assert phone.title == "Was u misselijk?"
    assert phone.chosen == ["Nee"]
    phone.answers("Licht")
    assert phone.title == "Kijk uw antwoorden na"
    assert "10. Misselijk Licht" in phone.text


def test_none_together_with_something_else_is_asked_about_and_nothing_is_lost(clinic, anna, hand):
    phone = begun(hand(), clinic)
    while not phone.title.startswith("Zag u een van deze dingen?"):
        phone.answers(
            *[each.words for each in phone.page.things if each.attributes.get("for") == "a1"]
        )
    phone.answers("Nee, geen van deze", "Zwarte, plakkerige poep")
    assert phone.status == 422
    assert (
        "U koos “Nee, geen van deze” en ook een ander antwoord. Haal weg wat niet klopt."
        in phone.text
    )
    assert phone.chosen == ["Nee, geen van deze", "Zwarte, plakkerige poep"]
    assert "BLEED" not in drafts(clinic)[0].document
    assert phone.answers("Zwarte, plakkerige poep").title == "Bel nu het ziekenhuis"


def test_a_safety_question_is_asked_once_more_and_then_kept_as_declined(clinic, anna, hand):
    phone = begun(hand(), clinic).taps("Volgende")
    assert "gaat over uw veiligheid" in phone.text
    phone.taps("Vraag overslaan")
    assert phone.title.startswith("Wat was de donkerste kleur")
    well(phone).taps("Verstuur mijn antwoorden")
    assert missing_of(stored(clinic)[0].document)["JAUND"] == "declined"
    assert clinic.worklist() == [("Q1", "amber", "open")]
    assert "Wij bellen u binnen 1 werkdag." in phone.text


def test_a_remark_is_read_on_working_days_only_and_the_page_says_so(clinic, anna, hand):
    phone = begun(hand(), clinic)
    while phone.title != "Wilt u nog iets vertellen?":
        phone.answers(
            *[each.words for each in phone.page.things if each.attributes.get("for") == "a1"]
        )
    assert "Dit wordt niet meteen gelezen. Is het dringend? Bel dan." in phone.text
    phone.writes("Ik ben <b>moe</b>.").taps("Volgende")
    assert "Ik ben <b>moe</b>." in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert answers_of(stored(clinic)[0].document)["REMARK"] == "Ik ben <b>moe</b>."


def test_a_long_remark_with_many_lines_is_kept_and_one_too_long_comes_back_whole(
    clinic, anna, hand
):
    phone = begun(hand(), clinic)
    while phone.title != "Wilt u nog iets vertellen?":
        phone.answers(
            *[each.words for each in phone.page.things if each.attributes.get("for") == "a1"]
        )
    assert "Hoogstens 2000 tekens." in phone.text
    lines = "\r\n".join(["x" * 19] * 100)  # as a browser sends them
    phone.writes(lines + "xx").taps("Volgende")
    assert phone.status == 422
    assert "Zoveel tekens te veel: 1. Maak het korter." in phone.text
    assert squeezed((lines + "xx").replace("\r\n", " ")) in phone.text
    phone.writes(lines + "x").taps("Volgende").taps("Verstuur mijn antwoorden")
    kept = answers_of(stored(clinic)[0].document)["REMARK"]
    assert kept == (lines + "x").replace("\r\n", "\n")
    assert len(kept) == 2000


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        (("2026-01-07", "23:00"), None),
        (("2026-01-09", "16:00"), None),
        (("2026-01-09", "19:00"), "maandag 12 januari"),
        (("2026-01-10", "11:00"), "maandag 12 januari"),
        (("2026-04-02", "18:00"), "dinsdag 7 april"),  # Good Friday, then Easter
    ],
)
def test_an_amber_answer_before_a_free_day_says_when_the_call_may_come(
    clinic, anna, hand, moment, says
):
    clinic.today(*moment)
    phone = begun(hand(), clinic).taps("Volgende").taps("Vraag overslaan")
    well(phone).taps("Verstuur mijn antwoorden")
    if says is None:
        assert "kan zijn dat wij pas" not in phone.text
    else:
        assert f"Het kan zijn dat wij pas op {says} bellen." in phone.text


def test_a_form_is_resumed_the_next_day_where_it_was_left(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Nee").answers("Gewoon").taps("Stoppen, later verder")
    assert "U bent bij vraag 4." in phone.text
    clinic.today("2026-01-06", "09:30")
    phone.now = clinic.now
    phone.opens("/today").taps("Ga verder")
    assert phone.title.startswith("Wat was de lichtste kleur")


def test_what_was_begun_in_time_may_be_sent_for_a_week_more_and_the_card_says_until_when(
    clinic, anna, hand
):
    phone = begun(hand(), clinic).answers("Nee")
    with clinic.database.reading() as session:
        closes_at = (
            session.exec(select(Assignment).where(Assignment.state == "started")).one().closes_at
        )
    assert "Invullen kan tot en met zondag 5 april" in phone.opens("/today").text
    phone.now = closes_at + timedelta(days=2)
    phone.opens(newer_link(clinic, anna, phone.now)).taps("Start")
    assert "Invullen kan tot en met zondag 12 april" in phone.text
    well(phone.taps("Ga verder")).taps("Verstuur mijn antwoorden")
    assert stored(clinic)[0].late


def test_U_11_the_language_switch_changes_our_words_and_leaves_the_questions_as_they_were_begun(
    clinic, anna, hand
):
    phone = begun(hand(), clinic).answers("Nee").taps("English")
    assert phone.path.endswith("/URINE")
    assert "Question 3 of 17" in phone.text
    assert "You began these questions in Nederlands. They stay so" in phone.text
    assert phone.title.startswith("Wat was de donkerste kleur")
    assert 'lang="en"' in phone.answer.text
    assert '<fieldset lang="nl"' in phone.answer.text
    phone.taps("Nederlands")
    well(phone).taps("Verstuur mijn antwoorden")
    assert stored(clinic)[0].language == "nl"


def test_a_patient_who_reads_english_gets_english_throughout(clinic, hand):
    clinic.today("2026-01-05", "09:00")
    clinic.enrols("Bert", language="en")
    clinic.today("2026-01-05", "10:46")
    phone = hand().opens(link(clinic)).taps("Start").taps("Begin Symptom check")
    assert phone.title.startswith("Did you suddenly get one of these?")
    phone.chooses("No, none of these").taps("Next")
    assert phone.title == "Is your skin, or the white of your eyes, more yellow than normal?"
    phone.chooses("Yes").taps("Next")
    assert phone.title == "Call the hospital now"
    assert "Do not wait for us to call you." in phone.text


def test_a_quality_of_life_questionnaire_in_a_demo_shows_that_its_words_stand_in(
    clinic, anna, database_url
):
    with website(database_url, demo=True) as demo:
        phone = Phone(demo, clinic.now).opens(link(clinic)).taps("Start")
        phone.taps("Begin Vragenlijst kwaliteit van leven")
        assert "Voorbeeldtekst, niet de officiële vraag" in phone.text
        well(phone).taps("Verstuur mijn antwoorden")
        assert phone.title == "Uw antwoorden zijn aangekomen"
        assert f"Bel {DAY_AND_NIGHT}" in phone.text
