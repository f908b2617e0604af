"""`proms score`: what a data manager puts in, what comes out, and how bad input is refused."""

import csv
import io

import pytest
from click.testing import CliRunner

from proms.cli import main
from proms.settings import HOME
from tests.domain.manuals import MANUALS

SCALES = [
    "QL2",
    "PF2",
    "RF2",
    "EF",
    "CF",
    "SF",
    "FA",
    "NV",
    "PA",
    "DY",
    "SL",
    "AP",
    "CO",
    "DI",
    "FI",
    "C30SUM",
]
ITEMS = [f"q{n}" for n in range(1, 31)]
PUBLISHED = {  # the columns that come out, in their order
    "qlq-c30": SCALES,
    "qlq-lmc21": list(MANUALS["qlq-lmc21"]),
    "qlq-cr29": list(MANUALS["qlq-cr29"]),
    "eq-5d-5l": ["EQ_STATE", "EQ_INDEX_NL", "EQ_VAS"],
}


def run(table, *options, instrument="qlq-c30"):
    data = table if isinstance(table, bytes) else table.encode()
    return CliRunner().invoke(main, ["score", instrument, "-", *options], input=data)


def scored(table, *options, instrument="qlq-c30"):
    result = run(table, *options, instrument=instrument)
    assert (result.exit_code, result.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(result.stdout_bytes.decode(), newline="")))


def refused(table, *options):
    result = run(table, *options)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("instrument", PUBLISHED)
def test_the_cases_worked_by_hand_go_through_the_command(instrument):
    text = (HOME / "tests" / "golden" / "scores" / f"{instrument}.csv").read_text(encoding="utf-8")
    given = list(csv.DictReader(io.StringIO(text)))
    items = [name for name in given[0] if name not in ("case", "source", *PUBLISHED[instrument])]
    table = io.StringIO()
    answers = csv.DictWriter(table, ["case", *items], extrasaction="ignore", lineterminator="\n")
    answers.writeheader()
    answers.writerows(given)
    rows = scored(table.getvalue(), instrument=instrument)
    assert list(rows[0]) == ["case", *PUBLISHED[instrument]]
    for row, expected in zip(rows, given, strict=True):
        assert row["case"] == expected["case"]
        for scale in (each for each in PUBLISHED[instrument] if each in expected):
            wanted = pytest.approx(float(expected[scale]), abs=1e-9) if expected[scale] else ""
            assert (float(row[scale]) if row[scale] else "") == wanted, (row["case"], scale)


def test_a_health_state_and_a_rating_are_written_without_a_decimal_point():
    (row,) = scored("MO,SC,UA,PD,AD,VAS,id\n2,1,1,1,1,0,anna\n", instrument="eq-5d-5l")
    assert row == {"id": "anna", "EQ_STATE": "21111", "EQ_INDEX_NL": "0.918", "EQ_VAS": "0"}


def test_a_rating_beyond_its_ends_is_refused():
    result = run("VAS\n101\n", instrument="eq-5d-5l")
    assert (
        result.exit_code,
        "row 2, column VAS: '101' is not an answer from 0 to 100" in result.stderr,
    ) == (2, True)


def test_a_filter_that_no_scale_counts_is_neither_scored_nor_carried_whatever_it_holds():
    (row,) = scored("id,q48,q49\nanna,yes,2\n", instrument="qlq-cr29")
    assert (row["id"], "q48" in row, float(row["CR_FL"])) == ("anna", False, pytest.approx(100 / 3))


@pytest.mark.parametrize(
    ("cell", "column"),
    [("0", "q1"), ("5", "q28"), ("8", "q29"), ("x", "q30"), (".0", "q2"), ("1.5", "q3")],
)
def test_an_answer_out_of_range_is_refused_with_row_and_column(cell, column):
    assert f"row 3, column {column}: {cell!r}" in refused(f"id,{column}\nanna,1\nbea,{cell}\n")


def test_when_asked_to_be_lenient_an_answer_out_of_range_counts_as_missing():
    (row,) = scored("q6,q7\n9,1\n", "--lenient")
    assert row["RF2"] == "100.0"


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("", "is empty"),
        ("id,age\nanna,60\n", "no item column"),
        ("id,q1,q1\nanna,1,1\n", "q1 stands in the table twice"),
        ("PF2,q1\n80,1\n", "PF2 is named like a score"),
        ("C30SUM,q1\n80,1\n", "C30SUM is named like a score"),
        ("id,q1\nanna\n", "row 2 has 1 cells, the header 2"),
        ('q1\n"1\n', "is not a CSV table"),
        (b"id,q1\n\xff,1\n", "is not UTF-8"),
    ],
)
def test_a_table_that_cannot_be_scored_is_refused_in_one_line(table, reason):
    assert reason in refused(table)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["qlq-c99", "-"], "there is no instrument qlq-c99"),
        (["hsc", "-"], "hsc has no scales"),
        (["qlq-c30", "absent.csv"], "absent.csv cannot be read"),
    ],
)
def test_what_cannot_be_found_or_scored_is_refused_in_one_line(words, reason):
    result = CliRunner().invoke(main, ["score", *words], input=b"")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert reason in result.stderr


def test_scales_follow_the_other_columns_and_rows_keep_their_order():
    result = run('note,q8,id\n"late, by\r\npost",2,b\n,4,a\n')
    header, *rows = csv.reader(io.StringIO(result.stdout_bytes.decode(), newline=""))
    assert header == ["note", "id", *SCALES]
    assert [row[:2] for row in rows] == [["late, by\r\npost", "b"], ["", "a"]]
    assert [float(row[header.index("DY")]) for row in rows] == pytest.approx([100 / 3, 100])


@pytest.mark.parametrize(
    "note", ["late\nby post", "late\rby post", "late, by post", 'by "post"', "", " ", "'=1+1"]
)
def test_what_is_carried_through_comes_out_as_it_went_in(note):
    table = io.StringIO(newline="")
    csv.writer(table, quoting=csv.QUOTE_ALL).writerows([["note", "q8"], [note, "2"], ["next", ""]])
    assert [row["note"] for row in scored(table.getvalue())] == [note, "next"]


def test_scores_without_a_column_beside_them_are_a_table_too():
    assert [len(row) for row in csv.reader(run("q8\n2\n").stdout.splitlines())] == [len(SCALES)] * 2


def test_an_empty_cell_and_an_absent_column_are_both_missing():
    (row,) = scored("q1,q2,q3,q4,q10\n1,1,,,\n")
    assert set(row.values()) == {""}
    (row,) = scored("q1,q2,q3,q4\n1,1,1, \n")
    assert (row["PF2"], row["RF2"]) == ("100.0", "")


def test_full_precision_leaves_the_command():
    (row,) = scored("q10,q12,q18\n1,1,2\n")
    assert float(row["FA"]) == pytest.approx(100 / 9, abs=1e-12)
    assert len(row["FA"]) > 15


def test_a_spreadsheet_s_mark_before_the_first_name_hides_no_column():
    (row,) = scored(b"\xef\xbb\xbfq1,q2,q3,q4,q5\r\n4,1,1,1,1\r\n")
    assert "80.0" in row.values()
    assert list(row) == SCALES


def test_whole_numbers_that_a_program_kept_as_floats_are_answers():
    (row,) = scored("q6,q7,q29,q30\n1.0, 1,7.0, 7.0 \n")
    assert (row["RF2"], row["QL2"]) == ("100.0", "100.0")


def test_a_lone_empty_cell_is_a_row_too():
    assert [row["DY"] for row in scored("q8\n\n1\n")] == ["", "0.0"]


def test_a_table_without_rows_has_scores_without_rows():
    assert scored(",".join(ITEMS) + "\n") == []


def test_rows_beyond_one_block_are_scored_alike():
    table = (
        ",".join(["id", *ITEMS])
        + "\n"
        + "".join(f"{n},{','.join(['2'] * 30)}\n" for n in range(10_001))
    )
    rows = scored(table)
    assert [row.pop("id") for row in rows] == [str(n) for n in range(10_001)]
    assert {tuple(row.values()) for row in rows} == {tuple(rows[0].values())}


def test_the_order_of_the_item_columns_does_not_matter():
    answers = {item: str(1 + n % 4) for n, item in enumerate(ITEMS)}
    tables = [
        ",".join(names) + "\n" + ",".join(answers[name] for name in names) + "\n"
        for names in (ITEMS, ITEMS[::-1])
    ]
    assert scored(tables[0]) == scored(tables[1])
