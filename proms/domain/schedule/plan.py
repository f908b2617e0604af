"""The plan of one patient: what her protocol asks of her, worked out from her history alone."""

from collections.abc import Iterable, Iterator
from datetime import date

from proms.domain.protocol import Ending, Protocol
from proms.domain.schedule.assignment import Key, PlannedAssignment
from proms.domain.schedule.history import History
from proms.domain.schedule.occurrences import PlannedPack, Situation, planned_packs, situation_on
from proms.domain.schedule.spacing import keep_apart, keep_distant, keep_leading
from proms.domain.schedule.window_clips import clip_windows


def plan(protocol: Protocol, history: History, today: date) -> tuple[PlannedAssignment, ...]:
    """Everything the protocol asks of this patient, in the order it opens."""
    end = end_of(protocol, history, today)
    # After the end nothing turns late any more: what had closed by then stays as it was that day.
    situation = situation_on(protocol, history, min(today, end) if end else today)
    packs = planned_packs(situation)
    packs = keep_leading(packs, situation.schedules)
    packs = keep_distant(packs, situation)
    packs = keep_apart(packs, protocol.series, situation.schedules)
    packs = clip_windows(packs, protocol.series)
    return tuple(sorted(before_the_end(_assignments(packs, situation), situation), key=_opening))


def before_the_end(
    assignments: Iterable[PlannedAssignment], situation: Situation
) -> list[PlannedAssignment]:
    """Nothing from the day of death or withdrawal on; what had closed by then stays, and so does
    what was begun.

    Of a pack only the questionnaires that were begun stay, not the rest; what waits had not closed,
    whatever its dates.
    """
    end = end_of(situation.protocol, situation.history, situation.today)
    if end is None:
        return list(assignments)
    begun = situation.history.checked
    return [
        assignment
        for assignment in assignments
        if assignment.key in begun or (assignment.window.closes < end and not assignment.waiting)
    ]


def end_of(protocol: Protocol, history: History, today: date) -> date | None:
    """The day from which nothing is asked any more, once it has come."""
    days = (history.first(kind) for kind in protocol.ends)
    return min((day for day in days if day and day <= today), default=None)


def ending_of(protocol: Protocol, history: History) -> Ending | None:
    """Why a patient takes no further part: a death on record, else a withdrawal, whatever its
    date."""
    endings = {ending for kind, ending in protocol.ends.items() if history.first(kind)}
    return next((ending for ending in Ending if ending in endings), None)


def _assignments(packs: Iterable[PlannedPack], situation: Situation) -> Iterator[PlannedAssignment]:
    for pack in packs:
        for_her = _for_her(pack, situation)
        for instrument in pack.event.instruments:
            key = Key(pack.code, pack.number, instrument)
            # What she has begun of it stands, whatever turned out to be so of her.
            if instrument in for_her or key in situation.history.checked:
                yield PlannedAssignment(key, pack.window, pack.waiting)


def _for_her(pack: PlannedPack, situation: Situation) -> frozenset[str]:
    """The instruments for a person of whom is so what is so on the day the pack is due.

    A pack that she began keeps what was for her on that day: a stoma that goes does not take
    questions away under her hands.
    """
    protocol, history = situation.protocol, situation.history
    for_her = protocol.asked_of(history.facts_on(pack.window.due))
    if pack.begun:
        for_her |= protocol.asked_of(history.facts_on(pack.begun))
    return for_her


def _opening(assignment: PlannedAssignment) -> tuple[date, date, Key]:
    return assignment.window.opens, assignment.window.due, assignment.key
