"""What a scale means and how it is made, in sentences that its analyst and its nurse both
understand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
class ScaleSummary:
    """A scale with everything said of it."""

    scale: Scale
    label: str
    formula: str
    meaning: str
    threshold: str


@dataclass(frozen=True)
class ValueSetTable:
    """A country's value set as a table: what each level of each item takes."""

    scale: Scale
    full: str
    any_problem: str
    levels: tuple[int, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def scale_summaries(instrument: Instrument, labels: Sequence[str]) -> list[ScaleSummary]:
    """The scales in order, each under its label."""
    return [
        ScaleSummary(
            scale, label, formula_sentence(instrument, scale), _meaning(scale), _threshold(scale)
        )
        for scale, label in zip(instrument.scales, labels, strict=True)
    ]


def formula_sentence(instrument: Instrument, scale: Scale) -> str:
    """How answers become the score."""
    parts = cited_parts(instrument, scale)
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
                "Looked up in the value set below from questions %(parts)s,"
                " only when all are answered.",
                parts=parts,
            )
        case Formula.AS_ANSWERED:
            return _("The number that was answered to question %(parts)s.", parts=parts)


def cited_parts(instrument: Instrument, scale: Scale) -> str:
    """The parts of a scale as people cite them: "1 to 5", "38 and 39", "MO, SC and UA"."""
    if scale.formula is Formula.MEAN or not all(part.startswith("q") for part in scale.parts):
        return _listed(scale.parts)
    numbers = [number_of(instrument, part) for part in scale.parts]
    cited: list[str] = []
    for run in _runs(numbers):
        if len(run) > 2:
            cited.append(_("%(first)s to %(last)s", first=run[0], last=run[-1]))
        else:
            cited.extend(str(number) for number in run)
    return _listed(cited)


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """The numbers, those that follow each other together."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _listed(parts: Sequence[str]) -> str:
    return listed(parts, _("%(first)s and %(next)s"))


def value_set_tables(instrument: Instrument) -> list[ValueSetTable]:
    """The value sets of an instrument, in the reader's way of writing numbers."""
    return [
        _value_set_table(instrument, scale, scale.value_set)
        for scale in instrument.scales
        if scale.value_set
    ]


def _linear(scale: Scale, parts: str) -> str:
    reversed_ = scale.formula is Formula.REVERSE
    if len(scale.parts) == 1:
        if reversed_:
            return _(
                "The answer to question %(parts)s, turned into 0 to 100 and reversed.", parts=parts
            )
        return _("The answer to question %(parts)s, turned into 0 to 100.", parts=parts)
    half = (len(scale.parts) + 1) // 2
    slots = {"parts": parts, "half": half, "all": len(scale.parts)}
    if reversed_:
        return _(
            "Mean of the answers to questions %(parts)s, turned into 0 to 100 and reversed; no "
            "score with fewer than %(half)s of the %(all)s answers.",
            **slots,
        )
    return _(
        "Mean of the answers to questions %(parts)s, turned into 0 to 100; no score with fewer "
        "than %(half)s of the %(all)s answers.",
        **slots,
    )


def _mean(scale: Scale) -> str:
    slots = {"scales": _listed(scale.parts), "all": len(scale.parts)}
    if not scale.turned:
        return _("Mean of %(scales)s; only when all %(all)s are scored.", **slots)
    turned = [part for part in scale.parts if part in scale.turned]
    return _(
        "Mean of %(scales)s, of which %(turned)s count as 100 minus the score;"
        " only when all %(all)s are scored.",
        turned=_listed(turned),
        **slots,
    )


def _meaning(scale: Scale) -> str:
    if scale.bounds is None:
        return _("A code, not a measure: higher is neither better nor worse.")
    lowest, highest = scale.bounds
    return _(
        "%(lowest)s to %(highest)s, %(polarity)s",
        lowest=_decimal(lowest),
        highest=_decimal(highest),
        polarity=POLARITIES[scale.polarity] if scale.polarity else "",
    )


def _threshold(scale: Scale) -> str:
    if scale.threshold is None:
        return ""
    number = _decimal(scale.threshold)
    if scale.important_below is not None:
        return _("below %(number)s", number=number)
    return _("above %(number)s", number=number)


def _value_set_table(instrument: Instrument, scale: Scale, value_set: ValueSet) -> ValueSetTable:
    options = instrument.item(scale.parts[0]).options
    rows = []
    for part in scale.parts:
        losses = tuple(_thousandths(loss) for loss in value_set.losses[part])
        rows.append((part, losses))
    return ValueSetTable(
        scale=scale,
        full=_thousandths(value_set.full),
        any_problem=_thousandths(value_set.any_problem),
        levels=tuple(level for level in options if isinstance(level, int)),
        rows=tuple(rows),
    )


def _thousandths(number: int) -> str:
    return format_decimal(number / THOUSAND, "0.000", locale=get_locale())


def _decimal(number: float) -> str:
    return format_decimal(number, "0.###", locale=get_locale())
