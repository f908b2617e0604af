"""Staff fills in for a patient on the telephone or from paper: stored as her own answers are, and
marked with how, by whom and of which day."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from secrets import token_urlsafe

import pytest
from sqlmodel import col, select

from proms.actions.fill_in import TypedIn, fill_in
from proms.actions.refusals import AlreadyAnswered
from proms.db.tables import Assignment, AuditEntry, Delivery, Evaluation, KeptAside, Patient, Score
from proms.domain.person import Role
from proms.domain.reminder import MessageKind
from proms.domain.response import Mode, answers_of, from_answers, missing_of
from proms.domain.schedule import AssignmentState
from tests.clinic import PASSWORD
from tests.desk import Desk, stranger
from tests.filling_in import begun, drafts, link, stored, well

SAVE = "Antwoorden opslaan"
HSC, EQ = "hsc", "eq-5d-5l"
TOLD = {"mode": "call", "source_on": "2026-01-05"}


@pytest.fixture
def els(clinic, app, anna):
    return Desk(app, clinic, clinic.els)


def opens(desk, patient, instrument=HSC):
    """The page of what is open of this instrument."""
    assignment = desk.clinic.asked(patient, instrument)
    return desk.opens(f"/staff/patients/{patient.code}/fill-in/{assignment.id}")


def well_but(desk, instrument=HSC, **given):
    """The fields of the page: nothing is the matter but for the answers named, an empty one is left
    open."""
    fields = {}
    for item in desk.clinic.library.instrument(instrument).items:
        usual = (item.none,) if item.none else next(iter(item.options), "")
        if item.asked_if or item.optional:
            usual = ""
        value = given.pop(item.code, usual)
        if isinstance(value, tuple):
            fields |= {f"a.{item.code}.{option}": "1" for option in value}
        elif value != "":
            fields[f"a.{item.code}"] = str(value)
    return fields


def fills_in(desk, patient, instrument=HSC, told=TOLD, **given):
    """Opens the page, chooses, saves."""
    opens(desk, patient, instrument)
    return desk.presses(SAVE, **told, **well_but(desk, instrument, **given))


def kept_aside(clinic):
    with clinic.database.reading() as session:
        return list(session.exec(select(KeptAside).order_by(col(KeptAside.id))))


def on_record(clinic, verb="response.submitted"):
    with clinic.database.reading() as session:
        return list(session.exec(select(AuditEntry).where(AuditEntry.verb == verb)))


def test_a_jaundice_told_on_the_telephone_is_an_alert_that_she_can_take_at_once(
    clinic, els, anna, hand
):
    els.opens(f"/staff/patients/{anna.code}").follows("Invullen voor de patiënt: Klachtencheck")
    assert (els.holds("source_on"), "mode" in els.page.sheets[-1].held) == ("2026-01-05", False)
    els.presses(SAVE, **TOLD, **well_but(els, JAUND=2, NAUS="declined", REMARK="Sinds gisteren"))
    assert els.path == f"/staff/patients/{anna.code}"
    assert "Een antwoord kan niet wachten. De melding staat hieronder" in els.text
    assert els.text.index("Geelzucht gemeld") < els.text.index("Behandeling en klachten")
    assert "aan de telefoon, 5 jan 2026, ingevoerd door Els" in els.text
    els.presses("In behandeling nemen")
    assert clinic.worklist() == [("B1", "red", "acknowledged")]

    [response] = stored(clinic)
    assert (response.mode, response.entered_by) == (Mode.CALL, clinic.els.id)
    assert (response.source_on, response.late) == (date(2026, 1, 5), False)
    assert answers_of(response.document)["JAUND"] == 2
    assert missing_of(response.document)["NAUS"] == "declined"
    # What is asked only because it cannot wait keeps nothing back.
    assert missing_of(response.document)["NOW"] == "skipped"
    [entry] = on_record(clinic)
    assert (entry.actor, entry.actor_id, entry.subject_id) == ("staff", clinic.els.id, response.id)
    assert (entry.detail["mode"], entry.detail["source_on"]) == ("call", "2026-01-05")

    els.follows("Klachtencheck")
    assert "Antwoorden van maandag 5 januari, aan de telefoon, ingevoerd door Els." in els.text
    assert not hand().opens(link(clinic)).taps("Start").offers("Begin Klachtencheck")
    opens_again = els.opens(f"/staff/patients/{anna.code}/fill-in/{response.assignment_id}")
    assert "Deze vragen zijn al ingevuld." in opens_again.text


def test_what_does_not_fit_is_said_at_its_field_and_nothing_typed_is_lost(clinic, els, anna):
    def refused(sentence, **typed):
        opens(els, anna, EQ)
        whole = {**TOLD, **well_but(els, EQ, MO=3, VAS=80), **typed}
        els.presses(SAVE, **whole)
        assert els.status == 422
        assert sentence in els.text
        assert {name: els.holds(name) for name in typed} == typed
        assert els.holds("a.MO") == "3"

    for number in ("honderd", "101", "-1", "7,5"):
        refused("Vul een heel getal in van 0 tot en met 100, in cijfers.", **{"a.VAS": number})
    refused("Dag van de antwoorden: Deze dag moet nog komen.", source_on="2026-01-06")
    refused("Kies een dag van 5 jan 2026 tot en met vandaag.", source_on="2026-01-04")
    refused("Deze datum klopt niet.", source_on="gisteren")
    refused("Vul een datum in.", source_on="")
    # A number and a reason why there is none.
    refused("of waarom er geen is: niet allebei.", **{"a.VAS.missing": "skipped", "a.VAS": "80"})

    opens(els, anna).presses(SAVE, **TOLD, **well_but(els, BLEED=("none", "nose")))
    assert "U koos “" in els.text
    opens(els, anna, EQ).presses(SAVE, source_on="2026-01-06")
    assert "Hoe antwoordde de patiënt?: Kies een van deze." in els.text
    assert "Dag van de antwoorden: Deze dag moet nog komen." in els.text  # all of it at once
    els.presses(SAVE, **TOLD)
    assert "Vul ten minste één antwoord in." in els.text
    assert not els.offers("rest_skipped")
    els.presses(SAVE, **{"a.MO": "2"})
    assert els.text.count("Kies een antwoord, of waarom er geen is.") == 10  # above and at each
    els.sends(els.path, **TOLD, key=els.holds("key"), **{"a.MO": "9"})
    assert "Kies een van deze." in els.text
    els.sends(els.path, **TOLD, key="short")
    assert els.status == 400
    assert stored(clinic) == []
    opens(els, anna, EQ).presses(SAVE, **TOLD, **{"a.MO": "2"}).presses(SAVE, rest_skipped="1")
    assert "Opgeslagen." in els.text
    [response] = stored(clinic)
    assert answers_of(response.document) == {"MO": 2}
    assert set(missing_of(response.document).values()) == {"skipped"}


def test_another_language_and_the_end_of_a_session_keep_every_answer(clinic, els, anna):
    typed = TOLD | {"a.TEMP": "4", "a.BLEED.tar": "1", "a.BLEED.nose": "1", "a.SITE.missing": ""}
    del typed["a.SITE.missing"]
    opens(els, anna).switches("en", **typed)
    assert {name: els.holds(name) for name in typed} == typed
    clinic.now += timedelta(minutes=61)
    els.presses("Save the answers").presses("Log in", login="els", password=PASSWORD)
    assert {name: els.holds(name) for name in typed} == typed
    assert stored(clinic) == []
    els.presses("Save the answers", **well_but(els, TEMP=4, BLEED=("tar", "nose")))
    [response] = stored(clinic)
    assert answers_of(response.document)["BLEED"] == ["tar", "nose"] or answers_of(
        response.document
    )["BLEED"] == ("tar", "nose")


def test_the_source_date_is_the_day_that_rules_and_analysts_look_at(clinic, app, anna):
    clinic.answers(anna, DIAR=0)
    clinic.randomises(anna, "B", "2026-01-05")
    clinic.today("2026-01-12")
    clinic.operates(anna, "2026-01-12")
    clinic.chooses(anna, "pump", "fudr")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "pump", 1, "2026-01-12")
    clinic.today("2026-01-19")
    first = clinic.asked(anna)
    clinic.today("2026-01-22")
    els = Desk(app, clinic, clinic.els)
    assert clinic.asked(anna).id == first.id
    # Before the operation is refused; on the first day of the window it is taken, three days late.
    on_paper = {"mode": "paper", "source_on": first.opens.isoformat()}
    fills_in(els, anna, told=on_paper, ITCH=2, SITE=("none",), POS=0, MOUTH=0)
    assert els.path == f"/staff/patients/{anna.code}", els.text
    with clinic.database.reading() as session:
        row = session.exec(select(Evaluation).order_by(col(Evaluation.id).desc())).first()
        alerts = clinic.worklist()
    response = stored(clinic)[-1]
    assert (response.mode, response.source_on) == (Mode.PAPER, first.opens)
    assert (row.previous_id, row.baseline_id) == (stored(clinic)[0].id, stored(clinic)[0].id)
    assert row.facts["pump"] is True
    assert [rule for rule, _urgency, _state in alerts] == ["B4"]
    assert row.evaluated_at == clinic.now

    kim = Desk(app, clinic, clinic.kim).opens("/staff/data")
    kim._go("GET", "/staff/data/scores.csv", {})
    exported = list(csv.DictReader(io.StringIO(kim.answer.text)))
    assert "entered_by" not in exported[0]
    days = [(each["mode"], each["study_day"], each["entered_day"]) for each in exported]
    opened = (first.opens - date(2026, 1, 5)).days + 1
    assert days == [("phone", "1", ""), ("paper", str(opened), "18")]


def test_what_she_began_on_her_phone_is_kept_aside_and_judged_and_shown(clinic, els, anna, hand):
    phone = well(begun(hand(), clinic))
    els.opens(f"/staff/patients/{anna.code}")
    assert "De patiënt heeft dit op de telefoon geopend." in els.text
    opens(els, anna)
    assert "De patiënt heeft op de telefoon 16 vragen ingevuld, en niet verstuurd." in els.text
    assert "Als u opslaat, tellen uw antwoorden." in els.text
    els.presses(SAVE, **TOLD, **well_but(els, JAUND=2))
    [kept] = kept_aside(clinic)
    assert answers_of(kept.document) == answers_of(drafts(clinic)[0].document)
    assert (kept.mode, kept.entered_by) == (None, None)
    assert "Apart bewaard" in els.text
    assert len(kept_aside(clinic)) == 1
    # She sends what she sees on her phone all the same: it is kept already.
    phone.taps("Verstuur mijn antwoorden")
    assert "Wat u nu verstuurde, is anders. Het ziekenhuis kan beide zien." in phone.text
    with clinic.database.reading() as session:
        notices = session.exec(
            select(Delivery).where(Delivery.kind == MessageKind.STAFF_NOTICE)
        ).all()
    assert len(notices) == 1
    assert clinic.worklist() == [("B1", "red", "open")]


def test_after_her_own_answers_those_of_the_nurse_are_kept_aside_under_her_name(
    clinic, app, els, anna
):
    opens(els, anna)
    clinic.answers(anna)
    els.presses(SAVE, **TOLD, **well_but(els, JAUND=2))
    assert "Wat u typte, is apart bewaard; zie hieronder." in els.text
    assert "aan de telefoon, 5 jan 2026, ingevoerd door Els" in els.text
    assert clinic.worklist() == [("B1", "red", "open")]
    [kept] = kept_aside(clinic)
    assert (kept.mode, kept.entered_by, kept.source_on) == (
        Mode.CALL,
        clinic.els.id,
        date(2026, 1, 5),
    )
    els.follows("Klachtencheck")
    assert "Antwoorden van maandag 5 januari, aan de telefoon, ingevoerd door Els." in els.text
    assert len(stored(clinic)) == 1


@pytest.mark.both_engines
def test_a_double_press_stores_once_and_two_nurses_at_once_lose_nothing(clinic, els, anna):
    asked = clinic.asked(anna)
    opens(els, anna)
    twice = {**TOLD, **well_but(els), "key": els.holds("key"), "read": els.holds("read")}
    address = f"/staff/patients/{anna.code}/fill-in/{asked.id}"
    for _press in range(2):
        els.sends(address, **twice)
        assert "Opgeslagen. Er kwam geen melding van." in els.text
        opens_again = els.opens("/staff/roster")
    assert (len(stored(clinic)), len(on_record(clinic)), kept_aside(clinic)) == (1, 1, [])
    for changed in ({"a.JAUND": "2"}, {"mode": "paper"}):
        opens_again.sends(address, **{**twice, **changed})
        assert els.status == 409
        assert "Wat u daarna wijzigde, is niet opgeslagen." in els.text
        opens_again = els.opens("/staff/roster")
    assert clinic.worklist() == []

    def types(number):
        instrument = clinic.library.instrument(EQ)
        well = {item.code: item.options[0] for item in instrument.items if item.options}
        typed = TypedIn(
            token_urlsafe(),
            from_answers({**well, "MO": number, "VAS": 70}, {}, clinic.now),
            Mode.CALL,
            clinic.library.wording_to_ask(EQ, "nl").read,
            date(2026, 1, 5),
        )
        with clinic.database.writing() as session:
            patient = session.get_one(Patient, anna.id)
            try:
                return fill_in(
                    session,
                    clinic.library,
                    patient=patient,
                    assignment_id=other.id,
                    typed=typed,
                    by=clinic.els,
                    now=clinic.now,
                ).code
            except AlreadyAnswered:
                return None

    other = clinic.asked(anna, EQ)
    with ThreadPoolExecutor() as desks:
        receipts = list(desks.map(types, (1, 2)))
    assert sum(receipt is not None for receipt in receipts) == 1
    assert len(kept_aside(clinic)) == 1


def test_an_extra_check_on_paper_is_of_the_day_it_was_filled_in(clinic, app, anna):
    fills_in(Desk(app, clinic, clinic.els), anna)
    clinic.today("2026-01-08")
    assert [row[3] for row in clinic.calendar(anna)] == ["answered"]
    els = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}")
    els.follows("Invullen voor de patiënt: Klachtencheck")
    page = els.path
    assert "Een extra vragenlijst." in els.text
    assert len(clinic.calendar(anna)) == 1
    els.presses(SAVE, mode="paper", source_on="2026-01-04", **well_but(els))
    assert "Kies een dag van 5 jan 2026 tot en met vandaag." in els.text
    els.presses(SAVE, source_on="2026-01-07", **{"a.ITCH": "3"})
    assert "Er kwam een melding van" in els.text
    assert clinic.calendar(anna)[-1][1:] == (1, "2026-01-07", "answered")
    assert (stored(clinic)[-1].late, stored(clinic)[-1].source_on) == (False, date(2026, 1, 7))
    again = {"key": "k" * 22, "mode": "paper", "source_on": "2026-01-08", "a.ITCH": "0"}
    for _press in range(2):
        els.opens(page).sends(page, **again, rest_skipped="1", read=els.holds("read"))
        assert els.path == f"/staff/patients/{anna.code}"
    assert len(stored(clinic)) == 3
    els.opens(f"/staff/patients/{anna.code}/fill-in/extra/NO-SUCH")
    assert els.status == 404


def test_who_may_and_when_it_is_over(clinic, app, els, anna):
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}")
    assert not mo.offers("Invullen voor de patiënt: Klachtencheck")
    assert opens(mo, anna).status == 403
    opens(mo, anna, EQ).presses(SAVE, **{**TOLD, "mode": "paper"}, **well_but(mo, EQ, VAS=50))
    assert "op papier, 5 jan 2026, ingevoerd door Mo" in mo.text
    page = els.opens(f"/staff/patients/{anna.code}") and opens(els, anna).path
    assert Desk(app, clinic, clinic.kim).opens(page).status == 403
    assert Desk(app, clinic, stranger(clinic, Role.NURSE)).opens(page).status == 404
    # The window closes while she types: nothing is stored, and all that was typed stands there.
    late = dict(opens(els, anna).page.sheets[-1].held)
    clinic.today("2026-06-01")
    els = Desk(app, clinic, clinic.els).opens("/staff/roster")
    els.sends(page, **TOLD, **well_but(els), key=late["key"], read=late["read"])
    assert els.status == 409
    assert "De dagen waarop dit ingevuld kan worden, zijn voorbij." in els.text
    assert els.holds("a.JAUND") == "0"
    assert len(stored(clinic)) == 1
    assert els.opens(page).status == 409
    assert "De dagen waarop dit ingevuld kan worden, zijn voorbij." in els.text


def test_what_is_asked_no_more_while_she_types_is_not_stored_and_stands_there_still(
    clinic, app, els, anna
):
    check = opens(els, anna).path
    typed = dict(els.page.sheets[-1].held)
    extra = els.opens(f"/staff/patients/{anna.code}/fill-in/extra/HSC-PRN").path
    sent = {**TOLD, **well_but(els, JAUND=2), "key": typed["key"], "read": typed["read"]}

    def refused(path, sentence):
        els.opens("/staff/roster").sends(path, **sent)
        assert els.status == 409
        assert sentence in els.text
        assert els.holds("a.JAUND") == "2"

    with clinic.database.writing() as session:
        session.get_one(Assignment, int(check.rsplit("/")[-1])).state = AssignmentState.CANCELLED
        session.commit()
    refused(check, "Deze vragen worden niet meer gesteld: het schema is veranderd.")
    clinic.withdraws(anna, "2026-01-05")
    refused(check, "Deze patiënt doet niet meer mee.")
    refused(extra, "Deze patiënt doet niet meer mee.")
    assert stored(clinic) == []


def test_a_list_with_two_wordings_shows_both_and_stores_the_one_that_was_asked(clinic, app):
    clinic.today("2026-01-05")
    bert = clinic.enrols("Bert", primary_in_situ=True, rectal_primary=True)
    clinic.today("2026-01-05", "10:46")
    els = opens(Desk(app, clinic, clinic.els), bert, "qlq-cr29")
    assert els.text.count("Zo luidt de vraag als:") >= 5
    els.presses(SAVE, **TOLD, **{"a.q48": "1", "a.q49": "3", "a.q31": "2"})
    els.presses(SAVE, rest_skipped="1")
    [response] = stored(clinic)
    assert response.document["q49"]["variant"] == "stoma"
    with clinic.database.reading() as session:
        assert session.exec(select(Score.value).where(Score.response_id == response.id)).all()
