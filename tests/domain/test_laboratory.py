"""Laboratory values: multiples, the reference of the last dose, rises and CTCAE grades, and what is
refused. Expected grades are written out from CTCAE 5.0, not worked out."""

from datetime import date
from decimal import Decimal

import pytest

from proms.content import load
from proms.domain.laboratory import (
    LabEntry,
    LabValue,
    Limits,
    ValueFault,
    limits_of,
    read_amount,
    read_course,
    reference_days,
    unfit_fields,
)
from proms.domain.schedule import Cycle, CycleStatus, History
from proms.settings import HOME

LIBRARY = load(HOME)
PROTOCOL = LIBRARY.protocol("pump-it")
PANEL = LIBRARY.panel_of(PROTOCOL)


def day(text):
    return date.fromisoformat(text)


def value(test, on, amount, limit="100"):
    return LabValue(test, day(on), Decimal(str(amount)), Decimal(limit))


def course(test, *values, baseline="2026-01-12", doses=()):
    return read_course(
        PANEL.tests[test],
        values,
        baseline_until=day(baseline) if baseline else None,
        reference_days=doses,
    )


def grades(test, *amounts, limit="100", before=None):
    """The grade of each value as the last of a course, with a baseline where one is given."""
    known = [value(test, "2026-01-10", before, limit)] if before else []
    return [
        course(test, *known, value(test, "2026-03-02", amount, limit))[-1].grade
        for amount in amounts
    ]


def given(number, on, *, dose=100, drugs=(), regimen="fudr"):
    return Cycle("pump", number, day(on), day(on), CycleStatus.GIVEN, drugs, dose, regimen=regimen)


def days_of(*cycles, **history):
    known = History(arm="B", components={"pump": "fudr"}, cycles=cycles, **history)
    return reference_days(PROTOCOL, known, "floxuridine")


@pytest.mark.parametrize(
    ("test", "amounts", "expected"),
    [
        ("bilirubin", (100, 100.1, 150, 150.1, 300, 300.1, 1000, 1000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
        ("alp", (100, 100.1, 250, 250.1, 500, 500.1, 2000, 2000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
        ("ggt", (100, 100.1, 250, 250.1, 500, 500.1, 2000, 2000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
        ("ast", (100, 100.1, 300, 300.1, 500, 500.1, 2000, 2000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
        ("alt", (100, 100.1, 300, 300.1, 500, 500.1, 2000, 2000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
    ],
)
def test_with_a_normal_baseline_a_grade_is_of_the_upper_limit(test, amounts, expected):
    assert grades(test, *amounts, before=90) == list(expected)
    assert grades(test, *amounts) == list(expected)


@pytest.mark.parametrize(
    ("test", "amounts", "expected"),
    [
        ("bilirubin", (200, 200.1, 300, 300.1, 600, 600.1, 2000, 2000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
        ("alp", (399.9, 400, 500, 500.1, 1000, 1000.1, 4000, 4000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
        ("ggt", (399.9, 400, 500, 500.1, 1000, 1000.1, 4000, 4000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
        ("ast", (299.9, 300, 600, 600.1, 1000, 1000.1, 4000, 4000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
        ("alt", (299.9, 300, 600, 600.1, 1000, 1000.1, 4000, 4000.1), (0, 1, 1, 2, 2, 3, 3, 4)),
    ],
)
def test_with_an_abnormal_baseline_a_grade_is_of_the_baseline(test, amounts, expected):
    assert grades(test, *amounts, before=200) == list(expected)


def test_a_border_is_exact_where_binary_fractions_are_not():
    # In binary floating point 1.1 x 3 is more than 3.3.
    assert grades("bilirubin", "3.3", limit="1.1") == [2]


def test_the_baseline_is_the_last_value_up_to_randomisation_and_is_itself_graded_by_its_limit():
    first, baseline, later = course(
        "alp",
        value("alp", "2026-01-05", 80),
        value("alp", "2026-01-12", 300),
        value("alp", "2026-02-02", 500),
    )
    assert (first.grade, baseline.grade, baseline.baseline) == (0, 2, None)
    assert later.baseline == baseline.value
    assert later.grade == 0  # 1.67 times the baseline
    after = course("alp", value("alp", "2026-01-13", 300), value("alp", "2026-02-02", 500))
    assert [(reading.grade, reading.baseline) for reading in after] == [(2, None), (2, None)]


def test_the_reference_is_the_value_on_the_day_of_the_last_dose():
    doses = days_of(given(1, "2026-03-02"), given(2, "2026-03-30"))
    readings = course(
        "alp",
        value("alp", "2026-02-27", 80),
        value("alp", "2026-03-02", 90),  # day 1
        value("alp", "2026-03-09", 99),
        value("alp", "2026-03-15", 108),  # the last day of 14 of infusion
        value("alp", "2026-03-30", 135),  # day 1 of cycle 2: still against cycle 1
        value("alp", "2026-04-06", 270),
        doses=doses,
    )
    references = [
        (reading.reference.taken_on.isoformat(), str(reading.times_reference))
        if reading.reference
        else None
        for reading in readings
    ]
    assert references == [
        None,
        None,
        ("2026-03-02", "1.1"),
        ("2026-03-02", "1.2"),
        ("2026-03-15", "1.25"),
        ("2026-03-30", "2"),
    ]


def test_without_a_value_on_the_days_of_the_last_dose_there_is_no_reference():
    doses = days_of(given(1, "2026-03-02"), given(2, "2026-03-30"))
    readings = course(
        "alp", value("alp", "2026-03-02", 90), value("alp", "2026-04-20", 180), doses=doses
    )
    assert [reading.times_reference for reading in readings] == [None, None]


def test_only_a_dose_that_was_given_of_that_drug_is_a_reference():
    assert days_of(given(1, "2026-03-02", dose=0)) == []
    assert days_of(given(1, "2026-03-02", drugs=("oxaliplatin",))) == []
    assert days_of(Cycle("pump", 1, day("2026-03-02"), None, CycleStatus.SKIPPED)) == []
    assert days_of(given(1, "2026-03-02"), stopped={"pump": day("2026-03-06")}) == [
        (day("2026-03-02"), day("2026-03-06"))
    ]


def test_a_run_counts_the_rises_up_to_each_value():
    amounts = (80, 90, 90, 95, 120, 150, 140, 141)
    values = [
        value("alp", f"2026-03-{place:02}", amount) for place, amount in enumerate(amounts, start=2)
    ]
    assert [reading.rises for reading in course("alp", *values)] == [0, 1, 0, 1, 2, 3, 0, 1]
    assert course("alp", *reversed(values)) == course("alp", *values)


LIMITS = Limits(day("2026-01-05"), day("2026-03-02"), None)


def faults(test="bilirubin", on="2026-03-02", amount="12.5", limit="20", unit="umol/L", **more):
    entry = LabEntry(
        test,
        day(on),
        Decimal(amount) if amount else None,
        Decimal(limit) if limit else None,
        unit,
    )
    found = unfit_fields(PANEL, entry, more.get("limits", LIMITS))
    return [(each.name, each.fault) for each in found]


def test_a_value_fits_in_every_spelling_of_its_unit():
    for unit in ("umol/L", "µmol/L", "μmol/l", "UMOL / L", None):
        assert faults(unit=unit) == []
    assert faults("alp", amount="88", limit="120", unit="U/l") == []


def test_another_unit_is_refused_with_the_one_that_is_expected_and_never_converted():
    entry = LabEntry("bilirubin", day("2026-03-02"), Decimal("1.2"), Decimal("1.2"), "mg/dl")
    unit, limit = unfit_fields(PANEL, entry, LIMITS)
    assert (unit.fault, unit.slots) == (
        ValueFault.OTHER_UNIT,
        {"unit": "µmol/L", "other": "mg/dL", "is": "17.1"},
    )
    assert limit.fault is ValueFault.UPPER_LIMIT
    assert faults(unit="furlong") == [("unit", ValueFault.UNKNOWN_UNIT)]


def test_an_upper_limit_of_another_unit_shows_under_the_right_name_of_the_unit_too():
    assert faults(amount="1.2", limit="1.2") == [("upper_limit", ValueFault.UPPER_LIMIT)]
    assert faults(limit=None) == [("upper_limit", ValueFault.NO_UPPER_LIMIT)]


def test_a_value_is_taken_between_consent_and_today_or_the_end():
    assert faults(on="2026-01-04") == [("taken_on", ValueFault.BEFORE_CONSENT)]
    assert faults(on="2026-03-03") == [("taken_on", ValueFault.TAKEN_AHEAD)]
    ended = LIMITS._replace(end=day("2026-02-01"))
    assert faults(on="2026-02-02", limits=ended) == [("taken_on", ValueFault.AFTER_END)]
    assert faults(on="2026-02-01", limits=ended) == []
    history = History(milestones={"consent": (day("2026-01-05"),), "death": (day("2026-02-01"),)})
    assert limits_of(PROTOCOL, history, LIMITS.today) == ended


def test_an_amount_has_a_point_and_on_a_page_may_have_a_comma():
    assert read_amount(" 12.5 ", comma=False) == Decimal("12.5")
    assert read_amount("12,5", comma=True) == Decimal("12.5")
    assert read_amount("100", comma=False) == Decimal(100)
    assert read_amount("12,5", comma=False) is ValueFault.DECIMAL_COMMA
    for text in (
        "",
        "<3",
        "1.234",
        "1,234",
        "1.000,5",
        "-4",
        "0",
        "0.00",
        "1e3",
        "1_0",
        "٣",
        "NaN",
    ):
        assert read_amount(text, comma=True) is ValueFault.NOT_AN_AMOUNT, text


def test_a_trial_without_a_laboratory_has_none():
    other = load(HOME / "tests" / "second_trial")
    assert other.panel_of(other.protocol("brace")) is None
    assert other.protocol("brace").views.strips == {}
