"""What may still be recorded of who takes part no longer, judged by the day it happened on."""

from datetime import date

from proms.domain.protocol import Ending, Protocol
from proms.domain.schedule import history_errors as errors
from proms.domain.schedule.facts_on_record import milestone_keys, without_number
from proms.domain.schedule.history import CycleStatus, History
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
    entry_key,
)
from proms.domain.schedule.history_errors import UnsoundHistory


def after_the_end(
    protocol: Protocol, before: History, after: History, entry: HistoryEntry
) -> UnsoundHistory | None:
    """What is against an entry of something that came after the patient took part no longer, judged
    by its own date and not by the day it is recorded on; `after` is the history it leads to.

    After a death nothing happens; after a withdrawal only milestones go on.
    """
    day = _day_of(entry, before)
    ends = isinstance(entry, MilestoneRecorded) and entry.kind in protocol.ends
    if day is None or ends:
        return None
    for kind, ending in protocol.ends.items():
        end = after.first(kind)
        still_recorded = isinstance(entry, MilestoneRecorded) and ending is not Ending.DEATH
        if end and day > end and not still_recorded:
            fact = entry_key(entry)
            return errors.AfterTheEnd(
                fact,
                *milestone_keys(after, kind),
                fact=without_number(fact),
                day=day,
                milestone=kind,
                end=end,
            )
    return None


def _day_of(entry: HistoryEntry, before: History) -> date | None:
    """The day on which the thing happened or is to happen; None where it has none, or where it puts
    right what is on record of a cycle."""
    match entry:
        case MilestoneRecorded(_, on):
            return on
        case RegimenChosen() | FactRecorded():
            return None
        case ComponentStopped(_, last_dose):
            return last_dose
        case CycleRecorded(cycle):
            recorded = before.cycle(cycle.component, cycle.number)
            settled = recorded is not None and recorded.status is not CycleStatus.PLANNED
            if settled and cycle.status is not CycleStatus.GIVEN:
                return None
            return cycle.starts
