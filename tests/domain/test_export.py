"""What an export's rows say, worked out by hand."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from proms.content import Library
from proms.domain.export import (
    PooledExport,
    ScoredResponse,
    columns,
    lines,
    measured,
    pooled,
    study_moment,
    unformulated,
)
from proms.domain.export.study_moment import study_day
from proms.domain.response import MissingReason
from proms.settings import HOME

RANDOMISED = date(2026, 3, 9)


@pytest.fixture(scope="module")
def answered(library: Library) -> ScoredResponse:
    """A baseline response with two scales scored."""
    return ScoredResponse(
        usubjid="K7M2Q",
        site="AMS",
        protocol=library.protocol("pump-it"),
        event="QOL-BASE",
        due=RANDOMISED,
        randomised_on=RANDOMISED,
        answered_on=date(2026, 3, 5),
        assignment=1,
        version=1,
        instrument=library.instrument("qlq-c30"),
        wording_version="DEMO",
        language="nl",
        mode="phone",
        late=False,
        document={"q1": {"value": 1}},
        scores={"PF2": (80.0, 5), "FA": (None, 1)},
        scoring_version="1",
        rule_set="",
    )


def sheet_of(library: Library) -> PooledExport:
    return PooledExport(measured(library), "0.1.0")


def rows(library: Library, *answers: ScoredResponse) -> list[dict[str, object]]:
    header, *cells = pooled(answers, sheet_of(library))
    return [dict(zip(header, row, strict=True)) for row in cells]


def test_a_formula_becomes_text_and_a_number_stays_a_number():
    file = "".join(
        lines([["=1+1", "+31", "-3", "@x", "\tx", "\rx", "\0x", -3, -0.5, None, "K7M2Q"]])
    )
    (cells,) = csv.reader(io.StringIO(file, newline=""))
    assert cells == [
        "'=1+1",
        "'+31",
        "'-3",
        "'@x",
        "'\tx",
        "'\rx",
        "'\0x",
        "-3",
        "-0.5",
        "",
        "K7M2Q",
    ]
    assert file.endswith("\r\n")


@given(some.lists(some.lists(some.text(), min_size=2, max_size=4), max_size=4))
def test_whatever_text_goes_in_comes_back_and_never_as_a_formula(table):
    file = "".join(lines(table))
    back = list(csv.reader(io.StringIO(file, newline="")))
    assert back == [[unformulated(cell) for cell in row] for row in table]
    assert not [
        cell
        for row in back
        for cell in row
        if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    ]


@given(some.floats(0, 100))
def test_a_score_keeps_every_digit(score):
    (cells,) = csv.reader(["".join(lines([[score, "x"]]))])
    assert float(cells[0]) == score


def test_the_day_of_randomisation_is_day_1_and_the_day_before_it_day_minus_1():
    days = [study_day(date(2026, 3, day), RANDOMISED) for day in (7, 8, 9, 10)]
    assert days == [-2, -1, 1, 2]
    assert study_day(RANDOMISED, None) is None


def test_a_correction_is_a_second_row_and_the_baseline_is_the_version_that_holds(library, answered):
    corrected = replace(answered, version=2, scores={"PF2": (60.0, 5), "FA": (33.0, 3)})
    later = replace(
        answered, event="QOL-W12", assignment=2, due=date(2026, 6, 1), answered_on=date(2026, 6, 2)
    )
    first, second, after = rows(library, answered, corrected, later)
    assert [row["seq"] for row in (first, second, after)] == [1, 1, 2]
    assert [(row["response_version"], row["latest"]) for row in (first, second, after)] == [
        (1, 0),
        (2, 1),
        (1, 1),
    ]
    assert [row["PF2_BASE"] for row in (first, second, after)] == [60.0, 60.0, 60.0]
    assert [row["PF2_CHG"] for row in (first, second, after)] == [None, None, 20.0]
    assert (after["FA"], after["FA_N"], after["FA_TCI"], after["FA_CHG"]) == (None, 1, None, None)
    assert (after["moment"], after["study_week"], after["study_day"]) == ("W12", 12, 86)


def test_one_patients_baseline_is_nobody_elses(library, answered):
    other = replace(answered, usubjid="Z9Z9Z", event="QOL-W12", assignment=2)
    assert rows(library, answered, other)[1]["PF2_BASE"] is None


def test_a_threshold_is_strict(library, answered):
    flags = [
        rows(library, replace(answered, scores={"PF2": (value, 5)}))[0]["PF2_TCI"]
        for value in (82.9, 83.0, 83.1)
    ]
    assert flags == [1, 0, 0]


def test_a_question_left_out_makes_it_partial_one_not_asked_or_a_remark_does_not(library, answered):
    check = replace(answered, instrument=library.instrument("hsc"), event="HSC-BASE", scores={})
    left_out = {
        "complete": {"SITE": MissingReason.NOT_ASKED, "REMARK": MissingReason.SKIPPED},
        "partial": {"TEMP": MissingReason.DECLINED},
    }
    for status, missing in left_out.items():
        document = {
            "JAUND": {"value": 0},
            **{item: {"missing": why.value} for item, why in missing.items()},
        }
        assert rows(library, replace(check, document=document))[0]["status"] == status
    assert rows(library, replace(check, late=True))[0]["status"] == "late"


def test_a_patient_not_yet_randomised_has_no_study_day(library, answered):
    (row,) = rows(library, replace(answered, randomised_on=None))
    assert (row["moment"], row["study_week"], row["study_day"]) == ("BASELINE", 0, None)


def test_every_moment_of_the_protocol_is_pooled_or_held_back(library):
    protocol = library.protocol("pump-it")
    places = {event.code: study_moment(protocol, event.coded(3)) for event in protocol.events}
    held_back = {code for code, where in places.items() if where is None}
    after_surgery = {"QOL-SURG", *(f"HSC-SURG-D{day}" for day in (7, 14, 21, 28))}
    assert held_back == {*after_surgery, "HSC-AFTER-PUMP", "HSC-AFTER-SYST"}
    assert {where.pack for where in places.values() if where} == {"QOL", "HSC"}
    assert places["QOL-W104"].moment(places["QOL-W104"].study_week(RANDOMISED, None)) == "W104"
    # The week of a check is that of its due day, whichever drug it follows.
    pump, systemic = places["HSC-FUDR-D8"], places["HSC-SYST-D8"]
    assert pump == systemic
    assert pump.moment(pump.study_week(date(2026, 4, 20), RANDOMISED)) == "W6"
    assert study_moment(protocol, "HSC-PRN").moment(6) == "UNSCHEDULED"


def test_an_event_this_protocol_does_not_know_stays_behind(library, answered):
    sheet = sheet_of(library)
    header_only = list(pooled([replace(answered, event="QOL-OLD")], sheet))
    assert (len(header_only), sheet.rows, sheet.held_back) == (1, 0, 1)


def test_the_page_about_the_export_names_every_column(library):
    page = (HOME / "docs" / "export.md").read_text()
    codes = tuple(scale.code for instrument in measured(library) for scale in instrument.scales)
    general = [
        column.name for column in columns(measured(library)) if not column.name.startswith(codes)
    ]
    assert [name for name in general if f"`{name}`" not in page] == []
    assert [
        ending for ending in ("_N", "_TCI", "_BASE", "_CHG") if f"{ending}` ..." not in page
    ] == []
