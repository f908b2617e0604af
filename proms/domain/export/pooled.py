"""From responses to rows: one a response version, the arms pooled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from proms.domain.export.cells import Cell
from proms.domain.export.columns import Status, columns, scales, threshold
from proms.domain.export.study_moment import StudyMoment, study_day, study_moment
from proms.domain.instrument import Instrument, ItemKind, Scale
from proms.domain.protocol import Protocol
from proms.domain.response import Entry, MissingReason, missing_of
from proms.domain.score import important

LEFT_OUT = frozenset({MissingReason.SKIPPED, MissingReason.DECLINED})
Scored = Mapping[
    str, tuple[float | None, int | None]
]  # scale -> value, how many items or scales it counts
ABSENT = (None, None)


@dataclass(frozen=True, slots=True)
class ScoredResponse:
    """One version of a response as the export reads it; `answered_on` is the site date of
    submission."""

    usubjid: str
    site: str
    protocol: Protocol
    event: str
    due: date
    randomised_on: date | None
    answered_on: date
    assignment: int
    version: int
    instrument: Instrument
    wording_version: str
    language: str
    mode: str
    late: bool
    document: Mapping[str, Entry]
    scores: Scored
    scoring_version: str
    rule_set: str


@dataclass
class PooledExport:
    """One export under way: its columns, and how many rows it gave and held back."""

    instruments: tuple[Instrument, ...]
    code_version: str
    rows: int = 0
    held_back: int = 0
    places: dict[tuple[str, int, str], StudyMoment | None] = field(default_factory=dict)

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in columns(self.instruments))

    def place(self, answered: ScoredResponse) -> StudyMoment | None:
        protocol = answered.protocol
        key = (protocol.code, protocol.version, answered.event)
        if key not in self.places:
            self.places[key] = study_moment(protocol, answered.event)
        return self.places[key]


def pooled(answers: Iterable[ScoredResponse], sheet: PooledExport) -> Iterator[tuple[Cell, ...]]:
    """The header, then the rows of one patient after another; what would tell the arm is counted
    and held back."""
    yield sheet.header
    measured = scales(sheet.instruments)
    for _, own in groupby(answers, key=lambda each: each.usubjid):
        placed = [(each, sheet.place(each)) for each in own]
        shown = [(each, where) for each, where in placed if where]
        sheet.rows += len(shown)
        sheet.held_back += len(placed) - len(shown)
        yield from _patient(shown, measured, sheet.code_version)


def _patient(
    shown: list[tuple[ScoredResponse, StudyMoment]], measured: tuple[Scale, ...], code_version: str
) -> Iterator[tuple[Cell, ...]]:
    """A patient's rows; she has a few hundred at most, so that they may be held at once."""
    latest = {
        each.assignment: each.version for each, _ in sorted(shown, key=lambda pair: pair[0].version)
    }
    numbers: dict[str, dict[int, int]] = {}
    baselines: dict[str, Scored] = {}
    for each, where in shown:
        own = numbers.setdefault(_name(each), {})
        own.setdefault(each.assignment, len(own) + 1)
        if where.baseline and latest[each.assignment] == each.version:
            baselines[_name(each)] = each.scores
    for each, where in shown:
        name = _name(each)
        yield (
            *_lead(
                each, where, numbers[name][each.assignment], latest[each.assignment] == each.version
            ),
            *_measures(each.scores, measured, baselines.get(name, {}), where.baseline),
            each.scoring_version,
            each.rule_set,
            code_version,
        )


def _lead(each: ScoredResponse, where: StudyMoment, seq: int, latest: bool) -> tuple[Cell, ...]:
    """The cells of the leading columns, in their order."""
    week = where.study_week(each.due, each.randomised_on)
    return (
        each.usubjid,
        each.site,
        seq,
        where.pack,
        where.moment(week),
        week,
        study_day(each.answered_on, each.randomised_on),
        _name(each),
        each.instrument.version,
        each.wording_version,
        each.language,
        each.mode,
        status(each),
        each.version,
        int(latest),
    )


def status(each: ScoredResponse) -> Status:
    """Late whatever it holds, else complete when every question asked was answered; a free remark
    does not count."""
    if each.late:
        return Status.LATE
    left_out = {code for code, why in missing_of(each.document).items() if why in LEFT_OUT}
    asked = (item.code for item in each.instrument.items if item.kind is not ItemKind.TEXT)
    return Status.PARTIAL if left_out.intersection(asked) else Status.COMPLETE


def _measures(
    scores: Scored, measured: tuple[Scale, ...], base: Scored, at_baseline: bool
) -> Iterator[Cell]:
    """The cells of the scale columns: all scores, all numbers answered, all flags, all baselines,
    all changes."""
    found = [scores.get(scale.code, ABSENT) for scale in measured]
    values = [scale.written(value) for scale, (value, _) in zip(measured, found, strict=True)]
    before = [scale.written(base.get(scale.code, ABSENT)[0]) for scale in measured]
    yield from values
    yield from (answered for _, answered in found)
    yield from (
        _flag(scale, value)
        for scale, value in zip(measured, values, strict=True)
        if threshold(scale)
    )
    yield from before
    for scale, value, was in zip(measured, values, before, strict=True):
        if scale.bounds:
            yield None if at_baseline or value is None or was is None else value - was


def _flag(scale: Scale, value: float | None) -> int | None:
    beyond = important(scale, value)
    return None if beyond is None else int(beyond)


def _name(each: ScoredResponse) -> str:
    return each.instrument.name_in_export(each.wording_version)
