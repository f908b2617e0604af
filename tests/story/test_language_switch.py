"""Another language in the middle of a form: what was typed stays, and nothing is saved."""

import pytest
from sqlmodel import func, select

from proms.db.tables import AuditEntry, Patient, Response, Staff
from proms.domain.response import answers_of
from tests.desk import Desk
from tests.filling_in import begun, drafts, link

ANNA = {
    "name": "Anna van Dijk",
    "hospital_number": "7001234",
    "birth_year": "1961",
    "sex": "female",
    "stoma": "1",
    "consent": "2026-01-05",
    "address": "06 12345678",
}


@pytest.fixture
def mo(clinic, app):
    return Desk(app, clinic, clinic.mo)


def token(desk):
    return {"csrf_token": desk.holds("csrf_token")}


def counts(clinic):
    with clinic.database.reading() as session:
        return [
            session.exec(select(func.count()).select_from(table)).one()
            for table in (Patient, Staff, Response)
        ]


def test_an_enrolment_keeps_every_field_and_enrols_nobody(clinic, mo):
    before = counts(clinic)
    mo.opens("/staff/patients/new").switches("en", **ANNA)
    assert mo.title.startswith("Enrol a patient")
    assert {name: mo.holds(name) for name in ANNA} == ANNA
    assert counts(clinic) == before
    mo.presses("Enrol", language="nl", contact_kind="sms")
    assert "Enrolled. The study code is" in mo.text


def test_the_choice_stays_on_the_next_page(mo):
    mo.opens("/staff/patients/new").switches("en", name="Anna")
    assert mo.opens("/staff/patients").title.startswith("Patients")


def test_a_language_that_is_none_saves_nothing(clinic, mo):
    before = counts(clinic)
    form = ANNA | {"to_language": "tlh"}
    mo.opens("/staff/patients/new")._go("POST", "/staff/patients/new", form | token(mo))
    assert mo.status == 404
    assert counts(clinic) == before


def test_a_log_in_keeps_the_name_and_never_the_password(clinic, app):
    desk = Desk(app, clinic).opens("/staff/login")
    desk.switches("en", login="mo", password="not to be seen")
    assert desk.title.startswith("Log in")
    assert desk.holds("login") == "mo"
    assert "not to be seen" not in desk.answer.text


def test_a_new_colleague_keeps_every_field_but_the_password(clinic, app):
    ad = Desk(app, clinic, clinic.ad)
    ad.switches("en", name="Ria", login="ria", role="nurse", password="a first password")
    assert [ad.holds(name) for name in ("name", "login", "role")] == ["Ria", "ria", "nurse"]
    assert "a first password" not in ad.answer.text


def test_a_date_being_recorded_stays_and_so_does_the_reason_at_its_preview(clinic, mo):
    patient = clinic.enrols()
    address = f"/staff/patients/{patient.code}/calendar?form=milestone"
    mo.opens(address).switches("en", kind="randomisation", on="2026-01-05", arm="A")
    assert [mo.holds(name) for name in ("kind", "on", "arm")] == [
        "randomisation",
        "2026-01-05",
        "A",
    ]
    mo.presses("Show what changes").switches("nl", reason="volgens de brief")
    assert mo.title.startswith("Voordat u opslaat")
    assert mo.holds("reason") == "volgens de brief"
    mo.presses("Opslaan")
    assert "Opgeslagen" in mo.text


def test_a_file_that_was_chosen_travels_on(mo):
    mo.opens("/staff/import").switches("en", reason="from the ward", day_first="1")
    assert [mo.holds(name) for name in ("reason", "day_first")] == ["from the ward", "1"]


def test_a_new_address_stays_in_its_form(clinic, mo):
    patient = clinic.enrols()
    mo.opens(f"/staff/patients/{patient.code}").switches("en", address="06 99999999")
    assert mo.holds("address") == "06 99999999"


@pytest.mark.parametrize("page", ["", "patient"])
def test_what_a_nurse_writes_stays_on_the_page_she_writes_it_on(clinic, app, page):
    patient = clinic.enrols()
    clinic.answers(patient, JAUND=2)
    clinic.acknowledges(patient)
    els = Desk(app, clinic, clinic.els)
    if page:
        els.opens(f"/staff/patients/{patient.code}").switches("en", note="called her")
    else:
        form = {"back": "list", f"{patient.code}-note": "called her", "to_language": "en"}
        els.sends(f"/staff/patients/{patient.code}/resolution", **form)
    assert els.holds("note") == "called her"
    assert els.title.startswith(patient.code if page else "(1) Worklist")
    with clinic.database.reading() as session:
        closed = select(AuditEntry).where(AuditEntry.verb == "alert.resolved")
        assert session.exec(closed).all() == []


def test_no_form_of_the_staff_loses_what_is_typed(clinic, app, mo):
    patient = clinic.enrols()
    clinic.randomises(patient, "B", "2026-01-05")
    clinic.answers(patient, JAUND=2)
    clinic.acknowledges(patient)
    calendar = f"/staff/patients/{patient.code}/calendar"
    facts = ("milestone", "regimen", "pause", "given", "planned", "skipped", "stop")
    of_mo = [
        "/staff/patients",
        "/staff/patients/new",
        "/staff/import",
        f"/staff/patients/{patient.code}",
    ]
    of_mo += [f"{calendar}?form={fact}&component=pump&number=1" for fact in facts]
    person = f"/staff/people/{clinic.els.id}"
    of_ad = ["/staff/people", person, f"{person}/password"]
    of_els = ["/staff/", f"/staff/patients/{patient.code}"]
    seen = set()
    for desk, pages in (
        (mo, of_mo),
        (Desk(app, clinic, clinic.els), of_els),
        (Desk(app, clinic, clinic.ad), of_ad),
        (Desk(app, clinic), ["/staff/login"]),
    ):
        for page in pages:
            desk.opens(page)
            assert desk.status == 200, page
            seen |= {
                sheet.action.split("#")[0]
                for sheet in desk.page.sheets
                if sheet.method == "POST" and (sheet.offered or set(sheet.held) - {"csrf_token"})
            }
    adapter = app.url_map.bind("")
    for action in seen:
        endpoint, _values = adapter.match(action, method="POST")
        assert getattr(app.view_functions[endpoint], "show_typed", False), action
    assert len(seen) >= 7


STAYS = "Dan blijven deze vragen in het Nederlands."


def test_before_anything_is_answered_she_is_told_that_the_language_stays_and_may_begin_in_another(
    clinic, anna, hand
):
    phone = hand().opens(link(clinic)).taps("Start").taps("Begin Klachtencheck")
    assert STAYS in phone.text
    phone.taps("Begin in English")
    assert phone.text.index("stay in English") < phone.text.index("Did you suddenly")
    assert phone.title.startswith("Did you suddenly get one of these?")
    phone.chooses("No, none of these").taps("Next").chooses("Yes").taps("Next")
    assert phone.title == "Call the hospital now"
    assert [draft.language for draft in drafts(clinic)] == ["en"]
    assert "assignment.reworded" in verbs(clinic)


def test_what_holds_an_answer_is_not_begun_again(clinic, anna, hand):
    phone = hand().opens(link(clinic)).taps("Start").taps("Begin Klachtencheck")
    stale = phone.sending("Begin in English")
    other = begun(hand(), clinic)
    phone.sends(stale)
    assert [draft.language for draft in drafts(clinic)] == ["nl"]
    assert answers_of(drafts(clinic)[0].document) == {"ALARM": ("none",)}
    assert "assignment.reworded" not in verbs(clinic)
    assert not other.offers("Begin in English")
    assert not phone.opens(other.path).offers("Begin in English")  # on neither device


def test_a_language_that_is_none_is_not_begun_in(clinic, anna, hand):
    phone = hand().opens(link(clinic)).taps("Start").taps("Begin Klachtencheck")
    method, address, fields = phone.sending("Begin in English")
    assert phone.sends((method, address.replace("/en", "/tlh"), fields)).status == 404


def test_whom_to_call_is_said_in_the_language_of_the_form_whatever_the_buttons_speak(
    clinic, anna, hand
):
    phone = begun(hand(), clinic).taps("English")
    assert "Next" in phone.text
    phone.chooses("Ja").taps("Next")
    assert phone.title == "Bel nu het ziekenhuis"
    assert phone.taps("English").title == "Call the hospital now"
    phone.taps("Send what I have filled in")
    assert phone.title == "Bel nu het ziekenhuis"
    assert phone.taps("English").title == "Call the hospital now"


def verbs(clinic):
    with clinic.database.reading() as session:
        return list(session.exec(select(AuditEntry.verb)))


def test_an_answer_chosen_and_not_sent_stays_chosen(clinic, anna, hand):
    phone = begun(hand(), clinic)
    question = phone.path
    phone.chooses("Nee").taps("English")
    assert phone.chosen == ["Nee"]
    assert "Next" in phone.text
    assert phone.opens(question).chosen == []
