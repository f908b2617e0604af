"""Two patients with alerts at once: whatever is read or done of one leaves the other as she is."""

from datetime import timedelta

import pytest
from sqlmodel import select

from proms.actions.alerts import acknowledge, resolve
from proms.db.queries.red_bar import red_bar
from proms.db.queries.worklist import not_in_yet, patients_waiting, resolved
from proms.db.tables import Alert, Assignment
from proms.domain.alert.record import Closing, Resolution
from proms.domain.person import Role
from tests.desk import Desk, stranger

ADVICE = Closing(Resolution.ADVICE, "Zalf geadviseerd.")


@pytest.fixture
def anna(clinic):
    """She itches."""
    clinic.today("2026-01-05")
    patient = clinic.enrols("Anna Bakker")
    clinic.answers(patient, ITCH=3)
    return patient


@pytest.fixture
def bea(clinic, anna):
    """She has yellow eyes, and it began suddenly."""
    patient = clinic.enrols("Bea Smit")
    clinic.answers(patient, JAUND=2, ALARM=("confused",))
    return patient


def alert_of(clinic, patient, rule):
    with clinic.database.reading() as session:
        wanted = select(Alert.id).where(Alert.patient_id == patient.id, Alert.rule == rule)
        return session.exec(wanted).one()


def closes(clinic, patient, rule):
    clinic.now += timedelta(minutes=1)
    with clinic.database.writing() as session:
        resolve(
            session,
            alert_id=alert_of(clinic, patient, rule),
            closing=ADVICE,
            by=clinic.els,
            now=clinic.now,
        )


def test_closing_one_alert_leaves_the_others_open_hers_and_another_patients(clinic, anna, bea):
    closes(clinic, anna, "B4")
    assert clinic.worklist() == [("B1", "red", "open"), ("E1", "red", "open")]
    closes(clinic, bea, "B1")
    assert clinic.worklist() == [("E1", "red", "open")]


def test_taking_one_alert_takes_no_other(clinic, anna, bea):
    with clinic.database.writing() as session:
        taken = alert_of(clinic, bea, "B1")
        acknowledge(session, clinic.library, alert_id=taken, by=clinic.els, now=clinic.now)
    assert clinic.worklist() == [
        ("B1", "red", "acknowledged"),
        ("E1", "red", "open"),
        ("B4", "amber", "open"),
    ]


@pytest.mark.parametrize("page", ["", "/consultation"])
def test_a_patients_page_shows_her_own_alerts_while_another_has_a_red_one(
    clinic, app, anna, bea, page
):
    desk = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}{page}")
    assert "Jeuk" in desk.text
    for of_bea in ("Bea Smit", bea.code, "Geelzucht gemeld", "verward"):
        assert of_bea not in desk.text


def test_the_red_bar_names_a_patient_until_a_nurse_has_her_and_names_nobody_else(clinic, anna, bea):
    def named():
        with clinic.database.reading() as session:
            bar = red_bar(
                session, clinic.keyring, clinic.site.id, now=clinic.now, real_now=clinic.now
            )
        return bar.overdue

    clinic.now += timedelta(minutes=29)
    assert named() == ()
    clinic.now += timedelta(minutes=1)
    assert named() == (bea.code,)
    clinic.acknowledges(bea)
    assert named() == ()


def test_the_number_of_patients_who_wait_falls_when_one_is_closed(clinic, app, anna, bea):
    desk = Desk(app, clinic, clinic.els)
    assert "2 patiënten wachten" in desk.opens("/staff/").text
    clinic.resolves(bea, Resolution.ADMISSION)
    assert "1 patiënt wacht" in desk.opens("/staff/").text


def test_the_morning_message_counts_patients_whom_nobody_has_taken(clinic, anna, bea):
    def waiting(urgency):
        with clinic.database.reading() as session:
            return patients_waiting(session, clinic.site.id, urgency)

    cor = clinic.enrols("Cor Vos")
    clinic.answers(cor, ITCH=3, DIAR=2)  # two alerts, one patient
    assert [waiting(urgency) for urgency in ("red", "amber", "info")] == [1, 2, 0]
    clinic.acknowledges(anna)
    assert waiting("amber") == 1
    clinic.resolves(cor, Resolution.ADVICE)
    assert (waiting("red"), waiting("amber")) == (1, 0)


def test_the_worklist_counts_who_has_questions_open_and_has_not_sent_them(clinic, anna, bea):
    def left():
        with clinic.database.reading() as session:
            return not_in_yet(session, clinic.site.id, now=clinic.now)

    far = stranger(clinic, Role.NURSE)
    # Both have sent one of their questionnaires and have others left; a patient counts once.
    assert left() == 2
    with clinic.database.reading() as session:
        assert not_in_yet(session, far.site_id, now=clinic.now) == 0
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, questionnaire)
    assert left() == 1
    clinic.withdraws(bea, "2026-01-05")
    assert left() == 0
    cor = clinic.enrols("Cor Vos")
    with clinic.database.reading() as session:
        asked = select(Assignment).where(Assignment.patient_id == cor.id)
        windows = [(each.opens_at, each.closes_at) for each in session.exec(asked)]
        first, last = min(opens for opens, _ in windows), max(closes for _, closes in windows)
        site = clinic.site.id
        assert not_in_yet(session, site, now=first - timedelta(seconds=1)) == 0
        assert not_in_yet(session, site, now=first) == 1
        assert not_in_yet(session, site, now=last - timedelta(seconds=1)) == 1
        assert not_in_yet(session, site, now=last) == 0


def test_of_many_that_are_closed_the_last_are_the_ones_that_are_shown(clinic, anna, bea):
    closes(clinic, bea, "E1")
    closes(clinic, anna, "B4")
    closes(clinic, bea, "B1")
    with clinic.database.reading() as session:
        shown = resolved(session, clinic.site.id, limit=2)
    assert [met.alert.rule for met in shown] == ["B1", "B4"]
