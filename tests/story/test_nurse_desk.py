"""A nurse between two telephone calls: no page of hers acts on what she has not seen, and nothing
she typed is lost by what she or a colleague does next."""

from datetime import timedelta

import pytest
from sqlmodel import select

from proms.db.tables import Alert, AlertNote, AuditEntry
from proms.domain.alert.record import Resolution
from proms.domain.person import Role
from tests.clinic import MOBILE
from tests.desk import Desk

TAKE, CLOSE, KEEP = "In behandeling nemen", "Melding afhandelen", "Notitie bewaren"
SHOW = "Toon nummer"
ALL = {"all-resolution": "advice", "all-note": "Bespreken op de poli."}


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    patient = clinic.enrols("Anna Bakker", address="020 12 34 567")
    clinic.first = clinic.asked(patient)
    return patient


@pytest.fixture
def itch(clinic, anna):
    clinic.answers(anna, assignment=clinic.first, ITCH=3)
    return anna


@pytest.fixture
def els(clinic, app):
    return Desk(app, clinic, clinic.els)


def again(clinic, patient, key, **answers):
    """Another device sends other answers to what was answered before."""
    with pytest.raises(Exception, match="kept for the hospital"):
        clinic.answers(patient, assignment=clinic.first, key=key, **answers)


@pytest.mark.parametrize("where", ["list", "patient"])
def test_a_page_from_before_the_fever_closes_nothing_and_shows_it_first(clinic, els, itch, where):
    els.opens("/staff/" if where == "list" else f"/staff/patients/{itch.code}")
    again(clinic, itch, "fever", JAUND=2)
    els.presses(CLOSE, resolution="advice", note="Zalf geadviseerd.", grade="2")
    assert els.status == 409
    assert clinic.worklist() == [("B1", "red", "open"), ("B4", "amber", "open")]
    assert "Er is iets nieuws binnengekomen nadat u deze pagina opende." in els.text
    assert els.text.index("Nieuw Geelzucht") < els.text.index("Jeuk")
    held = [els.holds(name) for name in ("resolution", "note", "grade")]
    assert held == ["advice", "Zalf geadviseerd.", "2"]
    assert els.title.startswith(itch.code if where == "patient" else "(1)")
    # Now she has seen it.
    els.presses(CLOSE)
    assert clinic.worklist() == []


def test_a_page_from_before_the_fever_takes_nothing(clinic, els, itch):
    els.opens("/staff/")
    again(clinic, itch, "fever", JAUND=2)
    assert els.presses(TAKE).status == 409
    assert [state for *_, state in clinic.worklist()] == ["open", "open"]
    els.presses(TAKE)
    assert [state for *_, state in clinic.worklist()] == ["acknowledged", "acknowledged"]


@pytest.mark.parametrize("where", ["list", "patient"])
def test_the_number_stands_in_the_alert_on_a_press_that_is_on_record_and_loses_nothing(
    clinic, els, itch, where
):
    els.opens("/staff/" if where == "list" else f"/staff/patients/{itch.code}")
    els.presses(SHOW, note="Belt over vijf minuten terug.", outcome="no_answer")
    assert "Anna Bakker" in els.text
    line = els.answer.text.split(f'id="{itch.code}-reach"')[1].split("</div>")[0]
    assert 'href="tel:+31201234567"' in line
    assert els.holds("note") == "Belt over vijf minuten terug."
    assert els.holds("outcome") == "no_answer"
    with clinic.database.reading() as session:
        shown = select(AuditEntry).where(AuditEntry.verb == "patient.contact_shown")
        assert session.exec(shown).one().actor_id == clinic.els.id


def test_what_is_typed_of_one_patient_stays_when_another_is_taken_noted_or_closed(
    clinic, els, itch
):
    bea = clinic.enrols("Bea")
    clinic.answers(bea, JAUND=2)
    els.opens("/staff/")
    typed = {f"{itch.code}-note": "nog bellen", f"{bea.code}-words": "belt terug"}
    els.presses(f"{TAKE}: {bea.code}", **typed)
    assert els.holds(f"{itch.code}-note") == "nog bellen"
    els.presses(f"{KEEP}: {bea.code}")
    assert els.holds(f"{itch.code}-note") == "nog bellen"
    assert not els.holds(f"{bea.code}-words")
    els.presses(f"{CLOSE}: {bea.code}", resolution="visit", note="komt")
    assert els.holds(f"{itch.code}-note") == "nog bellen"
    assert clinic.worklist() == [("B4", "amber", "open")]


def test_what_is_typed_of_a_patient_whom_a_colleague_closed_stays_and_can_be_kept(
    clinic, els, itch
):
    bea = clinic.enrols("Bea")
    clinic.answers(bea, JAUND=2)
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    els.opens("/staff/")
    clinic.resolves(itch, Resolution.ADVICE, by=ria)
    els.presses(f"{TAKE}: {bea.code}", **{f"{itch.code}-note": "zelf gebeld"})
    assert f"{itch.code} heeft geen open melding meer." in els.text
    els.presses("Bewaren bij de afgehandelde melding", resolution="visit")
    with clinic.database.reading() as session:
        note = session.exec(select(AlertNote)).one()
    assert (note.note, note.resolution, note.by) == ("zelf gebeld", "visit", clinic.els.id)


def test_of_two_nurses_who_close_the_second_reads_that_her_note_is_kept_and_where(
    clinic, els, app, itch
):
    els.opens("/staff/")
    ria = Desk(app, clinic, clinic.employs("ria", Role.NURSE, phone=MOBILE))
    ria.presses(CLOSE, resolution="admission", note="Opname geregeld.")
    els.presses(CLOSE, resolution="advice", note="Zalf geadviseerd.")
    assert f"Ria heeft {itch.code} vóór u afgehandeld. Uw notitie staat erbij." in els.text
    els.opens("/staff/?show=closed")
    assert "Opname geregeld." in els.text
    assert "Advies gegeven Zalf geadviseerd. Els" in els.text
    assert "Zalf geadviseerd." in els.opens(f"/staff/patients/{itch.code}").text


def test_a_mistake_on_the_patients_page_stays_there_and_is_told_once_on_top(clinic, els, itch):
    els.opens(f"/staff/patients/{itch.code}").presses(CLOSE, note="gebeld")
    assert els.status == 422
    assert els.title.startswith(itch.code)
    assert els.answer.text.count('class="lookat"') == 1
    assert els.answer.text.index('class="lookat"') < els.answer.text.index("<h1>")


def test_nothing_needed_asks_why_and_a_grade_stands_apart(clinic, els, itch):
    els.opens("/staff/").presses(CLOSE, resolution="none_needed", note="Bekende jeuk.", grade="2")
    assert els.status == 422
    assert "Waarom was niets nodig?" in els.text
    els.presses(CLOSE, none_reason="known")
    with clinic.database.reading() as session:
        alert = session.exec(select(Alert)).one()
    assert (alert.reason, alert.grade) == ("known", 2)
    els.opens("/staff/?show=closed")
    assert "Geen actie nodig : Bekende klacht. CTCAE-graad 2" in els.text


def test_why_nothing_was_needed_is_not_asked_where_something_was(clinic, els, itch):
    els.opens("/staff/").presses(CLOSE, resolution="advice", note="Zalf.", none_reason="known")
    with clinic.database.reading() as session:
        assert session.exec(select(Alert)).one().reason is None


def test_how_a_call_ended_is_kept_and_read_by_the_next_nurse(clinic, els, app, itch):
    els.opens("/staff/").presses(KEEP, outcome="no_answer")
    assert clinic.worklist() == [("B4", "amber", "open")]
    ria = Desk(app, clinic, clinic.employs("ria", Role.NURSE, phone=MOBILE))
    assert "Geen gehoor Els" in ria.text
    assert "Geen gehoor Els" in ria.opens(f"/staff/patients/{itch.code}").text


def test_a_call_that_was_typed_beside_the_closing_is_kept_with_it(clinic, els, itch):
    els.opens("/staff/").presses(CLOSE, outcome="reached", resolution="advice", note="Zalf.")
    with clinic.database.reading() as session:
        assert session.exec(select(AlertNote)).one().outcome == "reached"
    assert clinic.worklist() == []


def test_a_note_needs_words_or_how_the_call_ended(clinic, els, itch):
    els.opens("/staff/").presses(KEEP)
    assert els.status == 422
    assert "Schrijf een notitie, of kies hoe het gesprek eindigde." in els.text


def test_information_is_closed_in_one_act_and_nothing_else_with_it(clinic, els, anna):
    clinic.answers(anna, assignment=clinic.first, NERVE=2)
    bea, cor = clinic.enrols("Bea"), clinic.enrols("Cor")
    clinic.answers(bea, NERVE=2)
    clinic.answers(cor, ITCH=3)
    els.opens("/staff/")
    els.presses("Alles afhandelen", **ALL)
    assert "Als informatie afgehandeld: 2." in els.text
    assert clinic.worklist() == [("B4", "amber", "open")]


def test_information_that_has_become_more_meanwhile_is_not_closed(clinic, els, anna):
    clinic.answers(anna, assignment=clinic.first, NERVE=2)
    els.opens("/staff/")
    again(clinic, anna, "worse", NERVE=2, JAUND=2)
    els.presses("Alles afhandelen", **ALL)
    assert els.status == 409
    assert clinic.worklist() == [("B1", "red", "open"), ("N2", "info", "open")]
    with clinic.database.reading() as session:
        red = session.exec(select(Alert).where(Alert.rule == "B1")).one()
    els.sends(
        "/staff/information/resolution",
        **{"all-shown": f"{red.id}:9", **ALL},
    )
    assert els.status == 409
    assert len(clinic.worklist()) == 2


def test_what_the_patient_says_cannot_wait_stands_above_what_can(clinic, app, anna):
    ben, cor = clinic.enrols("Ben"), clinic.enrols("Cor")
    for patient, can_wait in ((anna, True), (ben, None), (cor, False)):
        clinic.answers(patient, ITCH=3)
        with clinic.database.writing() as session:
            alert = session.exec(select(Alert).where(Alert.patient_id == patient.id)).one()
            alert.can_wait = can_wait
            session.commit()
        clinic.now += timedelta(minutes=1)
    text = Desk(app, clinic, clinic.els).text
    assert text.index(cor.code) < text.index(anna.code) < text.index(ben.code)
    assert "De patiënt zegt: dit kan niet wachten" in text
    assert "De patiënt zegt: dit kan wachten" in text


KNOWN = {"expect_item": "hsc:ITCH:3", "expect_until": "2026-01-12", "expect_reason": "bekende jeuk"}


def test_a_known_symptom_is_set_shown_and_ended_on_the_patients_page(clinic, els, anna):
    page = f"/staff/patients/{anna.code}"
    typed = {f"{anna.code}-{name}": text for name, text in KNOWN.items()}
    els.opens(page).presses("Opslaan: Bekende klachten", **typed)
    assert "Jeuk: Sterk tot en met 12 jan 2026 bekende jeuk Els" in els.text
    clinic.answers(anna, assignment=clinic.first, ITCH=3)
    assert clinic.worklist() == []
    again(clinic, anna, "fever", ITCH=3, VOM=3)
    known = "Verwacht tot en met 12 jan 2026: Jeuk, tot en met “Sterk”. bekende jeuk"
    assert known in els.opens("/staff/").text
    assert known in els.opens(page).text
    els.presses("Beëindigen")
    assert "Beëindigd. Er komen weer meldingen van." in els.text
    assert known not in els.opens("/staff/").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"expect_item": ""}, "Kies een van deze."),
        ({"expect_until": "2028-01-01"}, "Kies een laatste dag van vandaag tot een jaar vanaf nu."),
        ({"expect_until": ""}, "Vul een datum in."),
        ({"expect_reason": ""}, "Geef in een paar woorden de reden."),
    ],
)
def test_what_cannot_be_expected_is_told_at_its_field_and_keeps_the_note(
    clinic, els, itch, typed, sentence
):
    fields = {**KNOWN, "note": "nog bellen", **typed}
    els.opens(f"/staff/patients/{itch.code}").presses(
        "Opslaan: Bekende klachten",
        **{f"{itch.code}-{name}": text for name, text in fields.items()},
    )
    assert els.status == 422
    assert sentence in els.text
    assert els.holds("note") == "nog bellen"
