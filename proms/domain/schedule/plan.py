"""The plan of one patient: what her protocol asks of her, worked out from her history alone."""

from collections.abc import Iterable, Iterator
from datetime import date

from proms.domain.protocol import Protocol
from proms.domain.schedule.asking import Ask, Situation, asks, situation
from proms.domain.schedule.assignment import Assignment, Key
from proms.domain.schedule.clipping import clipped
from proms.domain.schedule.history import History
from proms.domain.schedule.ranking import at_a_distance, led, spaced


def plan(protocol: Protocol, history: History, today: date) -> tuple[Assignment, ...]:
    """Everything the protocol asks of this patient, in the order it opens."""
    seen = situation(protocol, history, today)
    asked = asks(seen)
    asked = led(asked, seen.courses)
    asked = at_a_distance(asked, seen)
    asked = spaced(asked, protocol.series)
    asked = clipped(asked, protocol.series)
    asked = before_the_end(asked, seen)
    return tuple(sorted(_assignments(asked), key=_opening))


def before_the_end(asked: Iterable[Ask], seen: Situation) -> list[Ask]:
    """Nothing from the day of death or withdrawal on; what had closed by then stays, and so does what was begun."""
    end = end_of(seen.protocol, seen.history, seen.today)
    return list(asked) if end is None else [ask for ask in asked if ask.begun or ask.window.closes < end]


def end_of(protocol: Protocol, history: History, today: date) -> date | None:
    """The day from which nothing is asked any more, once it has come."""
    days = (history.first(kind) for kind in protocol.ends)
    return min((day for day in days if day and day <= today), default=None)


def _assignments(asked: Iterable[Ask]) -> Iterator[Assignment]:
    for ask in asked:
        for instrument in ask.event.instruments:
            yield Assignment(Key(ask.code, ask.number, instrument), ask.window, ask.waiting)


def _opening(each: Assignment) -> tuple[date, date, Key]:
    return each.window.opens, each.window.due, each.key
