"""Scoring alone: many rows against numpy by hand, and one response against writing its answers as
JSON."""

import json
from collections.abc import Callable, Iterator

import numpy as np

from bench import by_hand
from bench.timing import Figure, taking_turns
from proms.content import Library
from proms.domain.instrument import Formula, Instrument
from proms.domain.score import Floats, compiled, score_one

HAND = "numpy by hand"
GAPS = 0.03  # of the answers are missing
ONES = 200  # single responses a turn


def answered(instrument: Instrument, rows: int) -> Floats:
    """Invented answers, the same every time, a few of them missing."""
    dice = np.random.default_rng(30)
    items = [instrument.item(code) for code in compiled(instrument).items]
    forms = np.array(
        [dice.choice(item.options or range(item.low, item.high + 1), rows) for item in items], float
    ).T
    forms = np.ascontiguousarray(forms)
    forms[dice.random(forms.shape) < GAPS] = np.nan
    return forms


def figures(library: Library, sizes: list[int], times: int) -> Iterator[Figure]:
    """Scoring alone, from the smallest table to the largest, then one response."""
    c30, cr29, eq5d = (library.instrument(code) for code in ("qlq-c30", "qlq-cr29", "eq-5d-5l"))
    yield from _compared(c30, sizes, times, _c30, aim="0.5, better 0.8")
    yield from _compared(cr29, sizes[-1:], times, _cr29(cr29))
    yield from _compared(eq5d, sizes[-1:], times, _index(eq5d))
    yield from _one(c30, times)


def _compared(
    instrument: Instrument,
    sizes: list[int],
    times: int,
    peer: Callable[[Floats], Floats],
    *,
    aim: str = "",
) -> Iterator[Figure]:
    scorer = compiled(instrument)
    for rows in sizes:
        forms = answered(instrument, rows)
        _refuse_other_scores(scorer.score(forms)[0], peer(forms), instrument)
        # A small table is scored so often in a turn that the clock can tell.
        often = max(1, sizes[-1] // rows // 10)
        seconds = taking_turns(
            {
                "ours": lambda forms=forms, often=often: [
                    scorer.score(forms) for _ in range(often)
                ],
                "peer": lambda forms=forms, often=often: [peer(forms) for _ in range(often)],
            },
            times,
        )
        yield Figure(
            f"{instrument.code} scored",
            rows,
            seconds["ours"] / often,
            HAND,
            seconds["peer"] / seconds["ours"],
            aim,
        )


def _refuse_other_scores(ours: Floats, peers: Floats, instrument: Instrument) -> None:
    """A peer that works out something else is no peer."""
    peers = peers.reshape(len(ours), -1)
    if not all(
        any(np.allclose(peer, our, 0, 1e-9, equal_nan=True) for our in ours.T) for peer in peers.T
    ):
        raise SystemExit(f"bench: {instrument.code} by hand gives other scores")


def _c30(forms: Floats) -> Floats:
    return by_hand.linear(forms, by_hand.C30_SCALES, by_hand.SUMMED)


def _cr29(instrument: Instrument) -> Callable[[Floats], Floats]:
    items = compiled(instrument).items
    scales = [
        by_hand.Linear(
            items=tuple(items.index(item) for item in scale.items),
            span=scale.high - scale.low,
            functional=scale.formula is Formula.REVERSE,
        )
        for scale in instrument.scales
    ]
    return lambda forms: by_hand.linear(forms, scales)


def _index(instrument: Instrument) -> Callable[[Floats], Floats]:
    items = compiled(instrument).items
    scale = next(scale for scale in instrument.scales if scale.value_set)
    places = [items.index(item) for item in scale.items]
    assert scale.value_set
    losses = np.array([scale.value_set.losses[item] for item in scale.items], float)
    any_problem = scale.value_set.any_problem
    return lambda forms: by_hand.index(forms[:, places], losses, any_problem)


def _one(instrument: Instrument, times: int) -> Iterator[Figure]:
    answers = {item.code: item.options[0] for item in instrument.items}
    seconds = taking_turns(
        {
            "ours": lambda: [score_one(instrument, answers) for _ in range(ONES)],
            "peer": lambda: [json.dumps(answers) for _ in range(ONES)],
        },
        times,
    )
    ratio = seconds["peer"] / seconds["ours"]
    yield Figure(
        "one qlq-c30 response scored",
        1,
        seconds["ours"] / ONES,
        "json.dumps of it",
        ratio,
        "under 1000 us",
    )
