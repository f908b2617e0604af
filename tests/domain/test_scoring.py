"""Scores as the manual prints them, on every way of leaving items out."""

from itertools import product
from math import isclose
from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proms.content import load
from proms.domain.score import compiled, important, score_one
from proms.settings import HOME

LIBRARY = load(HOME)
C30 = LIBRARY.instrument("qlq-c30")
WELL = {f"q{n}": 1 for n in range(1, 29)}

# EORTC scoring manual, 3rd edition: scale -> (items, range of an item, functional)
MANUAL = {
    "QL2": ((29, 30), 6, False),
    "PF2": ((1, 2, 3, 4, 5), 3, True),
    "RF2": ((6, 7), 3, True),
    "EF": ((21, 22, 23, 24), 3, True),
    "CF": ((20, 25), 3, True),
    "SF": ((26, 27), 3, True),
    "FA": ((10, 12, 18), 3, False),
    "NV": ((14, 15), 3, False),
    "PA": ((9, 19), 3, False),
    "DY": ((8,), 3, False),
    "SL": ((11,), 3, False),
    "AP": ((13,), 3, False),
    "CO": ((16,), 3, False),
    "DI": ((17,), 3, False),
    "FI": ((28,), 3, False),
}
FUNCTIONS = [code for code, (_, _, functional) in MANUAL.items() if functional]
SYMPTOMS = [code for code, (_, _, functional) in MANUAL.items() if not functional and code not in ("QL2", "FI")]


def scores(answers):
    return {score.scale: score.value for score in score_one(C30, answers)}


def by_the_manual(code, answers):
    items, span, functional = MANUAL[code]
    given_answers = [answers[f"q{n}"] for n in items if f"q{n}" in answers]
    if 2 * len(given_answers) < len(items):
        return None
    raw = mean(given_answers)
    return (1 - (raw - 1) / span) * 100 if functional else (raw - 1) / span * 100


def test_nothing_wrong_and_the_best_of_health_scores_full_marks():
    result = scores({**WELL, "q29": 7, "q30": 7})
    assert all(result[code] == 100 for code in [*FUNCTIONS, "QL2", "C30SUM"])
    assert all(result[code] == 0 for code in [*SYMPTOMS, "FI"])


def test_everything_at_its_worst_scores_nothing_but_global_health_stands_alone():
    result = scores({**{f"q{n}": 4 for n in range(1, 29)}, "q29": 7, "q30": 7})
    assert all(result[code] == 0 for code in [*FUNCTIONS, "C30SUM"])
    assert all(result[code] == 100 for code in [*SYMPTOMS, "FI", "QL2"])


def test_global_health_has_no_part_in_the_summary():
    result = scores({**WELL, "q29": 1, "q30": 1})
    assert (result["QL2"], result["C30SUM"]) == (0, 100)


@pytest.mark.parametrize("code", MANUAL)
def test_every_way_of_leaving_items_out_scores_by_the_half_rule(code):
    items, span, _ = MANUAL[code]
    for pattern in product([None, 1, 2, span + 1], repeat=len(items)):
        answers = {f"q{n}": value for n, value in zip(items, pattern, strict=True) if value is not None}
        expected = by_the_manual(code, answers)
        score = next(each for each in score_one(C30, answers) if each.scale == code)
        assert score.answered == len(answers)
        assert score.value is None if expected is None else isclose(score.value, expected, abs_tol=1e-9)


@pytest.mark.parametrize("left_out", [code for code in MANUAL if code not in ("QL2", "FI")])
def test_the_summary_needs_every_one_of_its_thirteen_scales(left_out):
    answers = {code: 2 for code in WELL}
    for n in MANUAL[left_out][0]:
        del answers[f"q{n}"]
    assert scores(answers)["C30SUM"] is None


def test_the_summary_does_without_global_health_and_money():
    answers = {code: 1 for code in WELL if code != "q28"}
    assert scores(answers)["C30SUM"] == 100


def test_nothing_answered_scores_nothing():
    assert set(scores({}).values()) == {None}


whole_forms = st.fixed_dictionaries({}, optional={item.code: st.sampled_from(item.options) for item in C30.items})


@given(whole_forms)
def test_scores_stay_between_0_and_100(answers):
    assert all(value is None or 0 <= value <= 100 for value in scores(answers).values())


@given(whole_forms, st.sampled_from([f"q{n}" for n in range(1, 29)]))
def test_a_worse_answer_never_improves_a_score(answers, item):
    if answers.get(item, 4) == 4:
        return
    before, after = scores(answers), scores({**answers, item: answers[item] + 1})
    for code in [*FUNCTIONS, "C30SUM"]:
        assert before[code] is None or after[code] <= before[code] + 1e-9
    for code in [*SYMPTOMS, "FI"]:
        assert before[code] is None or after[code] >= before[code] - 1e-9


@given(st.lists(whole_forms, min_size=1, max_size=20))
def test_many_rows_at_once_score_as_one_by_one(forms):
    scorer = compiled(C30)
    matrix = np.array([[form.get(item, np.nan) for item in scorer.items] for form in forms], dtype=float)
    values, counts = scorer.score(matrix)
    for row, form in enumerate(forms):
        for column, score in enumerate(score_one(C30, form)):
            assert counts[row, column] == score.answered
            assert np.isnan(values[row, column]) if score.value is None else values[row, column] == score.value


@pytest.mark.parametrize("code", ["qlq-c30", "qlq-lmc21", "qlq-cr29", "eq-5d-5l"])
def test_more_rows_than_are_scored_at_once_score_as_one_by_one_to_the_last_bit(code):
    instrument = LIBRARY.instrument(code)
    scorer, dice = compiled(instrument), np.random.default_rng(30)
    offered = [item.options or range(item.low, item.high + 1) for item in map(instrument.item, scorer.items)]
    forms = np.array([dice.choice(each, 10_001) for each in offered], dtype=float).T
    forms[dice.random(forms.shape) < dice.choice([0, 0.05, 0.5], (10_001, 1))] = np.nan
    values, counts = scorer.score(forms)
    for row in [*range(0, 10_001, 50), 10_000]:
        value, count = scorer.score(forms[row : row + 1])
        assert value.tobytes() == values[row : row + 1].tobytes(), row
        assert count.tolist() == counts[row : row + 1].tolist(), row


def test_a_threshold_is_strict_and_a_missing_score_is_unknown():
    scale = {each.code: each for each in C30.scales}
    assert important(scale["PF2"], 82.9) is True
    assert important(scale["PF2"], 83.0) is False
    assert important(scale["FA"], 39.0) is False
    assert important(scale["FA"], 39.1) is True
    assert important(scale["FA"], None) is None
    assert important(scale["QL2"], 0.0) is None
