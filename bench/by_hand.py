"""The peer: scores in bare numpy, written for these questionnaires by hand, for speed and nothing
else."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from proms.domain.score import Floats

BLOCK = 4096


class Linear(NamedTuple):
    """A scale by the numbers of its items in the table's order, from 0; its answers' range;
    functional or not."""

    items: tuple[int, ...]
    span: float
    functional: bool


# EORTC scoring manual, 3rd edition: the items of the QLQ-C30, from 1.
C30 = {
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
C30_SCALES = [
    Linear(tuple(n - 1 for n in items), span, functional)
    for items, span, functional in C30.values()
]
SUMMED = [place for place, code in enumerate(C30) if code not in ("QL2", "FI")]


def linear(answers: Floats, scales: Sequence[Linear], summed: Sequence[int] = ()) -> Floats:
    """Scales from 0 to 100 with the half rule, answers from 1; with `summed` the summary score of
    these last."""
    out = np.empty((len(scales) + bool(summed), len(answers)))
    for start in range(0, len(answers), BLOCK):
        columns = np.ascontiguousarray(answers[start : start + BLOCK].T)
        given = ~np.isnan(columns)
        filled = np.where(given, columns, 0.0)
        block = out[:, start : start + BLOCK]
        for place, scale in enumerate(scales):
            _scale(scale, columns, given, filled, block[place])
        if summed:
            total = np.zeros(block.shape[1])
            for place in summed:
                total += block[place] if scales[place].functional else 100 - block[place]
            block[-1] = total / len(summed)
    return out.T


def _scale(scale: Linear, columns: Floats, given: np.ndarray, filled: Floats, out: Floats) -> None:
    first, *others = scale.items
    if not others:
        np.subtract(columns[first], 1, out=out)
    else:
        count = given[first].astype(np.int8)
        np.copyto(out, filled[first])
        for item in others:
            out += filled[item]
            count += given[item]
        out /= np.maximum(count, 1)
        out -= 1
        out[2 * count < len(scale.items)] = np.nan
    out *= 100 / scale.span
    if scale.functional:
        np.subtract(100, out, out=out)


def index(levels: Floats, losses: np.ndarray, any_problem: float) -> Floats:
    """The EQ-5D index of five levels a row: full health less a constant for any problem and what
    each level takes."""
    out = np.empty(len(levels))
    for start in range(0, len(levels), BLOCK):
        block = np.ascontiguousarray(levels[start : start + BLOCK].T)
        missing = np.isnan(block).any(axis=0)
        places = np.where(missing, 1, block).astype(np.intp) - 1
        taken = losses[0].take(places[0])
        for item in range(1, 5):
            taken += losses[item].take(places[item])
        value = (1000 - any_problem * places.any(axis=0) - taken) / 1000
        value[missing] = np.nan
        out[start : start + BLOCK] = value
    return out
