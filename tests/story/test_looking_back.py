"""The rules compare with the report before and with the baseline, and the evaluation says which
reports those were."""

import pytest
from sqlmodel import col, select

from proms.db.tables import Evaluation, Response
from tests.clinic import ZONE
from tests.story.test_extra import extra


@pytest.fixture
def anna(clinic):
    """Under treatment with a pump since 19 January; her baseline came before."""
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna")
    clinic.answers(anna, DIAR=0, BLEED=("redpoo",))
    clinic.randomises(anna, "B", "2026-01-05")
    clinic.today("2026-01-12")
    clinic.operates(anna, "2026-01-12")
    clinic.chooses(anna, "pump", "fudr")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "pump", 1, "2026-01-12")
    return anna


def fires(clinic, patient, on, **answers):
    """The rules that an extra check of that day meets beside what is answered well."""
    clinic.today(on, "12:00")
    clinic.answers(patient, **answers)
    with clinic.database.reading() as session:
        row = session.exec(select(Evaluation).order_by(col(Evaluation.id).desc())).first()
        responses = session.exec(select(Response.id).order_by(col(Response.id))).all()
    place = {response: index for index, response in enumerate(responses)}
    rules = sorted(breach["rule"] for breach in row.breaches)
    return rules, place.get(row.previous_id), place.get(row.baseline_id)


def test_the_first_report_has_nothing_to_compare_with(clinic):
    clinic.today("2026-01-05")
    assert fires(clinic, clinic.enrols(), "2026-01-05", ITCH=2) == ([], None, None)


def test_a_report_is_compared_with_the_one_before_and_with_the_baseline(clinic, anna):
    rules, previous, baseline = fires(clinic, anna, "2026-01-19", ITCH=2, DIAR=1, NERVE=2)
    # New itch, loose stools that she had not before the pump, numbness since the baseline.
    assert rules == ["B4", "D3", "N2"]
    assert (previous, baseline) == (0, 0)
    rules, previous, baseline = fires(clinic, anna, "2026-01-26", ITCH=2, BLEED=("redpoo",))
    # The itch is as it was; red blood she had at baseline too.
    assert rules == ["G3"]
    assert (previous, baseline) == (1, 0)


def test_a_report_of_more_than_35_days_ago_is_not_the_one_before(clinic, anna):
    fires(clinic, anna, "2026-01-19", STOM=2)
    clinic.stops(anna, "pump", "2026-01-26")
    clinic.stops(anna, "systemic", "2026-01-26")
    rules, previous, baseline = fires(clinic, anna, "2026-02-24", STOM=2)
    assert previous is None
    assert baseline == 0
    assert rules == []


def checks_again(clinic, patient, on, at="12:00", **answers):
    """An extra check of that moment: the rules that it meets, and with which it was compared."""
    clinic.today(on, at)
    asked = extra(clinic, patient)
    clinic.answers(patient, assignment=asked, **answers)
    with clinic.database.reading() as session:
        row = session.exec(select(Evaluation).order_by(col(Evaluation.id).desc())).first()
        then = session.get(Response, row.previous_id) if row.previous_id else None
        before = session.get(Response, row.baseline_id) if row.baseline_id else None
    rules = sorted(breach["rule"] for breach in row.breaches)
    return (
        rules,
        then and f"{then.submitted_at.astimezone(ZONE):%d %b %H:%M}",
        before and f"{before.submitted_at.astimezone(ZONE):%d %b %H:%M}",
    )


@pytest.mark.parametrize(
    ("on", "previous"), [("2026-02-23", "19 Jan 12:00"), ("2026-02-24", None)], ids=["35", "36"]
)
def test_a_report_of_35_days_ago_is_the_one_before(clinic, anna, on, previous):
    checks_again(clinic, anna, "2026-01-19", STOM=2)
    rules, then, _ = checks_again(clinic, anna, on, STOM=2)
    assert then == previous
    assert rules == (["G2"] if previous else [])


def test_of_two_reports_of_one_day_the_later_is_the_one_before(clinic, anna):
    checks_again(clinic, anna, "2026-01-20", "09:00", STOM=2)
    checks_again(clinic, anna, "2026-01-20", "15:00", STOM=0)
    assert checks_again(clinic, anna, "2026-01-20", "18:00", STOM=2)[:2] == (["T2"], "20 Jan 15:00")


def test_what_she_reported_on_the_day_treatment_began_is_no_baseline(clinic):
    clinic.today("2026-01-12")
    anna = clinic.enrols("Anna")
    clinic.answers(anna, BLEED=("redpoo",))
    clinic.randomises(anna, "B", "2026-01-12")
    clinic.operates(anna, "2026-01-12")
    rules, _, baseline = checks_again(clinic, anna, "2026-01-13", BLEED=("redpoo",))
    assert (rules, baseline) == (["G1"], None)


def test_before_treatment_the_latest_report_is_the_baseline_too(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna")
    clinic.answers(anna)
    checks_again(clinic, anna, "2026-01-06", BLEED=("redpoo",))
    rules, then, baseline = checks_again(clinic, anna, "2026-01-07", BLEED=("redpoo",))
    assert (rules, then, baseline) == (["G3"], "06 Jan 12:00", "06 Jan 12:00")


def test_fever_after_surgery_and_under_treatment_is_red(clinic, anna):
    rules, *_ = fires(clinic, anna, "2026-01-19", TEMP=4)
    assert rules == ["F1", "F2"]


def test_a_blood_thinner_makes_a_nosebleed_urgent(clinic):
    clinic.today("2026-01-05")
    anna, bert = clinic.enrols("Anna", anticoagulant=True), clinic.enrols("Bert")
    clinic.answers(anna, BLEED=("nose",))
    clinic.answers(bert, BLEED=("nose",))
    assert clinic.worklist() == [("X1", "red", "open"), ("X1", "amber", "open")]
