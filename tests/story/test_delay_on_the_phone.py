"""A cycle is delayed twice, at the coordinator's desk, while its check lies half filled in on the
patient's phone."""

from sqlmodel import col, select

from proms.db.tables import Assignment
from proms.domain.response import answers_of
from tests.desk import Desk
from tests.filling_in import begun, link, stored, well


def delays(clinic, app, patient, to):
    """The coordinator looks at what another date would do, and saves it."""
    desk = Desk(app, clinic, clinic.mo)
    desk.opens(f"/staff/patients/{patient.code}/calendar?form=planned&component=systemic&number=1")
    desk.presses("Toon wat er verandert", planned=to)
    assert "Antwoorden veranderen niet." in desk.text
    desk.presses("Opslaan", reason="bloedwaarden te laag")
    assert "Opgeslagen" in desk.text


def checks(clinic, patient):
    return {
        (event, n): (due, state)
        for event, n, due, state in clinic.calendar(patient)
        if "SYST" in event
    }


def under_treatment(clinic, anna):
    """Randomised to FOLFOX, first cycle planned for 19 January; what came before is answered."""
    clinic.answers(anna)
    clinic.today("2026-01-12")
    clinic.randomises(anna, "A", "2026-01-12")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-19")


def test_she_goes_on_where_she_was_and_what_she_sends_answers_the_check_she_began(
    clinic, app, anna, hand
):
    under_treatment(clinic, anna)
    clinic.today("2026-01-19", "09:05")
    before = len(stored(clinic))
    phone = begun(hand(), clinic).answers("Nee").answers("Gewoon")
    third = phone.title

    clinic.today("2026-01-19", "11:00")
    delays(clinic, app, anna, "2026-01-26")
    phone.now = clinic.now
    phone.answers("Gewoon")
    assert phone.status == 200
    assert phone.title != third

    clinic.today("2026-01-20", "10:00")
    delays(clinic, app, anna, "2026-02-02")
    phone.now = clinic.now
    phone.opens(link(clinic)).taps("Start")  # the phone was put away: yesterday's link still works
    phone.taps("Ga verder Klachtencheck")
    assert phone.title not in ("", third)
    well(phone).taps("Verstuur mijn antwoorden")
    assert "Uw antwoorden zijn aangekomen:" in phone.text

    (sent,) = stored(clinic)[before:]
    answers = answers_of(sent.document)
    assert (answers["JAUND"], answers["URINE"], answers["STOOL"]) == (0, 0, 0)
    assert not sent.late
    with clinic.database.reading() as session:
        asked = session.exec(select(Assignment).where(Assignment.id == sent.assignment_id)).one()
        again = session.exec(
            select(Assignment).where(
                Assignment.event == asked.event, col(Assignment.number) == asked.number
            )
        ).all()
    assert (asked.event, asked.number, str(asked.due), asked.state) == (
        "HSC-SYST-D1",
        1,
        "2026-01-19",
        "answered",
    )
    assert len(again) == 1
    assert checks(clinic, anna)["HSC-SYST-D8", 1] == ("2026-02-09", "planned")
    assert checks(clinic, anna)["HSC-SYST-D1", 2] == ("2026-02-16", "planned")


def test_when_the_cycle_is_given_at_last_its_first_check_is_not_asked_again(
    clinic, app, anna, hand
):
    under_treatment(clinic, anna)
    clinic.today("2026-01-19", "09:05")
    phone = begun(hand(), clinic)
    delays(clinic, app, anna, "2026-01-26")
    delays(clinic, app, anna, "2026-02-02")
    phone.now = clinic.now
    well(phone).taps("Verstuur mijn antwoorden")
    clinic.today("2026-02-02", "10:00")
    clinic.gives_cycle(anna, "systemic", 1, "2026-02-02", planned="2026-02-02")
    assert checks(clinic, anna)["HSC-SYST-D1", 1] == ("2026-01-19", "answered")
    clinic.today("2026-02-08", "10:00")
    assert hand().opens(link(clinic)).taps("Start").path.endswith("/ALARM")
