"""Reads the facts that a protocol makes of a patient's history, what each site decides, and the
words for both."""

from collections.abc import Collection
from dataclasses import dataclass, field

from proms.content.events import at_least, known_word, optional_milestone
from proms.content.facts import EVERYBODYS, TREATMENT
from proms.content.source import Node
from proms.content.titles import optional_mapping, optional_title, read_title
from proms.domain.protocol_facts import DAYS_SLOT, FactWords, LastingFact, RecentDose
from proms.domain.title import Title


@dataclass
class OwnFacts:
    """The facts of a protocol's own making, by kind."""

    standing: dict[str, LastingFact] = field(default_factory=dict)
    days_since: dict[str, str] = field(default_factory=dict)
    doses_of_late: dict[str, RecentDose] = field(default_factory=dict)


def read_facts(node: Node, milestones: Collection[str], regimens: Collection[str]) -> OwnFacts:
    """Each fact holds from a milestone on, counts the days since one, or says that a dose was given
    of late."""
    facts = OwnFacts()
    for code, entry in node.mapping().items():
        if code in EVERYBODYS:
            entry.fail(f"{code!r} is a fact about every patient")
        if "days_since" in entry.mapping():
            entry.mapping(("days_since",), ())
            facts.days_since[code] = known_word(entry["days_since"], "milestone", milestones)
        elif "given_within" in entry.mapping():
            facts.doses_of_late[code] = _recent_dose(entry, regimens)
        else:
            facts.standing[code] = _lasting(entry, milestones)
    return facts


def _lasting(node: Node, milestones: Collection[str]) -> LastingFact:
    node.mapping(("since",), ("until",))
    return LastingFact(
        known_word(node["since"], "milestone", milestones),
        optional_milestone(node.get("until"), milestones),
    )


def _recent_dose(node: Node, regimens: Collection[str]) -> RecentDose:
    node.mapping(("given_within",), ("regimens",))
    days = at_least(1, node["given_within"])
    named = node.get("regimens")
    if named is None:
        return RecentDose(days)
    return RecentDose(
        days, frozenset(known_word(name, "regimen", regimens) for name in named.several())
    )


def read_site_facts(node: Node | None) -> dict[str, dict[str, Title]]:
    """What each site decides for itself: its values in words, the first for who has not."""
    kinds = {}
    for code, entry in optional_mapping(node).items():
        if code in EVERYBODYS:
            entry.fail(f"{code!r} is a fact about a patient")
        kinds[code] = {value: read_title(words) for value, words in entry.mapping().items()}
        if not kinds[code]:
            entry.fail("it has no value")
    return kinds


def read_fact_words(node: Node | None, own: OwnFacts) -> dict[str, FactWords]:
    """The words for the facts that this protocol speaks of: its own, and those of any treatment."""
    facts = {*own.standing, *own.doses_of_late, *own.days_since, *TREATMENT}
    words = {}
    for code, entry in optional_mapping(node).items():
        if code not in facts:
            entry.fail(f"{code!r} is not a fact here; known are: {', '.join(sorted(facts))}")
        if code in own.days_since:
            words[code] = _words_of_days(entry)
            continue
        entry.mapping(("holds", "holds_not"), ("when_calling",))
        words[code] = FactWords(
            read_title(entry["holds"]),
            read_title(entry["holds_not"]),
            optional_title(entry.get("when_calling")),
        )
    return words


def _words_of_days(node: Node) -> FactWords:
    node.mapping(("at_most", "at_least"), ())
    words = FactWords(read_title(node["at_most"]), read_title(node["at_least"]))
    for key, title in (("at_most", words.holds), ("at_least", words.holds_not)):
        for text in (title.default, *title.texts.values()):
            if DAYS_SLOT not in text:
                node[key].fail(f"the words leave no place for the number: {DAYS_SLOT}")
    return words
