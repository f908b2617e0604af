"""Scores over time: small charts with the published threshold, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from proms.content import Library
from proms.db.queries.patient_page import GivenResponse
from proms.domain.instrument import STAND_IN, Formula, Polarity, Scale
from proms.web.locale import language

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 300, 162, 26, 10, 24, 24
POINTS, CHARTS = 6, 4


@dataclass(frozen=True)
class Point:
    """One score on a chart; `beyond` its threshold is filled."""

    x: float
    y: float
    value: int
    label: str
    beyond: bool


@dataclass(frozen=True)
class Trend:
    """A scale with its scores, oldest first; a moment without a score is None."""

    code: str
    label: str
    better_up: bool
    threshold: float | None
    moments: tuple[str, ...]
    values: tuple[float | None, ...]

    @property
    def beyond(self) -> bool:
        """Whether the latest score there is lies beyond the threshold, strictly and unrounded."""
        known = [value for value in self.values if value is not None]
        return bool(known) and self.is_beyond(known[-1])

    def is_beyond(self, value: float | None) -> bool:
        if value is None or self.threshold is None:
            return False
        return value < self.threshold if self.better_up else value > self.threshold

    @property
    def points(self) -> tuple[Point, ...]:
        shown = [(label, value) for label, value in zip(self.moments, self.values, strict=True)][
            -POINTS:
        ]
        step = (WIDTH - LEFT - RIGHT - 34) / max(1, len(shown) - 1)
        return tuple(
            Point(
                LEFT + 17 + index * step, height(value), round(value), label, self.is_beyond(value)
            )
            for index, (label, value) in enumerate(shown)
            if value is not None
        )

    @property
    def line(self) -> str:
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)

    @property
    def zone(self) -> tuple[float, float] | None:
        """Top and height of the side that needs attention."""
        if self.threshold is None:
            return None
        top, bottom = (self.threshold, 0) if self.better_up else (100, self.threshold)
        return height(top), height(bottom) - height(top)


@dataclass(frozen=True)
class Trends:
    """An instrument's scales over time."""

    title: str
    banner: str | None
    moments: tuple[str, ...]
    every: tuple[Trend, ...]

    @property
    def charts(self) -> list[Trend]:
        """The few that are drawn: first what is beyond its threshold now, else in the instrument's
        order."""
        known = [each for each in self.every if each.threshold is not None and each.points]
        return sorted(known, key=lambda each: not each.beyond)[:CHARTS]


def height(score: float) -> float:
    return TOP + (100 - score) / 100 * (HEIGHT - TOP - BOTTOM)


def trends(
    library: Library, given: Sequence[GivenResponse], randomised_on: date | None, zone: ZoneInfo
) -> list[Trends]:
    """Every instrument with scales that the patient answered."""
    found = []
    for code in sorted({each.response.instrument for each in given}):
        instrument, wording = library.instrument(code), library.wording(code, language())
        if not instrument.scales:
            continue
        own = [each for each in given if each.response.instrument == code]
        moments = tuple(_moment(each, randomised_on, zone) for each in own)
        shown = (scale for scale in instrument.scales if scale.formula is not Formula.DIGITS)
        every = tuple(_trend(scale, wording.label(scale.code), own, moments) for scale in shown)
        under_labels = any(each.response.wording_version == STAND_IN for each in own)
        banner = library.stand_in(instrument, language()).banner if under_labels else None
        found.append(Trends(wording.title, banner, moments, every))
    return found


def _trend(
    scale: Scale, label: str, own: Sequence[GivenResponse], moments: tuple[str, ...]
) -> Trend:
    return Trend(
        code=scale.code,
        label=label,
        better_up=scale.polarity is Polarity.HIGHER_IS_BETTER,
        threshold=scale.threshold,
        moments=moments,
        values=tuple(each.scores.get(scale.code) for each in own),
    )


def _moment(each: GivenResponse, randomised_on: date | None, zone: ZoneInfo) -> str:
    """ "start" before randomisation, then the week since."""
    day = each.response.submitted_at.astimezone(zone).date()
    if randomised_on is None or day <= randomised_on:
        return _("start")
    return _("w%(week)s", week=(day - randomised_on).days // 7)
