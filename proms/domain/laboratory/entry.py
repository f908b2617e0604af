"""A value as somebody enters or sends it, and what is against keeping it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from proms.domain.laboratory.fault import ValueFault
from proms.domain.laboratory.panel import LabTest, Panel
from proms.domain.protocol import CONSENT, Protocol
from proms.domain.schedule.history import History

# At most two decimals: of 1.234 nobody knows whether it is a thousand.
AMOUNT = re.compile(r"(?P<whole>\d{1,6})(?:(?P<mark>[.,])(?P<decimals>\d{1,2}))?", re.ASCII)
HIGHEST = 999_999


@dataclass(frozen=True)
class LabEntry:
    """What is said of one test on one day; without a value what is on record is taken back, and
    without a unit it is in the one that is kept."""

    test: str
    taken_on: date
    value: Decimal | None
    upper_limit: Decimal | None
    unit: str | None = None


class Limits(NamedTuple):
    """The days on which a patient's blood can have been taken."""

    first: date | None  # consent
    today: date
    end: date | None  # the last day that she takes part


@dataclass(frozen=True)
class UnfitField:
    """A field of an entry that does not fit, and what its sentence speaks of."""

    name: str
    fault: ValueFault
    slots: Mapping[str, str] = field(default_factory=dict)


def limits_of(protocol: Protocol, history: History, today: date) -> Limits:
    """From consent to today, or to the day on which her part in the trial ended."""
    ends = [day for kind in protocol.ends if (day := history.first(kind))]
    return Limits(history.first(CONSENT), today, min(ends, default=None))


def unfit_fields(panel: Panel, entry: LabEntry, limits: Limits) -> Iterator[UnfitField]:
    """All that is against an entry, field by field."""
    test = panel.tests.get(entry.test)
    if test is None:
        yield UnfitField("test", ValueFault.UNKNOWN_TEST, {"known": ", ".join(panel.tests)})
        return
    yield from _unfit_day(entry.taken_on, limits)
    if entry.value is None:
        return
    yield from _unfit_unit(test, entry.unit)
    if not 0 < entry.value <= HIGHEST:
        yield UnfitField("value", ValueFault.NOT_AN_AMOUNT, {"example": "12.5"})
    yield from _unfit_upper_limit(test, entry.upper_limit)


def read_amount(text: str, *, comma: bool) -> Decimal | ValueFault:
    """A number above zero with at most two decimals; `comma` says whether they may stand after
    one."""
    written = AMOUNT.fullmatch(text.strip())
    if written is None:
        return ValueFault.NOT_AN_AMOUNT
    if written["mark"] == "," and not comma:
        return ValueFault.DECIMAL_COMMA
    amount = Decimal(f"{written['whole']}.{written['decimals'] or 0}")
    return amount if amount > 0 else ValueFault.NOT_AN_AMOUNT


def _unfit_day(taken_on: date, limits: Limits) -> Iterator[UnfitField]:
    if limits.first is None or taken_on < limits.first:
        yield UnfitField("taken_on", ValueFault.BEFORE_CONSENT)
    if taken_on > limits.today:
        yield UnfitField("taken_on", ValueFault.TAKEN_AHEAD)
    elif limits.end and taken_on > limits.end:
        yield UnfitField("taken_on", ValueFault.AFTER_END)


def _unfit_unit(test: LabTest, unit: str | None) -> Iterator[UnfitField]:
    if unit is None or test.is_own_unit(unit):
        return
    other = test.other_unit(unit)
    if other is None:
        yield UnfitField("unit", ValueFault.UNKNOWN_UNIT, {"unit": test.unit})
        return
    slots = {"unit": test.unit, "other": other, "is": str(test.other_units[other])}
    yield UnfitField("unit", ValueFault.OTHER_UNIT, slots)


def _unfit_upper_limit(test: LabTest, limit: Decimal | None) -> Iterator[UnfitField]:
    lowest, highest = test.upper_limit
    if limit is None:
        yield UnfitField("upper_limit", ValueFault.NO_UPPER_LIMIT)
    elif not lowest <= limit <= highest:
        slots = {"lowest": str(lowest), "highest": str(highest), "unit": test.unit}
        yield UnfitField("upper_limit", ValueFault.UPPER_LIMIT, slots)
