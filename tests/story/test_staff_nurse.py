"""A nurse at work over HTTP: the worklist shows what came in, she takes it, and closes it with what
was agreed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import col, select

from proms.actions.asked_messages import send_link
from proms.actions.audit import patient_actor, staff_actor
from proms.actions.calls import reply_to_call
from proms.actions.drafts import sit_down
from proms.db.tables import Alert, AuditEntry, Contact, Delivery, Heartbeat, Patient, Staff
from proms.domain.calls import CallReply
from proms.domain.person import ContactKind, Role
from proms.domain.reminder import DeliveryState, MessageKind
from tests.clinic import MOBILE
from tests.desk import Desk, stranger


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    return clinic.enrols("Anna Bakker", hospital_number="1234567", address="020 12 34 567")


def verbs(clinic, patient):
    with clinic.database.reading() as session:
        of_her = select(AuditEntry).where(AuditEntry.patient_id == patient.id)
        rows = session.exec(of_her.order_by(col(AuditEntry.id)))
        return [(row.verb, row.actor) for row in rows]


def test_a_wrong_password_is_refused_without_saying_which_part_is_wrong_and_keeps_the_name(
    clinic, app
):
    desk = (
        Desk(app, clinic)
        .opens("/staff/login")
        .presses("Inloggen", login="els", password="not her password")
    )
    assert desk.status == 401
    assert "De inlognaam of het wachtwoord klopt niet." in desk.text
    assert desk.holds("login") == "els"


def test_who_is_not_logged_in_is_sent_to_the_log_in_and_then_on_to_where_she_was_going(
    clinic, app, anna
):
    desk = Desk(app, clinic).opens(f"/staff/patients/{anna.code}")
    assert desk.path == "/staff/login"
    assert (
        desk.presses("Inloggen", login="els", password="a long enough password").path
        == f"/staff/patients/{anna.code}"
    )


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/staff/", "/staff/people", "/today"]
)
def test_a_log_in_leads_nowhere_the_person_may_not_go(clinic, app, elsewhere):
    desk = Desk(app, clinic).opens("/staff/login")
    desk.presses("Inloggen", login="els", password="a long enough password", next=elsewhere)
    assert desk.path == "/staff/"


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("els", "/staff/"),
        ("mo", "/staff/patients"),
        ("kim", "/staff/data"),
        ("ad", "/staff/people"),
    ],
)
def test_everybody_lands_on_the_page_of_her_own_work(clinic, app, role, home):
    assert Desk(app, clinic, getattr(clinic, role)).path == home


def test_after_logging_out_the_pages_are_closed(clinic, app):
    desk = Desk(app, clinic, clinic.els).presses("Uitloggen")
    assert "U bent uitgelogd." in desk.text
    assert desk.opens("/staff/").path == "/staff/login"


def test_jaundice_stands_on_the_worklist_at_once_with_the_rule_and_the_literal_answer(
    clinic, app, anna
):
    clinic.answers(anna, JAUND=2)
    desk = Desk(app, clinic, clinic.els)
    assert desk.title.startswith("(1) Werklijst")
    assert "Geelzucht gemeld" in desk.text
    assert "Is uw huid of uw oogwit geler dan normaal?" in desk.text
    assert "Wacht 1 minuut" in desk.text
    assert "Anna Bakker" in desk.text
    assert "tel:" not in desk.answer.text


def test_she_takes_it_then_closes_it_with_a_coded_action_and_a_note(clinic, app, anna):
    clinic.answers(anna, JAUND=2)
    desk = Desk(app, clinic, clinic.els).presses("In behandeling nemen")
    assert "In behandeling bij Els" in desk.text
    assert clinic.worklist() == [("B1", "red", "acknowledged")]
    desk.presses("Melding afhandelen", resolution="admission", note="Komt naar de eerste hulp.")
    assert f"{anna.code} is afgehandeld." in desk.text
    assert clinic.worklist() == []
    desk.opens("/staff/?show=closed")
    assert "Opname" in desk.text
    assert "Komt naar de eerste hulp." in desk.text


def test_closing_without_a_note_comes_back_with_what_was_chosen_and_says_what_is_missing(
    clinic, app, anna
):
    clinic.answers(anna, JAUND=2)
    desk = (
        Desk(app, clinic, clinic.els)
        .presses("In behandeling nemen")
        .presses("Melding afhandelen", resolution="advice")
    )
    assert desk.status == 422
    assert "Vul dit veld in." in desk.text
    assert desk.holds("resolution") == "advice"
    desk.presses("Melding afhandelen", note="n" * 2001)
    assert desk.status == 422
    assert "Dit is langer dan 2000 tekens." in desk.text
    assert clinic.worklist() == [("B1", "red", "acknowledged")]


def test_of_two_nurses_the_second_sees_who_has_it(clinic, app, anna):
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    clinic.answers(anna, JAUND=2)
    first, second = Desk(app, clinic, clinic.els), Desk(app, clinic, ria)
    first.presses("In behandeling nemen")
    second.presses("In behandeling nemen")
    assert f"Een collega heeft {anna.code} net vóór u in behandeling genomen." in second.text
    assert "In behandeling bij Els" in second.text
    assert "Van mij 0" in second.text
    assert "Van mij 1" in first.opens("/staff/").text


def test_what_nobody_took_stands_above_what_is_taken_and_red_above_all(clinic, app, anna):
    ben, cor = clinic.enrols("Ben"), clinic.enrols("Cor")
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna)
    clinic.answers(ben, DIAR=2)
    clinic.now += timedelta(minutes=5)
    clinic.answers(cor, JAUND=2)
    page = Desk(app, clinic, clinic.els).text
    assert page.index(cor.code) < page.index(anna.code) < page.index(ben.code)


def test_a_coordinator_reads_the_worklist_and_can_take_nothing(clinic, app, anna):
    clinic.answers(anna, JAUND=2)
    desk = Desk(app, clinic, clinic.mo).opens("/staff/")
    assert anna.code in desk.text
    assert not desk.offers("In behandeling nemen")
    assert desk.sends(f"/staff/patients/{anna.code}/taking").status == 403
    assert clinic.worklist() == [("B1", "red", "open")]


def test_the_patients_page_shows_what_came_in_and_that_it_was_looked_at(clinic, app, anna):
    clinic.answers(anna, JAUND=2, ITCH=2)
    desk = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}")
    assert desk.status == 200
    assert "Anna Bakker" in desk.text
    assert "1234567" in desk.text
    assert "Klachtenchecks 1 van 1" in desk.text
    assert ("patient.viewed", "staff") in verbs(clinic, anna)
    answers = desk.follows("Klachtencheck")
    assert "Had u jeuk? 2 Matig" in answers.text


def test_the_telephone_number_appears_on_a_press_and_that_is_on_record(clinic, app, anna):
    desk = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}")
    assert "020 12 34 567" not in desk.text
    assert "tel:" not in desk.answer.text
    desk.presses("Toon nummer")
    assert 'href="tel:+31201234567"' in desk.answer.text
    assert verbs(clinic, anna)[-1] == ("patient.contact_shown", "staff")


def test_she_sends_the_link_again_and_the_page_answers_why_there_was_no_message(clinic, app, anna):
    clinic.works()
    clinic.phone.clear()
    desk = (
        Desk(app, clinic, clinic.els)
        .opens(f"/staff/patients/{anna.code}")
        .presses("Stuur de link opnieuw")
    )
    assert "De link is onderweg." in desk.text
    clinic.works()
    assert [address for address, _ in clinic.phone] == ["+31201234567"]
    assert "Link opnieuw gestuurd" in desk.opens(f"/staff/patients/{anna.code}").text
    assert "Sms: verstuurd" in desk.text


def test_a_second_press_within_a_minute_answers_as_the_first_and_sends_nothing(clinic, app, anna):
    clinic.works()
    clinic.phone.clear()
    desks = [
        Desk(app, clinic, staff).opens(f"/staff/patients/{anna.code}")
        for staff in (clinic.els, clinic.mo)
    ]
    for desk in desks:
        assert "De link is onderweg." in desk.presses("Stuur de link opnieuw").text
        clinic.works()
        clinic.now += timedelta(seconds=59)
    assert len(clinic.phone) == 1
    assert verbs(clinic, anna).count(("link.sent_again", "staff")) == 1
    clinic.now += timedelta(seconds=1)
    desks[0].opens(f"/staff/patients/{anna.code}").presses("Stuur de link opnieuw")
    clinic.works()
    assert len(clinic.phone) == 2


def test_a_press_after_a_failure_or_for_another_number_is_no_second_press(clinic, app, anna):
    clinic.works()
    press = {"clinic": clinic, "patient": anna}
    sends_link(**press)
    with clinic.database.writing() as session:
        (link,) = session.exec(select(Delivery).where(Delivery.kind == MessageKind.LINK)).all()
        link.state = DeliveryState.DEAD
        session.commit()
    sends_link(**press)
    clinic.corrects_contact(anna.id, "anna@example.org", ContactKind.EMAIL)
    clinic.phone.clear()
    sends_link(**press)
    clinic.works()
    assert [address for address, _ in clinic.phone] == ["anna@example.org"]


@pytest.mark.both_engines
def test_of_two_presses_at_once_one_sends(clinic, app, anna):
    together = Barrier(4)

    def press(_: int) -> int:
        together.wait()
        return sends_link(clinic, anna)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(press, range(4)))) == 1
    assert verbs(clinic, anna).count(("link.sent_again", "staff")) == 1


def sends_link(clinic, patient) -> int:
    """Which delivery a press is answered with."""
    with clinic.database.writing() as session:
        held = session.get_one(Patient, patient.id)
        return send_link(session, patient=held, by=staff_actor(clinic.els), now=clinic.now).id


def test_a_message_that_was_held_says_why(clinic, app, anna):
    coordinator = Desk(app, clinic, clinic.mo).opens(
        f"/staff/patients/{anna.code}/calendar?form=pause"
    )
    coordinator.presses("Toon wat er verandert", until="2026-01-20").presses("Opslaan")
    clinic.today("2026-01-06", "09:05")
    page = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}").text
    assert "Niet verstuurd: de berichten staan op pauze" in page
    assert "De berichten staan op pauze tot en met dinsdag 20 januari." in page


def test_answers_kept_aside_are_shown_beside_the_first(clinic, app, anna):
    asked = clinic.asked(anna)
    clinic.answers(anna)
    with pytest.raises(Exception, match="kept for the hospital"):
        clinic.answers(anna, assignment=asked, key="another", JAUND=2)
    desk = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}")
    assert "Apart bewaard: een tweede inzending van dezelfde vragenlijst" in desk.text
    assert "Uit een tweede inzending, apart bewaard" in desk.text
    aside = desk.opens(next(href for _, href in desk.page.links if "/aside/" in href))
    assert "Is uw huid of uw oogwit geler dan normaal? 2 Ja" in aside.text


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [("will", "ik ga bellen"), ("cannot", "bellen lukt niet. Bel de patiënt meteen")],
)
def test_what_the_patient_said_of_calling_before_she_sent_her_answers_stands_beside_them(
    clinic, app, anna, reply, sentence
):
    asked = clinic.opens(anna)
    with clinic.database.writing() as session:
        held = session.get_one(Patient, anna.id)
        by = patient_actor(anna.id)
        sitting = sit_down(
            session, clinic.library, assignment_id=asked.id, patient=held, by=by, now=clinic.now
        )
        reply_to_call(sitting, reply=CallReply(reply))
    clinic.now += timedelta(minutes=3)
    clinic.answers(anna, JAUND=2)
    desk = Desk(app, clinic, clinic.els)
    assert f"De patiënt zegt: {sentence}" in desk.text
    assert "De patiënt zegt:" in desk.opens(f"/staff/patients/{anna.code}").text


def test_another_hospitals_patient_does_not_exist_here(clinic, app, anna):
    far = stranger(clinic, Role.NURSE)
    desk = Desk(app, clinic, far)
    assert desk.opens(f"/staff/patients/{anna.code}").status == 404
    absent = desk.text
    assert desk.opens("/staff/patients/ZZZZZ").text == absent
    assert desk.opens("/staff/patients").text.count(anna.code) == 0


def test_the_red_bar_says_that_nobody_took_a_red_alert_for_half_an_hour(clinic, app, anna):
    clinic.answers(anna, JAUND=2)
    assert "een rode melding" not in Desk(app, clinic, clinic.els).text
    clinic.now += timedelta(minutes=31)
    for staff in (clinic.els, clinic.mo, clinic.kim, clinic.ad):
        assert "1 patiënt met een rode melding wacht al" in Desk(app, clinic, staff).text


def test_the_red_bar_says_that_the_worker_is_silent_and_that_a_message_did_not_arrive(
    clinic, app, anna
):
    with clinic.database.writing() as session:
        session.merge(Heartbeat(process="worker", beat_at=clinic.now))
        session.commit()
    desk = Desk(app, clinic, clinic.els)
    assert "ook geen dringende berichten" not in desk.text
    clinic.now += timedelta(minutes=3)
    assert "Het versturen staat stil sinds" in desk.opens("/staff/").text
    desk.opens(f"/staff/patients/{anna.code}").presses("Stuur de link opnieuw")
    with clinic.database.writing() as session:
        lost = session.exec(select(Delivery).where(Delivery.patient_id == anna.id)).all()[-1]
        lost.state, lost.error = DeliveryState.UNDELIVERED, "30003"
        session.commit()
    assert "Berichten aan 1 patiënt kwamen niet aan." in desk.opens("/staff/").text
    assert "Sms: niet afgeleverd (30003)" in desk.opens(f"/staff/patients/{anna.code}").text


def test_a_message_that_did_not_arrive_is_a_worry_though_there_is_another_number(clinic, app, anna):
    nurse = (
        Desk(app, clinic, clinic.els)
        .opens(f"/staff/patients/{anna.code}")
        .presses("Stuur de link opnieuw")
    )
    with clinic.database.writing() as session:
        session.exec(select(Delivery).where(Delivery.patient_id == anna.id)).all()[
            -1
        ].state = DeliveryState.DEAD
        session.commit()
    desk = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}")
    refused = desk.presses("Opslaan", contact_kind="sms", address="12", consented_on="2026-01-05")
    assert refused.status == 422
    assert "Dit telefoonnummer heeft te weinig of te veel cijfers." in refused.text
    refused.presses("Opslaan", address="+49 171 39200 13")
    assert "Berichten gaan vanaf nu naar het nieuwe adres." in desk.text
    assert "kwamen niet aan" in nurse.opens("/staff/").text  # that one may be wrong too
    with clinic.database.reading() as session:
        assert [row.active for row in session.exec(select(Contact).order_by(col(Contact.id)))] == [
            False,
            True,
        ]


def test_a_form_without_its_token_does_nothing(clinic, app, anna):
    clinic.answers(anna, JAUND=2)
    desk = Desk(app, clinic, clinic.els)
    desk.sends(f"/staff/patients/{anna.code}/taking", csrf_token="")
    assert desk.status == 400
    with clinic.database.reading() as session:
        assert session.exec(select(Alert.acknowledged_at)).one() is None


def test_a_person_who_lost_her_access_is_out_at_once(clinic, app):
    clinic.employs("ria", Role.NURSE, phone=MOBILE)  # the last nurse of a site keeps her access
    nurse = Desk(app, clinic, clinic.els)
    administrator = Desk(app, clinic, clinic.ad)
    administrator.sends(f"/staff/people/{clinic.els.id}/deactivation")
    assert "Els kan niet meer inloggen." in administrator.text
    assert nurse.opens("/staff/").path == "/staff/login"
    with clinic.database.reading() as session:
        assert not session.get_one(Staff, clinic.els.id).active


def test_a_code_that_no_patient_can_have_is_a_page_that_is_not_there(clinic, app, anna):
    # A NUL made PostgreSQL fail where SQLite finds nothing.
    desk = Desk(app, clinic, clinic.els)
    for code in ("%00", f"{anna.code}%00", "%20", "a.b"):
        for page in (f"/staff/patients/{code}", f"/staff/patients/{code}/calendar"):
            assert desk.opens(page).status == 404, page
