"""A patient fills in her questions over HTTP, on a phone without a script, and the site learns what it must."""

import gzip
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import col, select

from proms.actions.entry import make_link, revoke_links
from proms.db.tables import Assignment, AuditEntry, Draft, KeptAside, Patient, PatientVisit, Response
from proms.domain.response import Mode, answers_of, missing_of
from tests.clinic import KEYRING, Clinic
from tests.phone import HOME, Phone, website

PATH = re.compile(rf"{HOME}(/q/\S+)")
DAY_AND_NIGHT = "020 123 4567"
STUDY_TEAM = "020 123 4568"
Hand = Callable[..., Phone]


@pytest.fixture
def app(clinic: Clinic, database_url: str) -> Iterator[Flask]:
    with website(database_url) as running:
        yield running


@pytest.fixture
def hand(app: Flask, clinic: Clinic) -> Hand:
    """`hand()` is a new browser at the story's moment."""
    return lambda: Phone(app, clinic.now)


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    """Enrolled on a Monday: her first check and her first questionnaire are open."""
    clinic.today("2026-01-05", "09:00")
    patient = clinic.enrols("Anna Bakker")
    clinic.today("2026-01-05", "10:46")
    return patient


def link(clinic: Clinic) -> str:
    """The path of the link in the latest message."""
    return next(found[1] for _, text in reversed(clinic.phone) if (found := PATH.search(text)))


def begun(phone: Phone, clinic: Clinic) -> Phone:
    """Her link opened, Start pressed, the symptom check opened at its first question."""
    return phone.opens(link(clinic)).taps("Start").taps("Begin Klachtencheck").taps("Naar de eerste vraag")


def well(phone: Phone) -> Phone:
    """Every question from here on answered with its first answer, up to the page to check them on."""
    while not phone.path.endswith("/review"):
        boxes = [each for each in phone.page.things if each.tag == "label" and each.attributes["for"] == "a1"]
        phone.answers(*[each.words for each in boxes])
    return phone


def stored(clinic: Clinic) -> list[Response]:
    with clinic.database.reading() as session:
        return list(session.exec(select(Response).order_by(col(Response.id))))


def drafts(clinic: Clinic) -> list[Draft]:
    with clinic.database.reading() as session:
        return list(session.exec(select(Draft)))


def test_journey_1_a_patient_answers_in_dutch_goes_back_once_leaves_one_out_and_gets_a_receipt(clinic, anna, hand):
    phone = hand().opens(link(clinic))
    assert DAY_AND_NIGHT in phone.text
    assert STUDY_TEAM in phone.text
    assert not any(word in phone.text for word in ("Anna", "Bakker", "lever", "kanker", "chemo"))
    phone.taps("Start")
    assert phone.path == "/today"
    assert "Klachtencheck 17 vragen. Ongeveer 4 minuten." in phone.text
    phone.taps("Begin Klachtencheck")
    assert "Denk aan de afgelopen 7 dagen, met vandaag erbij." in phone.text
    assert f"Voelt u zich nu heel ziek? Bel {DAY_AND_NIGHT}" in phone.text
    phone.taps("Naar de eerste vraag")
    assert phone.title == "Is uw huid of uw oogwit geler dan normaal?"
    assert "Vraag 1 van 17" in phone.text
    assert phone.chosen == []
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
    assert "4. Had u jeuk? Overgeslagen" in phone.text
    assert "U liet 1 vraag open." in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert phone.path.startswith("/receipt/")
    assert "Uw antwoorden zijn aangekomen. Vandaag om 10.46 uur." in phone.text
    assert f"U hoeft nu niet te bellen. Voelt u zich later slechter? Bel {DAY_AND_NIGHT}" in phone.text
    (response,) = stored(clinic)
    assert (response.mode, response.language, response.version) == (Mode.PHONE, "nl", 1)
    assert answers_of(response.document)["URINE"] == 0
    assert answers_of(response.document)["BLEED"] == ("none",)
    assert missing_of(response.document)["ITCH"] == "skipped"
    assert missing_of(response.document)["SITE"] == "not_asked"
    assert phone.taps("Naar uw pagina").text.count("Klachtencheck") == 1  # only under "done"


def test_an_answer_that_cannot_wait_says_call_now_before_anything_is_sent(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Ja")
    assert phone.title == "Bel nu het ziekenhuis"
    assert phone.text.index(DAY_AND_NIGHT) < phone.text.index("Dit kunt u zeggen")
    assert "de gal niet goed weg kan" in phone.text
    assert anna.code in phone.text
    assert "nog niet verstuurd" in phone.text
    assert (stored(clinic), clinic.worklist()) == ([], [])
    assert drafts(clinic)[0].call_shown_at == clinic.now
    phone.taps("Ik ga bellen")
    assert "U liet om 10.46 uur weten dat u gaat bellen." in phone.text
    phone.taps("Verder met de vragen")
    assert "Vraag 2 van 19" in phone.text  # two more: is it there now, and did you call
    well(phone)
    assert "Is het er nu nog?" in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert phone.title == "Bel nu het ziekenhuis"
    assert "kwamen aan op maandag 5 januari om 10.46 uur" in phone.text
    assert clinic.worklist() == [("B1", "red", "open")]
    assert phone.taps("Naar uw pagina").taps("Wat u nu doet").title == "Bel nu het ziekenhuis"


def test_who_cannot_call_is_told_what_to_do_and_the_site_can_see_it(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Ja").taps("Bellen lukt niet")
    assert "Bel 112" in phone.text
    assert DAY_AND_NIGHT in phone.text
    assert STUDY_TEAM in phone.text
    with clinic.database.reading() as session:
        said = session.exec(select(AuditEntry).where(col(AuditEntry.verb).startswith("call."))).all()
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
    assert "U heeft al gebeld. Bel opnieuw als het erger wordt." in phone.text
    assert not phone.offers("Ik ga bellen")


def test_the_call_page_comes_once_for_each_new_reason(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Ja").taps("Verder met de vragen")
    phone.answers("Gewoon").answers("Gewoon").answers("Nee").answers("38,5 of hoger")
    assert phone.title == "Bel nu het ziekenhuis"
    assert "Neem geen paracetamol voordat u heeft gebeld." in phone.text
    phone.taps("Verder met de vragen")
    assert phone.answers("Nee").title.startswith("Had u pijn boven in uw buik")


def test_an_answer_taken_back_takes_back_its_two_extra_questions(clinic, anna, hand):
    phone = well(begun(hand(), clinic).answers("Ja").taps("Verder met de vragen"))
    phone.taps("Wijzig vraag 1:").answers("Nee")
    assert phone.path.endswith("/review")
    assert "Is het er nu nog?" not in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert missing_of(stored(clinic)[0].document)["NOW"] == "not_asked"
    assert clinic.worklist() == []


def test_a_changed_answer_leads_back_to_the_page_it_was_changed_from(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    phone.taps("Wijzig vraag 9:")
    assert phone.title == "Was u misselijk?"
    assert phone.chosen == ["Nee"]
    phone.answers("Licht")
    assert phone.title == "Kijk uw antwoorden na"
    assert "9. Was u misselijk? Licht" in phone.text


def test_none_together_with_something_else_is_asked_about_and_nothing_is_lost(clinic, anna, hand):
    phone = begun(hand(), clinic)
    while not phone.title.startswith("Zag u een van deze dingen?"):
        phone.answers(*[each.words for each in phone.page.things if each.attributes.get("for") == "a1"])
    phone.answers("geen", "zwarte, plakkerige poep")
    assert phone.status == 422
    assert "U koos “geen” samen met een ander antwoord. Wat klopt?" in phone.text
    assert phone.chosen == ["geen", "zwarte, plakkerige poep"]
    assert "BLEED" not in drafts(clinic)[0].document
    assert phone.answers("zwarte, plakkerige poep").title == "Bel nu het ziekenhuis"


def test_a_safety_question_is_asked_once_more_and_then_kept_as_declined(clinic, anna, hand):
    phone = begun(hand(), clinic).taps("Volgende")
    assert "gaat over uw veiligheid" in phone.text
    phone.taps("Ik wil dit niet beantwoorden")
    assert phone.title.startswith("Wat was de donkerste kleur")
    well(phone).taps("Verstuur mijn antwoorden")
    assert missing_of(stored(clinic)[0].document)["JAUND"] == "declined"
    assert clinic.worklist() == [("Q1", "amber", "open")]
    assert "Wij bellen u binnen 1 werkdag." in phone.text


def test_a_remark_is_read_on_working_days_only_and_the_page_says_so(clinic, anna, hand):
    phone = begun(hand(), clinic)
    while phone.title != "Wilt u nog iets kwijt?":
        phone.answers(*[each.words for each in phone.page.things if each.attributes.get("for") == "a1"])
    assert "Dit lezen wij alleen op werkdagen." in phone.text
    phone.writes("Ik ben <b>moe</b>.").taps("Volgende")
    assert "Ik ben <b>moe</b>." in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert answers_of(stored(clinic)[0].document)["REMARK"] == "Ik ben <b>moe</b>."


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
def test_an_amber_answer_before_a_free_day_says_when_the_call_may_come(clinic, anna, hand, moment, says):
    clinic.today(*moment)
    phone = begun(hand(), clinic).taps("Volgende").taps("Ik wil dit niet beantwoorden")
    well(phone).taps("Verstuur mijn antwoorden")
    if says is None:
        assert "misschien pas" not in phone.text
    else:
        assert f"Wij bellen misschien pas op {says}." in phone.text


def test_a_second_tap_on_send_gives_the_same_receipt(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    tap = phone.sending("Verstuur mijn antwoorden")
    first, second = phone.sends(tap).path, phone.sends(tap).path
    assert first == second
    assert len(stored(clinic)) == 1


def test_after_sending_the_way_back_shows_no_answer(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    pages = [path for path in phone.addresses if path.startswith("/form/")]
    phone.taps("Verstuur mijn antwoorden")
    for path in pages:
        phone.opens(path)
        assert phone.status == 409
        assert "U heeft deze antwoorden al verstuurd." in phone.text
        assert DAY_AND_NIGHT in phone.text
        assert phone.chosen == []


def test_a_receipt_says_for_a_day_what_to_do_and_after_that_only_that_it_arrived(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Ja").taps("Verder met de vragen")
    receipt = well(phone).taps("Verstuur mijn antwoorden").path
    phone.now += timedelta(hours=25)
    phone.opens(receipt)
    assert phone.title == "Dank u wel"
    assert "dinsdag 6 januari" not in phone.text
    assert "maandag 5 januari om 10.46 uur" in phone.text
    assert "gal" not in phone.text.split()
    assert not phone.opens("/today").offers("Wat u nu doet")


def test_a_form_is_resumed_the_next_day_where_it_was_left(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Nee").answers("Gewoon").taps("Later verder")
    assert "U bent bij vraag 3." in phone.text
    clinic.today("2026-01-06", "09:30")
    phone.now = clinic.now
    phone.opens("/today").taps("Ga verder")
    assert phone.title.startswith("Wat was de lichtste kleur")


def test_what_was_begun_in_time_may_be_sent_for_a_week_more_and_the_card_says_until_when(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Nee")
    with clinic.database.reading() as session:
        closes_at = session.exec(select(Assignment).where(Assignment.state == "started")).one().closes_at
    assert "Invullen kan tot en met zondag 5 april, 24.00 uur" in phone.opens("/today").text
    phone.now = closes_at + timedelta(days=2)
    phone.opens(newer_link(clinic, anna, phone.now)).taps("Start")
    assert "Invullen kan tot en met zondag 12 april, 24.00 uur" in phone.text
    well(phone.taps("Ga verder")).taps("Verstuur mijn antwoorden")
    assert stored(clinic)[0].late


def test_T_03_the_link_on_another_browser_shows_no_answer_of_the_first(clinic, anna, hand):
    first = begun(hand(), clinic).answers("Ja").taps("Verder met de vragen").answers("Gewoon")
    other = hand().opens(link(clinic)).taps("Start")
    assert "U bent bij vraag" not in other.text
    other.taps("Begin Klachtencheck")
    assert "nog niet verstuurd" not in other.text
    other.taps("Naar de eerste vraag")
    assert (other.title, other.chosen) == ("Is uw huid of uw oogwit geler dan normaal?", [])
    assert "Vraag 1 van 17" in other.text
    other.now += timedelta(minutes=1)
    other.answers("Nee")
    assert first.opens("/today").text.count("U bent bij vraag 1.") == 1  # written over: asked of her again


def test_answers_from_a_second_phone_are_kept_aside(clinic, anna, hand):
    one, two = begun(hand(), clinic), begun(hand(), clinic)
    well(one)
    tap = one.sending("Verstuur mijn antwoorden")
    well(two).taps("Verstuur mijn antwoorden")
    assert two.title == "Dank u wel"
    one.sends(tap)
    assert one.status == 409
    assert "U heeft deze antwoorden al verstuurd." in one.text
    assert len(stored(clinic)) == 1
    with clinic.database.reading() as session:
        assert len(session.exec(select(KeptAside)).all()) == 1


def test_T_02_looking_at_a_link_changes_nothing_and_uses_nothing_up(clinic, anna, hand):
    bot = hand()
    with clinic.database.reading() as session:
        before = len(session.exec(select(AuditEntry)).all())
    for _ in range(10):
        assert bot.opens(link(clinic)).status == 200
        assert bot.opens(link(clinic), method="HEAD").status == 200
    with clinic.database.reading() as session:
        assert session.exec(select(PatientVisit)).all() == []
        assert len(session.exec(select(AuditEntry)).all()) == before
    assert hand().opens(link(clinic)).taps("Start").path == "/today"


def test_T_01_unknown_revoked_and_expired_links_get_one_and_the_same_page(clinic, anna, hand):
    expired = link(clinic)
    with clinic.database.writing() as session:
        revoked = "/q/" + make_link(session, KEYRING, patient_id=anna.id, now=clinic.now)
        session.flush()
        revoke_links(session, anna.id, now=clinic.now)
        session.commit()
    phone = hand()
    gone = phone.opens(revoked).answer
    phone.now += timedelta(days=36)
    answers = [gone, phone.opens(expired).answer, phone.opens("/q/AAAAAAAAAAAAAAAAAAAAAAAAAAA").answer]
    assert {each.status_code for each in answers} == {404}
    assert len({each.data for each in answers}) == 1
    assert DAY_AND_NIGHT in phone.text
    assert phone.opens(expired, method="POST").status == 400  # a tap needs the page it stands on


def test_T_01_the_token_is_in_no_later_address_no_log_and_no_database(clinic, anna, hand, caplog, database_url):
    caplog.set_level(logging.DEBUG)
    path = link(clinic)
    token = path.removeprefix("/q/")
    phone = well(begun(hand(), clinic)).taps("Verstuur mijn antwoorden")
    assert [each for each in phone.addresses if token in each] == [path, path]  # opened, then the tap itself
    assert phone.answer.headers["Referrer-Policy"] == "no-referrer"
    assert token not in caplog.text
    assert token not in phone.answer.text
    if database_url.startswith("sqlite"):
        file = database_url.removeprefix("sqlite:///")
        for each in (file, f"{file}-wal"):
            with open(each, "rb") as raw:
                assert token.encode() not in raw.read()


def test_a_link_of_a_patient_who_has_left_opens_nothing_and_her_open_page_closes(clinic, anna, hand):
    phone = begun(hand(), clinic)
    clinic.withdraws(anna, "2026-01-05")
    assert phone.opens("/today").title == "Open uw nieuwste link"
    assert hand().opens(link(clinic)).status == 404


def test_without_a_link_the_patients_pages_stay_shut(clinic, anna, hand, app):
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("patient.")]
    for rule in rules:
        if not rule.startswith("/q/"):
            path = re.sub(r"<[^>]+>", "1", rule)
            assert hand().opens(path).title == "Open uw nieuwste link", rule


def test_one_patient_never_sees_the_form_or_the_receipt_of_another(clinic, anna, hand):
    phone = begun(hand(), clinic)
    form = phone.path
    receipt = well(phone).taps("Verstuur mijn antwoorden").path
    clinic.enrols("Bert")
    clinic.works()
    other = hand().opens(link(clinic)).taps("Start")
    assert other.opens(form).status == 404
    assert other.opens(receipt).status == 404
    assert other.opens("/receipt/nothing").status == 404


def test_a_closed_a_coming_and_an_unknown_form_say_so_with_the_number(clinic, anna, hand):
    phone = hand().opens(link(clinic)).taps("Start")
    with clinic.database.writing() as session:
        form = session.exec(select(Assignment).where(Assignment.instrument == "hsc")).one()
        form.closes_at = clinic.now - timedelta(minutes=1)
        session.add(form)
        session.commit()
    press = _press(phone, f"/form/{form.id}")
    assert phone.sends(press).status == 409
    assert "U kunt dit niet meer invullen." in phone.text
    assert DAY_AND_NIGHT in phone.text
    with clinic.database.writing() as session:
        later = session.get_one(Assignment, form.id)
        later.opens_at = clinic.now + timedelta(minutes=1)
        later.closes_at = clinic.now + timedelta(days=1)
        session.add(later)
        session.commit()
    assert phone.sends(press).status == 409
    assert "U kunt dit nog niet invullen." in phone.text
    assert phone.opens("/form/9999").status == 404
    assert DAY_AND_NIGHT in phone.text


def test_an_answer_the_question_does_not_offer_is_refused_and_nothing_is_stored(clinic, anna, hand):
    phone = begun(hand(), clinic)
    method, path, fields = phone.sending("Volgende")
    assert phone.sends((method, path, [*fields, ("answer", "9")])).status == 422
    assert "Dit antwoord hoort niet bij de vraag." in phone.text
    assert phone.sends((method, path.replace("JAUND", "NOPE"), [*fields, ("answer", "1")])).status == 404
    assert phone.sends((method, path.replace("JAUND", "SITE"), [*fields, ("answer", "none")])).status == 404
    assert phone.sends((method, path, [("answer", "1")])).status == 400
    assert phone.sends((method, path, [*fields, ("answer", "1" * 70_000)])).status == 413
    assert drafts(clinic)[0].document == {}


def test_a_page_cannot_be_sent_before_every_question_was_seen(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    tap = phone.sending("Verstuur mijn antwoorden")
    other = begun(hand(), clinic)
    key = [(name, value) for name, value in tap[2] if name == "key"]
    crossed = [each for each in other.sending("Volgende")[2] if each[0] == "csrf_token"]
    other.sends((tap[0], tap[1], [*crossed, *key]))
    assert other.title == "Is uw huid of uw oogwit geler dan normaal?"
    assert stored(clinic) == []


def test_U_11_the_language_switch_changes_our_words_and_leaves_the_questions_as_they_were_begun(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Nee").taps("English")
    assert phone.path.endswith("/URINE")
    assert "Question 2 of 17" in phone.text
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
    phone = hand().opens(link(clinic)).taps("Start").taps("Begin Symptom check").taps("To the first question")
    assert phone.title == "Is your skin, or the white of your eyes, more yellow than normal?"
    phone.chooses("Yes").taps("Next")
    assert phone.title == "Call the hospital now"
    assert "Do this today, do not wait for us." in phone.text


def test_the_way_back_from_a_language_never_leads_to_another_site(clinic, hand):
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "evil", "/%09/evil.example"):
        phone = hand()
        phone.opens("/language/en?back=" + bad)
        assert phone.addresses[-1] == "/", bad
    assert hand().opens("/language/xx").status == 404


def test_a_rule_that_crashes_costs_no_answer_and_frightens_nobody(clinic, anna, hand, monkeypatch):
    from proms.actions import evaluating

    def crash(*_args, **_kwargs):
        raise ZeroDivisionError

    phone = begun(hand(), clinic)
    monkeypatch.setattr(evaluating, "evaluate", crash)
    phone = well(phone.answers("Ja"))
    phone.taps("Verstuur mijn antwoorden")
    assert phone.title == "Dank u wel"
    assert "de computer kon ze niet nakijken" in phone.text
    assert f"Bel {DAY_AND_NIGHT}" in phone.text
    assert clinic.worklist() == [("not_evaluated", "red", "open")]


def test_a_quality_of_life_questionnaire_shows_that_its_words_stand_in_for_the_licensed_ones(clinic, anna, hand):
    phone = hand().opens(link(clinic)).taps("Start").taps("Begin Vragenlijst kwaliteit van leven")
    phone.taps("Naar de eerste vraag")
    assert "Demolabel, niet de gelicenseerde vraag" in phone.text
    well(phone).taps("Verstuur mijn antwoorden")
    assert phone.title == "Dank u wel"
    assert f"Bel {DAY_AND_NIGHT}" in phone.text


def test_no_page_weighs_more_than_25_kilobytes(clinic, anna, hand):
    phone = well(begun(hand(), clinic).answers("Ja").taps("Verder met de vragen"))
    pages = [path for path in dict.fromkeys(phone.addresses) if not path.startswith("/q/")]
    receipt = phone.taps("Verstuur mijn antwoorden").path
    for path in [*pages, receipt, "/", "/today"]:
        phone.opens(path)
        sheets = re.findall(r'href="(/static/[^"]+)"', phone.answer.text)
        parts = [phone.answer.data, *(phone.client.get(each, base_url=HOME, buffered=True).data for each in sheets)]
        assert sum(len(gzip.compress(each)) for each in parts) < 25 * 1024, path


def _press(phone: Phone, action: str) -> tuple[str, str, list[tuple[str, str]]]:
    """The button on /today that opens this form, to be pressed whatever has become of it."""
    form = next(each.form for each in phone.page.things if each.form and each.form.action == action)
    return "POST", action, list(form.fields)


def newer_link(clinic: Clinic, patient: Patient, now: datetime) -> str:
    """A newer link, as a later message would carry it."""
    with clinic.database.writing() as session:
        token = make_link(session, KEYRING, patient_id=patient.id, now=now)
        session.commit()
    return f"/q/{token}"
