"""What a scale means and how it is made, in sentences that its analyst and its nurse both
understand."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from proms.domain.instrument import (
    Formula,
    Instrument,
    Polarity,
    Scale,
    ValueSet,
    listed,
    number_of,
)
from proms.domain.instrument.scale import THOUSAND

POLARITIES = {
    Polarity.HIGHER_IS_BETTER: _l("higher is better"),
    Polarity.HIGHER_IS_WORSE: _l("higher is worse"),
}


@dataclass(frozen=True)
class Measured:
    """A scale with everything said of it."""

    scale: Scale
    label: str
    made: str
    meaning: str
    threshold: str


@dataclass(frozen=True)
class Worth:
    """A country's value set as a table: what each level of each item takes."""

    scale: Scale
    full: str
    any_problem: str
    levels: tuple[int, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def measured(instrument: Instrument, labels: Sequence[str]) -> list[Measured]:
    """The scales in order, each under its label."""
    return [
        Measured(scale, label, made(instrument, scale), _meaning(scale), _threshold(scale))
        for scale, label in zip(instrument.scales, labels, strict=True)
    ]


def made(instrument: Instrument, scale: Scale) -> str:
    """How answers become the score."""
    parts = cited(instrument, scale)
    match scale.formula:
        case Formula.LINEAR | Formula.REVERSE:
            return _linear(scale, parts)
        case Formula.MEAN:
            return _mean(scale)
        case Formula.DIGITS:
            return _(
                "The levels of questions %(parts)s side by side, only when all are answered.",
                parts=parts,
            )
        case Formula.VALUE_SET:
            return _(
                "Looked up in the value set below from questions %(parts)s, only when all are answered.",
                parts=parts,
            )
        case Formula.AS_ANSWERED:
            return _("The number that was answered to question %(parts)s.", parts=parts)


def cited(instrument: Instrument, scale: Scale) -> str:
    """The parts of a scale as people cite them: "1 to 5", "38 and 39", "MO, SC and UA"."""
    if scale.formula is Formula.MEAN or not all(part.startswith("q") for part in scale.parts):
        return listed(scale.parts, _("%(first)s and %(next)s"))
    numbers = [number_of(instrument, part) for part in scale.parts]
    # Neighbours share the difference between number and place.
    runs = [
        [number for _place, number in run]
        for _gap, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ]
    said = [_run(run) for run in runs]
    return listed([each for run in said for each in run], _("%(first)s and %(next)s"))


def worths(instrument: Instrument) -> list[Worth]:
    """The value sets of an instrument, in the reader's way of writing numbers."""
    return [
        _worth(instrument, scale, scale.value_set) for scale in instrument.scales if scale.value_set
    ]


def _run(run: list[int]) -> list[str]:
    if len(run) > 2:
        return [_("%(first)s to %(last)s", first=run[0], last=run[-1])]
    return [str(each) for each in run]


def _linear(scale: Scale, parts: str) -> str:
    turned = scale.formula is Formula.REVERSE
    if len(scale.parts) == 1:
        if turned:
            return _(
                "The answer to question %(parts)s, turned into 0 to 100 and reversed.", parts=parts
            )
        return _("The answer to question %(parts)s, turned into 0 to 100.", parts=parts)
    half = {"parts": parts, "half": (len(scale.parts) + 1) // 2, "all": len(scale.parts)}
    if turned:
        return _(
            "Mean of the answers to questions %(parts)s, turned into 0 to 100 and reversed;"
            " scored when at least %(half)s of the %(all)s are answered.",
            **half,
        )
    return _(
        "Mean of the answers to questions %(parts)s, turned into 0 to 100;"
        " scored when at least %(half)s of the %(all)s are answered.",
        **half,
    )


def _mean(scale: Scale) -> str:
    every = {"scales": listed(scale.parts, _("%(first)s and %(next)s")), "all": len(scale.parts)}
    if not scale.turned:
        return _("Mean of %(scales)s; only when all %(all)s are scored.", **every)
    return _(
        "Mean of %(scales)s, of which %(turned)s count as 100 minus the score; only when all %(all)s are scored.",
        turned=listed(
            [part for part in scale.parts if part in scale.turned], _("%(first)s and %(next)s")
        ),
        **every,
    )


def _meaning(scale: Scale) -> str:
    if scale.bounds is None:
        return _("A name, not a quantity: neither better nor worse.")
    lowest, highest = (_decimal(bound) for bound in scale.bounds)
    polarity = POLARITIES[scale.polarity] if scale.polarity else ""
    return _(
        "%(lowest)s to %(highest)s, %(polarity)s", lowest=lowest, highest=highest, polarity=polarity
    )


def _threshold(scale: Scale) -> str:
    if scale.threshold is None:
        return ""
    number = _decimal(scale.threshold)
    return (
        _("below %(number)s", number=number)
        if scale.important_below is not None
        else _("above %(number)s", number=number)
    )


def _worth(instrument: Instrument, scale: Scale, held: ValueSet) -> Worth:
    levels = tuple(
        level for level in instrument.item(scale.parts[0]).options if isinstance(level, int)
    )
    rows = tuple(
        (part, tuple(_thousandths(each) for each in held.losses[part])) for part in scale.parts
    )
    return Worth(scale, _thousandths(held.full), _thousandths(held.any_problem), levels, rows)


def _thousandths(number: int) -> str:
    return format_decimal(number / THOUSAND, "0.000", locale=get_locale())


def _decimal(number: float) -> str:
    return format_decimal(number, "0.###", locale=get_locale())
