"""What a nurse reads at her desk: what changed, who has what, and from whom nothing is heard."""

from datetime import timedelta

import pytest

from proms.actions.audit import patient_actor
from proms.actions.drafts import save_answer, sit_down
from proms.actions.refusals import AlreadyAnswered
from proms.actions.unscheduled import start_extra
from proms.domain.alert.record import Resolution
from tests.caller import statements
from tests.desk import Desk

KEEP, CLOSE = "Notitie bewaren", "Melding afhandelen"


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    patient = clinic.enrols("Anna Bakker")
    clinic.first = clinic.asked(patient)
    return patient


@pytest.fixture
def itch(clinic, anna):
    clinic.answers(anna, assignment=clinic.first, ITCH=3)
    return anna


@pytest.fixture
def els(clinic, app):
    return Desk(app, clinic, clinic.els)


def extra_check(clinic, patient):
    """She begins a check of her own."""
    with clinic.database.writing() as session:
        held = session.get_one(type(patient), patient.id)
        return start_extra(
            session,
            clinic.library,
            patient=held,
            event="HSC-PRN",
            language=held.language,
            by=patient_actor(held.id),
            now=clinic.now,
        )


def test_an_alert_that_came_back_says_who_had_it_and_for_how_long(clinic, app, anna):
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna)
    clinic.now += timedelta(minutes=121)
    clinic.works()
    desk = Desk(app, clinic, clinic.els)
    said = "Weer open: Els had dit 2 uur in behandeling en handelde het niet af."
    assert said in desk.text
    assert said in desk.opens(f"/staff/patients/{anna.code}").text


def test_the_moment_of_the_worklist_is_written_as_its_language_writes_months(els):
    assert "Maandag 5 januari, 9.00 uur. Bovenaan" in els.text
    assert "Monday 5 January, 09:00. On top" in els.switches("en").text


def test_a_line_says_what_rose_and_what_fell_since_the_report_before(clinic, app, anna):
    clinic.answers(anna, assignment=clinic.first, NAUS=3, RUQP=1)
    clinic.resolves(anna, Resolution.ADVICE)
    clinic.now += timedelta(days=1)
    check = extra_check(clinic, anna)
    clinic.answers(anna, assignment=check, NAUS=3, RUQP=3, VOM=2)
    text = Desk(app, clinic, clinic.els).text
    assert "Pijn boven in de buik: Sterk ↑ eerst: Licht" in text
    assert "Misselijk: Sterk = hetzelfde als de vorige keer" in text


def test_only_what_came_from_a_second_submission_is_said_to_come_from_one(clinic, els, anna):
    aside = "Uit een tweede inzending, apart bewaard"
    clinic.answers(anna, assignment=clinic.first, ITCH=3)
    assert aside not in els.opens("/staff/").text
    with pytest.raises(AlreadyAnswered):
        clinic.answers(anna, assignment=clinic.first, key="tablet", JAUND=2)
    assert els.opens("/staff/").text.count(aside) == 1


def test_a_red_answer_that_was_not_sent_says_so(clinic, app, anna):
    clinic.opens(anna)
    with clinic.database.writing() as session:
        held = session.get_one(type(anna), anna.id)
        by = patient_actor(held.id)
        sitting = sit_down(
            session,
            clinic.library,
            assignment_id=clinic.first.id,
            patient=held,
            by=by,
            now=clinic.now,
        )
        save_answer(sitting, item="JAUND", value=2)
    clinic.now += timedelta(minutes=11)
    clinic.works()
    assert "Ingevuld, maar niet verstuurd" in Desk(app, clinic, clinic.els).text


def test_what_is_new_since_she_was_here_stands_by_itself(clinic, app, itch):
    Desk(app, clinic, clinic.els)
    clinic.now += timedelta(minutes=10)
    bea = clinic.enrols("Bea")
    clinic.answers(bea, JAUND=2)
    desk = Desk(app, clinic, clinic.els).opens("/staff/?show=new")
    assert bea.code in desk.text
    assert itch.code not in desk.text
    desk.presses(KEEP, outcome="no_answer")
    assert desk.path == "/staff/"
    assert itch.code not in desk.text


def test_the_hand_over_says_of_everything_open_who_has_it_and_what_was_agreed(clinic, els, itch):
    bea = clinic.enrols("Bea")
    clinic.answers(bea, JAUND=2)
    clinic.acknowledges(bea)
    els.opens("/staff/").presses(f"{KEEP}: {bea.code}", **{f"{bea.code}-words": "opname besproken"})
    text = els.opens("/staff/worklist/hand-over").text
    assert "Bea" in text
    assert "In behandeling bij Els" in text
    assert "opname besproken" in text
    assert "Door niemand in behandeling genomen" in text


def test_who_is_on_treatment_and_missed_two_checks_is_named_beside_the_list(clinic, app, anna):
    clinic.answers(anna, assignment=clinic.first)
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.today("2026-01-12")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-12")
    clinic.today("2026-01-17")
    assert "klachtenchecks kwamen niet" not in Desk(app, clinic, clinic.els).text
    clinic.today("2026-01-25")
    text = Desk(app, clinic, clinic.els).text
    assert f"de laatste twee klachtenchecks kwamen niet: {anna.code}" in text


def test_who_began_nothing_in_a_week_is_named_beside_the_list(clinic, app, anna):
    said = f"Vragen die al een week openstaan en niet zijn begonnen: {anna.code}"
    assert said not in Desk(app, clinic, clinic.els).text
    clinic.today("2026-01-13")
    assert said in Desk(app, clinic, clinic.els).text


def test_the_patients_page_says_moments_in_words(clinic, els, anna):
    clinic.answers(anna, assignment=clinic.first)
    page = els.opens(f"/staff/patients/{anna.code}").text
    assert "vóór de plaatsing van de pomp" in page
    assert "HSC-" not in page
    assert "QOL-" not in page


def test_alerts_that_were_closed_together_are_one_line(clinic, els, anna):
    clinic.answers(anna, assignment=clinic.first, ITCH=3, VOM=2, JAUND=2)
    els.opens("/staff/").presses(CLOSE, resolution="admission", note="Opname.")
    els.opens("/staff/?show=closed")
    assert els.text.count("Opname.") == 1
    assert els.answer.text.count('class="al ') == 1


def test_how_long_closing_took_is_told_of_what_is_most_urgent_first(clinic, els, itch):
    bea = clinic.enrols("Bea")
    clinic.answers(bea, JAUND=2)
    clinic.resolves(itch, Resolution.ADVICE)
    clinic.resolves(bea, Resolution.ADMISSION)
    text = els.opens("/staff/?show=closed").text
    red, amber = (
        text.index(f"{level}: de helft was binnen") for level in ("Nu bellen", "Binnen 1 werkdag")
    )
    assert red < amber


def test_a_long_worklist_costs_as_many_statements_as_a_short_one(clinic, app, els, itch):
    def cost():
        with statements(app.extensions["parts"].database) as said:
            for page in ("/staff/", "/staff/?show=closed", "/staff/worklist/hand-over"):
                assert els.opens(page).status == 200
        return len(said)

    def more(*names):
        for name in names:
            patient = clinic.enrols(name)
            clinic.answers(patient, JAUND=2, ITCH=3)
            clinic.acknowledges(patient)
        clinic.resolves(patient, Resolution.ADVICE)

    more("Bea", "Cor")
    els.opens("/staff/")
    first = cost()
    more("Dik", "Eva", "Fon")
    assert cost() == first
