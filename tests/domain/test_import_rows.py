"""Rows of cycles and milestones: what they may say of a patient, what is refused at its line; order
never matters."""

from dataclasses import replace

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from proms.content.history_table import COLUMNS
from proms.domain.history_import.check import check_rows, leave_out_faulty
from proms.domain.history_import.row import PatientRecord
from proms.domain.schedule import CycleStatus
from proms.domain.schedule.history import EntryKey, EntryKind
from tests.domain.calendars import TRIAL, day, planned, skipped, treated
from tests.domain.tables import line, table

TODAY = day("2026-06-01")
IN_A = treated("A", systemic=["2026-03-02", planned("2026-03-16")])
IN_B = treated("B", pump_surgery="2026-02-02", pump=["2026-03-02"], systemic=["2026-03-02"])


def judged(history, *lines, reason=None, **record):
    read = table(*lines)
    known = PatientRecord(TRIAL, history, record.get("taken_back", frozenset()), TODAY)
    return read, check_rows(known, read.rows, reason=reason)


def faults(history, *lines, **record):
    read, found = judged(history, *lines, **record)
    return [(each.line, each.column, str(each)) for each in (*read.faults, *found.faults)]


@pytest.mark.parametrize(
    ("history", "said", "column", "sentence"),
    [
        (
            IN_A,
            line("milestone", "moon_landing", date="2026-03-02"),
            "kind",
            "not a milestone of the protocol: consent",
        ),
        (IN_A, line("milestone", "panel", date="2026-03-02"), "number", "This is needed here."),
        (IN_A, line("milestone", "progression", number=1), "date", "This is needed here."),
        (
            IN_A,
            line("milestone", "death", number=2, date="2026-03-02"),
            "number",
            "This happens only once",
        ),
        (
            IN_A,
            line("milestone", "panel", number=1, date="2026-05-01", arm="A"),
            "arm",
            "Only a randomisation has",
        ),
        (
            treated(None),
            line("milestone", "randomisation", date="2026-02-02"),
            "arm",
            "Write the arm of the protocol: A",
        ),
        (
            treated(None),
            line("milestone", "randomisation", date="2026-02-02", arm="C"),
            "arm",
            "Write the arm",
        ),
        (IN_A, line("regimen", "folfax"), "kind", "not a regimen of the protocol: fudr, capox"),
        (
            IN_A,
            line("cycle", "arm", number=1),
            "kind",
            "not a part of the treatment: pump, systemic",
        ),
        (IN_A, line("cycle", "pump", number=1, planned="2026-06-02"), "kind", "has no regimen yet"),
        (IN_A, line("stop", "pump", date="2026-05-02"), "kind", "has no regimen yet"),
        (IN_A, line("cycle", "systemic", planned="2026-06-02"), "number", "This is needed here."),
        (
            IN_A,
            line("cycle", "systemic", number=2, drugs="oxaliplatine"),
            "drugs",
            "Not every drug is in the protocol",
        ),
        (
            IN_A,
            line("cycle", "systemic", number=2, status="skipped"),
            "reason",
            "A skipped cycle needs the reason why.",
        ),
        (
            IN_A,
            line("cycle", "systemic", number=1, day_1="2026-03-03"),
            "reason",
            "This changes what is on record",
        ),
        (
            IN_A,
            line("milestone", "randomisation", date="2026-01-13"),
            "reason",
            "This changes what is on record",
        ),
        (IN_A, line("regimen", "folfiri"), "reason", "This changes what is on record"),
        (IN_A, line("regimen", "fudr"), "", "FUDR is not given in arm A"),
        (
            IN_A,
            line("milestone", "pump_surgery", date="2026-02-02"),
            "",
            "does not happen in arm A",
        ),
        (
            IN_A,
            line("milestone", "progression", number=1, date="2026-01-02"),
            "",
            "before randomisation on 2026-01-12",
        ),
        (IN_A, line("milestone", "death", date="2026-06-02"), "", "is still to come"),
        (IN_A, line("milestone", "death", date="2026-03-01"), "", "is after the date of death"),
        (
            IN_A,
            line("milestone", "panel", number=1, date="2028-01-01"),
            "",
            "more than 400 days ahead",
        ),
        (IN_A, line("cycle", "systemic", number=4, planned="2026-06-10"), "", "cycle 3 is not"),
        (
            IN_A,
            line("cycle", "systemic", number=3, day_1="2026-04-01"),
            "",
            "cycle 2 is neither given nor skipped",
        ),
        (
            IN_A,
            line("cycle", "systemic", number=2, day_1="2026-03-02"),
            "",
            "both start on 2026-03-02",
        ),
        (
            IN_A,
            line("cycle", "systemic", number=2, day_1="2026-02-27"),
            "",
            "before cycle 1 on 2026-03-02",
        ),
        (IN_A, line("cycle", "systemic", number=2, day_1="2026-06-02"), "", "is still to come"),
        (
            IN_A,
            line("cycle", "systemic", number=2, status="given"),
            "",
            "is given, but has no day 1",
        ),
        (IN_A, line("cycle", "systemic", number=3), "", "has no planned date"),
        (
            IN_A,
            line("cycle", "systemic", number=2, day_1="2026-03-09"),
            "",
            "they overlap; if it is so, give the reason",
        ),
        (
            IN_B,
            line("cycle", "systemic", number=2, day_1="2026-03-16", drugs="bevacizumab"),
            "",
            "if it is so, give the",
        ),
        (
            treated(None),
            line("regimen", "folfox")
            + "\n"
            + line("cycle", "systemic", number=1, day_1="2026-03-02"),
            "",
            "the patient has no arm",
        ),
    ],
)
def test_a_row_that_does_not_fit_what_is_on_record_is_refused_at_its_line(
    history, said, column, sentence
):
    found = faults(history, said)
    assert [each[1] for each in found] == [column]
    assert sentence in found[0][2]


def test_every_fault_is_told_at_once_and_what_hangs_on_an_unread_row_is_not_judged():
    found = faults(
        IN_A,
        line("cycle", "systemic", number=2, day_1="2026-03-32"),
        line("cycle", "systemic", number=3, planned="2026-06-05"),
        line("cycle", "pomp", number=1),
        line("milestone", "death", date="2027-01-01"),
    )
    assert [each[:2] for each in found] == [(2, "day_1"), (4, "kind"), (5, "")]


def test_no_sentence_repeats_a_cell_because_it_may_hold_a_name():
    name = "Anna Bakker"
    cells = [
        line("cycle", name),
        line(name, "pump"),
        *(line("cycle", "pump", **{c: name}) for c in COLUMNS[3:]),
    ]
    told = "\n".join(each[2] for each in faults(IN_B, *cells))
    assert told.count("line ") >= 9
    assert name not in told
    assert name not in repr(table(line("cycle", "pump", patient=name)).rows)


def test_odd_but_possible_is_taken_with_a_reason_of_its_own_never_with_that_of_the_whole_file():
    early = {"number": 2, "day_1": "2026-03-09"}
    assert faults(IN_A, line("cycle", "systemic", **early), reason="from the pharmacy") != []
    assert faults(IN_A, line("cycle", "systemic", **early, reason="asked by the surgeon")) == []


def test_an_empty_cell_says_nothing_and_what_is_on_record_stays():
    history = replace(
        IN_A,
        cycles=(replace(IN_A.cycles[0], drugs=("oxaliplatin",), dose_percent=80), *IN_A.cycles[1:]),
    )
    _, found = judged(history, line("cycle", "systemic", number=2, day_1="2026-03-20"))
    assert (found.after.cycle("systemic", 2).planned, found.steps[0].corrects) == (
        day("2026-03-16"),
        False,
    )
    _, found = judged(
        history, line("cycle", "systemic", number=1, planned="2026-02-27"), reason="typed over"
    )
    kept = found.after.cycle("systemic", 1)
    assert (kept.day_1, kept.drugs, kept.dose_percent) == (day("2026-03-02"), ("oxaliplatin",), 80)
    _, found = judged(
        history, line("cycle", "systemic", number=1, status="skipped", reason="was not given")
    )
    assert (found.after.cycle("systemic", 1).day_1, found.after.cycle("systemic", 1).drugs) == (
        None,
        (),
    )


def test_two_cycles_may_move_together_though_one_by_one_they_are_in_each_others_way():
    history = treated("A", systemic=["2026-03-02", planned("2026-06-10"), planned("2026-06-24")])
    said = [
        line("cycle", "systemic", number=2, planned="2026-06-24"),
        line("cycle", "systemic", number=3, planned="2026-07-08"),
    ]
    assert faults(history, *said) == []


def test_a_milestone_that_was_taken_back_returns_only_with_a_reason():
    taken_back = frozenset({EntryKey(EntryKind.MILESTONE, "death")})
    said = line("milestone", "death", date="2026-05-01")
    assert faults(IN_A, said) == []
    assert [each[1] for each in faults(IN_A, said, taken_back=taken_back)] == ["reason"]


def test_a_panel_keeps_its_number_after_an_earlier_one_was_taken_back():
    history = replace(
        IN_A, milestones={**IN_A.milestones, "panel": (day("2026-05-04"),)}, numbers={"panel": (2,)}
    )
    _, same = judged(history, line("milestone", "panel", number=2, date="2026-05-04"))
    assert same.steps == ()
    _, first = judged(history, line("milestone", "panel", number=1, date="2026-03-30"))
    assert first.after.dated("panel") == {1: day("2026-03-30"), 2: day("2026-05-04")}


def test_of_who_has_left_what_happened_before_is_recorded_and_what_came_after_is_refused():
    left = replace(IN_A, milestones={**IN_A.milestones, "withdrawal": (day("2026-03-20"),)})
    assert faults(left, line("cycle", "systemic", number=2, day_1="2026-03-20")) == []
    assert faults(left, line("milestone", "death", date="2026-05-01")) == []
    assert faults(left, line("milestone", "progression", number=1, date="2026-05-01")) == []
    (fault,) = faults(left, line("cycle", "systemic", number=2, day_1="2026-03-21"))
    assert fault[2] == ("line 2: systemic cycle 2 on 2026-03-21 is after withdrawal on 2026-03-20")
    dead = replace(IN_A, milestones={**IN_A.milestones, "death": (day("2026-03-20"),)})
    assert faults(dead, line("milestone", "progression", number=1, date="2026-03-19")) == []
    (fault,) = faults(dead, line("milestone", "progression", number=1, date="2026-03-21"))
    assert "after death on 2026-03-20" in fault[2]
    assert faults(dead, line("stop", "systemic", date="2026-03-02")) == []
    assert len(faults(dead, line("stop", "systemic", date="2026-03-30"))) == 1


def test_a_cycle_on_record_is_put_right_after_a_death():
    dead = replace(IN_A, milestones={**IN_A.milestones, "death": (day("2026-03-02"),)})
    said = line("cycle", "systemic", number=1, status="planned", planned="2026-03-02")
    assert faults(dead, said, reason="she died before it") == []


def test_without_the_faulty_rows_and_those_that_fall_with_them_no_fault_is_left():
    rows = [
        line("cycle", "systemic", number=2, day_1="2026-03-16"),
        line("cycle", "systemic", number=3, day_1="2026-03-10"),
        line("cycle", "systemic", number=4, day_1="2026-04-13"),
        line("milestone", "panel", number=1, date="2026-03-30"),
        line("milestone", "panel", number=1, date="2026-03-31"),
        line("milestone", "progression", number=1, date="2026-02-30"),
        line("milestone", "local_treatment", number=1, date="2026-05-01"),
    ]
    read = table(*rows)
    known = PatientRecord(TRIAL, IN_A, frozenset(), TODAY)
    found = leave_out_faulty(known, read.rows)
    assert sorted({fault.line for fault in found.faults}) == [3, 4, 5, 6]
    assert {fault.line for fault in read.faults} == {7}
    assert [step.row.line for step in found.steps] == [2, 8]
    assert check_rows(known, [step.row for step in found.steps]).faults == ()


@settings(max_examples=60, deadline=None)
@for_all(st.lists(st.integers(0, 12), unique=True), st.permutations(range(13)))
def test_what_is_taken_has_no_fault_whatever_is_missing(kept, order):
    rows = [COURSE[place] for place in order if place in kept]
    known = PatientRecord(TRIAL, treated(None), frozenset(), TODAY)
    read = table(*rows)
    found = leave_out_faulty(known, read.rows)
    lines = {fault.line for fault in found.faults}
    again = check_rows(known, [row for row in read.rows if row.line not in lines])
    assert again.faults == ()
    assert again.after == found.after


def test_rows_that_contradict_each_other_are_refused_and_a_repeated_row_counts_once():
    row = line("cycle", "systemic", number=2, day_1="2026-03-20")
    other = line("cycle", "systemic", number=2, day_1="2026-03-21")
    read, found = judged(IN_A, row, row)
    assert (len(found.steps), found.faults) == (1, ())
    assert [(line_, text) for line_, _, text in faults(IN_A, row, other)] == [
        (3, "line 3: This does not agree with row 2, which is about the same thing.")
    ]
    assert (
        len(faults(IN_A, line("regimen", "folfoxiri"), line("regimen", "folfiri"), reason="x")) == 1
    )


COURSE = [
    line("milestone", "randomisation", arm="B", date="2026-01-12"),
    line("regimen", "fudr"),
    line("regimen", "folfox"),
    line("milestone", "pump_surgery", date="2026-01-20"),
    line(
        "cycle",
        "pump",
        number=1,
        planned="2026-02-23",
        day_1="2026-03-02",
        drugs="floxuridine",
        dose_percent=80,
    ),
    line("cycle", "pump", number=2, status="skipped", reason="liver values"),
    line("cycle", "pump", number=3, planned="2026-04-27"),
    line("cycle", "systemic", number=1, day_1="2026-03-02"),
    line("cycle", "systemic", number=2, day_1="2026-03-16"),
    line("milestone", "panel", number=1, date="2026-04-06"),
    line("milestone", "panel", number=2, date="2026-05-26"),
    line("stop", "systemic", date="2026-05-01"),
    line("milestone", "death", date="2026-05-30"),
]


@settings(max_examples=100, deadline=None)
@for_all(st.permutations(COURSE), st.integers(0, len(COURSE)))
def test_the_order_of_the_rows_makes_no_difference_nor_does_reading_them_again(rows, again):
    enrolled = treated(None)
    _, in_order = judged(enrolled, *COURSE)
    _, found = judged(enrolled, *rows, *rows[:again])
    assert found.faults == in_order.faults == ()
    assert [step.entry for step in found.steps] == [step.entry for step in in_order.steps]
    assert found.after == in_order.after
    assert found.after.cycle("pump", 2).status is CycleStatus.SKIPPED
    _, twice = judged(found.after, *rows)
    assert (twice.steps, twice.faults) == ((), ())


def test_a_row_that_says_what_is_on_record_is_no_correction_even_of_a_stopped_component():
    stopped = treated(
        "A", systemic=["2026-03-02", skipped("2026-03-16")], stopped={"systemic": "2026-03-10"}
    )
    _, found = judged(
        stopped, line("regimen", "folfox"), line("stop", "systemic", date="2026-03-10")
    )
    assert (found.steps, found.after.stopped) == ((), stopped.stopped)
    changed = [line("regimen", "folfiri"), line("stop", "systemic", date="2026-03-10")]
    _, found = judged(stopped, *changed, reason="was FOLFIRI all along")
    assert (found.after.components, found.after.stopped) == (
        {"systemic": "folfiri"},
        stopped.stopped,
    )
