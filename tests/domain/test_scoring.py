"""Scores as the manuals print them, on every way of leaving items out."""

import csv
from decimal import Decimal
from itertools import product
from math import isclose
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proms.content import load
from proms.domain.instrument import Formula, Polarity
from proms.domain.score import compiled, important, score_one
from proms.settings import HOME
from tests.domain.manuals import EVERY_SCALE, MANUALS, by_the_manual

LIBRARY = load(HOME)
SCORED = [code for code in LIBRARY.instruments if LIBRARY.instrument(code).scales]
C30 = LIBRARY.instrument("qlq-c30")
WELL = {f"q{n}": 1 for n in range(1, 29)}
FUNCTIONS = [code for code, (_, _, functional) in MANUALS["qlq-c30"].items() if functional]
SYMPTOMS = [code for code in MANUALS["qlq-c30"] if code not in (*FUNCTIONS, "QL2", "FI")]
# Versteegh 2016, Value Health 19:343-52, as printed: what levels 2 to 5 of a dimension take, and
# any problem at all.
ANY_PROBLEM = Decimal("0.047")
VERSTEEGH = {
    "MO": "0.035 0.057 0.166 0.203",
    "SC": "0.038 0.061 0.168 0.168",
    "UA": "0.039 0.087 0.192 0.192",
    "PD": "0.066 0.092 0.360 0.415",
    "AD": "0.070 0.145 0.356 0.421",
}
DIMENSIONS = list(VERSTEEGH)


def scores(answers, instrument="qlq-c30"):
    return {
        score.scale: score.value for score in score_one(LIBRARY.instrument(instrument), answers)
    }


def offered(item):
    return item.options or range(item.low, item.high + 1)


def forms(instrument):
    """Every way to fill in an instrument, with any items left out."""
    items = LIBRARY.instrument(instrument).items
    return st.fixed_dictionaries(
        {}, optional={item.code: st.sampled_from(offered(item)) for item in items}
    )


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


@pytest.mark.parametrize("instrument", MANUALS)
def test_the_scales_are_those_of_the_manual_in_its_order(instrument):
    linear = [scale for scale in LIBRARY.instrument(instrument).scales if scale.is_linear]
    assert [scale.code for scale in linear] == list(MANUALS[instrument])
    for scale in linear:
        items, span, functional = MANUALS[instrument][scale.code]
        assert scale.items == tuple(f"q{n}" for n in items)
        assert (scale.low, scale.high - scale.low) == (1, span)
        assert (scale.formula is Formula.REVERSE) is functional


@pytest.mark.parametrize(("instrument", "code"), EVERY_SCALE)
def test_every_way_of_leaving_items_out_scores_by_the_half_rule(instrument, code):
    items, span, _ = MANUALS[instrument][code]
    for pattern in product([None, 1, 2, span + 1], repeat=len(items)):
        answers = {
            f"q{n}": value for n, value in zip(items, pattern, strict=True) if value is not None
        }
        expected = by_the_manual(instrument, code, answers)
        score = next(
            each
            for each in score_one(LIBRARY.instrument(instrument), answers)
            if each.scale == code
        )
        assert score.answered == len(answers)
        assert (
            score.value is None
            if expected is None
            else isclose(score.value, expected, abs_tol=1e-9)
        )


@pytest.mark.parametrize(
    "left_out", [code for code in MANUALS["qlq-c30"] if code not in ("QL2", "FI")]
)
def test_the_summary_needs_every_one_of_its_thirteen_scales(left_out):
    answers = {code: 2 for code in WELL}
    for n in MANUALS["qlq-c30"][left_out][0]:
        del answers[f"q{n}"]
    assert scores(answers)["C30SUM"] is None


def test_the_summary_does_without_global_health_and_money():
    answers = {code: 1 for code in WELL if code != "q28"}
    assert scores(answers)["C30SUM"] == 100


@pytest.mark.parametrize("instrument", SCORED)
def test_nothing_answered_scores_nothing(instrument):
    assert set(scores({}, instrument).values()) == {None}


@pytest.mark.parametrize(
    "path", sorted((HOME / "tests" / "golden" / "scores").glob("*.csv")), ids=lambda path: path.stem
)
def test_the_cases_worked_by_hand_score_as_they_were_worked(path):
    instrument = LIBRARY.instrument(path.stem)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            answers = {item: int(row[item]) for item in instrument.by_code if row.get(item)}
            for scale, value in scores(answers, path.stem).items():
                if scale in row:
                    expected = float(row[scale]) if row[scale] else None
                    assert value == pytest.approx(expected, abs=1e-9), (row["case"], scale)


def test_every_health_state_is_worth_what_the_dutch_value_set_says():
    losses = {
        dimension: [Decimal(0), *map(Decimal, taken.split())]
        for dimension, taken in VERSTEEGH.items()
    }
    for levels in product(range(1, 6), repeat=5):
        answers = dict(zip(DIMENSIONS, levels, strict=True))
        value = 1 - sum(losses[dimension][level - 1] for dimension, level in answers.items())
        value -= ANY_PROBLEM if max(levels) > 1 else 0
        result = scores(answers, "eq-5d-5l")
        # To the last bit: the table is kept in whole thousandths.
        assert (result["EQ_INDEX_NL"], result["EQ_STATE"]) == (
            float(value),
            int("".join(map(str, levels))),
        )


@pytest.mark.parametrize("left_out", DIMENSIONS)
def test_a_dimension_left_out_leaves_no_state_and_no_value_but_the_rating_stands_alone(left_out):
    answers = {dimension: 1 for dimension in DIMENSIONS if dimension != left_out}
    assert scores({**answers, "VAS": 0}, "eq-5d-5l") == {
        "EQ_STATE": None,
        "EQ_INDEX_NL": None,
        "EQ_VAS": 0,
    }
    assert scores({**answers, left_out: 1}, "eq-5d-5l") == {
        "EQ_STATE": 11111,
        "EQ_INDEX_NL": 1.0,
        "EQ_VAS": None,
    }


@pytest.mark.parametrize("instrument", SCORED)
@given(data=st.data())
def test_scores_stay_within_their_bounds(instrument, data):
    result = scores(data.draw(forms(instrument)), instrument)
    for scale in LIBRARY.instrument(instrument).scales:
        if scale.bounds and result[scale.code] is not None:
            lowest, highest = scale.bounds
            assert lowest <= result[scale.code] <= highest


@pytest.mark.parametrize("instrument", SCORED)
@given(data=st.data())
def test_a_worse_answer_never_improves_a_score(instrument, data):
    known = LIBRARY.instrument(instrument)
    answers = data.draw(forms(instrument))
    scored = [
        item
        for item in known.items
        if item.options and any(item.code in scale.items for scale in known.scales)
    ]
    item = data.draw(st.sampled_from(scored))
    # A higher answer is a worse one, except where people rate their health, or say how much they
    # feel like it.
    better_up = {"q29", "q30", "q56", "q58"}
    if answers.get(item.code, item.options[-1]) == item.options[-1] or item.code in better_up:
        return
    before, after = (
        scores(answers, instrument),
        scores({**answers, item.code: answers[item.code] + 1}, instrument),
    )
    for scale in known.scales:
        if scale.bounds and before[scale.code] is not None:
            worse = after[scale.code] - before[scale.code]
            assert worse <= 1e-9 if scale.polarity is Polarity.HIGHER_IS_BETTER else worse >= -1e-9


@pytest.mark.parametrize("instrument", SCORED)
@given(data=st.data())
def test_the_order_of_the_answers_does_not_matter(instrument, data):
    answers = data.draw(forms(instrument))
    shuffled = list(answers.items())
    Random(data.draw(st.integers(0, 99))).shuffle(shuffled)
    assert scores(dict(shuffled), instrument) == scores(answers, instrument)


@pytest.mark.parametrize("instrument", SCORED)
@given(data=st.data())
def test_many_rows_at_once_score_as_one_by_one_to_the_last_bit(instrument, data):
    known, scorer = LIBRARY.instrument(instrument), compiled(LIBRARY.instrument(instrument))
    rows = data.draw(st.lists(forms(instrument), min_size=1, max_size=20))
    matrix = np.array(
        [[row.get(item, np.nan) for item in scorer.items] for row in rows], dtype=float
    )
    values, counts = scorer.score(matrix)
    for place, row in enumerate(rows):
        for column, score in enumerate(score_one(known, row)):
            assert counts[place, column] == score.answered
            assert (
                np.isnan(values[place, column])
                if score.value is None
                else values[place, column] == score.value
            )


@pytest.mark.parametrize("code", ["qlq-c30", "qlq-lmc21", "qlq-cr29", "eq-5d-5l"])
def test_more_rows_than_are_scored_at_once_score_as_one_by_one_to_the_last_bit(code):
    instrument = LIBRARY.instrument(code)
    scorer, dice = compiled(instrument), np.random.default_rng(30)
    offered = [
        item.options or range(item.low, item.high + 1)
        for item in map(instrument.item, scorer.items)
    ]
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


def test_the_thresholds_are_those_of_giesinger_2020():
    below = {
        scale.code: scale.important_below
        for scale in C30.scales
        if scale.important_below is not None
    }
    above = {
        scale.code: scale.important_above
        for scale in C30.scales
        if scale.important_above is not None
    }
    assert below == {"PF2": 83, "RF2": 58, "EF": 71, "CF": 75, "SF": 58}
    assert above == {
        "FA": 39,
        "NV": 8,
        "PA": 25,
        "DY": 17,
        "SL": 50,
        "AP": 50,
        "CO": 50,
        "DI": 17,
        "FI": 17,
    }


def test_what_is_not_confirmed_says_so_and_nothing_else_does():
    unconfirmed = [
        scale.code
        for code in SCORED
        for scale in LIBRARY.instrument(code).scales
        if scale.unconfirmed
    ]
    assert unconfirmed == ["CR_SEXM", "CR_SEXW"]
