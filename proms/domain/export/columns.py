"""Every column of the scored data set, each with its meaning: what is not listed here cannot leave."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from proms.domain.instrument import Instrument, Polarity, Scale, Summary
from proms.domain.person import Language
from proms.domain.response import Mode

N, TCI, BASE, CHG = "_N", "_TCI", "_BASE", "_CHG"
YES_NO = "1 = yes; 0 = no"


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
    Column("usubjid", "Study code of the patient, drawn at random", Kind.TEXT, "5 letters and digits", TRIAL),
    Column("site", "Code of the site", Kind.TEXT, "", TRIAL),
    Column(
        "seq",
        "Number of the response among those of this patient and instrument; its versions share it",
        Kind.INTEGER,
        "1 and up",
        RESPONSE,
    ),
    Column("pack", "What was asked", Kind.TEXT, "QOL = quality of life; HSC = symptom check", PROTOCOL),
    Column(
        "moment",
        "Nominal moment, pooled over the arms",
        Kind.TEXT,
        "BASELINE; Wn = study week n; UNSCHEDULED",
        PROTOCOL,
    ),
    Column("study_week", "Nominal whole weeks from randomisation", Kind.INTEGER, "weeks; 0 = baseline", PROTOCOL),
    Column(
        "study_day",
        "Day of submission; randomisation is day 1 and the day before it day -1",
        Kind.INTEGER,
        "days; empty = not randomised",
        RESPONSE,
    ),
    Column("instrument", "Instrument; under stand-in labels it has another name", Kind.TEXT, "", RESPONSE),
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
    Column("response_version", "1 as submitted; a correction is the next", Kind.INTEGER, "1 and up", RESPONSE),
    Column("latest", "Whether this is the version that holds", Kind.FLAG, YES_NO, RESPONSE),
)
TRAILING = (
    Column("scoring_version", "Version of the scoring", Kind.TEXT, "", "scoring"),
    Column("rule_set", "Alert rules the response was held against, with version", Kind.TEXT, "", "evaluation"),
    Column("code_version", "Version of the program that made this file", Kind.TEXT, "", "program"),
)


class Shelf(Protocol):
    """Where the instruments stand: code -> version -> instrument."""

    @property
    def instruments(self) -> Mapping[str, Mapping[str, Instrument]]: ...


def measured(shelf: Shelf) -> tuple[Instrument, ...]:
    """Every version of every instrument that has scales, by code and version."""
    versions = (held for _, held in sorted(shelf.instruments.items()))
    every = (instrument for held in versions for _, instrument in sorted(held.items()))
    return tuple(instrument for instrument in every if instrument.scales)


def scales(instruments: Iterable[Instrument]) -> tuple[Scale | Summary, ...]:
    """Every scale and summary of these instruments, each code once, in the order of the instruments."""
    found: dict[str, Scale | Summary] = {}
    for instrument in instruments:
        for scale in (*instrument.scales, *((instrument.summary,) if instrument.summary else ())):
            found.setdefault(scale.code, scale)
    return tuple(found.values())


def columns(instruments: Iterable[Instrument]) -> tuple[Column, ...]:
    """The columns in order: the response, then of every scale score, number answered, flag, baseline and change."""
    held = tuple(instruments)
    scored = tuple(_scored(held))
    return (*LEADING, *(column for part in zip(*scored, strict=True) for column in part if column), *TRAILING)


def threshold(scale: Scale | Summary) -> str | None:
    """When a score is clinically important, in words; None where no threshold is published."""
    if isinstance(scale, Summary):
        return None
    if scale.important_below is not None:
        return f"below {scale.important_below:g}"
    return f"above {scale.important_above:g}" if scale.important_above is not None else None


def _scored(instruments: tuple[Instrument, ...]) -> Iterator[tuple[Column | None, ...]]:
    for scale in scales(instruments):
        yield _score(scale, _sources(instruments, scale.code))


def _score(scale: Scale | Summary, source: str) -> tuple[Column | None, ...]:
    """The five columns of a scale; without a published threshold there is no flag."""
    code = scale.code
    what, parts = ("scales", scale.scales) if isinstance(scale, Summary) else ("items", scale.items)
    higher = "better" if scale.polarity is Polarity.HIGHER_IS_BETTER else "worse"
    meaning = f"Score from {what} {', '.join(parts)}; higher is {higher}"
    beyond = threshold(scale)
    flag = f"{YES_NO}; empty = not scored"
    return (
        Column(code, meaning, Kind.NUMBER, "0 to 100; empty = not scored", source),
        Column(code + N, f"How many {what} of {code} have a value", Kind.INTEGER, f"0 to {len(parts)}", source),
        Column(code + TCI, f"{code} is clinically important: {beyond}", Kind.FLAG, flag, source) if beyond else None,
        Column(code + BASE, f"{code} at baseline, in the version that holds", Kind.NUMBER, "0 to 100", source),
        Column(code + CHG, f"{code} minus {code + BASE}; empty at baseline", Kind.NUMBER, "-100 to 100", source),
    )


def _sources(instruments: tuple[Instrument, ...], code: str) -> str:
    """The instrument versions a scale comes from."""
    having = (each for each in instruments if any(code == scale.code for scale in scales([each])))
    return "; ".join(f"{each.code} {each.version}" for each in having)
