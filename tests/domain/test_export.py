"""What an export's rows say, worked out by hand."""

import csv
import io
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from proms.content import Library
from proms.domain.export import (
    PooledExport,
    ScoredResponse,
    codebook,
    columns,
    lines,
    measured,
    pooled,
    study_moment,
    unformulated,
)
from proms.domain.export.study_moment import study_day
from proms.domain.instrument import Formula, Scale
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
    return PooledExport(columns(library), "0.1.0")


def rows(library: Library, *answers: ScoredResponse) -> list[dict[str, object]]:
    header, *cells = pooled(answers, sheet_of(library))
    return [dict(zip(header, row, strict=True)) for row in cells]


def meanings(library: Library, *, flags: bool) -> dict[str, str]:
    """What the codebook says of its columns, in its order: of the flags, or of all others."""
    book = csv.DictReader(io.StringIO("".join(codebook(library)), newline=""))
    return {line["column"]: line["meaning"] for line in book if (line["type"] == "flag") is flags}


def scales_of(library: Library) -> list[Scale]:
    return [scale for instrument in measured(library) for scale in instrument.scales]


# What the codebook begins to say of a column, and what the response drawn below has there.
OF_A_RESPONSE = {
    "usubjid": ("Study code of the patient", "K7M2Q"),
    "site": ("Code of the site", "AMS"),
    "seq": ("Number of the response among those of this patient and instrument", 3),
    "pack": ("What was asked", "QOL"),
    "moment": ("Nominal moment", "W24"),
    "study_week": ("Nominal whole weeks from randomisation", 24),
    "study_day": ("Day of the answers", 172),
    "instrument": ("Instrument", "demo-c30"),
    "instrument_version": ("Version of the instrument", "3.0"),
    "wording_version": ("Version of the wording", "DEMO"),
    "language": ("Language", "nl"),
    "mode": ("How the answers came in", "paper"),
    "entered_day": ("Day on which staff entered", 174),
    "status": ("late = answered after its window", "late"),
    "response_version": ("1 as submitted; a correction is the next", 4),
    "scoring_version": ("Version of the scoring", "5"),
    "rule_set": ("Alert rules the response was held against", "hsc 9"),
    "code_version": ("Version of the program", "0.1.0"),
}


def test_every_cell_is_what_the_codebook_says_of_its_column(library, answered):
    # No two columns hold the same value, so that none goes unseen under another's name.
    expected, dice, before, after = dict(OF_A_RESPONSE), Random(12), {}, {}
    numbers = iter(dice.sample(range(1000, 10_000), 4 * len(scales_of(library))))
    for scale in scales_of(library):
        code, parts = scale.code, "scales" if scale.formula is Formula.MEAN else "items"
        old, new, answered_items = next(numbers), next(numbers), next(numbers)
        before[code], after[code] = (old, next(numbers)), (new, answered_items)
        expected |= {
            code: (f"{parts} {', '.join(scale.parts)}", new),
            f"{code}_N": (f"How many {parts} of {code} have a value", answered_items),
            f"{code}_BASE": (f"{code} at baseline", old),
        }
        if scale.bounds:
            expected[f"{code}_CHG"] = (f"{code} minus {code}_BASE", new - old)
    baseline = replace(answered, scores=before)
    second = replace(answered, event="QOL-W12", assignment=2)
    third = replace(
        answered,
        event="QOL-W24",
        answered_on=date(2026, 8, 27),
        entered_on=date(2026, 8, 29),
        mode="paper",
        assignment=7,
        version=4,
        late=True,
        scores=after,
        scoring_version="5",
        rule_set="hsc 9",
    )
    assert len({cell for _, cell in expected.values()}) == len(expected)
    row = rows(library, baseline, second, third)[-1]
    for name, meaning in meanings(library, flags=False).items():
        words, cell = expected.pop(name)
        assert words in meaning, name
        assert row[name] == cell, name
    assert expected == {}


def test_every_flag_is_raised_by_what_the_codebook_says_of_its_column(library, answered):
    flags = meanings(library, flags=True)
    thresholds = {s.code: s.threshold for s in scales_of(library) if s.threshold is not None}
    beyond = {
        s.code: s.threshold + (1 if s.important_below is None else -1)
        for s in scales_of(library)
        if s.threshold is not None
    }
    assert list(flags) == ["latest", *(f"{code}_TCI" for code in thresholds)]
    for code in thresholds:
        # The version after it holds, and has no score beyond its threshold.
        scores = {other: (value, 1) for other, value in thresholds.items()}
        first = replace(answered, scores={**scores, code: (beyond[code], 1)})
        superseded, latest = rows(library, first, replace(first, version=2, scores=scores))
        assert [name for name in flags if superseded[name]] == [f"{code}_TCI"]
        assert [name for name in flags if latest[name]] == ["latest"]
        assert flags[f"{code}_TCI"].startswith(f"{code} is clinically important")


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


@pytest.mark.parametrize("rows_written", [255, 256, 257, 600])
def test_a_long_file_has_every_line_once_and_in_order(rows_written):
    text = "".join(lines([number, "x"] for number in range(rows_written)))
    assert text.split("\r\n") == [*(f"{number},x" for number in range(rows_written)), ""]


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


def test_of_two_versions_of_a_protocol_each_row_has_the_week_of_its_own(library, answered):
    protocol = answered.protocol
    moved = [
        replace(event, timing=replace(event.timing, day=13 * 7))
        if event.code == "QOL-W12"
        else event
        for event in protocol.events
    ]
    newer = replace(protocol, version=f"{protocol.version}-newer", events=tuple(moved))
    first = replace(answered, event="QOL-W12")
    second = replace(first, usubjid="Z9Z9Z", protocol=newer, assignment=2)
    assert [row["moment"] for row in rows(library, first, second)] == ["W12", "W13"]


def test_the_page_about_the_export_names_every_column(library):
    page = (HOME / "docs" / "export.md").read_text()
    codes = tuple(scale.code for instrument in measured(library) for scale in instrument.scales)
    general = [column.name for column in columns(library) if not column.name.startswith(codes)]
    assert [name for name in general if f"`{name}`" not in page] == []
    assert [
        ending for ending in ("_N", "_TCI", "_BASE", "_CHG") if f"{ending}` ..." not in page
    ] == []
