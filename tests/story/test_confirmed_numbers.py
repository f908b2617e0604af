"""A number is confirmed with the patient in the room: she reads out the code of a test message
(A8, T-04)."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from sqlmodel import select

from proms.actions.audit import staff_actor
from proms.actions.confirmation import MOST_A_DAY, confirm_contact, send_test
from proms.actions.contact_codes import MOST_TRIES
from proms.actions.refusals import PatientInactive, Unfit
from proms.content import load
from proms.db.migrate import configuration
from proms.db.tables import AuditEntry, Contact, ContactCode, MessageDecision, Patient
from proms.domain.person import Role
from proms.settings import HOME
from tests.clinic import KEYRING
from tests.desk import Desk, stranger
from tests.phone import website

CODE = re.compile(r"Uw code: (\d{4})$")
NOT_CONFIRMED = "nummer of adres niet bevestigd"
TASK = "Het nummer of adres van deze patiënt is nog niet bevestigd."


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


@pytest.fixture
def bert(clinic):
    clinic.today("2026-01-05", "10:46")
    return clinic.enrols("Bert", address="06 12 34 56 78")


def codes(clinic):
    """Those in the messages that arrived, in order."""
    return [found[1] for _, text in clinic.phone if (found := CODE.search(text))]


def sends(clinic, patient, second=False):
    with clinic.database.writing() as session:
        held = session.get_one(Patient, patient.id)
        by = staff_actor(clinic.mo)
        send_test(session, patient=held, by=by, now=clinic.now, second=second)
    clinic.works()


def confirms(clinic, patient, code, second=False):
    with clinic.database.writing() as session:
        confirm_contact(
            session,
            clinic.library,
            clinic.keyring,
            patient=session.get_one(Patient, patient.id),
            code=code,
            by=staff_actor(clinic.mo),
            now=clinic.now,
            second=second,
        )


def later(clinic, **time):
    clinic.now += timedelta(**time)
    clinic.works()


def contact(clinic, patient):
    with clinic.database.reading() as session:
        return session.exec(
            select(Contact).where(Contact.patient_id == patient.id, Contact.active)
        ).one()


def verbs(clinic, patient):
    with clinic.database.reading() as session:
        rows = session.exec(select(AuditEntry).where(AuditEntry.patient_id == patient.id))
        return [row.verb for row in rows if row.verb.startswith("contact.")]


def test_with_the_patient_in_the_room_her_number_is_confirmed_in_two_steps(clinic, app, bert):
    mo = Desk(app, clinic, clinic.mo).opens("/staff/patients")
    assert NOT_CONFIRMED in mo.text
    mo.opens(f"/staff/patients/{bert.code}/calendar").follows("Stuur nu een proefbericht")
    assert "Voorbeeld: Dit is een proefbericht. Al onze berichten beginnen zo." in mo.text
    mo.presses("Nu sturen")
    assert "Sms: wacht op verzending" in mo.text
    clinic.works()
    (text,) = (text for _, text in clinic.phone if CODE.search(text))
    assert ("+31612345678", text) in clinic.phone
    assert text.startswith("Voorbeeld: Dit is een proefbericht.")
    assert mo.follows("Kijk opnieuw").text.count("Sms: verstuurd") == 1
    mo.presses("Bevestigen", code=f" {codes(clinic)[-1]} ")
    assert "Bevestigd: berichten komen bij deze patiënt aan." in mo.text
    assert TASK not in mo.text
    assert NOT_CONFIRMED not in mo.opens("/staff/patients").text
    held = contact(clinic, bert)
    assert (held.confirmed_at, held.confirmed_how) == (clinic.now, "code")
    assert verbs(clinic, bert) == ["contact.test_sent", "contact.confirmed"]
    assert "Bevestigd met een code" in mo.opens(f"/staff/patients/{bert.code}/confirmation").text


def test_the_code_leaves_at_once_at_night_too_and_is_kept_nowhere(clinic, bert, database_url):
    clinic.today("2026-01-05", "22:40")
    sends(clinic, bert)
    (code,) = codes(clinic)
    with clinic.database.reading() as session:
        (row,) = session.exec(select(ContactCode)).all()
    assert code not in row.code_hash
    assert len(row.code_hash) == 64


def test_a_wrong_code_is_refused_counted_and_on_record(clinic, bert):
    sends(clinic, bert)
    (code,) = codes(clinic)
    wrong = f"{(int(code) + 1) % 10000:04}"
    for _ in range(MOST_TRIES):
        with pytest.raises(Unfit, match="not the code"):
            confirms(clinic, bert, wrong)
    with pytest.raises(Unfit, match="no code that is still good"):
        confirms(clinic, bert, code)  # guessing is over, also for the right one
    assert contact(clinic, bert).confirmed_at is None
    assert verbs(clinic, bert).count("contact.code_refused") == MOST_TRIES + 1
    later(clinic, minutes=2)
    sends(clinic, bert)
    confirms(clinic, bert, codes(clinic)[-1])
    assert contact(clinic, bert).confirmed_at == clinic.now


@pytest.mark.parametrize("typed", ["12345", "abcd", "٤٨٢١", "4821; --", "0" * 400])
def test_what_is_no_code_confirms_nothing(clinic, bert, typed):
    sends(clinic, bert)
    with pytest.raises(Unfit):
        confirms(clinic, bert, typed)
    assert contact(clinic, bert).confirmed_at is None


def test_a_code_is_good_for_half_an_hour_and_once(clinic, bert):
    sends(clinic, bert)
    later(clinic, minutes=31)
    with pytest.raises(Unfit, match="no code"):
        confirms(clinic, bert, codes(clinic)[-1])
    sends(clinic, bert)
    confirms(clinic, bert, codes(clinic)[-1])
    with pytest.raises(Unfit, match="no code"):
        confirms(clinic, bert, codes(clinic)[-1])


def test_of_two_messages_she_may_read_either(clinic, bert):
    sends(clinic, bert)
    later(clinic, minutes=2)
    sends(clinic, bert)
    first, second = codes(clinic)
    confirms(clinic, bert, first)
    assert contact(clinic, bert).confirmed_at


def test_two_presses_are_one_message_and_a_day_has_five(clinic, bert):
    sends(clinic, bert)
    sends(clinic, bert)
    assert len(codes(clinic)) == 1
    for _ in range(MOST_A_DAY - 1):
        later(clinic, minutes=2)
        sends(clinic, bert)
    later(clinic, minutes=2)
    with pytest.raises(Unfit, match="Enough test messages"):
        sends(clinic, bert)
    assert len(codes(clinic)) == MOST_A_DAY
    later(clinic, days=1)
    sends(clinic, bert)


def test_the_code_of_another_number_confirms_nothing_and_another_number_is_not_confirmed(
    clinic, bert
):
    sends(clinic, bert)
    (code,) = codes(clinic)
    confirms(clinic, bert, code)
    clinic.corrects_contact(bert.id, "06 87 65 43 21")
    assert contact(clinic, bert).confirmed_at is None
    with pytest.raises(Unfit):
        confirms(clinic, bert, code)


def test_who_takes_no_further_part_is_sent_no_test_message(clinic, app, bert):
    clinic.withdraws(bert, "2026-01-05")
    with pytest.raises(PatientInactive):
        sends(clinic, bert)
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{bert.code}/confirmation")
    assert "doet niet meer mee" in mo.text
    assert not mo.offers("Nu sturen")
    assert NOT_CONFIRMED not in mo.opens("/staff/patients").text


def test_a_test_message_counts_for_no_cap_and_holds_up_no_reminder(clinic):
    clinic.today("2026-01-05", "08:30")
    patient = clinic.enrols()
    for _ in range(3):
        sends(clinic, patient)
        later(clinic, minutes=2)
    clinic.today("2026-01-05", "09:00")
    assert sum("/q/" in text for _, text in clinic.phone) == 1


def test_who_is_not_confirmed_gets_her_messages_all_the_same(clinic, bert):
    clinic.works()
    assert contact(clinic, bert).confirmed_at is None
    assert any("Uw vragen staan klaar" in text for _, text in clinic.phone)


@pytest.fixture
def strict(clinic):
    """A trial whose protocol holds what goes to a number that nobody confirmed."""
    library = load(HOME, stand_ins=True)
    protocol = library.protocol("pump-it")
    held = replace(protocol, messages=replace(protocol.messages, hold_unconfirmed=True))
    library = replace(library, protocols={"pump-it": {1: held}})
    clinic.look = lambda: library
    return clinic


def test_a_trial_may_hold_what_goes_to_a_number_that_nobody_confirmed(strict):
    strict.today("2026-01-05", "09:00")
    patient = strict.enrols()
    strict.today("2026-01-06", "09:00")
    assert not any("/q/" in text for _, text in strict.phone)
    with strict.database.reading() as session:
        reasons = session.exec(
            select(MessageDecision.reason).where(MessageDecision.patient_id == patient.id)
        )
        # The worker came by on the second day first.
        assert set(reasons) == {"superseded", "unconfirmed"}
    strict.today("2026-01-06", "11:00")
    sends(strict, patient)
    confirms(strict, patient, codes(strict)[-1])
    strict.works()
    assert sum("/q/" in text for _, text in strict.phone) == 1  # what was held leaves at once


def test_another_hospital_finds_no_page_to_confirm_a_number(clinic, app, bert):
    far = Desk(app, clinic, stranger(clinic, Role.COORDINATOR))
    assert far.opens(f"/staff/patients/{bert.code}/confirmation").status == 404


def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(clinic, app, bert):
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{bert.code}/confirmation")
    mo.presses("Bevestigen", code="1234")
    assert mo.status == 422
    assert "Er is geen code die nog geldt. Stuur een nieuw proefbericht." in mo.text
    assert mo.holds("code") == "1234"
    assert "Vul dit veld in." in mo.presses("Bevestigen", code="").text


def test_who_was_enrolled_before_numbers_were_confirmed_is_asked_for_nothing(clinic, bert):
    engine = clinic.database.engine.execution_options(write=True)
    for move, to in ((command.downgrade, "0028"), (command.upgrade, "head")):
        with engine.begin() as connection:
            move(configuration(connection, KEYRING), to)
    held = contact(clinic, bert)
    assert (held.confirmed_how, held.confirmed_at) == ("earlier", bert.enrolled_at)
