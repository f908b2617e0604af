"""A laboratory's file as it is read: decimals, units, upper limits, and every cell that does not
read at its place."""

from datetime import date

import pytest

from proms.content import load
from proms.content.lab_table import read_lab_table
from proms.domain.laboratory import Limits
from proms.domain.laboratory.rows import check_lab_rows, example_file
from proms.settings import HOME
from tests.labs import lab_file

LIBRARY = load(HOME)
PANEL = LIBRARY.panel_of(LIBRARY.protocol("pump-it"))
LIMITS = Limits(date(2026, 1, 5), date(2026, 3, 9), None)
GOOD = "K7N2R5X8;2026-03-02;alp;88.5;U/L;120;"


def faults(*lines, delimiter=";", reason=None):
    table = read_lab_table(lab_file(*lines, delimiter=delimiter))
    checked = check_lab_rows(PANEL, LIMITS, {}, table.rows, reason)
    found = sorted([*table.faults, *checked.faults], key=lambda fault: fault.line)
    return [str(fault) for fault in found]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "K7N2R5X8;2026-03-02;alp;88,5;U/L;120;",
            "line 3, column value: Write decimals with a point, as in 12.5.",
        ),
        (
            "K7N2R5X8;2026-03-02;alp;88.5;U/L;119,5;",
            "line 3, column uln: Write decimals with a point, as in 12.5.",
        ),
        (
            "K7N2R5X8;2026-03-02;bilirubin;1.2;mg/dL;20;",
            "line 3, column unit: µmol/L is expected here, not mg/dL. Nothing is converted: "
            "ask the laboratory for µmol/L (1 mg/dL is 17.1 µmol/L).",
        ),
        (
            "K7N2R5X8;2026-03-02;alp;88.5;;120;",
            "line 3, column unit: U/L is expected here.",
        ),
        (
            "K7N2R5X8;2026-03-02;alp;88.5;U/L;;",
            "line 3, column uln: The laboratory’s upper limit of normal is needed: "
            "without it a value says nothing.",
        ),
        (
            "K7N2R5X8;2026-03-02;bilirubin;1.2;umol/L;1.2;",
            "line 3, column uln: An upper limit of normal from 5 to 60 µmol/L is expected. "
            "Is this in another unit?",
        ),
        (
            "K7N2R5X8;2026-03-02;alp;<5;U/L;120;",
            "line 3, column value: Write a number above 0 with at most two decimals, such as 12.5.",
        ),
        ("K7N2R5X8;2026-03-02;alp;;U/L;120;", "line 3, column value: This is needed here."),
        (
            "K7N2R5X8;2026-03-02;natrium;140;mmol/L;145;",
            "line 3, column test: This is not a laboratory test of the study: "
            "bilirubin, alp, ast, alt, ggt.",
        ),
        (
            "K7N2R5X8;2026-01-04;ast;30;U/L;40;",
            "line 3, column date: This is before the patient’s consent.",
        ),
        (
            "K7N2R5X8;2026-03-10;ast;30;U/L;40;",
            "line 3, column date: This day is still to come.",
        ),
        (
            "K7N2R5X8;2026-03-02;AF;90;U/L;120;",
            "line 3: This does not agree with row 2, which is about the same thing.",
        ),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(line, fault):
    assert faults(GOOD, line) == [fault]


def test_every_fault_of_a_line_is_told_at_once():
    assert faults("K7N2R5X8;2026-01-04;bilirubin;1,2;mg/dL;;") == [
        "line 2, column value: Write decimals with a point, as in 12.5.",
        "line 2, column uln: The laboratory’s upper limit of normal is needed: "
        "without it a value says nothing.",
        "line 2, column date: This is before the patient’s consent.",
        "line 2, column unit: µmol/L is expected here, not mg/dL. Nothing is converted: "
        "ask the laboratory for µmol/L (1 mg/dL is 17.1 µmol/L).",
    ]


def test_commas_semicolons_and_excels_own_line_are_read_alike():
    plain = read_lab_table(lab_file(GOOD))
    commas = read_lab_table(lab_file(GOOD, delimiter=","))
    told = read_lab_table(b"\xef\xbb\xbfsep=;\r\n" + lab_file(GOOD))
    (row,) = plain.rows
    assert (row.test, str(row.value), row.unit) == ("alp", "88.5", "U/L")
    assert commas.rows == plain.rows
    assert [each.line for each in told.rows] == [3]
    assert plain.faults == commas.faults == told.faults == ()


def test_a_decimal_comma_in_quotes_is_refused_by_its_line_too():
    raw = b'patient,date,test,value,unit,uln\nK7N2R5X8,2026-03-02,alp,"88,5",U/L,120\n'
    (fault,) = read_lab_table(raw).faults
    assert str(fault) == "line 2, column value: Write decimals with a point, as in 12.5."


def test_a_file_without_the_upper_limit_is_no_file_of_values():
    (fault,) = read_lab_table(b"patient,date,test,value,unit\nx,2026-03-02,alp,88,U/L\n").faults
    assert str(fault) == "line 1, column uln: This column is missing."


def test_the_names_that_a_laboratory_uses_are_read():
    for name in ("ALP", "af", "Alkalische  Fosfatase"):
        assert PANEL.named(name).code == "alp"
    assert PANEL.named("alpha") is None


def test_the_example_is_a_sound_file():
    table = read_lab_table(example_file(PANEL).encode())
    checked = check_lab_rows(PANEL, LIMITS, {}, table.rows, None)
    assert (table.faults, checked.faults) == ((), ())
    assert len(checked.steps) == 5
