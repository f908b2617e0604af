"""The ways in which a history can be wrong, each a class with its sentence; where medicine can be
odd a person may confirm with a reason."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from proms.domain.schedule.history import EntryKey, EntryKind
from proms.refusal import Refusal

Value = EntryKey | date | int | str | tuple[str, ...] | None


class UnsoundHistory(Refusal):
    """A fact the protocol does not allow.

    `about` names it, and after it the facts it does not fit; `values` are the facts, dates, words
    and counts that its sentence speaks of. Classes may share a `code`: a page says one sentence for
    all of them.
    """

    code: ClassVar[str] = "unsound_history"
    may_confirm: ClassVar[bool] = False
    sentence: ClassVar[str]

    def __init__(self, *about: EntryKey, **values: Value) -> None:
        words = {slot: _in_english(value) for slot, value in values.items()}
        super().__init__(self.sentence % words)
        self.about = about
        self.values = values

    @property
    def identity(self) -> tuple[type["UnsoundHistory"], frozenset[tuple[str, Value]]]:
        """Equal for two histories that are wrong in the same way, with the same values.

        `about` is left out: a second cycle of a patient without an arm is one more fact concerned,
        and no new objection.
        """
        return type(self), frozenset(self.values.items())


class SeveralObjections(UnsoundHistory):
    """All that is wrong with one entry, told together; its code is that of the first."""

    sentence: ClassVar[str] = ""

    def __init__(self, objections: Sequence[UnsoundHistory]) -> None:
        # Said as a refusal: the sentences have been put into words already.
        Refusal.__init__(self, "; ".join(str(objection) for objection in objections))
        self.about = tuple(fact for objection in objections for fact in objection.about)
        self.values = {}
        self.objections = tuple(objections)
        self.code = objections[0].code  # type: ignore[misc]
        self.may_confirm = all(  # type: ignore[misc]
            objection.may_confirm for objection in objections
        )


def together(objections: Sequence[UnsoundHistory]) -> UnsoundHistory:
    """One refusal for all of these."""
    if len(objections) == 1:
        return objections[0]
    return SeveralObjections(objections)


def _in_english(value: Value) -> object:
    if isinstance(value, EntryKey):
        return _fact_in_english(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value


def _fact_in_english(fact: EntryKey) -> str:
    match fact.what:
        case EntryKind.CYCLE:
            return f"{fact.name} cycle {fact.number}"
        case EntryKind.STOP:
            return f"last dose of {fact.name}"
        case _:
            return fact.name


class UnknownArm(UnsoundHistory):
    """An arm the protocol does not have."""

    code: ClassVar[str] = "unknown_word"
    sentence: ClassVar[str] = "arm %(arm)s is not in the protocol (%(arms)s)"


class UnknownMilestone(UnsoundHistory):
    """A milestone the protocol does not have."""

    code: ClassVar[str] = "unknown_word"
    sentence: ClassVar[str] = "milestone %(milestone)s is not in the protocol (%(milestones)s)"


class UnknownComponent(UnsoundHistory):
    """A component the protocol does not have."""

    code: ClassVar[str] = "unknown_word"
    sentence: ClassVar[str] = "component %(component)s is not in the protocol (%(components)s)"


class NoRegimen(UnsoundHistory):
    """A cycle or a last dose of a component whose regimen was never chosen."""

    code: ClassVar[str] = "unknown_word"
    sentence: ClassVar[str] = "component %(component)s has no regimen"


class UnknownRegimen(UnsoundHistory):
    """A regimen the protocol does not have, or has for another component."""

    code: ClassVar[str] = "unknown_word"
    sentence: ClassVar[str] = (
        "%(regimen)s is not a regimen of component %(component)s (%(regimens)s)"
    )


class NotRandomised(UnsoundHistory):
    """A cycle of a patient who has no arm yet."""

    code: ClassVar[str] = "not_randomised"
    sentence: ClassVar[str] = "a cycle is recorded, but the patient has no arm"


class RegimenNotInArm(UnsoundHistory):
    """A regimen the patient's arm does not allow."""

    code: ClassVar[str] = "regimen_not_in_arm"
    sentence: ClassVar[str] = "%(regimen)s is not given in arm %(arm)s"


class MilestoneNotInArm(UnsoundHistory):
    """A milestone the patient's arm does not have."""

    code: ClassVar[str] = "milestone_not_in_arm"
    sentence: ClassVar[str] = "%(milestone)s does not happen in arm %(arm)s"


class MilestoneWithoutArm(UnsoundHistory):
    """A milestone that only some arms have, of a patient who has no arm yet."""

    code: ClassVar[str] = "milestone_not_in_arm"
    sentence: ClassVar[str] = "%(milestone)s needs an arm first"


class DrugNotInRegimen(UnsoundHistory):
    """A drug that neither the regimen nor the arm's options name."""

    code: ClassVar[str] = "drug_not_in_regimen"
    may_confirm: ClassVar[bool] = True
    sentence: ClassVar[str] = "%(cycle)s: %(drug)s is not part of %(regimen)s in arm %(arm)s"


class RepeatedMilestone(UnsoundHistory):
    """A second date for a milestone that happens once."""

    code: ClassVar[str] = "repeated_milestone"
    sentence: ClassVar[str] = "%(milestone)s happens once, but has %(count)s dates"


class TooEarly(UnsoundHistory):
    """A date before the milestone it has to follow: consent, randomisation, pump surgery."""

    code: ClassVar[str] = "too_early"
    sentence: ClassVar[str] = "%(fact)s on %(day)s is before %(milestone)s on %(first)s"


class PlannedTooEarly(UnsoundHistory):
    """A cycle planned before the milestone it has to follow."""

    code: ClassVar[str] = "too_early"
    sentence: ClassVar[str] = "%(fact)s, planned on %(day)s is before %(milestone)s on %(first)s"


class GivenTooEarly(UnsoundHistory):
    """A cycle given before the milestone it has to follow."""

    code: ClassVar[str] = "too_early"
    sentence: ClassVar[str] = "%(fact)s, day 1 %(day)s is before %(milestone)s on %(first)s"


class FarFuture(UnsoundHistory):
    """A date further ahead than the protocol plans."""

    code: ClassVar[str] = "far_future"
    sentence: ClassVar[str] = "%(fact)s: %(day)s is more than %(far_days)s days ahead"


class OutsideTrial(UnsoundHistory):
    """A date outside the years of the trial: a slip of the year."""

    code: ClassVar[str] = "outside_trial"
    sentence: ClassVar[str] = (
        "%(fact)s: %(day)s is outside the years of the trial, %(first)s to %(last)s"
    )


class NotYetHappened(UnsoundHistory):
    """A fact, not a plan, with a date that is still to come."""

    code: ClassVar[str] = "not_yet_happened"
    sentence: ClassVar[str] = "%(fact)s: %(day)s is still to come"


class AfterDeath(UnsoundHistory):
    """A cycle given after the date of death."""

    code: ClassVar[str] = "after_death"
    sentence: ClassVar[str] = "%(cycle)s: %(day)s is after the date of death, %(death)s"


class GivenWithoutDay1(UnsoundHistory):
    """A cycle that was given, nobody says when."""

    code: ClassVar[str] = "incomplete_cycle"
    sentence: ClassVar[str] = "%(cycle)s is given, but has no day 1"


class Day1NotGiven(UnsoundHistory):
    """A cycle with a day 1 that is planned or skipped by its status."""

    code: ClassVar[str] = "incomplete_cycle"
    sentence: ClassVar[str] = "%(cycle)s has a day 1, but is %(status)s"


class PlannedWithoutDate(UnsoundHistory):
    """A cycle that is planned, nobody says for when."""

    code: ClassVar[str] = "incomplete_cycle"
    sentence: ClassVar[str] = "%(cycle)s has no planned date"


class CycleTwice(UnsoundHistory):
    """The same cycle number of a component recorded twice."""

    code: ClassVar[str] = "cycle_twice"
    sentence: ClassVar[str] = "%(cycle)s is recorded twice"


class CycleLeftOut(UnsoundHistory):
    """A cycle whose number does not follow the one before it."""

    code: ClassVar[str] = "cycle_out_of_order"
    sentence: ClassVar[str] = "%(cycle)s is recorded, but cycle %(missing)s is not"


class EarlierCycleOpen(UnsoundHistory):
    """A cycle that was given while the one before it is still planned."""

    code: ClassVar[str] = "cycle_out_of_order"
    sentence: ClassVar[str] = (
        "%(cycle)s is given, but cycle %(earlier)s is neither given nor skipped"
    )


class CycleOutOfOrder(UnsoundHistory):
    """A cycle that starts before the one that comes before it."""

    code: ClassVar[str] = "cycle_out_of_order"
    sentence: ClassVar[str] = (
        "%(cycle)s starts on %(starts)s, before cycle %(earlier)s on %(earlier_starts)s"
    )


class CyclesOnOneDay(UnsoundHistory):
    """Two cycles of a component that start on one day."""

    code: ClassVar[str] = "cycles_on_one_day"
    sentence: ClassVar[str] = "%(cycle)s and cycle %(earlier)s both start on %(starts)s"


class CyclesOverlap(UnsoundHistory):
    """A cycle that starts well before the one before it has ended."""

    code: ClassVar[str] = "cycles_overlap"
    may_confirm: ClassVar[bool] = True
    sentence: ClassVar[str] = "%(cycle)s starts %(days)s days after cycle %(earlier)s: they overlap"


class UnknownFact(UnsoundHistory):
    """A fact about the patient that nothing knows."""

    code: ClassVar[str] = "unknown_word"
    sentence: ClassVar[str] = "%(fact)s is no fact about a patient (%(facts)s)"


class UnknownFactValue(UnsoundHistory):
    """A value that a fact about the patient cannot have."""

    code: ClassVar[str] = "unknown_word"
    sentence: ClassVar[str] = "%(fact)s is never %(value)s (%(values)s)"


class FactWithoutValue(UnsoundHistory):
    """The first thing on record of a fact taken back: then it would have no value at all."""

    code: ClassVar[str] = "fact_without_value"
    sentence: ClassVar[str] = "%(fact)s would have no value left; correct the value instead"


class FactsOnOneDay(UnsoundHistory):
    """Two values of one fact from the same day on."""

    code: ClassVar[str] = "facts_on_one_day"
    sentence: ClassVar[str] = "%(fact)s has a value from %(day)s on already"


class GivenAfterLastDose(UnsoundHistory):
    """A cycle that starts after the recorded last dose of its component."""

    code: ClassVar[str] = "given_after_last_dose"
    may_confirm: ClassVar[bool] = True
    sentence: ClassVar[str] = "%(cycle)s: %(day)s is after the last dose, %(last_dose)s"


class GivenWithoutDose(UnsoundHistory):
    """A cycle that was given with none of its dose: most often one that was skipped."""

    code: ClassVar[str] = "given_without_dose"
    may_confirm: ClassVar[bool] = True
    sentence: ClassVar[str] = (
        "%(cycle)s is given with 0 percent of its dose: is it a skipped cycle?"
    )


class BeforeInPlace(UnsoundHistory):
    """A cycle that starts before what it is given through is in place."""

    code: ClassVar[str] = "before_in_place"
    may_confirm: ClassVar[bool] = True
    sentence: ClassVar[str] = "%(cycle)s on %(day)s is before %(milestone)s on %(on)s"


class AfterTakenOut(UnsoundHistory):
    """A cycle that starts when what it is given through is in place no longer."""

    code: ClassVar[str] = "after_taken_out"
    may_confirm: ClassVar[bool] = True
    sentence: ClassVar[str] = "%(cycle)s on %(day)s is after %(milestone)s on %(on)s"


class MilestoneTwiceADay(UnsoundHistory):
    """A milestone that repeats, on the day of another of its kind."""

    code: ClassVar[str] = "milestone_twice_a_day"
    may_confirm: ClassVar[bool] = True
    sentence: ClassVar[str] = (
        "%(milestone)s %(number)s is on the same day as %(milestone)s %(earlier)s: %(day)s"
    )


class NumberLeftOut(UnsoundHistory):
    """A milestone whose number leaves others out that nobody recorded."""

    code: ClassVar[str] = "number_left_out"
    may_confirm: ClassVar[bool] = True
    sentence: ClassVar[str] = "%(milestone)s %(number)s is recorded, but %(missing)s are not"


class AfterTheEnd(UnsoundHistory):
    """What is dated after the patient's death, or of her treatment after she withdrew."""

    code: ClassVar[str] = "patient_inactive"
    sentence: ClassVar[str] = "%(fact)s on %(day)s is after %(milestone)s on %(end)s"
