"""Facts about a patient that change: from which day each value holds, and what reads it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from proms.content import load
from proms.domain.schedule import (
    AssignmentState,
    Key,
    StoredAssignment,
    UnsoundHistory,
    plan,
    refuse_unsound,
    revise,
)
from proms.domain.schedule.history import FactValue
from proms.domain.schedule.history_entry import FactRecorded, entry_key, history_with, overturns
from proms.settings import HOME
from tests.domain.calendars import applied, day, treated

WHOLE = load(HOME).protocol("pump-it").asking(["hsc", "qlq-c30", "qlq-cr29"])
TODAY = day("2026-05-01")
CONSENT = day("2026-01-05")


def known(*stoma: tuple[str, bool], **history: object):
    """A patient in arm A of whose stoma this is known, each value from its day on."""
    values = [FactValue(n, day(on), value) for n, (on, value) in enumerate(stoma, start=1)]
    patient = treated("A", systemic=["2026-01-19"], **history)  # type: ignore[arg-type]
    return replace(patient, facts={"stoma": tuple(values)})


def asks_cr29(history, today="2026-05-01") -> list[str]:
    return [
        each.key.event
        for each in plan(WHOLE, history, day(today))
        if each.key.instrument == "qlq-cr29"
    ]


WITHOUT = known(("2026-01-05", False))
GAINED = known(("2026-01-05", False), ("2026-04-06", True))
LOST_AGAIN = known(("2026-01-05", False), ("2026-04-06", True), ("2026-09-21", False))


def test_a_stoma_that_comes_with_surgery_brings_its_questions_from_the_pack_due_that_day():
    assert asks_cr29(WITHOUT) == []
    # Twelve weeks after randomisation is 6 April, twenty-four are 29 June.
    assert asks_cr29(GAINED)[:2] == ["QOL-W12", "QOL-W24"]
    day_later = known(("2026-01-05", False), ("2026-04-07", True))
    assert asks_cr29(day_later)[0] == "QOL-W24"


def test_a_stoma_that_goes_takes_its_questions_from_packs_due_later():
    assert asks_cr29(LOST_AGAIN, "2026-10-01") == ["QOL-W12", "QOL-W24"]


def test_what_was_wrong_all_along_is_right_from_the_first_day():
    corrected = history_with(WITHOUT, FactRecorded("stoma", CONSENT, True, 1), TODAY)
    assert asks_cr29(corrected)[0] == "QOL-BASE"
    assert corrected.facts_on(day("2019-01-01")) == {"stoma": True}


def test_the_other_questions_of_a_pack_stay_where_they_are():
    def others(history):
        return [e for e in plan(WHOLE, history, TODAY) if e.key.instrument != "qlq-cr29"]

    assert others(WITHOUT) == others(GAINED) == others(LOST_AGAIN)


def test_a_change_is_one_more_value_and_the_same_number_again_is_a_correction():
    gained = FactRecorded("stoma", day("2026-04-06"), True, 2)
    assert not overturns(WITHOUT, gained, TODAY, ())
    assert history_with(WITHOUT, gained, TODAY) == GAINED
    moved = FactRecorded("stoma", day("2026-04-13"), True, 2)
    assert entry_key(moved) == entry_key(gained)
    assert overturns(GAINED, moved, TODAY, ())
    after = history_with(GAINED, moved, TODAY)
    assert [after.facts_on(day(f"2026-04-{n}"))["stoma"] for n in (12, 13)] == [False, True]


def test_a_change_that_did_not_happen_leaves_what_was_before():
    undone = history_with(LOST_AGAIN, FactRecorded("stoma", None, None, 2), TODAY)
    assert undone.facts_on(day("2026-05-01")) == {"stoma": False}
    assert [each.number for each in undone.facts["stoma"]] == [1, 3]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (FactRecorded("stoma", day("2026-05-02"), True, 2), "not_yet_happened"),
        (FactRecorded("stoma", day("2026-01-04"), True, 2), "too_early"),
        (FactRecorded("stoma", day("2026-01-05"), True, 2), "facts_on_one_day"),
        (FactRecorded("stoma", day("2026-04-06"), "yes", 2), "unknown_word"),
        (FactRecorded("stoma", None, None, 1), "fact_without_value"),
        (FactRecorded("beard", day("2026-04-06"), True, 1), "unknown_word"),
    ],
)
def test_what_cannot_be_said_of_a_patient(entry, code):
    with pytest.raises(UnsoundHistory) as refused:
        refuse_unsound(WHOLE, history_with(WITHOUT, entry, TODAY), TODAY, before=WITHOUT)
    assert refused.value.code == code


def test_a_pack_she_began_while_it_was_true_keeps_the_questions_that_go_with_it():
    begun = {"QOL-W36 1": "2026-09-20"}  # the day before it was gone; due on the 21st
    history = replace(LOST_AGAIN, checked=known(begun=begun).checked)
    assert "QOL-W36" in asks_cr29(history, "2026-09-22")
    began_after = replace(LOST_AGAIN, checked=known(begun={"QOL-W36 1": "2026-09-22"}).checked)
    assert "QOL-W36" not in asks_cr29(began_after, "2026-09-22")


@for_all(
    st.dictionaries(st.integers(0, 300), st.booleans(), max_size=5),
    st.integers(10, 320),
    st.randoms(use_true_random=False),
)
def test_whatever_is_recorded_of_her_stoma_what_was_begun_stays_and_twice_changes_nothing(
    changes, until, luck
):
    held: dict[Key, StoredAssignment] = {}
    history = WITHOUT
    for offset in range(0, until, 13):
        today = CONSENT + timedelta(days=offset)
        for number, (when, value) in enumerate(sorted(changes.items()), start=2):
            if 0 < when <= offset:
                since = CONSENT + timedelta(days=when)
                entry = FactRecorded("stoma", since, value, number)
                history = history_with(history, entry, today)
        begun = {key: each.started_on for key, each in held.items() if each.started_on}
        history = replace(history, checked=begun)
        after = applied(held, revise(WHOLE, history, held, today))
        assert not revise(WHOLE, history, after, today)
        for key, each in held.items():
            if each.state.fixed:
                assert after[key] == each
        for key, each in after.items():
            pack_begun = (key.event, key.number) in {(k.event, k.number) for k in begun}
            if key.instrument == "qlq-cr29" and each.state is AssignmentState.PLANNED:
                stoma = history.facts_on(each.window.due)["stoma"]
                assert stoma or pack_begun or each.window.closes < today
        held = lived(after, today, luck)


def lived(held: dict[Key, StoredAssignment], today: date, luck) -> dict[Key, StoredAssignment]:
    """What is open she may begin; what closed is missed."""
    after = dict(held)
    for key, each in held.items():
        if each.state is not AssignmentState.PLANNED or each.window.opens > today:
            continue
        if each.window.closes < today:
            after[key] = each._replace(state=AssignmentState.MISSED)
        elif luck.random() < 0.3:
            after[key] = each._replace(state=AssignmentState.STARTED, started_on=today)
    return after
