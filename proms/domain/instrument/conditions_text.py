"""Conditions in words: what a nurse or an inspector reads of a rule, made from the condition
itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from gettext import NullTranslations

from proms.domain.instrument.condition import (
    All,
    AtLeast,
    Condition,
    Fact,
    FactIs,
    Is,
    Missing,
    Not,
    Some,
    TickedAny,
)
from proms.domain.instrument.item import Instrument, ItemKind
from proms.domain.instrument.wording import Wording


@dataclass(frozen=True)
class Words:
    """What a condition is read aloud with: our catalogue, the instrument's own words, and those for
    facts."""

    say: NullTranslations
    instrument: Instrument
    wording: Wording
    fact: Callable[[str, Fact], str]


@dataclass(frozen=True)
class ConditionText:
    """A clause; or the heading of several, which `joint` ties into one sentence."""

    text: str
    parts: "tuple[ConditionText, ...]" = ()
    joint: str = ""  # "%(first)s, and %(next)s"
    frame: str = "%(all)s"  # "not (%(all)s)"

    @property
    def sentence(self) -> str:
        """Everything on one line, with brackets around what belongs together."""
        if not self.parts:
            return self.text
        first, *others = (
            f"({each.sentence})" if each.bare else each.sentence for each in self.parts
        )
        for each in others:
            first = self.joint % {"first": first, "next": each}
        return self.frame % {"all": first}

    @property
    def bare(self) -> bool:
        """Whether nothing yet holds its parts together."""
        return bool(self.parts) and self.frame == "%(all)s"


def condition_text(condition: Condition, words: Words) -> ConditionText:
    """The condition in words, true in the same cases as the condition."""
    match condition:
        case All((part,)) | Some((part,)) | Not(Not(part)):
            return condition_text(part, words)
        case Not(All((part,)) | Some((part,))):
            return condition_text(Not(part), words)
        case All(parts) | Some(parts):
            return _together(condition, parts, words)
        case Not(All(parts) as inner) | Not(Some(parts) as inner):
            return _denied(inner, parts, words)
        case Not(part):
            return ConditionText(_not(part, words))
        case _:
            return ConditionText(_clause(condition, words))


def number_of(instrument: Instrument, code: str) -> int:
    """The number people cite an item by: the one in its code, else its place."""
    digits = code.lstrip("q")
    return int(digits) if digits.isdecimal() else instrument.items.index(instrument.item(code)) + 1


def listed(names: Iterable[str], last: str) -> str:
    """Names with commas; `last` ties the last one to the rest, as in "%(first)s or %(next)s"."""
    *first, end = names
    return last % {"first": ", ".join(first), "next": end} if first else end


def _together(condition: Condition, parts: tuple[Condition, ...], words: Words) -> ConditionText:
    _ = words.say.gettext
    spoken = tuple(condition_text(part, words) for part in parts)
    if isinstance(condition, All):
        return ConditionText(_("All of these are true:"), spoken, _("%(first)s, and %(next)s"))
    return ConditionText(_("At least one of these is true:"), spoken, _("%(first)s, or %(next)s"))


def _denied(inner: Condition, parts: tuple[Condition, ...], words: Words) -> ConditionText:
    _, spoken = words.say.gettext, _together(inner, parts, words)
    heading = (
        _("These are not all true:") if isinstance(inner, All) else _("None of these is true:")
    )
    return ConditionText(heading, spoken.parts, spoken.joint, _("not (%(all)s)"))


def _clause(condition: Condition, words: Words) -> str:
    _ = words.say.gettext
    match condition:
        case Is(item, values):
            sentence = (
                _("%(item)s is one of %(answers)s") if values[1:] else _("%(item)s is %(answers)s")
            )
            return sentence % _about(words, item, values)
        case AtLeast(item, value) if _is_last(words.instrument, item, value):
            return _clause(Is(item, (value,)), words)
        case AtLeast(item, value):
            return _("%(item)s is %(answers)s or higher") % _about(words, item, (value,))
        case TickedAny(item, options):
            last = _("%(first)s or %(next)s")
            return _("%(answers)s is ticked under %(item)s") % _about(words, item, options, last)
        case Missing(item):
            return _("%(item)s is not answered") % {"item": _named(words, item)}
        case FactIs(fact, value):
            return words.fact(fact, value)
        case _:
            raise TypeError(f"not a condition: {condition!r}")


def _not(condition: Condition, words: Words) -> str:
    """The opposite of a clause; no answer is also "not": a missing one meets no comparison."""
    _ = words.say.gettext
    match condition:
        case Is(item, values):
            sentence = (
                _("%(item)s is none of %(answers)s")
                if values[1:]
                else _("%(item)s is not %(answers)s")
            )
            return sentence % _about(words, item, values)
        case AtLeast(item, value):
            return _("%(item)s is not %(answers)s or higher") % _about(words, item, (value,))
        case TickedAny(item, options):
            none = _("none of %(answers)s is ticked under %(item)s")
            sentence = none if options[1:] else _("%(answers)s is not ticked under %(item)s")
            return sentence % _about(words, item, options)
        case Missing(item):
            return _("%(item)s is answered") % {"item": _named(words, item)}
        case FactIs(fact, bool() as value):
            return words.fact(fact, not value)
        case _:
            return _("not (%(all)s)") % {"all": _clause(condition, words)}


def _about(
    words: Words, item: str, values: tuple[int | str, ...], last: str = "%(first)s, %(next)s"
) -> dict[str, str]:
    # Commas where the answers end the clause: an "or" there would run into the "and" that may
    # follow.
    number = words.instrument.item(item).kind is ItemKind.NUMBER
    answers = (
        str(value) if number else f"“{words.wording.option(item, value)}”" for value in values
    )
    return {"item": _named(words, item), "answers": listed(answers, last)}


def _is_last(instrument: Instrument, item: str, value: int) -> bool:
    return instrument.item(item).options[-1:] == (value,)


def _named(words: Words, item: str) -> str:
    """An item by its label; one that has none by its number and its text."""
    if item in words.wording.labels:
        return words.wording.labels[item]
    slots = {"number": number_of(words.instrument, item), "text": words.wording.items[item]}
    return words.say.gettext("question %(number)s (%(text)s)") % slots
