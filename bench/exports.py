"""The scored data set: responses to CSV lines, against csv.writer writing the same cells."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from math import isnan

from bench.scoring import answered
from bench.timing import Figure, taking_turns
from proms.content import Library
from proms.domain.export import PooledExport, ScoredResponse, columns, lines, pooled
from proms.domain.score import compiled

EVENTS = ("QOL-BASE", "QOL-W12", "QOL-W24", "QOL-W36", "QOL-W52")
RANDOMISED = date(2026, 1, 12)


def figures(library: Library, sizes: list[int], times: int) -> Iterator[Figure]:
    """The export of invented responses, from the smallest number of them to the largest."""
    responses = list(_responses(library, sizes[-1]))
    for rows in sizes:
        some = responses[:rows]
        cells = list(pooled(some, _export(library)))
        seconds = taking_turns(
            {
                "ours": lambda some=some: _written(library, some),
                "peer": lambda cells=cells: csv.writer(io.StringIO()).writerows(cells),
            },
            times,
        )
        ratio = seconds["peer"] / seconds["ours"]
        yield Figure("responses exported", rows, seconds["ours"], "csv.writer", ratio, "0.5")


def _export(library: Library) -> PooledExport:
    return PooledExport(columns(library), "bench")


def _written(library: Library, responses: list[ScoredResponse]) -> None:
    for _chunk in lines(pooled(responses, _export(library))):
        pass


def _responses(library: Library, count: int) -> Iterator[ScoredResponse]:
    """One questionnaire at each of some moments, patient after patient."""
    instrument = library.instrument("qlq-c30")
    scorer = compiled(instrument)
    values, counts = scorer.score(answered(instrument, count))
    for place in range(count):
        event = EVENTS[place % len(EVENTS)]
        due = RANDOMISED + timedelta(weeks=12 * (place % len(EVENTS)))
        yield ScoredResponse(
            usubjid=f"P{place // len(EVENTS):06}",
            site="AMS",
            protocol=library.protocol("pump-it"),
            event=event,
            due=due,
            randomised_on=RANDOMISED,
            answered_on=due,
            assignment=place + 1,
            version=1,
            instrument=instrument,
            wording_version="DEMO",
            language="nl",
            mode="phone",
            late=False,
            document={},
            scores=_scores(scorer.codes, values[place].tolist(), counts[place].tolist()),
            scoring_version="1",
            rule_set="",
        )


def _scores(
    scales: Sequence[str], values: list[float], counts: list[int]
) -> dict[str, tuple[float | None, int]]:
    """The scores as they are stored: one that could not be worked out has no value."""
    scores: dict[str, tuple[float | None, int]] = {}
    for scale, value, count in zip(scales, values, counts, strict=True):
        scores[scale] = (None if isnan(value) else value, count)
    return scores
