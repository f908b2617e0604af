"""Every column of the scored data set, each with its meaning and its cells: what is not listed here
cannot leave.

A column is written in one place: header, codebook and rows are all read from it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from proms.domain.export.cells import Cell
from proms.domain.export.row import ABSENT, ExportRow, Status
from proms.domain.export.study_moment import study_day
from proms.domain.instrument import Formula, Instrument, Polarity, Scale
from proms.domain.person import Language
from proms.domain.protocol import Protocol as TrialProtocol
from proms.domain.response import Mode
from proms.domain.score import important

N, TCI, BASE, CHG = "_N", "_TCI", "_BASE", "_CHG"
MODES = {
    Mode.PHONE: "by herself on these pages",
    Mode.TABLET: "by herself on a tablet of the hospital",
    Mode.API: "by herself with another program",
    Mode.CALL: "told on the telephone, entered by staff",
    Mode.PAPER: "on paper, entered by staff",
}
YES_NO = "1 = yes; 0 = no"
MADE = {
    Formula.LINEAR: "Score from",
    Formula.REVERSE: "Score from",
    Formula.MEAN: "Score from",
    Formula.DIGITS: "Levels side by side of",
    Formula.VALUE_SET: "Value of the health state from",
    Formula.AS_ANSWERED: "The answer to",
}
BETTER_OR_WORSE = {
    Polarity.HIGHER_IS_BETTER: "higher is better",
    Polarity.HIGHER_IS_WORSE: "higher is worse",
}


class Kind(StrEnum):
    """What a column's cells hold."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"


class Column(NamedTuple):
    """One column of the data set: all that a codebook says of it, and the cell it has in a row."""

    name: str
    meaning: str
    kind: Kind
    values: str
    source: str
    cell: Callable[[ExportRow], Cell]


ENROLMENT, PROTOCOL, RESPONSE = "enrolment", "protocol", "response"
WHOSE = (
    Column(
        "usubjid",
        "Study code of the patient, drawn at random",
        Kind.TEXT,
        "8 letters and digits in turn; older codes: 5 in any order",
        ENROLMENT,
        lambda row: row.response.usubjid,
    ),
    Column("site", "Code of the site", Kind.TEXT, "", ENROLMENT, lambda row: row.response.site),
    Column(
        "seq",
        "Number of the response among those of this patient and instrument; its versions share it",
        Kind.INTEGER,
        "1 and up",
        RESPONSE,
        lambda row: row.seq,
    ),
)
WHAT_AND_WHEN = (
    Column(
        "moment",
        "Nominal moment, pooled over the arms",
        Kind.TEXT,
        "BASELINE; Wn = study week n; UNSCHEDULED",
        PROTOCOL,
        lambda row: row.moment.moment(row.week),
    ),
    Column(
        "study_week",
        "Nominal whole weeks from randomisation",
        Kind.INTEGER,
        "weeks; 0 = baseline",
        PROTOCOL,
        lambda row: row.week,
    ),
    Column(
        "study_day",
        "Day of the answers: of submission, or the source date of what staff entered; "
        "randomisation is day 1 and the day before it day -1",
        Kind.INTEGER,
        "days; empty = not randomised",
        RESPONSE,
        lambda row: study_day(row.response.answered_on, row.response.randomised_on),
    ),
    Column(
        "instrument",
        "Instrument; under stand-in labels it has another name",
        Kind.TEXT,
        "",
        RESPONSE,
        lambda row: row.response.instrument_name,
    ),
    Column(
        "instrument_version",
        "Version of the instrument",
        Kind.TEXT,
        "",
        RESPONSE,
        lambda row: row.response.instrument.version,
    ),
    Column(
        "wording_version",
        "Version of the wording that was shown",
        Kind.TEXT,
        "",
        RESPONSE,
        lambda row: row.response.wording_version,
    ),
    Column(
        "language",
        "Language that was shown",
        Kind.TEXT,
        "; ".join(Language),
        RESPONSE,
        lambda row: row.response.language,
    ),
    Column(
        "mode",
        "How the answers came in",
        Kind.TEXT,
        "; ".join(f"{mode} = {meaning}" for mode, meaning in MODES.items()),
        RESPONSE,
        lambda row: row.response.mode,
    ),
    Column(
        "entered_day",
        "Day on which staff entered answers of which study_day is the source date",
        Kind.INTEGER,
        "days as study_day; empty = not entered by staff, or not randomised",
        RESPONSE,
        lambda row: study_day(row.response.entered_on, row.response.randomised_on),
    ),
    Column(
        "status",
        "late = answered after its window; else whether every item asked has an answer",
        Kind.TEXT,
        "; ".join(Status),
        RESPONSE,
        lambda row: row.response.status,
    ),
    Column(
        "response_version",
        "1 as submitted; a correction is the next",
        Kind.INTEGER,
        "1 and up",
        RESPONSE,
        lambda row: row.response.version,
    ),
    Column(
        "latest",
        "Whether this is the version that holds",
        Kind.FLAG,
        YES_NO,
        RESPONSE,
        lambda row: int(row.latest),
    ),
)
MADE_WITH = (
    Column(
        "scoring_version",
        "Version of the scoring",
        Kind.TEXT,
        "",
        "scoring",
        lambda row: row.response.scoring_version,
    ),
    Column(
        "rule_set",
        "Alert rules the response was held against, with version",
        Kind.TEXT,
        "",
        "evaluation",
        lambda row: row.response.rule_set,
    ),
    Column(
        "code_version",
        "Version of the program that made this file",
        Kind.TEXT,
        "",
        "program",
        lambda row: row.code_version,
    ),
)


class ContentSource(Protocol):
    """Where the content stands: code -> version -> instrument or protocol."""

    @property
    def instruments(self) -> Mapping[str, Mapping[str, Instrument]]: ...
    @property
    def protocols(self) -> Mapping[str, Mapping[int, TrialProtocol]]: ...


def measured(content: ContentSource) -> tuple[Instrument, ...]:
    """Every version of every instrument that has scales, by code and version."""
    found: list[Instrument] = []
    for _, versions in sorted(content.instruments.items()):
        for _, instrument in sorted(versions.items()):
            if instrument.scales:
                found.append(instrument)
    return tuple(found)


def columns(content: ContentSource) -> tuple[Column, ...]:
    """The columns in order: the response, then of every scale score, number answered, flag,
    baseline and change."""
    pack = _pack(content.protocols)
    return (*WHOSE, pack, *WHAT_AND_WHEN, *_scale_columns(measured(content)), *MADE_WITH)


def _pack(protocols: Mapping[str, Mapping[int, TrialProtocol]]) -> Column:
    """Which pack was asked, by the short names of the protocols."""
    titles: dict[str, str] = {}
    for versions in protocols.values():
        for protocol in versions.values():
            for series in protocol.series.values():
                titles.setdefault(series.pack, str(series.title).lower())
    return Column(
        "pack",
        "What was asked",
        Kind.TEXT,
        "; ".join(f"{pack} = {title}" for pack, title in titles.items()),
        PROTOCOL,
        lambda row: row.moment.pack,
    )


def _scale_columns(instruments: tuple[Instrument, ...]) -> Iterator[Column]:
    """All scores, then all numbers answered, and so on: what belongs together stands together."""
    scales = _scales(instruments)
    sources = {code: _source(instruments, code) for code in scales}
    for column_of in COLUMNS_OF_A_SCALE:
        for code, scale in scales.items():
            column = column_of(scale, sources[code])
            if column:
                yield column


def _scales(instruments: Iterable[Instrument]) -> dict[str, Scale]:
    """Every scale of these instruments, each code once, in the order of the instruments."""
    scales: dict[str, Scale] = {}
    for instrument in instruments:
        for scale in instrument.scales:
            scales.setdefault(scale.code, scale)
    return scales


def _source(instruments: Iterable[Instrument], code: str) -> str:
    """The instrument versions a scale comes from."""
    sources: list[str] = []
    for instrument in instruments:
        if any(scale.code == code for scale in instrument.scales):
            sources.append(f"{instrument.code} {instrument.version}")
    return "; ".join(sources)


def _score(scale: Scale, source: str) -> Column:
    values = f"{_range(scale)}; empty = not scored"

    def score(row: ExportRow) -> Cell:
        value, _ = row.scores.get(scale.code, ABSENT)
        return scale.written(value)

    return Column(scale.code, _meaning(scale), Kind.NUMBER, values, source, score)


def _number_answered(scale: Scale, source: str) -> Column:
    meaning = f"How many {_parts(scale)} of {scale.code} have a value"
    values = f"0 to {len(scale.parts)}"

    def number_answered(row: ExportRow) -> Cell:
        _, answered = row.scores.get(scale.code, ABSENT)
        return answered

    return Column(scale.code + N, meaning, Kind.INTEGER, values, source, number_answered)


def _importance(scale: Scale, source: str) -> Column | None:
    """Whether the score is clinically important; none without a published threshold."""
    beyond = _threshold(scale)
    if beyond is None:
        return None
    meaning = f"{scale.code} is clinically important: {beyond}"
    values = f"{YES_NO}; empty = not scored"

    def flag(row: ExportRow) -> Cell:
        value, _ = row.scores.get(scale.code, ABSENT)
        is_important = important(scale, value)
        return None if is_important is None else int(is_important)

    return Column(scale.code + TCI, meaning, Kind.FLAG, values, source, flag)


def _baseline(scale: Scale, source: str) -> Column:
    meaning = f"{scale.code} at baseline, in the version that holds"

    def baseline(row: ExportRow) -> Cell:
        value, _ = row.baseline.get(scale.code, ABSENT)
        return scale.written(value)

    return Column(scale.code + BASE, meaning, Kind.NUMBER, _range(scale), source, baseline)


def _change(scale: Scale, source: str) -> Column | None:
    """The change since baseline; none of a name made of digits, which is no quantity."""
    if scale.bounds is None:
        return None
    lowest, highest = scale.bounds
    meaning = f"{scale.code} minus {scale.code + BASE}; empty at baseline"
    values = f"{lowest - highest:g} to {highest - lowest:g}"

    def change(row: ExportRow) -> Cell:
        if row.moment.baseline:
            return None
        value, _ = row.scores.get(scale.code, ABSENT)
        before, _ = row.baseline.get(scale.code, ABSENT)
        if value is None or before is None:
            return None
        return scale.written(value - before)

    return Column(scale.code + CHG, meaning, Kind.NUMBER, values, source, change)


COLUMNS_OF_A_SCALE = (_score, _number_answered, _importance, _baseline, _change)


def _threshold(scale: Scale) -> str | None:
    """When a score is clinically important, in words; None where no threshold is published."""
    if scale.threshold is None:
        return None
    side = "above" if scale.important_below is None else "below"
    return f"{side} {scale.threshold:g}"


def _meaning(scale: Scale) -> str:
    phrases = [f"{MADE[scale.formula]} {_parts(scale)} {', '.join(scale.parts)}"]
    if scale.polarity:
        phrases.append(BETTER_OR_WORSE[scale.polarity])
    if scale.snomed:
        phrases.append(f"SNOMED CT {scale.snomed}")
    if scale.source:
        phrases.append(scale.source)
    if scale.unconfirmed:
        phrases.append(f"UNCONFIRMED: {scale.unconfirmed}")
    return "; ".join(phrases)


def _parts(scale: Scale) -> str:
    """What the scale is made of, as a word."""
    return "scales" if scale.formula is Formula.MEAN else "items"


def _range(scale: Scale) -> str:
    if scale.bounds is None:
        return "a digit an item"
    lowest, highest = scale.bounds
    return f"{lowest:g} to {highest:g}"
