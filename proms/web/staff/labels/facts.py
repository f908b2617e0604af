"""Our words for the facts that conditions ask about beside the answers: the person, her treatment,
what is in place."""

from collections.abc import Callable
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from proms.domain.alert import Urgency
from proms.domain.instrument import Fact, FactAtLeast, FactAtMost, listed
from proms.domain.person import FACT_VALUES, Sex
from proms.domain.protocol import Protocol, Regimen, wanted
from proms.domain.protocol_facts import DAYS_SLOT
from proms.web.staff.labels.vocabulary import SEXES, drug, titled


class PersonalFactWords(NamedTuple):
    """A fact about a person, as a rule reads it when it holds and when not, as the form of
    enrolment asks it, and in short beside her name."""

    holds: LazyString
    holds_not: LazyString
    asked: LazyString
    short: LazyString


PERSONAL = {
    "stoma": PersonalFactWords(
        holds=_l("the patient has a stoma on record"),
        holds_not=_l("the patient has no stoma on record"),
        asked=_l("Has a stoma"),
        short=_l("stoma"),
    ),
    "rectal_primary": PersonalFactWords(
        holds=_l("the primary tumour is in the rectum"),
        holds_not=_l("the primary tumour is not in the rectum"),
        asked=_l("The primary tumour is or was in the rectum"),
        short=_l("primary tumour in the rectum"),
    ),
    "primary_in_situ": PersonalFactWords(
        holds=_l("the primary tumour is still in place"),
        holds_not=_l("the primary tumour has been removed"),
        asked=_l("The primary tumour is still in place"),
        short=_l("primary tumour still in place"),
    ),
    "anticoagulant": PersonalFactWords(
        holds=_l("the patient takes a blood thinner"),
        holds_not=_l("the patient takes no blood thinner"),
        asked=_l("Takes a blood thinner"),
        short=_l("blood thinner"),
    ),
}
FACTS: dict[str, dict[Fact, LazyString]] = {
    "sex": {Sex.FEMALE: _l("the patient is a woman"), Sex.MALE: _l("the patient is a man")},
    "on_treatment": {True: _l("a treatment is running"), False: _l("no treatment is running")},
    "level": {
        Urgency.RED: _l("the answers so far mean “call now”"),
        Urgency.AMBER: _l("the answers so far mean “within 1 working day”"),
        Urgency.INFO: _l("the answers so far mean “next visit”"),
    },
}


YES, NO = _l("yes"), _l("no")


def fact_title(fact: str) -> str:
    """What a fact about a person is called: "Has a stoma", "Sex"."""
    return str(PERSONAL[fact].asked) if fact in PERSONAL else _("Sex")


def fact_value(fact: str, value: Fact) -> str:
    """One of its values in a word: "yes", "Woman"."""
    if fact in PERSONAL:
        return str(YES if value else NO)
    return str(SEXES[Sex(str(value))])


def value_options(fact: str) -> list[tuple[str, str]]:
    """The values a form offers, each as the form carries it and in a word."""
    return [(str(value), fact_value(fact, value)) for value in FACT_VALUES[fact]]


def fact_in_words(protocol: Protocol) -> Callable[[str, Fact], str]:
    """How facts are read aloud under a protocol; one that has no words of ours is named by its
    code."""

    def read(fact: str, value: Fact) -> str:
        return worded(protocol, fact, value) or _("“%(fact)s” is %(value)s", fact=fact, value=value)

    return read


def counted_in_words(protocol: Protocol) -> Callable[[FactAtLeast | FactAtMost], str]:
    """How a number of days is read aloud under a protocol; one without words is named by its
    code."""

    def read(condition: FactAtLeast | FactAtMost) -> str:
        words = protocol.fact_words.get(condition.fact)
        at_most = isinstance(condition, FactAtMost)
        if words is None:
            sign = "≤" if at_most else "≥"
            return f"“{condition.fact}” {sign} {condition.value}"
        title = words.holds if at_most else words.holds_not
        return titled(title).replace(DAYS_SLOT, str(condition.value))

    return read


def worded(protocol: Protocol, fact: str, value: Fact) -> str | None:
    """Our words for a fact with this value; None where there are none."""
    if fact in FACTS:
        return _from_list(fact, value)
    if fact in PERSONAL:
        personal = PERSONAL[fact]
        return str(personal.holds if value else personal.holds_not)
    if fact in protocol.fact_words:
        words = protocol.fact_words[fact]
        return titled(words.holds if value else words.holds_not)
    if fact == "arm":
        return _in_arm(protocol, value)
    if fact in protocol.site_facts:
        words_of_value = protocol.site_facts[fact].get(str(value))
        return titled(words_of_value) if words_of_value else None
    return _about_treatment(protocol, fact, value)


def _from_list(fact: str, value: Fact) -> str | None:
    """The words for a fact with several values; None for a value that is not one of them."""
    if value not in FACTS[fact]:
        return None
    return str(FACTS[fact][value])


def _in_arm(protocol: Protocol, code: Fact) -> str | None:
    arm = protocol.arms.get(str(code))
    if arm is None:
        return None
    return _("the patient is in arm %(arm)s (%(title)s)", arm=arm.code, title=titled(arm.title))


def _about_treatment(protocol: Protocol, fact: str, value: Fact) -> str | None:
    """A fact of the protocol's own making: that a regimen asks an optional item, or that a drug is
    given."""
    regimens = protocol.regimens.values()
    asking = [titled(regimen.title) for regimen in regimens if fact in _optional_items(regimen)]
    if asking:
        return _given(listed(asking, _("%(first)s or %(next)s")), value)
    if fact in protocol.drug_codes:
        return _given(drug(protocol, fact), value)
    return None


def _optional_items(regimen: Regimen) -> set[str]:
    """The optional items that go with a regimen, as the facts they are."""
    facts = set()
    for instrument, items in regimen.also_asks.items():
        facts |= {wanted(instrument, item) for item in items}
    return facts


def _given(what: str, value: Fact) -> str:
    if value:
        return _("%(what)s is given", what=what)
    return _("%(what)s is not given", what=what)
