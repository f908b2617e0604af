"""Every column of the scored data set, each with its meaning: what is not listed here cannot
leave."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from proms.domain.instrument import Formula, Instrument, Polarity, Scale
from proms.domain.person import Language
from proms.domain.response import Mode

N, TCI, BASE, CHG = "_N", "_TCI", "_BASE", "_CHG"
YES_NO = "1 = yes; 0 = no"
MADE = {
    Formula.LINEAR: "Score from",
    Formula.REVERSE: "Score from",
    Formula.MEAN: "Score from",
    Formula.DIGITS: "Levels side by side of",
    Formula.VALUE_SET: "Value of the health state from",
    Formula.AS_ANSWERED: "The answer to",
}


class Kind(StrEnum):
    """What a column's cells hold."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"


class Status(StrEnum):
    """How a response came in."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    LATE = "late"


class Column(NamedTuple):
    """One column of the data set and all that a codebook says of it."""

    name: str
    meaning: str
    kind: Kind
    values: str
    source: str


TRIAL, PROTOCOL, RESPONSE = "enrolment", "protocol", "response"
LEADING = (
    Column(
        "usubjid",
        "Study code of the patient, drawn at random",
        Kind.TEXT,
        "5 letters and digits",
        TRIAL,
    ),
    Column("site", "Code of the site", Kind.TEXT, "", TRIAL),
    Column(
        "seq",
        "Number of the response among those of this patient and instrument; its versions share it",
        Kind.INTEGER,
        "1 and up",
        RESPONSE,
    ),
    Column(
        "pack", "What was asked", Kind.TEXT, "QOL = quality of life; HSC = symptom check", PROTOCOL
    ),
    Column(
        "moment",
        "Nominal moment, pooled over the arms",
        Kind.TEXT,
        "BASELINE; Wn = study week n; UNSCHEDULED",
        PROTOCOL,
    ),
    Column(
        "study_week",
        "Nominal whole weeks from randomisation",
        Kind.INTEGER,
        "weeks; 0 = baseline",
        PROTOCOL,
    ),
    Column(
        "study_day",
        "Day of submission; randomisation is day 1 and the day before it day -1",
        Kind.INTEGER,
        "days; empty = not randomised",
        RESPONSE,
    ),
    Column(
        "instrument",
        "Instrument; under stand-in labels it has another name",
        Kind.TEXT,
        "",
        RESPONSE,
    ),
    Column("instrument_version", "Version of the instrument", Kind.TEXT, "", RESPONSE),
    Column("wording_version", "Version of the wording that was shown", Kind.TEXT, "", RESPONSE),
    Column("language", "Language that was shown", Kind.TEXT, "; ".join(Language), RESPONSE),
    Column("mode", "How the answers came in", Kind.TEXT, "; ".join(Mode), RESPONSE),
    Column(
        "status",
        "late = submitted after its window; else whether every item asked has an answer",
        Kind.TEXT,
        "; ".join(Status),
        RESPONSE,
    ),
    Column(
        "response_version",
        "1 as submitted; a correction is the next",
        Kind.INTEGER,
        "1 and up",
        RESPONSE,
    ),
    Column("latest", "Whether this is the version that holds", Kind.FLAG, YES_NO, RESPONSE),
)
TRAILING = (
    Column("scoring_version", "Version of the scoring", Kind.TEXT, "", "scoring"),
    Column(
        "rule_set",
        "Alert rules the response was held against, with version",
        Kind.TEXT,
        "",
        "evaluation",
    ),
    Column("code_version", "Version of the program that made this file", Kind.TEXT, "", "program"),
)


class InstrumentSource(Protocol):
    """Where the instruments stand: code -> version -> instrument."""

    @property
    def instruments(self) -> Mapping[str, Mapping[str, Instrument]]: ...


def measured(shelf: InstrumentSource) -> tuple[Instrument, ...]:
    """Every version of every instrument that has scales, by code and version."""
    versions = (held for _, held in sorted(shelf.instruments.items()))
    every = (instrument for held in versions for _, instrument in sorted(held.items()))
    return tuple(instrument for instrument in every if instrument.scales)


def scales(instruments: Iterable[Instrument]) -> tuple[Scale, ...]:
    """Every scale of these instruments, each code once, in the order of the instruments."""
    found: dict[str, Scale] = {}
    for instrument in instruments:
        for scale in instrument.scales:
            found.setdefault(scale.code, scale)
    return tuple(found.values())


def columns(instruments: Iterable[Instrument]) -> tuple[Column, ...]:
    """The columns in order: the response, then of every scale score, number answered, flag,
    baseline and change."""
    held = tuple(instruments)
    scored = tuple(_scored(held))
    return (
        *LEADING,
        *(column for part in zip(*scored, strict=True) for column in part if column),
        *TRAILING,
    )


def threshold(scale: Scale) -> str | None:
    """When a score is clinically important, in words; None where no threshold is published."""
    if scale.threshold is None:
        return None
    return f"{'below' if scale.important_below is not None else 'above'} {scale.threshold:g}"


def _scored(instruments: tuple[Instrument, ...]) -> Iterator[tuple[Column | None, ...]]:
    for scale in scales(instruments):
        yield _score(scale, _sources(instruments, scale.code))


def _score(scale: Scale, source: str) -> tuple[Column | None, ...]:
    """The five columns of a scale; no flag without a published threshold, no change of a name made
    of digits."""
    code, what = scale.code, "scales" if scale.formula is Formula.MEAN else "items"
    beyond, measures = threshold(scale), scale.bounds is not None
    flag = f"{YES_NO}; empty = not scored"
    base = f"{code} at baseline, in the version that holds"
    change = f"{code} minus {code + BASE}; empty at baseline"
    return (
        Column(
            code, _meaning(scale, what), Kind.NUMBER, f"{_reach(scale)}; empty = not scored", source
        ),
        Column(
            code + N,
            f"How many {what} of {code} have a value",
            Kind.INTEGER,
            f"0 to {len(scale.parts)}",
            source,
        ),
        Column(code + TCI, f"{code} is clinically important: {beyond}", Kind.FLAG, flag, source)
        if beyond
        else None,
        Column(code + BASE, base, Kind.NUMBER, _reach(scale), source),
        Column(code + CHG, change, Kind.NUMBER, _reach_of_change(scale), source)
        if measures
        else None,
    )


def _meaning(scale: Scale, what: str) -> str:
    sentence = f"{MADE[scale.formula]} {what} {', '.join(scale.parts)}"
    if scale.polarity:
        sentence += (
            f"; higher is {'better' if scale.polarity is Polarity.HIGHER_IS_BETTER else 'worse'}"
        )
    if scale.source:
        sentence += f"; {scale.source}"
    return f"{sentence}; UNCONFIRMED: {scale.unconfirmed}" if scale.unconfirmed else sentence


def _reach(scale: Scale) -> str:
    return "{:g} to {:g}".format(*scale.bounds) if scale.bounds else "a digit an item"


def _reach_of_change(scale: Scale) -> str:
    lowest, highest = scale.bounds or (0, 0)
    return f"{lowest - highest:g} to {highest - lowest:g}"


def _sources(instruments: tuple[Instrument, ...], code: str) -> str:
    """The instrument versions a scale comes from."""
    having = (each for each in instruments if any(code == scale.code for scale in scales([each])))
    return "; ".join(f"{each.code} {each.version}" for each in having)
