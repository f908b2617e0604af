"""Scores over time: small charts with the published threshold, and the same as a table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from proms.content import Library
from proms.db.queries.patient_page import GivenResponse
from proms.domain.instrument import STAND_IN, Formula, Instrument, Polarity, Scale
from proms.web.locale import language

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 300, 162, 26, 10, 24, 24
INSET = 17  # from the edges of the plot to the first point, and from the last one
POINTS, CHARTS = 6, 6  # as many as can be read side by side


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
        scores = [value for value in self.values if value is not None]
        return bool(scores) and self.is_beyond(scores[-1])

    def is_beyond(self, value: float | None) -> bool:
        if value is None or self.threshold is None:
            return False
        if self.better_up:
            return value < self.threshold
        return value > self.threshold

    @property
    def points(self) -> tuple[Point, ...]:
        """The latest moments; one without a score keeps its place and has no point."""
        shown = list(zip(self.moments, self.values, strict=True))[-POINTS:]
        step = (WIDTH - LEFT - RIGHT - 2 * INSET) / max(1, len(shown) - 1)
        points = []
        for index, (moment, value) in enumerate(shown):
            if value is not None:
                x = LEFT + INSET + index * step
                y = height(value)
                points.append(Point(x, y, round(value), moment, self.is_beyond(value)))
        return tuple(points)

    @property
    def line(self) -> str:
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)

    @property
    def zone(self) -> tuple[float, float] | None:
        """Top and height of the side that needs attention."""
        if self.threshold is None:
            return None
        at_threshold = height(self.threshold)
        if self.better_up:
            return at_threshold, height(0) - at_threshold
        return height(100), at_threshold - height(100)


@dataclass(frozen=True)
class Trends:
    """An instrument's scales over time."""

    title: str
    banner: str | None
    moments: tuple[str, ...]
    every: tuple[Trend, ...]
    first: tuple[str, ...] = ()

    @property
    def charts(self) -> list[Trend]:
        """The few that are drawn: those the protocol names, then what is beyond its threshold now,
        else in the instrument's order."""
        drawable = [trend for trend in self.every if trend.threshold is not None and trend.points]
        in_order = sorted(drawable, key=lambda trend: (self._place(trend), not trend.beyond))
        return in_order[:CHARTS]

    def _place(self, trend: Trend) -> int:
        """Where a scale stands among those that are named, behind them where it is not."""
        if trend.code in self.first:
            return self.first.index(trend.code)
        return len(self.first)


def height(score: float) -> float:
    return TOP + (100 - score) / 100 * (HEIGHT - TOP - BOTTOM)


def trends(
    library: Library,
    given: Sequence[GivenResponse],
    randomised_on: date | None,
    zone: ZoneInfo,
    *,
    first: Mapping[str, tuple[str, ...]],
) -> list[Trends]:
    """Every instrument with scales that the patient answered; `first` are the scales of each that
    are drawn before the others."""
    by_instrument: dict[str, list[GivenResponse]] = defaultdict(list)
    for report in given:
        by_instrument[report.response.instrument].append(report)
    tables = []
    for code in sorted(by_instrument):
        instrument = library.instrument(code)
        if instrument.scales:
            reports = by_instrument[code]
            moments = tuple(_moment(report, randomised_on, zone) for report in reports)
            drawn = _instrument_trends(library, instrument, reports, moments)
            tables.append(replace(drawn, first=first.get(code, ())))
    return tables


def _instrument_trends(
    library: Library,
    instrument: Instrument,
    reports: Sequence[GivenResponse],
    moments: tuple[str, ...],
) -> Trends:
    wording = library.wording(instrument.code, language())
    shown = tuple(
        _trend(scale, wording.label(scale.code), reports, moments)
        for scale in instrument.scales
        if scale.formula is not Formula.DIGITS  # a name, not a quantity: it has no course
    )
    return Trends(wording.title, _banner(library, instrument, reports), moments, shown)


def _banner(
    library: Library, instrument: Instrument, reports: Sequence[GivenResponse]
) -> str | None:
    """The notice that some of the answers were given to stand-in labels, if they were."""
    if any(report.response.wording_version == STAND_IN for report in reports):
        return library.stand_in(instrument, language()).banner
    return None


def _trend(
    scale: Scale, label: str, reports: Sequence[GivenResponse], moments: tuple[str, ...]
) -> Trend:
    return Trend(
        code=scale.code,
        label=label,
        better_up=scale.polarity is Polarity.HIGHER_IS_BETTER,
        threshold=scale.threshold,
        moments=moments,
        values=tuple(report.scores.get(scale.code) for report in reports),
    )


def _moment(report: GivenResponse, randomised_on: date | None, zone: ZoneInfo) -> str:
    """ "start" before randomisation, then the week since."""
    day = report.response.answered_on(zone)
    if randomised_on is None or day <= randomised_on:
        return _("start")
    return _("wk %(week)s", week=(day - randomised_on).days // 7)
