"""A file of cycles and milestones as it is read: commas, dates, and every cell that does not read
at its place."""

import pytest

from proms.content.history_table import read_table
from proms.domain.history_import.example import example_file
from proms.settings import HOME
from tests.domain.calendars import TRIAL, day
from tests.domain.tables import HEADER, line, table

TEMPLATE = example_file(TRIAL)


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        (
            {"what": "kuur", "kind": "pump"},
            "what",
            "Write one of these words: milestone, cycle, regimen, stop.",
        ),
        (
            {"what": "cycle", "kind": "pump", "number": "2.0"},
            "number",
            "Write a whole number from 1 to 200.",
        ),
        (
            {"what": "cycle", "kind": "pump", "number": "0"},
            "number",
            "Write a whole number from 1 to 200.",
        ),
        (
            {"what": "cycle", "kind": "pump", "number": "٣"},
            "number",
            "Write a whole number from 1 to 200.",
        ),
        (
            {"what": "cycle", "kind": "pump", "dose_percent": "80%"},
            "dose_percent",
            "Write a whole number from 0 to 150.",
        ),
        (
            {"what": "cycle", "kind": "pump", "dose_percent": "151"},
            "dose_percent",
            "Write a whole number from 0 to 150.",
        ),
        (
            {"what": "cycle", "kind": "pump", "day_1": "09-03-2026"},
            "day_1",
            "This may be one of two dates",
        ),
        ({"what": "cycle", "kind": "pump", "day_1": "2026-02-30"}, "day_1", "This is not a date"),
        ({"what": "cycle", "kind": "pump", "day_1": "31-12-26"}, "day_1", "This is not a date"),
        ({"what": "cycle", "kind": "pump", "day_1": "31-12/2026"}, "day_1", "This is not a date"),
        ({"what": "cycle", "kind": "pump", "day_1": "12/31/2026"}, "day_1", "This is not a date"),
        (
            {"what": "cycle", "kind": "pump", "status": "done"},
            "status",
            "Write one of these words: planned, given, skip",
        ),
        (
            {"what": "cycle", "kind": "pump", "arm": "B"},
            "arm",
            "Leave this empty in a row of this kind",
        ),
        (
            {"what": "stop", "kind": "pump", "number": "1"},
            "number",
            "Leave this empty in a row of this kind",
        ),
        (
            {"what": "regimen", "kind": "fudr", "date": "2026-03-02"},
            "date",
            "Leave this empty in a row of this kind",
        ),
        ({"what": "cycle", "kind": ""}, "kind", "This is needed here."),
        (
            {"what": "cycle", "kind": "pump", "reason": "x" * 501},
            "reason",
            "This is longer than 500 characters.",
        ),
    ],
)
def test_a_cell_that_does_not_read_is_named_by_line_and_column(cells, column, sentence):
    found = table(line(**cells)).faults
    assert [(each.line, each.column) for each in found] == [(2, column)]
    assert sentence in str(found[0])


@pytest.mark.parametrize(
    ("raw", "column", "sentence"),
    [
        (b"", "patient", "This column is missing."),
        (b"patient,what\nanna,cycle\n", "kind", "This column is missing."),
        (f"{HEADER},naam\n".encode(), "", "a column that is not known"),
        (b"patient,what,kind,kind\n", "kind", "This column stands in the file twice."),
        (
            b"patient,what,kind\nanna,cycle\n",
            "",
            "This row has another number of cells than the first row: 2, not 3.",
        ),
        (
            b'patient,what,kind\nanna,"cycle"x,pump\n',
            "",
            "From this row on the file is not valid CSV",
        ),
        ("patient,what,kind\nanna,cycle,pómp\n".encode("cp1252"), "", "This is not UTF-8 text."),
        (b"patient,what,kind\nanna,cycle,\0\n", "", "This is not a CSV file."),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(raw, column, sentence):
    found = read_table(raw).faults
    assert column in [each.column for each in found]
    assert any(sentence in str(each) for each in found)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("comma", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_commas_or_semicolons_a_mark_and_windows_ends_of_lines_read_alike(mark, comma, end):
    text = TEMPLATE.replace(",", comma).replace("\n", end)
    read = read_table((mark + text).encode())
    assert read.faults == ()
    assert [row.kind for row in read.rows] == [
        row.kind for row in read_table(TEMPLATE.encode()).rows
    ]
    assert read.rows[3].drugs == ("floxuridine",)


@pytest.mark.parametrize("told", ["sep={};", "SEP={}", '"sep={}"', "sep={};;;;"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_in_which_excel_tells_the_comma_is_read_and_counted(told, comma, end):
    told = told.format(comma).replace(";;;;", comma * 4).replace(f"{comma};", comma)
    lines = [told, *TEMPLATE.strip().replace(",", comma).split("\n")]
    read = read_table("\ufeff".encode() + end.join(lines).encode())
    assert read.faults == ()
    assert [row.line for row in read.rows] == list(range(3, len(lines) + 1))
    assert [row.what for row in read.rows] == [
        row.what for row in read_table(TEMPLATE.encode()).rows
    ]
    faulty = read_table(end.join([told, lines[1], lines[2].replace("2026-01-12", "x")]).encode())
    assert [(fault.line, fault.column) for fault in faulty.faults] == [(3, "date")]
    nameless = read_table(f"{told}{end}patient{comma}naam{end}".encode())
    assert {fault.line for fault in nameless.faults} == {2}


def test_a_decimal_comma_is_refused_with_its_line_whether_it_splits_the_cell_or_not():
    dutch = read_table(b"patient;what;kind;dose_percent\nA;cycle;pump;80,5\n")
    assert [str(fault) for fault in dutch.faults] == [
        "line 2, column dose_percent: Write a whole number from 0 to 150."
    ]
    split = read_table(b"patient,what,kind,dose_percent\nA,cycle,pump,80,5\n")
    assert [str(fault) for fault in split.faults] == [
        "line 2: This row has another number of cells than the first row: 5, not 4."
    ]


def test_the_template_is_the_one_the_document_shows():
    assert f"```csv\n{TEMPLATE}```" in (HOME / "docs" / "import.md").read_text(encoding="utf-8")


def test_columns_in_any_order_empty_lines_and_empty_ends_do_not_matter():
    text = "What;KIND;patient;date;\ncycle;pump;anna;;\n;;;;\n\nstop;pump;anna;31-12-2026;\n"
    read = read_table(text.encode())
    assert read.faults == ()
    assert [(row.line, row.on) for row in read.rows] == [(2, None), (5, day("2026-12-31"))]


@pytest.mark.parametrize("written", ["3-4-2026", "03/04/2026", "2026-04-03"])
def test_a_date_with_the_year_last_begins_with_the_day_once_that_is_said(written):
    said = line("stop", "pump", date=written)
    assert table(said, day_first=True).rows[0].on == day("2026-04-03")


def test_a_date_that_can_be_nothing_else_needs_no_saying():
    assert table(line("stop", "pump", date="31/3/2026")).rows[0].on == day("2026-03-31")
    assert table(line("stop", "pump", date="05-05-2026")).rows[0].on == day("2026-05-05")
