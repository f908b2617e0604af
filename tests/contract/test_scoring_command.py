"""`proms score`: what a data manager puts in, what comes out, and how bad input is refused."""

import csv
import hashlib
import io
from random import Random

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


def part(table, *options, instrument="qlq-c30"):
    """What comes of a table that has some of the items only."""
    result = run(table, "--absent-missing", *options, instrument=instrument)
    assert result.exit_code == 0
    assert result.stderr.startswith("proms: no column for ")
    assert result.stderr.count("\n") == 1
    return list(csv.DictReader(io.StringIO(result.stdout_bytes.decode(), newline="")))


def whole(cells, *, separator=",", names=ITEMS, **carried):
    """A table of one row with a column for each item: what is in `cells`, else 1."""
    row = {
        **carried,
        **{name: cells.get(item, "1") for item, name in zip(ITEMS, names, strict=True)},
    }
    return f"{separator.join(row)}\n{separator.join(row.values())}\n"


def refused(table, *options):
    result = run(table, *options)
    assert result.exit_code == 2
    notes = result.stderr.count("proms: no column for ") if "--absent-missing" in options else 0
    assert result.stderr.count("\n") == 1 + notes
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
    result = run("VAS\n101\n", "--absent-missing", instrument="eq-5d-5l")
    assert (
        result.exit_code,
        "row 2, column VAS: '101' is not an answer from 0 to 100" in result.stderr,
    ) == (2, True)


@pytest.mark.parametrize(("column", "cell"), [("MO", "9"), ("AD", "9"), ("VAS", "999")])
def test_a_number_that_others_write_for_no_answer_is_refused(column, cell):
    """The German guide's form sends 9 and 999 where nothing was chosen."""
    row = {"MO": "1", "SC": "1", "UA": "1", "PD": "1", "AD": "1", "VAS": "50"} | {column: cell}
    table = f"{','.join(row)}\n{','.join(row.values())}\n"
    result = run(table, instrument="eq-5d-5l")
    assert (result.exit_code, result.stdout.count("\n")) == (2, 1)
    assert f"row 2, column {column}: {cell!r}" in result.stderr


def test_a_filter_that_no_scale_counts_is_neither_scored_nor_carried_whatever_it_holds():
    (row,) = part("id,q48,q49\nanna,yes,2\n", instrument="qlq-cr29")
    assert (row["id"], "q48" in row, float(row["CR_FL"])) == ("anna", False, pytest.approx(100 / 3))


@pytest.mark.parametrize(
    ("cell", "column"),
    [("0", "q1"), ("5", "q28"), ("8", "q29"), ("x", "q30"), (".0", "q2"), ("1.5", "q3")],
)
def test_an_answer_out_of_range_is_refused_with_row_and_column(cell, column):
    table = whole({}, id="anna")
    bea = ["bea", *(cell if item == column else "1" for item in ITEMS)]
    assert f"row 3, column {column}: {cell!r}" in refused(f"{table}{','.join(bea)}\n")


def test_when_asked_to_be_lenient_an_answer_out_of_range_counts_as_missing():
    (row,) = part("q6,q7\n9,1\n", "--lenient")
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
        ("q1,,\n1,,\n", "column without a name stands in the table twice"),
        ("sep=;\n", "is empty"),
        ('q1,"id\n1,2\n', "no item column"),
    ],
)
def test_a_table_that_cannot_be_scored_is_refused_in_one_line(table, reason):
    assert reason in refused(table, "--absent-missing").splitlines()[-1]


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
    result = run('note,q8,id\n"late, by\r\npost",2,b\n,4,a\n', "--absent-missing")
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
    assert [row["note"] for row in part(table.getvalue())] == [note, "next"]


def test_scores_without_a_column_beside_them_are_a_table_too():
    assert [
        len(row) for row in csv.reader(run("q8\n2\n", "--absent-missing").stdout.splitlines())
    ] == [len(SCALES)] * 2


def test_an_empty_cell_and_an_absent_column_are_both_missing():
    (row,) = part("q1,q2,q3,q4,q10\n1,1,,,\n")
    assert set(row.values()) == {""}
    (row,) = part("q1,q2,q3,q4\n1,1,1, \n")
    assert (row["PF2"], row["RF2"]) == ("100.0", "")


def test_full_precision_leaves_the_command():
    (row,) = part("q10,q12,q18\n1,1,2\n")
    assert float(row["FA"]) == pytest.approx(100 / 9, abs=1e-12)
    assert len(row["FA"]) > 15


def test_a_spreadsheet_s_mark_before_the_first_name_hides_no_column():
    (row,) = part(b"\xef\xbb\xbfq1,q2,q3,q4,q5\r\n4,1,1,1,1\r\n")
    assert "80.0" in row.values()
    assert list(row) == SCALES


def test_whole_numbers_that_a_program_kept_as_floats_are_answers():
    (row,) = part("q6,q7,q29,q30\n1.0, 1,7.0, 7.0 \n")
    assert (row["RF2"], row["QL2"]) == ("100.0", "100.0")


def test_a_lone_empty_cell_is_a_row_too():
    assert [row["DY"] for row in part("q8\n\n1\n")] == ["", "0.0"]


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


# What the command wrote of these tables before it read names loosely: not a byte may differ.
BEFORE = {
    "qlq-c30": "18616d4c8d26bde6c8edd4a3616aad8e83179bcccbd6c7c8e95ac8a78ad40fcc",
    "qlq-lmc21": "7140d739b1611e9149ca6bfedc58ae0e9ceee4574865780ff2e631db3e39cb4d",
    "qlq-cr29": "b9d0ce6355dd6dc6f81b9102e0262feedfe203ac8f8c8660e03b6fb453fefd9a",
    "eq-5d-5l": "f716c84606ae08b0f4a603fba1d520864108d508ec56025efc540be1c828c381",
}


@pytest.mark.parametrize("instrument", BEFORE)
def test_the_scores_of_a_complete_table_are_byte_for_byte_what_they_were(library, instrument):
    items = library.instrument(instrument).items
    chance = Random(instrument)
    table = io.StringIO(newline="")
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["id", *(item.code for item in items), "note"])
    for number in range(2500):  # more than a block
        answers = []
        for item in items:
            offered = list(item.options or range(item.low, item.high + 1))
            answers.append("" if chance.random() < 0.1 else str(chance.choice(offered)))
        note = chance.choice(["", "late, by post", 'by "post"', "a;b", "é"])
        rows.writerow([number, *answers, note])
    result = run(table.getvalue(), instrument=instrument)
    assert (result.exit_code, result.stderr) == (0, "")
    assert hashlib.sha256(result.stdout_bytes).hexdigest() == BEFORE[instrument]


@pytest.mark.parametrize("name", ["Q3", "q03", " q3", "Q 003 ", "q3"])
def test_an_item_is_its_column_whatever_the_case_blanks_and_leading_zeros(name):
    names = [name if item == "q3" else item for item in ITEMS]
    assert scored(whole({"q3": "4"}, names=names)) == scored(whole({"q3": "4"}))


@pytest.mark.parametrize("other", ["Q3", " q3", "q03"])
def test_two_columns_for_one_item_are_refused_by_both_names(other):
    table = whole({}, **{other: "2"})
    assert f"columns {other!r} and 'q3' are both item q3" in refused(table)


def test_an_item_without_a_column_is_named_and_refused_so_no_typo_is_a_missing_answer():
    names = [{"q3": "qq3", "q30": "x30"}.get(item, item) for item in ITEMS]
    told = refused(whole({}, names=names))
    assert told == (
        "proms: no column for q3, q30: look for a misspelt name, or say --absent-missing if that "
        "was not asked\n"
    )
    (row,) = part(whole({}, names=names))
    assert (row["qq3"], row["PF2"]) == ("1", "100.0")


def test_a_column_of_a_filter_is_not_asked_for():
    table = ",".join(f"q{n}" for n in range(31, 60) if n != 48)
    assert scored(table + "\n", instrument="qlq-cr29") == []


@pytest.mark.parametrize("cell", ["NA", ".", "9", "9.0", " NA ", ""])
def test_cells_that_mean_no_answer_are_named(cell):
    (row,) = scored(whole({"q8": cell}), "--missing", "NA, .,9")
    assert row["DY"] == ""


def test_a_cell_that_means_no_answer_cannot_be_an_answer():
    assert "--missing 4: that is an answer to q1" in refused(whole({}), "--missing", "4")
    assert "'na' is not an answer" in refused(whole({"q8": "na"}), "--missing", "NA")


@pytest.mark.parametrize("options", [(), ("--sep", ";")])
def test_a_dutch_file_has_semicolons_and_decimal_commas_in_and_out(options):
    table = whole({"q10": "2", "q8": "2,0"}, separator=";", leeftijd="60,5", opmerking="a, b")
    result = run(table, *options)
    header, row = (line.split(";") for line in result.stdout.splitlines())
    assert header == ["leeftijd", "opmerking", *SCALES]
    told = dict(zip(header, row, strict=True))
    assert (told["leeftijd"], told["opmerking"]) == ("60,5", "a, b")
    assert (told["FA"], told["DY"]) == ("11,111111111111109", "33,33333333333333")


def test_the_decimal_mark_is_said_where_semicolons_come_with_points():
    (line,) = run(whole({}, separator=";"), "--decimal", ".").stdout.splitlines()[1:]
    assert line.startswith("0.0;100.0;")


def test_tabs_and_a_header_in_quotes_and_a_spreadsheets_first_line_are_read():
    assert run(whole({}, separator="\t")).stdout == run(whole({})).stdout.replace(",", "\t")
    quoted = ";".join(f'"{item}"' for item in ITEMS) + "\n" + ";".join("1" * 30) + "\n"
    assert run(quoted).stdout == run(whole({}, separator=";")).stdout
    marked = run(f"sep=;\r\n{quoted}")
    assert (marked.exit_code, marked.stdout) == (0, run(quoted).stdout)
    assert "row 3, column q1: 'x'" in refused("sep=;\n" + whole({"q1": "x"}, separator=";"))


@pytest.mark.parametrize("rows", [1, 1_999, 2_000, 2_001])
@pytest.mark.parametrize("blank", ["\n", "\n\n\n", "  \n\n", "\n" * 2_500])
def test_blank_lines_at_the_end_are_no_rows(rows, blank):
    header, line = whole({}).splitlines()
    table = f"{header}\n" + f"{line}\n" * rows
    assert run(table + blank).stdout == run(table).stdout
    assert f"row {rows + 2} is empty, and more rows follow" in refused(f"{table}{blank}{line}\n")


def test_counts_say_how_many_items_of_each_scale_were_answered():
    (row,) = scored(whole({"q1": "", "q2": "", "q8": "", "q29": ""}), "--counts")
    assert list(row) == [*SCALES, *(f"{scale}_N" for scale in SCALES)]
    assert {scale: row[f"{scale}_N"] for scale in ("PF2", "DY", "QL2", "FA", "C30SUM")} == {
        "PF2": "3",
        "DY": "0",
        "QL2": "1",
        "FA": "3",
        "C30SUM": "12",
    }
    assert (row["PF2"], row["DY"], row["C30SUM"]) == ("100.0", "", "")
    assert "column DY_N is named like a score" in refused(whole({}, DY_N="1"), "--counts")
    (row,) = scored(whole({}, DY_N="1"))
    assert row["DY_N"] == "1"
