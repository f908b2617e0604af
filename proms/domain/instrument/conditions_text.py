"""Conditions in words: what a nurse or an inspector reads of a rule, made from the condition
itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from gettext import NullTranslations

from proms.domain.instrument.condition import (
    All,
    AtLeast,
    Condition,
    Earlier,
    Fact,
    FactAtLeast,
    FactAtMost,
    FactIs,
    Fired,
    Is,
    Missing,
    Not,
    RisesBy,
    Some,
    TickedAny,
    Was,
)
from proms.domain.instrument.item import Instrument, ItemKind
from proms.domain.instrument.wording import Wording

BARE = "%(all)s"  # the frame of parts that stand by themselves
WITH_COMMAS = "%(first)s, %(next)s"


def _bare_count(condition: FactAtLeast | FactAtMost) -> str:
    """A comparison of a number for which nobody has words."""
    sign = "≥" if isinstance(condition, FactAtLeast) else "≤"
    return f"{condition.fact} {sign} {condition.value}"


@dataclass(frozen=True)
class Words:
    """What a condition is read aloud with: our catalogue, the instrument's own words, and those for
    facts."""

    say: NullTranslations
    instrument: Instrument
    wording: Wording
    fact: Callable[[str, Fact], str]
    counted: Callable[[FactAtLeast | FactAtMost], str] = _bare_count


@dataclass(frozen=True)
class ConditionText:
    """A clause; or the heading of several, which `joint` ties into one sentence."""

    text: str
    parts: "tuple[ConditionText, ...]" = ()
    joint: str = ""  # "%(first)s, and %(next)s"
    frame: str = BARE  # or "not (%(all)s)"

    @property
    def sentence(self) -> str:
        """Everything on one line, with brackets around what belongs together."""
        if not self.parts:
            return self.text
        first, *others = self.parts
        joined = first.bracketed
        for part in others:
            joined = self.joint % {"first": joined, "next": part.bracketed}
        return self.frame % {"all": joined}

    @property
    def bracketed(self) -> str:
        """The sentence as a part of another: in brackets, unless something else holds its own parts
        together."""
        if self.parts and self.frame == BARE:
            return f"({self.sentence})"
        return self.sentence


def condition_text(condition: Condition, words: Words) -> ConditionText:
    """The condition in words, true in the same cases as the condition."""
    match condition:
        case All((part,)) | Some((part,)) | Not(Not(part)):
            return condition_text(part, words)
        case Not(All((part,)) | Some((part,))):
            return condition_text(Not(part), words)
        case All() | Some():
            return _combination(condition, words)
        case Not((All() | Some()) as part):
            return _denied_combination(part, words)
        case Not(part):
            return ConditionText(_denied_clause(part, words))
        case Was(report, part):
            return ConditionText(_of_report(report, condition_text(part, words), words))
        case _:
            return ConditionText(_clause(condition, words))


def number_of(instrument: Instrument, code: str) -> int:
    """The number people cite an item by: the one in its code, else its place."""
    digits = code.lstrip("q")
    if digits.isdecimal():
        return int(digits)
    return instrument.items.index(instrument.item(code)) + 1


def listed(names: Iterable[str], last: str) -> str:
    """Names with commas; `last` ties the last one to the rest, as in "%(first)s or %(next)s"."""
    *others, end = names
    if not others:
        return end
    return last % {"first": ", ".join(others), "next": end}


def _combination(condition: All | Some, words: Words) -> ConditionText:
    _ = words.say.gettext
    parts = tuple(condition_text(part, words) for part in condition.parts)
    if isinstance(condition, All):
        return ConditionText(_("All of these are true:"), parts, _("%(first)s, and %(next)s"))
    return ConditionText(_("At least one of these is true:"), parts, _("%(first)s, or %(next)s"))


def _denied_combination(condition: All | Some, words: Words) -> ConditionText:
    _ = words.say.gettext
    combination = _combination(condition, words)
    if isinstance(condition, All):
        denied = replace(combination, text=_("These are not all true:"))
    else:
        denied = replace(combination, text=_("None of these is true:"))
    return replace(denied, frame=_("not (%(all)s)"))


def _clause(condition: Condition, words: Words) -> str:
    """What one comparison says."""
    _ = words.say.gettext
    match condition:
        case Is(item, (value,)):
            return _("%(item)s is %(answers)s") % _slots(words, item, (value,))
        case Is(item, values):
            return _("%(item)s is one of %(answers)s") % _slots(words, item, values)
        case AtLeast(item, value) if words.instrument.item(item).options[-1:] == (value,):
            # Nothing is higher than the last option.
            return _clause(Is(item, (value,)), words)
        case AtLeast(item, value):
            return _("%(item)s is %(answers)s or higher") % _slots(words, item, (value,))
        case TickedAny(item, options):
            last = _("%(first)s or %(next)s")
            return _("%(answers)s is ticked under %(item)s") % _slots(words, item, options, last)
        case Missing(item):
            return _("%(item)s is not answered") % {"item": _item_name(words, item)}
        case FactIs(fact, value):
            return words.fact(fact, value)
        case _:
            return _clause_of_rules(condition, words)


def _clause_of_rules(condition: Condition, words: Words) -> str:
    """What only a rule may ask."""
    _ = words.say.gettext
    match condition:
        case FactAtLeast() | FactAtMost():
            return words.counted(condition)
        case RisesBy(item, by, Earlier.PREVIOUS):
            slots = {"item": _item_name(words, item), "levels": by}
            return _("%(item)s is %(levels)s or more levels higher than the time before") % slots
        case RisesBy(item, by, Earlier.BASELINE):
            slots = {"item": _item_name(words, item), "levels": by}
            return _("%(item)s is %(levels)s or more levels higher than at baseline") % slots
        case Fired((rule,)):
            return _("rule %(rule)s is met") % {"rule": rule}
        case Fired(rules):
            return _("one of the rules %(rules)s is met") % {"rules": listed(rules, WITH_COMMAS)}
        case Was(report, part):
            return _of_report(report, condition_text(part, words), words)
        case _:
            raise TypeError(f"not a condition: {condition!r}")


def _denied_clause(condition: Condition, words: Words) -> str:
    """The opposite of a clause; no answer is also "not": a missing one meets no comparison."""
    _ = words.say.gettext
    match condition:
        case Is(item, (value,)):
            return _("%(item)s is not %(answers)s") % _slots(words, item, (value,))
        case Is(item, values):
            return _("%(item)s is none of %(answers)s") % _slots(words, item, values)
        case AtLeast(item, value):
            return _("%(item)s is not %(answers)s or higher") % _slots(words, item, (value,))
        case TickedAny(item, (option,)):
            return _("%(answers)s is not ticked under %(item)s") % _slots(words, item, (option,))
        case TickedAny(item, options):
            return _("none of %(answers)s is ticked under %(item)s") % _slots(words, item, options)
        case Missing(item):
            return _("%(item)s is answered") % {"item": _item_name(words, item)}
        case FactIs(fact, bool() as value):
            return words.fact(fact, not value)
        case Fired((rule,)):
            return _("rule %(rule)s is not met") % {"rule": rule}
        case Fired(rules):
            return _("none of the rules %(rules)s is met") % {"rules": listed(rules, WITH_COMMAS)}
        case _:
            return _("not (%(all)s)") % {"all": _clause(condition, words)}


def _of_report(report: Earlier, said: ConditionText, words: Words) -> str:
    """What held of an earlier report."""
    _ = words.say.gettext
    if report is Earlier.PREVIOUS:
        return _("the time before: %(all)s") % {"all": said.bracketed}
    return _("at baseline: %(all)s") % {"all": said.bracketed}


def _slots(
    words: Words, item: str, values: tuple[int | str, ...], last: str = WITH_COMMAS
) -> dict[str, str]:
    """The item and these answers to it, as the sentences name them."""
    # Commas where the answers end the clause: an "or" there would run into the "and" that may
    # follow.
    if words.instrument.item(item).kind is ItemKind.NUMBER:
        answers = [str(value) for value in values]
    else:
        answers = [f"“{words.wording.option(item, value)}”" for value in values]
    return {"item": _item_name(words, item), "answers": listed(answers, last)}


def _item_name(words: Words, item: str) -> str:
    """An item by its label; one that has none by its number and its text."""
    if item in words.wording.labels:
        return words.wording.labels[item]
    slots = {"number": number_of(words.instrument, item), "text": words.wording.items[item]}
    return words.say.gettext("question %(number)s (%(text)s)") % slots
