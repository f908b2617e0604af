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
    end = end_of(protocol, history, today)
    # After the end nothing turns late any more: what had closed by then stays as it was that day.
    seen = situation(protocol, history, min(today, end) if end else today)
    asked = asks(seen)
    asked = led(asked, seen.courses)
    asked = at_a_distance(asked, seen)
    asked = spaced(asked, protocol.series, seen.courses)
    asked = clipped(asked, protocol.series)
    return tuple(sorted(before_the_end(_assignments(asked), seen), key=_opening))


def before_the_end(asked: Iterable[Assignment], seen: Situation) -> list[Assignment]:
    """Nothing from the day of death or withdrawal on; what had closed by then stays, and so does what was begun.

    Of a pack only the questionnaires that were begun stay, not the rest; what waits had not closed, whatever its dates.
    """
    end = end_of(seen.protocol, seen.history, seen.today)
    if end is None:
        return list(asked)
    begun = seen.history.checked
    return [each for each in asked if each.key in begun or (each.window.closes < end and not each.waiting)]


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
