"""What is known of a patient changes, or turns out to have been wrong."""

from datetime import date

import pytest
from sqlmodel import col, select

from proms.actions.refusals import Incomplete
from proms.db.queries.history import fact_versions_of, history_of
from proms.db.queries.response_versions import versions_page
from proms.db.tables import Assignment, AuditEntry, Evaluation, FactVersion, Patient
from proms.domain.person import FACT_VALUES
from proms.domain.schedule import AssignmentState
from proms.domain.schedule.history_entry import FactRecorded, MilestoneRecorded
from proms.domain.schedule.history_errors import NotYetHappened
from tests.clinic import Clinic
from tests.desk import Desk

OPERATED = date(2026, 3, 2)
STOMA = FactRecorded("stoma", OPERATED, True, 2)


def reading(clinic: Clinic):
    return clinic.database.reading()


def modules(clinic: Clinic, patient: Patient) -> dict[str, str]:
    """Where CR29 is asked of her, with its state."""
    with reading(clinic) as session:
        rows = session.exec(
            select(Assignment)
            .where(Assignment.patient_id == patient.id, Assignment.instrument == "qlq-cr29")
            .order_by(col(Assignment.due))
        )
        return {row.event: row.state for row in rows}


def check(clinic: Clinic, patient: Patient, event: str) -> Assignment:
    with reading(clinic) as session:
        return session.exec(
            select(Assignment).where(
                Assignment.patient_id == patient.id,
                Assignment.event == event,
                Assignment.number == 1,
            )
        ).one()


def in_arm_a(clinic: Clinic, **facts: object) -> Patient:
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna", consent="2026-01-05", **facts)
    clinic.randomises(anna, "A", "2026-01-05")
    return anna


def test_what_is_filled_in_at_enrolment_is_the_first_thing_on_record_from_consent(clinic):
    anna = in_arm_a(clinic, stoma=True)
    with reading(clinic) as session:
        rows = fact_versions_of(session, anna)
        history = history_of(session, anna)
    assert {row.fact for row in rows} == set(FACT_VALUES)
    assert {(row.number, row.version, row.since) for row in rows} == {(1, 1, date(2026, 1, 5))}
    assert {row.recorded_by for row in rows} == {clinic.mo.id}
    assert history.facts_on(OPERATED)["stoma"] is True
    assert history.facts_on(OPERATED)["sex"] == anna.sex


def test_a_stoma_that_comes_with_surgery_brings_its_questions_from_that_day(clinic):
    anna = in_arm_a(clinic)
    assert modules(clinic, anna) == {}
    clinic.today("2026-03-04")
    clinic.records(anna, STOMA, "ileostomy at the bowel resection")
    assert "QOL-W12" in modules(clinic, anna)
    assert "QOL-BASE" not in modules(clinic, anna)
    with reading(clinic) as session:
        assert session.get_one(Patient, anna.id).stoma
        (entry,) = session.exec(
            select(AuditEntry).where(AuditEntry.verb == "history.factrecorded")
        ).all()
        row = session.exec(select(FactVersion).where(FactVersion.number == 2)).one()
    assert entry.reason == row.reason == "ileostomy at the bowel resection"
    assert entry.detail["facts"] == [["fact", "stoma", 2, 1]]
    assert row.recorded_by == clinic.mo.id


def test_what_the_rules_and_questions_read_is_what_was_so_on_the_day_of_the_answers(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna")
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.today("2026-01-12", "12:00")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-12")
    clinic.answers(anna, assignment=check(clinic, anna, "HSC-SYST-D1"), TEMP=0)
    clinic.today("2026-01-19", "12:00")
    clinic.records(anna, FactRecorded("stoma", date(2026, 1, 14), True, 2), "ileostomy")
    clinic.answers(anna, assignment=check(clinic, anna, "HSC-SYST-D8"), TEMP=0)
    with reading(clinic) as session:
        facts = session.exec(select(Evaluation.facts).order_by(col(Evaluation.id))).all()
    assert [known["stoma"] for known in facts] == [False, True]


def test_a_fact_is_recorded_with_a_reason_once_it_has_come_and_only_if_it_is_news(clinic):
    anna = in_arm_a(clinic)
    clinic.today("2026-03-01")
    with pytest.raises(NotYetHappened):
        clinic.records(anna, STOMA, "planned")
    clinic.today("2026-03-04")
    with pytest.raises(Incomplete):
        clinic.records(anna, STOMA)
    with pytest.raises(Incomplete):
        clinic.records(anna, FactRecorded("stoma", OPERATED, False, 2), "nothing new")
    assert modules(clinic, anna) == {}


def test_a_correction_of_what_was_wrong_all_along_re_plans_and_keeps_what_was_said(clinic):
    anna = in_arm_a(clinic, stoma=True)
    assert modules(clinic, anna)["QOL-BASE"] == AssignmentState.PLANNED
    clinic.records(anna, FactRecorded("stoma", date(2026, 1, 5), False, 1), "wrong box ticked")
    assert set(modules(clinic, anna).values()) == {AssignmentState.CANCELLED}
    with reading(clinic) as session:
        rows = [row for row in fact_versions_of(session, anna) if row.fact == "stoma"]
        assert not session.get_one(Patient, anna.id).stoma
    assert [(row.version, row.value) for row in rows] == [(1, True), (2, False)]


def test_a_change_that_did_not_happen_is_taken_back_and_may_return_as_a_correction(clinic):
    anna = in_arm_a(clinic)
    clinic.today("2026-03-04")
    clinic.records(anna, STOMA, "ileostomy")
    clinic.records(anna, FactRecorded("stoma", None, None, 2), "another patient")
    assert set(modules(clinic, anna).values()) == {AssignmentState.CANCELLED}
    clinic.records(anna, STOMA, "it was this patient after all")
    assert modules(clinic, anna)["QOL-W12"] == AssignmentState.PLANNED


def test_what_was_wrong_of_her_person_is_corrected_after_she_has_left(clinic):
    anna = in_arm_a(clinic)
    clinic.today("2026-03-04")
    clinic.records(anna, MilestoneRecorded("withdrawal", date(2026, 3, 4)))
    clinic.records(anna, FactRecorded("sex", date(2026, 1, 5), "male", 1), "typed wrongly")
    with reading(clinic) as session:
        assert session.get_one(Patient, anna.id).sex == "male"


def test_what_a_response_is_read_with_stays_what_was_known_when_it_came(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna", stoma=True)
    clinic.today("2026-01-06")
    clinic.answers(anna, "qlq-cr29", q48=1)
    clinic.today("2026-01-07")
    clinic.records(anna, FactRecorded("stoma", date(2026, 1, 5), False, 1), "wrong box ticked")
    with reading(clinic) as session:
        versions, _ = versions_page(session, anna, page=1, size=10)
    assert versions[-1].facts["stoma"] is True


@pytest.fixture
def mo(clinic, app):
    clinic.today("2026-03-04")
    return Desk(app, clinic, clinic.mo)


@pytest.fixture
def anna(clinic):
    return in_arm_a(clinic)


def test_a_coordinator_sees_what_a_stoma_brings_before_she_saves_it(clinic, anna, mo):
    mo.opens(f"/staff/patients/{anna.code}").follows("Wijzig: Heeft een stoma")
    mo.presses("Toon wat er verandert", value="True", since="2026-03-02")
    assert "Heeft een stoma: ja, vanaf 2 mrt 2026." in mo.text
    assert clinic.library.wording("qlq-cr29", "nl").short_title in mo.text
    mo.presses("Opslaan")
    assert mo.status == 422
    assert "Geef in een paar woorden de reden." in mo.text
    mo.presses("Opslaan", reason="stoma aangelegd bij de darmoperatie")
    assert mo.status == 200
    assert "QOL-W12" in modules(clinic, anna)
    mo.opens(f"/staff/patients/{anna.code}")
    assert "ja sinds 2 mrt 2026" in mo.text
    assert "stoma aangelegd bij de darmoperatie" in mo.text
    assert "Mo" in mo.text


def test_what_was_wrong_all_along_is_corrected_without_a_date(clinic, anna, mo):
    mo.opens(f"/staff/patients/{anna.code}").follows("Verbeter: Geslacht, Vrouw")
    mo.presses("Toon wat er verandert", value="male")
    assert "Geslacht: Man, vanaf het begin." in mo.text
    mo.presses("Opslaan", reason="verkeerd aangekruist")
    with reading(clinic) as session:
        assert session.get_one(Patient, anna.id).sex == "male"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"value": "True", "since": "2026-03-05"}, "5 mrt 2026 moet nog komen"),
        ({"value": "True", "since": "31-31-2026"}, "Deze datum klopt niet"),
        ({"value": "True", "since": "2025-12-01"}, "is vóór Toestemming op"),
        ({"value": "False", "since": "2026-03-02"}, "Dat staat al zo vast."),
        ({"since": "2026-03-02"}, "Kies een van deze."),
        ({"value": "True"}, "Vul een datum in."),
    ],
)
def test_what_does_not_read_comes_back_as_typed_with_a_sentence(clinic, anna, mo, typed, sentence):
    mo.opens(f"/staff/patients/{anna.code}").follows("Wijzig: Heeft een stoma")
    mo.presses("Toon wat er verandert", **typed)
    assert mo.status == 422
    assert sentence in mo.text
    assert "Heeft een stoma" in mo.text
    if "since" in typed:
        assert mo.holds("since") == typed["since"]


def test_a_nurse_reads_what_is_so_and_changes_nothing(clinic, anna, app):
    els = Desk(app, clinic, clinic.els)
    els.opens(f"/staff/patients/{anna.code}")
    assert "Heeft een stoma" in els.text
    assert not els.offers("Wijzig: Heeft een stoma")


def test_answers_from_before_a_correction_are_named_and_stay_as_they_were_judged(clinic, app):
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna", stoma=True)
    clinic.answers(anna, JAUND=2)
    clinic.today("2026-01-07")
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}")
    mo.follows("Verbeter: Heeft een stoma, ja")
    mo.presses("Toon wat er verandert", value="False")
    assert "Antwoorden van voordat dit klopte" in mo.text
    mo.presses("Opslaan", reason="verkeerd aangekruist")
    with reading(clinic) as session:
        (facts,) = session.exec(select(Evaluation.facts)).all()
    assert facts["stoma"] is True
