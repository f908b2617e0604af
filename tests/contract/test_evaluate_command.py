"""`proms alerts evaluate`: reports in, level and rules out, and how bad input is refused."""

import csv
import io

import pytest
from click.testing import CliRunner

from proms.cli import main
from tests.reports import CASES, HSC, WELL, earlier_of, report_of

FACTS = {
    "arm": "arm",
    "pump": "pump",
    "days_since_pump_surgery": "days_since_surgery",
    "dose_in_28_days": "chemo28",
    "infusion": "infusion",
    "folfiri_in_14_days": "folfiri14",
    "bevacizumab": "bev",
    "anticoagulant": "anticoag",
}


def run(table, *options):
    data = table if isinstance(table, bytes) else table.encode()
    return CliRunner().invoke(main, ["alerts", "evaluate", "-", *options], input=data)


def judged(table, *options):
    result = run(table, *options)
    assert (result.exit_code, result.stderr) == (0, "")
    return list(csv.reader(io.StringIO(result.stdout)))


def refused(table, *options):
    result = run(table, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("proms: ").strip()


def cell(value):
    if isinstance(value, bool):
        return str(int(value))
    return ";".join(value) if isinstance(value, tuple) else str(value)


def row_of(case):
    """A written-out case as a row of the table."""
    row = {"case": case["name"]}
    row |= {
        FACTS[fact]: cell(value) for fact, value in case.get("facts", {}).items() if fact in FACTS
    }
    previous, baseline = earlier_of(case)
    for prefix, report in (
        ("", report_of(case, "answers")),
        ("prev_", previous),
        ("base_", baseline),
    ):
        row |= {f"{prefix}{code}": cell(value) for code, value in report.items()}
    return row


def table_of(rows):
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("limit", ["38.0", "38.5"])
def test_every_written_out_case_comes_out_row_by_row(limit):
    cases = [
        case
        for case in CASES
        if "on_treatment" not in case.get("facts", {})
        and (limit == "38.0") == (case.get("facts", {}).get("fever_limit") != "38.5")
    ]
    header, *rows = judged(table_of(map(row_of, cases)), "--fever-limit", limit)
    assert header == ["case", "level", "fired"]
    assert rows == [[case["name"], case["level"], ";".join(case["fires"])] for case in cases]


WELL_ROW = {"case": "1", **{code: cell(value) for code, value in WELL.items()}}


def test_an_empty_cell_is_no_answer_and_none_is_nothing_ticked():
    assert judged(table_of([WELL_ROW]))[1] == ["1", "NONE", ""]
    for code in ("JAUND", "TEMP", "CHILL", "BLEED", "ALARM"):
        assert judged(table_of([{**WELL_ROW, code: ""}]))[1] == ["1", "AMBER", "Q1"]
    assert judged("case,JAUND\nx,2\n")[1] == ["x", "RED", "B1;Q1"]


def test_what_programs_write_is_read():
    bom = "\ufeff" + table_of([{**WELL_ROW, "ITCH": "3.0", "pump": "True", "POS": " 2 "}])
    assert judged(bom)[1] == ["1", "AMBER", "B4;W3"]
    lower = table_of([{name.lower(): value for name, value in WELL_ROW.items()}])
    assert judged(lower.replace("\n", "\r\n") + "\r\n\r\n")[1] == ["1", "NONE", ""]
    assert judged(table_of([{**WELL_ROW, "BLEED": "nose; tar", "bev": "no"}]))[1][1:] == [
        "RED",
        "G1;X1",
    ]


def test_the_rules_of_another_version_can_be_asked():
    fever = table_of([{**WELL_ROW, "TEMP": "4"}])
    assert judged(fever)[1][1:] == ["AMBER", "F3"]
    assert judged(fever, "--rules", "0.2")[1][1:] == ["RED", "F1"]
    assert refused(fever, "--rules", "9").startswith("there are no rules 9; there are: 0.0, 0.1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"FEVER": "1"}, "there is no column 'FEVER'; known are: case, arm, pump,"),
        ({"prev_arm": "A"}, "there is no column 'prev_arm'"),
        ({"": "1"}, "there is no column ''"),
        ({"ITCH": "5"}, "row 2, ITCH: '5' is not offered; there are: 0, 1, 2, 3, 4"),
        ({"ITCH": "1.5"}, "row 2, ITCH: '1.5' is not offered"),
        ({"ITCH": "a lot"}, "row 2, ITCH: 'a lot' is not offered"),
        ({"BLEED": "none;tar"}, "row 2, BLEED: 'none;tar' is not offered"),
        ({"BLEED": "blood"}, "row 2, BLEED: 'blood' is not offered"),
        ({"prev_ITCH": "9"}, "row 2, prev_ITCH: '9' is not offered"),
        ({"pump": "2"}, "row 2, pump: '2' is neither 1 nor 0"),
        ({"arm": "C"}, "row 2, arm: 'C' is no arm; there are: A, B"),
        ({"days_since_surgery": "-1"}, "row 2, days_since_surgery: '-1' is no number of days"),
        ({"days_since_surgery": "soon"}, "row 2, days_since_surgery: 'soon' is no number of days"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_row_and_nothing_comes_out(change, sentence):
    assert refused(table_of([{**WELL_ROW, **change}])).startswith(sentence)


def test_a_table_that_is_none_is_refused():
    assert refused("") == "the table is empty: a header line is expected"
    assert refused("JAUND\n2\n") == "the column case is missing"
    assert refused("case,JAUND,jaund\n1,0,2\n") == "the column jaund stands there twice"
    assert refused("case,JAUND\n1,0\n2\n") == "row 3 has 1 cells, the header 2"
    assert refused(b"case\n\xff\n") == "- is not UTF-8 text"
    assert "cannot be read" in CliRunner().invoke(main, ["alerts", "evaluate", "gone.csv"]).stderr


def test_every_item_has_a_column():
    header = {code: "" for code in HSC.by_code}
    row = {"case": "1", **header, **{f"prev_{code}": "" for code in header}}
    assert judged(table_of([row]))[1] == ["1", "AMBER", "Q1"]
