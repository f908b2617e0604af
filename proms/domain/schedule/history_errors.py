"""The ways in which a history can be wrong, by name; where medicine can be odd a person may confirm
with a reason."""

from typing import ClassVar

from proms.domain.schedule.history import EntryKey
from proms.refusal import Refusal


class UnsoundHistory(Refusal):
    """A fact the protocol does not allow; `about` names it, and after it the facts it does not
    fit."""

    code: ClassVar[str] = "unsound_history"
    may_confirm: ClassVar[bool] = False

    def __init__(self, sentence: str, *about: EntryKey) -> None:
        super().__init__(sentence)
        self.about = about


class UnknownWord(UnsoundHistory):
    """An arm, component, regimen or milestone the protocol does not have."""

    code: ClassVar[str] = "unknown_word"


class NotRandomised(UnsoundHistory):
    """A cycle of a patient who has no arm yet."""

    code: ClassVar[str] = "not_randomised"


class RegimenNotInArm(UnsoundHistory):
    """A regimen the patient's arm does not allow."""

    code: ClassVar[str] = "regimen_not_in_arm"


class MilestoneNotInArm(UnsoundHistory):
    """A milestone the patient's arm does not have."""

    code: ClassVar[str] = "milestone_not_in_arm"


class DrugNotInRegimen(UnsoundHistory):
    """A drug that neither the regimen nor the arm's options name."""

    code: ClassVar[str] = "drug_not_in_regimen"
    may_confirm: ClassVar[bool] = True


class RepeatedMilestone(UnsoundHistory):
    """A second date for a milestone that happens once."""

    code: ClassVar[str] = "repeated_milestone"


class TooEarly(UnsoundHistory):
    """A date before the milestone it has to follow: consent, randomisation, pump surgery."""

    code: ClassVar[str] = "too_early"


class FarFuture(UnsoundHistory):
    """A date further ahead than the protocol plans."""

    code: ClassVar[str] = "far_future"


class LongPast(UnsoundHistory):
    """A date from before any trial that runs on this: a slip of the year."""

    code: ClassVar[str] = "long_past"


class NotYetHappened(UnsoundHistory):
    """A fact, not a plan, with a date that is still to come."""

    code: ClassVar[str] = "not_yet_happened"


class AfterDeath(UnsoundHistory):
    """A cycle given after the date of death."""

    code: ClassVar[str] = "after_death"


class IncompleteCycle(UnsoundHistory):
    """A cycle whose dates do not fit its status."""

    code: ClassVar[str] = "incomplete_cycle"


class CycleTwice(UnsoundHistory):
    """The same cycle number of a component recorded twice."""

    code: ClassVar[str] = "cycle_twice"


class CycleOutOfOrder(UnsoundHistory):
    """A cycle before the one that comes before it."""

    code: ClassVar[str] = "cycle_out_of_order"


class CyclesOnOneDay(UnsoundHistory):
    """Two cycles of a component that start on one day."""

    code: ClassVar[str] = "cycles_on_one_day"


class CyclesOverlap(UnsoundHistory):
    """A cycle that starts well before the one before it has ended."""

    code: ClassVar[str] = "cycles_overlap"
    may_confirm: ClassVar[bool] = True


class GivenAfterLastDose(UnsoundHistory):
    """A cycle that starts after the recorded last dose of its component."""

    code: ClassVar[str] = "given_after_last_dose"
    may_confirm: ClassVar[bool] = True
