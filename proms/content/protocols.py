"""Read `protocols/<code>/<version>.yaml`; refuse what is unsound with file, line and reason."""

from collections.abc import Collection, Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import NamedTuple

from proms.content.conditions import MayAsk, read_condition
from proms.content.events import Vocabulary, at_least, in_series, known_word
from proms.content.facts import PERSONAL, TREATMENT
from proms.content.source import Node, read
from proms.domain.instrument import Condition
from proms.domain.person import Language
from proms.domain.protocol import (
    Arm,
    Clip,
    Component,
    Ending,
    Event,
    FactWords,
    LastingFact,
    MessagePlan,
    MilestoneKind,
    Protocol,
    Regimen,
    Series,
    Title,
)

PARTS = (
    "arms",
    "components",
    "regimens",
    "milestones",
    "facts",
    "cycles",
    "messages",
    "series",
    "unscheduled",
)


Instruments = Mapping[
    str, Collection[str] | None
]  # code -> its optional items; None where its file cannot be read


def read_protocol(path: Path, instruments: Instruments, shown: Path | None = None) -> Protocol:
    """The protocol in a file, its events written out one by one; `instruments` are those that
    exist."""
    root = read(path, shown)
    root.mapping(("protocol", "version", "title", *PARTS), ("instruments", "drugs", "fact_words"))
    _named_as_filed(root, path)
    arms = {code: _arm(code, node) for code, node in root["arms"].mapping().items()}
    milestones = _milestones(root["milestones"], arms)
    components = {
        code: _component(code, node, milestones)
        for code, node in root["components"].mapping().items()
    }
    treatment = RegimenWords(components, arms, instruments)
    regimens = {
        code: _regimen(code, node, treatment) for code, node in root["regimens"].mapping().items()
    }
    words = Vocabulary(arms, components, regimens, milestones, frozenset(instruments))
    series = {code: _series(code, node) for code, node in root["series"].mapping().items()}
    events = tuple(
        event
        for code, node in root["series"].mapping().items()
        for event in in_series(code, node, words)
    )
    cycles = root["cycles"].mapping(("projected", "early_days", "far_days"))
    return Protocol(
        code=root["protocol"].text(),
        version=root["version"].integer(),
        title=root["title"].text(),
        arms=arms,
        components=components,
        regimens=regimens,
        milestones=milestones,
        series=series,
        events=_grouped(_once(events, root), root),
        unscheduled={
            code: _unscheduled(node, words) for code, node in root["unscheduled"].mapping().items()
        },
        standing={
            code: _standing(node, milestones) for code, node in root["facts"].mapping().items()
        },
        messages=_messages(root["messages"]),
        projected_cycles=at_least(0, cycles["projected"]),
        early_days=at_least(0, cycles["early_days"]),
        far_days=at_least(1, cycles["far_days"]),
        only_if=_only_if(root.get("instruments"), instruments),
        drugs=_drugs(root.get("drugs"), regimens),
        fact_words=_fact_words(root.get("fact_words"), root["facts"].mapping()),
    )


def _named_as_filed(root: Node, path: Path) -> None:
    if root["protocol"].text() != path.parent.name:
        root["protocol"].fail(f"the folder is called {path.parent.name!r}")
    if str(root["version"].integer()) != path.stem:
        root["version"].fail(f"the file is called {path.name!r}")


def _arm(code: str, node: Node) -> Arm:
    node.mapping(("title", "alerts"))
    return Arm(code, read_title(node["title"]), node["alerts"].boolean())


def read_title(node: Node) -> Title:
    """A title: one text for every language, or one for each."""
    if not isinstance(node.value, dict):
        return Title(node.text())
    texts = {
        language: text.text()
        for language, text in node.mapping(list(map(str, Language)), ()).items()
    }
    return Title(texts[Language.EN], texts)


def _maybe_title(node: Node | None) -> Title | None:
    return read_title(node) if node else None


def _drugs(node: Node | None, regimens: Mapping[str, Regimen]) -> dict[str, Title]:
    """What the drugs are called; a title for none that no regimen names."""
    given = {drug for regimen in regimens.values() for drug in (*regimen.drugs, *regimen.optional)}
    titles = node.mapping() if node else {}
    for code, title in titles.items():
        if code not in given:
            title.fail(f"no regimen gives {code}; known are: {', '.join(sorted(given))}")
    return {code: read_title(title) for code, title in titles.items()}


def _fact_words(node: Node | None, lasting: Collection[str]) -> dict[str, FactWords]:
    """The words for the facts that this protocol speaks of: its own, and those of any treatment."""
    facts = {*lasting, *TREATMENT}
    words = {}
    for code, entry in (node.mapping() if node else {}).items():
        if code not in facts:
            entry.fail(f"{code!r} is not a fact here; known are: {', '.join(sorted(facts))}")
        entry.mapping(("holds", "holds_not"), ("when_calling",))
        words[code] = FactWords(
            read_title(entry["holds"]),
            read_title(entry["holds_not"]),
            _maybe_title(entry.get("when_calling")),
        )
    return words


def _milestones(node: Node, arms: Mapping[str, Arm]) -> dict[str, MilestoneKind]:
    known = node.mapping()
    return {code: _milestone(code, each, known, arms) for code, each in known.items()}


def _milestone(
    code: str, node: Node, known: Collection[str], arms: Mapping[str, Arm]
) -> MilestoneKind:
    node.mapping((), ("title", "noun", "after", "arms", "repeats", "ends"))
    after, limited = node.get("after"), node.get("arms")
    repeats, ends = node.get("repeats"), node.get("ends")
    return MilestoneKind(
        code,
        arms=_arms(limited, arms) if limited else None,
        after=known_word(after, "milestone", known) if after else None,
        repeats=repeats.boolean() if repeats else False,
        ends=ends.one_of(Ending) if ends else None,
        title=_maybe_title(node.get("title")),
        noun=_maybe_title(node.get("noun")),
    )


def _component(code: str, node: Node, milestones: Collection[str]) -> Component:
    node.mapping(("title",), ("after",))
    after = node.get("after")
    return Component(
        code,
        read_title(node["title"]),
        known_word(after, "milestone", milestones) if after else None,
    )


class RegimenWords(NamedTuple):
    """The names a regimen may use."""

    components: Collection[str]
    arms: Collection[str]
    instruments: Instruments


def _regimen(code: str, node: Node, known: RegimenWords) -> Regimen:
    node.mapping(
        ("title", "component", "arms", "cycle_days", "drugs"),
        ("optional", "infusion_days", "also_asks"),
    )
    optional, infusion, arms = node.get("optional"), node.get("infusion_days"), known.arms
    regimen = Regimen(
        code=code,
        title=read_title(node["title"]),
        component=known_word(node["component"], "component", known.components),
        arms=_arms(node["arms"], arms),
        cycle_days=at_least(1, node["cycle_days"]),
        drugs=node["drugs"].texts(),
        optional={drug: _arms(each, arms) for drug, each in optional.mapping().items()}
        if optional
        else {},
        infusion_days=at_least(1, infusion) if infusion else 0,
        also_asks=_also_asks(node.get("also_asks"), known.instruments),
    )
    if infusion and regimen.infusion_days > regimen.cycle_days:
        infusion.fail(f"the infusion is longer than the cycle of {regimen.cycle_days} days")
    return regimen


def _also_asks(node: Node | None, instruments: Instruments) -> dict[str, frozenset[str]]:
    """The optional items of each instrument that go with a regimen."""
    asked = node.mapping() if node else {}
    for code, each in asked.items():
        if code not in instruments:
            each.fail(
                f"{code!r} is not an instrument here; known are: {', '.join(sorted(instruments))}"
            )
    return {
        code: frozenset(_optional(code, each, instruments[code]) for each in items)
        for code, items in asked.items()
    }


def _optional(code: str, node: Node, known: Collection[str] | None) -> str:
    return node.text() if known is None else known_word(node, f"optional item of {code}", known)


def _only_if(node: Node | None, instruments: Instruments) -> dict[str, Condition]:
    """The instruments that not everybody is asked, each with whom it is for."""
    conditions = {}
    for code, each in (node.mapping() if node else {}).items():
        if code not in instruments:
            each.fail(
                f"{code!r} is not an instrument here; known are: {', '.join(sorted(instruments))}"
            )
        each.mapping(("only_if",), ())
        conditions[code] = read_condition(each["only_if"], MayAsk({}, PERSONAL))
    return conditions


def _arms(node: Node, arms: Collection[str]) -> frozenset[str]:
    return frozenset(known_word(each, "arm", arms) for each in node)


def _series(code: str, node: Node) -> Series:
    node.mapping(("title", "instruments", "apart", "clip", "events"), ("pack",))
    pack = node.get("pack")
    return Series(
        code,
        title=read_title(node["title"]),
        apart=at_least(0, node["apart"]),
        clip=node["clip"].one_of(Clip),
        pack=pack.text() if pack else code,
    )


def _standing(node: Node, milestones: Collection[str]) -> LastingFact:
    node.mapping(("since",), ("until",))
    until = node.get("until")
    return LastingFact(
        known_word(node["since"], "milestone", milestones),
        known_word(until, "milestone", milestones) if until else None,
    )


def _unscheduled(node: Node, words: Vocabulary) -> tuple[str, ...]:
    node.mapping(("instruments",))
    return tuple(known_word(each, "instrument", words.instruments) for each in node["instruments"])


def _messages(node: Node) -> MessagePlan:
    node.mapping(("at", "days", "earliest", "latest", "day_cap"))
    plan = MessagePlan(
        at=_clock_time(node["at"]),
        days=tuple(at_least(0, each) for each in node["days"]),
        earliest=_clock_time(node["earliest"]),
        latest=_clock_time(node["latest"]),
        day_cap=at_least(1, node["day_cap"]),
    )
    if not plan.earliest <= plan.at <= plan.latest:
        node["at"].fail(
            f"messages may leave from {plan.earliest:%H:%M} to {plan.latest:%H:%M} only"
        )
    if list(plan.days) != sorted(set(plan.days)):
        node["days"].fail("the days count up, each one once")
    return plan


def _once(events: tuple[tuple[Event, Node], ...], root: Node) -> tuple[tuple[Event, Node], ...]:
    seen = set(root["unscheduled"].mapping())
    for event, node in events:
        if event.code in seen:
            node["event"].fail(f"{event.code} stands here twice")
        seen.add(event.code)
    return events


def _grouped(events: tuple[tuple[Event, Node], ...], root: Node) -> tuple[Event, ...]:
    """The events, once every group they name exists and is not itself repeated."""
    groups = {event.group for event, _ in events if event.group}
    for event, node in events:
        if event.group and event.repeat:
            node["group"].fail("an event that is repeated cannot be in a group")
        for name, at in _named_groups(event, node):
            if name not in groups:
                at.fail(
                    f"{name!r} is not a group of events; known are: {', '.join(sorted(groups)) or 'none'}"
                )
    if not events:
        root["series"].fail("a protocol asks something at least once")
    return tuple(event for event, _ in events)


def _named_groups(event: Event, node: Node) -> Iterator[tuple[str, Node]]:
    if event.not_within:
        yield from ((name, node["not_within"]["of"]) for name in sorted(event.not_within.groups))
    if event.repeat and event.repeat.then_with:
        yield event.repeat.then_with, node["then_with"]


def _clock_time(node: Node) -> time:
    text = node.text()
    try:
        return time.fromisoformat(text)
    except ValueError:
        node.fail(f"{text!r} is not a time such as 09:00")
