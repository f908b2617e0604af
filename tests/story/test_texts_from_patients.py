"""A patient texts back: STOP is obeyed, and whatever else she writes is before a nurse in seconds,
while she is told whom to call."""

import re
from time import perf_counter

import pytest
import time_machine
from sqlalchemy import text as sql
from sqlmodel import select

from proms.actions.asked_messages import send_link
from proms.actions.audit import staff_actor
from proms.actions.refusals import ChannelPaused
from proms.db.queries.channel_pauses import paused_channels
from proms.db.tables import AuditEntry, Delivery, Patient, PatientText, TextSender
from proms.domain.person import Language
from proms.settings import Twilio
from tests.desk import Desk
from tests.phone import HOME, website
from tests.twilio_server import ACCOUNT, TOKEN, signature

HERS = "+31201234999"
DAY_AND_NIGHT = "020 123 4567"


@pytest.fixture
def app(clinic, database_url):
    with website(database_url, twilio=Twilio(ACCOUNT, TOKEN, "proms")) as running:
        yield running


@pytest.fixture
def texts(app, clinic):
    """Twilio hands over a text; the answer is what it sends back for us."""
    client, numbers = app.test_client(), iter(range(10_000))

    def write(body, number=HERS, sid=None, signed=True, **other):
        form = {
            "MessageSid": sid or f"SM{next(numbers)}",
            "AccountSid": ACCOUNT,
            "From": number,
            "To": "+31209876543",
            "Body": body,
            **other,
        }
        path = "/hooks/twilio/inbound"
        proof = signature(HOME + path, form) if signed else "forged"
        with time_machine.travel(clinic.now, tick=False):
            answer = client.post(path, data=form, headers={"X-Twilio-Signature": proof})
        if answer.status_code != 200:
            return answer.status_code
        assert answer.content_type.startswith("text/xml")
        said = re.search(r"<Message>(.*)</Message>", answer.text)
        return said and said[1]

    return write


def stopped(clinic):
    with clinic.database.reading() as session:
        return [(pause.code, pause.why) for pause in paused_channels(session, clinic.site.id)]


def link_again(clinic, patient):
    with clinic.database.writing() as session:
        send_link(
            session,
            patient=session.get_one(Patient, patient.id),
            by=staff_actor(clinic.els),
            now=clinic.now,
        )


def test_t21_who_texts_that_she_has_a_fever_is_told_whom_to_call_and_the_nurse_reads_it_at_once(
    clinic, app, anna, texts
):
    began = perf_counter()
    answer = texts("ik heb koorts")
    desk = Desk(app, clinic, clinic.els)
    page = desk.opens("/staff/").text
    assert perf_counter() - began < 5
    assert answer == (
        "Dit nummer wordt niet dag en nacht gelezen. Heeft u ons nodig? "
        f"Bel dag en nacht {DAY_AND_NIGHT}. Bij nood: 112."
    )
    assert clinic.worklist() == [("texted", "amber", "open")]
    assert "De patiënt stuurde een sms. Lees hem" in page
    assert "ik heb koorts" in page
    assert "ik heb koorts" in desk.opens(f"/staff/patients/{anna.code}").text


def test_a_second_text_joins_the_first_and_what_a_nurse_has_closed_comes_open_again(
    clinic, app, anna, texts
):
    texts("ik heb koorts")
    texts("het wordt erger")
    assert clinic.worklist() == [("texted", "amber", "open")]
    desk = Desk(app, clinic, clinic.els)
    page = desk.opens("/staff/").text
    assert page.index("ik heb koorts") < page.index("het wordt erger")
    from proms.domain.alert.record import Resolution

    clinic.resolves(anna, Resolution.ADVICE)
    assert clinic.worklist() == []
    assert "ik heb koorts" not in desk.opens("/staff/").text
    assert "ik heb koorts" in desk.opens(f"/staff/patients/{anna.code}").text
    texts("weer koorts")
    assert clinic.worklist() == [("texted", "amber", "open")]


def test_what_she_texts_is_sealed_and_stands_in_no_log_and_no_audit_entry(
    clinic, anna, texts, caplog
):
    caplog.set_level("DEBUG")
    texts("koorts en geelzucht")
    with clinic.database.reading() as session:
        (row,) = session.exec(select(PatientText)).all()
        assert "koorts" not in row.text
        assert clinic.keyring.unseal(row.text, place=f"patient_text.{row.id}.text") == (
            "koorts en geelzucht"
        )
        entries = session.exec(select(AuditEntry)).all()
        assert not [entry for entry in entries if "koorts" in str(entry.detail)]
    assert "koorts" not in caplog.text
    assert HERS[1:] not in caplog.text


@pytest.mark.parametrize("language", [Language.NL, Language.EN])
def test_the_answer_is_in_her_language_and_says_nothing_of_health(clinic, texts, language):
    clinic.today("2026-01-05", "09:00")
    clinic.enrols("Anna", language=language)
    for body in ("hello", "uitschrijven", "aanmelden"):
        answer = texts(body)
        assert DAY_AND_NIGHT in answer
        assert len(answer) <= 160
        assert not re.search(r"fever|koorts|kanker|cancer|ziek|klacht", answer, re.IGNORECASE)


@pytest.mark.parametrize(
    "body", ["STOP", "Stop.", " stop all ", "UITSCHRIJVEN", "Stoppen!", "afmelden", "stopall"]
)
def test_stop_is_obeyed_and_shown_to_the_site(clinic, app, anna, texts, body):
    texts(body)
    assert stopped(clinic) == [(anna.code, "stopped")]
    assert clinic.worklist() == []
    with pytest.raises(ChannelPaused):
        link_again(clinic, anna)
    before = len(clinic.phone)
    clinic.today("2026-01-06", "09:00")
    assert len(clinic.phone) == before
    page = Desk(app, clinic, clinic.els).opens("/staff/").text
    assert "de patiënt wil geen berichten meer (sinds maandag 5 januari, 10.46 uur)" in page


def test_a_message_that_waits_to_be_sent_does_not_leave_after_stop(clinic, anna, texts):
    link_again(clinic, anna)
    texts("STOP")
    before = len(clinic.phone)
    clinic.works()
    assert len(clinic.phone) == before
    with clinic.database.reading() as session:
        last = session.exec(select(Delivery).order_by(Delivery.id.desc())).first()
        assert (last.state, last.error) == ("cancelled", "channel_paused")


@pytest.mark.parametrize("body", ["START", "aanmelden", "Unstop", "yes"])
def test_start_brings_them_back_and_what_was_held_is_made_up_for(clinic, anna, texts, body):
    texts("STOP")
    clinic.today("2026-01-06", "09:00")
    clinic.today("2026-01-06", "10:00")
    before = len(clinic.phone)
    texts(body)
    assert stopped(clinic) == []
    clinic.works()
    assert len(clinic.phone) == before + 1


def test_yes_is_a_text_like_any_other_where_nothing_was_stopped(clinic, anna, texts):
    texts("yes")
    assert clinic.worklist() == [("texted", "amber", "open")]


def test_stop_with_more_beside_it_is_read_by_a_person(clinic, anna, texts):
    texts("stop ik heb koorts")
    assert clinic.worklist() == [("texted", "amber", "open")]
    assert stopped(clinic) == []


@pytest.mark.parametrize("body", ["STOP", "stop", "START", "Unsubscribe"])
def test_twilio_is_not_answered_where_it_answers_by_itself(clinic, anna, texts, body):
    assert texts(body) is None
    assert texts("Genoeg", OptOutType="STOP") is None
    assert DAY_AND_NIGHT in texts("uitschrijven")


def test_a_number_that_is_nobodys_is_told_nothing_and_of_it_a_hash_alone_is_kept(
    clinic, anna, texts
):
    answer = texts("wie is dit?", number="+31612345678")
    assert answer == "Dit nummer wordt niet gelezen. / Nobody reads this number."
    assert clinic.worklist() == []
    with clinic.database.reading() as session:
        assert session.exec(select(PatientText)).all() == []
        (row,) = session.exec(select(TextSender)).all()
        assert (row.texts, len(row.number)) == (1, 64)
        assert (
            not session.connection()
            .execute(sql("SELECT 1 FROM text_sender WHERE number LIKE '%612345678%'"))
            .first()
        )


def test_t17_a_number_that_texts_all_day_is_answered_five_times_an_hour(clinic, anna, texts):
    for number in (HERS, "+31612345678"):
        answers = [texts(f"bericht {count}", number=number) for count in range(12)]
        assert [answer is not None for answer in answers] == [True] * 5 + [False] * 7
    with clinic.database.reading() as session:
        assert len(session.exec(select(PatientText)).all()) == 12  # each is read all the same
    clinic.today("2026-01-05", "12:00")
    assert texts("nog een") is not None


def test_a_text_that_twilio_hands_over_twice_is_one(clinic, anna, texts):
    assert texts("ik heb koorts", sid="SM1") == texts("ik heb koorts", sid="SM1")
    with clinic.database.reading() as session:
        assert len(session.exec(select(PatientText)).all()) == 1


def test_who_shares_a_telephone_is_read_by_the_nurses_of_both(clinic, anna, texts):
    bea = clinic.enrols("Bea")
    texts("ik heb koorts")
    assert clinic.worklist() == [("texted", "amber", "open")] * 2
    texts("STOP")
    assert {code for code, _ in stopped(clinic)} == {anna.code, bea.code}


def test_a_forged_text_changes_nothing(clinic, anna, texts):
    assert texts("STOP", signed=False) == 403
    assert stopped(clinic) == []


@pytest.mark.parametrize("body", ["", "\x00", "😀" * 800, "<b>&amp;", "‮ txt"])
def test_whatever_she_writes_is_kept_and_shown(clinic, app, anna, texts, body):
    assert DAY_AND_NIGHT in texts(body)
    assert Desk(app, clinic, clinic.els).opens("/staff/").status == 200
