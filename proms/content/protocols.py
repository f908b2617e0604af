"""Read `protocols/<code>/<version>.yaml`; refuse what is unsound with file, line and reason."""

from collections.abc import Collection, Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import NamedTuple

from proms.content.conditions import MayAsk, read_condition
from proms.content.events import (
    Vocabulary,
    at_least,
    in_series,
    known_word,
    optional_milestone,
)
from proms.content.facts import PERSONAL
from proms.content.own_page import read_own_page
from proms.content.protocol_facts import read_fact_words, read_facts, read_site_facts
from proms.content.protocol_views import ViewNames, read_views
from proms.content.roster_file import read_notice_limits
from proms.content.source import Node, read
from proms.content.titles import optional_mapping, optional_title, read_title
from proms.domain.alert import Urgency
from proms.domain.alert_policy import AlertPolicy, Handling
from proms.domain.instrument import Condition
from proms.domain.protocol import (
    Arm,
    Component,
    ConfirmAgain,
    Ending,
    Event,
    MessagePlan,
    MilestoneKind,
    Protocol,
    Regimen,
)
from proms.domain.series import Clip, Late, Series
from proms.domain.title import Title
from proms.domain.trial_years import TrialYears

PARTS = (
    "years",
    "arms",
    "components",
    "regimens",
    "milestones",
    "facts",
    "cycles",
    "messages",
    "alerts",
    "handling",
    "series",
    "unscheduled",
)


AFTER_HOURS = "after_hours"
FIRST_YEAR, LAST_YEAR = 2000, 2099
# code -> its optional items; None where its file cannot be read
Instruments = Mapping[str, Collection[str] | None]


EventWithNode = tuple[Event, Node]  # the node for whoever has to say where a mistake stands


def read_protocol(
    path: Path,
    instruments: Instruments,
    shown: Path | None = None,
    names: ViewNames | None = None,
) -> Protocol:
    """The protocol in a file, its events written out one by one; `instruments` are those that
    exist, and `names` what its views may name."""
    root, named = read(path, shown), names or ViewNames()
    root.mapping(
        ("protocol", "version", "title", *PARTS),
        ("instruments", "drugs", "fact_words", "site_facts", "own_page", "views"),
    )
    _check_file_name(root, path)
    # The order is that of who names whom: each part is read with the names of those before it.
    arms = {code: _arm(code, node, instruments) for code, node in root["arms"].mapping().items()}
    milestones = _milestones(root["milestones"], arms)
    facts = root["facts"].mapping()
    components = {
        code: _component(code, node, milestones, facts)
        for code, node in root["components"].mapping().items()
    }
    regimen_names = RegimenNames(components, arms, instruments)
    regimens = {
        code: _regimen(code, node, regimen_names)
        for code, node in root["regimens"].mapping().items()
    }
    own_facts = read_facts(root["facts"], milestones, regimens)
    words = Vocabulary(arms, components, regimens, milestones, frozenset(instruments))
    series = {code: _series(code, node) for code, node in root["series"].mapping().items()}
    events: list[EventWithNode] = []
    for code, node in root["series"].mapping().items():
        events += in_series(code, node, words)
    cycles = root["cycles"].mapping(("projected", "early_days", "far_days"), ())
    _check_events(events, root)
    return Protocol(
        code=root["protocol"].text(),
        version=root["version"].integer(),
        title=root["title"].text(),
        years=_years(root["years"]),
        arms=arms,
        components=components,
        regimens=regimens,
        milestones=milestones,
        series=series,
        events=tuple(event for event, _ in events),
        unscheduled={
            code: _unscheduled(node, words) for code, node in root["unscheduled"].mapping().items()
        },
        standing=own_facts.standing,
        messages=_messages(root["messages"]),
        alerts=read_notice_limits(root["alerts"]),
        handling=_handling(root["handling"]),
        projected_cycles=at_least(0, cycles["projected"]),
        early_days=at_least(0, cycles["early_days"]),
        far_days=at_least(1, cycles["far_days"]),
        only_if=_only_if(root.get("instruments"), instruments),
        drugs=_drugs(root.get("drugs"), regimens),
        fact_words=read_fact_words(root.get("fact_words"), own_facts),
        site_facts=read_site_facts(root.get("site_facts")),
        days_since=own_facts.days_since,
        doses_of_late=own_facts.doses_of_late,
        views=read_views(root, named, milestones, regimens),
        own_page=read_own_page(root.get("own_page"), instruments, named.licensed),
    )


def _check_file_name(root: Node, path: Path) -> None:
    if root["protocol"].text() != path.parent.name:
        root["protocol"].fail(f"the folder is called {path.parent.name!r}")
    if str(root["version"].integer()) != path.stem:
        root["version"].fail(f"the file is called {path.name!r}")


def _years(node: Node) -> TrialYears:
    node.mapping(("first", "last"), ())
    years = TrialYears(_year(node["first"]), _year(node["last"]))
    if years.last < years.first:
        node["last"].fail(f"the trial cannot end before {years.first}, its first year")
    return years


def _year(node: Node) -> int:
    year = node.integer()
    if not FIRST_YEAR <= year <= LAST_YEAR:
        node.fail(f"{year} is not a year from {FIRST_YEAR} to {LAST_YEAR}")
    return year


def _arm(code: str, node: Node, instruments: Collection[str]) -> Arm:
    node.mapping(("title", "alerts"), ())
    title, alerts = read_title(node["title"]), node["alerts"]
    if not isinstance(alerts.value, dict) or AFTER_HOURS in alerts.mapping():
        return Arm(code, title, _alert_policy(alerts))
    named = alerts.mapping((), instruments)
    return Arm(code, title, alerts_of={each: _alert_policy(entry) for each, entry in named.items()})


def _alert_policy(node: Node) -> AlertPolicy:
    """`true`, `false`, or `{after_hours: 24}`."""
    if not isinstance(node.value, dict):
        return AlertPolicy(on=node.boolean())
    node.mapping((AFTER_HOURS,), ())
    return AlertPolicy(after=timedelta(hours=at_least(1, node[AFTER_HOURS])))


def _drugs(node: Node | None, regimens: Mapping[str, Regimen]) -> dict[str, Title]:
    """What the drugs are called; a title for none that no regimen names."""
    given = {drug for regimen in regimens.values() for drug in regimen.every_drug}
    entries = optional_mapping(node)
    for code, entry in entries.items():
        if code not in given:
            entry.fail(f"no regimen gives {code}; known are: {', '.join(sorted(given))}")
    return {code: read_title(entry) for code, entry in entries.items()}


def _milestones(node: Node, arms: Mapping[str, Arm]) -> dict[str, MilestoneKind]:
    kinds = node.mapping()
    # A milestone may come after any other, also one that is written further down.
    return {code: _milestone(code, entry, kinds, arms) for code, entry in kinds.items()}


def _milestone(
    code: str, node: Node, milestones: Collection[str], arms: Mapping[str, Arm]
) -> MilestoneKind:
    node.mapping((), ("title", "noun", "after", "arms", "repeats", "ends"))
    limited_to = node.get("arms")
    repeats = node.get("repeats")
    ends = node.get("ends")
    return MilestoneKind(
        code,
        arms=_arms(limited_to, arms) if limited_to else None,
        after=optional_milestone(node.get("after"), milestones),
        repeats=repeats is not None and repeats.boolean(),
        ends=ends.one_of(Ending) if ends else None,
        title=optional_title(node.get("title")),
        noun=optional_title(node.get("noun")),
    )


def _component(
    code: str, node: Node, milestones: Collection[str], facts: Mapping[str, Node]
) -> Component:
    node.mapping(("title",), ("after", "needs"))
    needs = node.get("needs")
    lasting = [fact for fact, entry in facts.items() if "since" in entry.mapping()]
    return Component(
        code,
        title=read_title(node["title"]),
        after=optional_milestone(node.get("after"), milestones),
        needs=known_word(needs, "lasting fact", lasting) if needs else None,
    )


class RegimenNames(NamedTuple):
    """The names a regimen may use."""

    components: Collection[str]
    arms: Collection[str]
    instruments: Instruments


def _regimen(code: str, node: Node, names: RegimenNames) -> Regimen:
    node.mapping(
        ("title", "component", "arms", "cycle_days", "drugs"),
        ("optional", "infusion_days", "also_asks"),
    )
    optional_drugs = optional_mapping(node.get("optional"))
    infusion = node.get("infusion_days")
    regimen = Regimen(
        code=code,
        title=read_title(node["title"]),
        component=known_word(node["component"], "component", names.components),
        arms=_arms(node["arms"], names.arms),
        cycle_days=at_least(1, node["cycle_days"]),
        drugs=node["drugs"].texts(),
        optional={drug: _arms(arms, names.arms) for drug, arms in optional_drugs.items()},
        infusion_days=at_least(1, infusion) if infusion else 0,
        also_asks=_also_asks(node.get("also_asks"), names.instruments),
    )
    if infusion and regimen.infusion_days > regimen.cycle_days:
        infusion.fail(f"the infusion is longer than the cycle of {regimen.cycle_days} days")
    return regimen


def _also_asks(node: Node | None, instruments: Instruments) -> dict[str, frozenset[str]]:
    """The optional items of each instrument that go with a regimen."""
    entries = optional_mapping(node)
    for code, entry in entries.items():
        _check_instrument(code, entry, instruments)
    also_asks = {}
    for code, entry in entries.items():
        optional_items = instruments[code]
        also_asks[code] = frozenset(_optional_item(code, item, optional_items) for item in entry)
    return also_asks


def _optional_item(code: str, node: Node, optional_items: Collection[str] | None) -> str:
    # An instrument that cannot be read is refused by its own file; its items are let pass here, so
    # that one mistake is reported once.
    if optional_items is None:
        return node.text()
    return known_word(node, f"optional item of {code}", optional_items)


def _check_instrument(code: str, node: Node, instruments: Instruments) -> None:
    if code not in instruments:
        node.fail(
            f"{code!r} is not an instrument here; known are: {', '.join(sorted(instruments))}"
        )


def _only_if(node: Node | None, instruments: Instruments) -> dict[str, Condition]:
    """The instruments that not everybody is asked, each with whom it is for."""
    conditions = {}
    for code, entry in optional_mapping(node).items():
        _check_instrument(code, entry, instruments)
        entry.mapping(("only_if",), ())
        conditions[code] = read_condition(entry["only_if"], MayAsk({}, PERSONAL))
    return conditions


def _arms(node: Node, arms: Collection[str]) -> frozenset[str]:
    return frozenset(known_word(arm, "arm", arms) for arm in node)


def _series(code: str, node: Node) -> Series:
    node.mapping(("title", "instruments", "apart", "clip", "events"), ("pack", "late"))
    pack, late = node.get("pack"), node.get("late")
    return Series(
        code,
        title=read_title(node["title"]),
        apart=at_least(0, node["apart"]),
        clip=node["clip"].one_of(Clip),
        pack=pack.text() if pack else code,
        late=late.one_of(Late) if late else Late.STAYS,
    )


def _unscheduled(node: Node, words: Vocabulary) -> tuple[str, ...]:
    node.mapping(("instruments",), ())
    return tuple(
        known_word(instrument, "instrument", words.instruments)
        for instrument in node["instruments"]
    )


def _handling(node: Node) -> Handling:
    node.mapping(("unsent_after", "taken_for"), ())
    taken_for = node["taken_for"].mapping([urgency.value for urgency in Urgency], ())
    return Handling(
        unsent_after=timedelta(minutes=at_least(1, node["unsent_after"])),
        taken_for={
            urgency: timedelta(minutes=at_least(1, minutes))
            for urgency, minutes in taken_for.items()
        },
    )


def _messages(node: Node) -> MessagePlan:
    needed = ("at", "days", "earliest", "latest", "day_cap", "announce_again", "call_after")
    node.mapping(needed, ("hold_unconfirmed", "confirm_again"))
    plan = MessagePlan(
        at=_clock_time(node["at"]),
        days=tuple(at_least(0, day) for day in node["days"]),
        earliest=_clock_time(node["earliest"]),
        latest=_clock_time(node["latest"]),
        day_cap=at_least(1, node["day_cap"]),
        announce_again=at_least(0, node["announce_again"]),
        call_after=timedelta(hours=at_least(0, node["call_after"])),
        hold_unconfirmed=node.flag("hold_unconfirmed"),
        confirm_again=_confirm_again(node.get("confirm_again")),
    )
    if not plan.earliest <= plan.at <= plan.latest:
        node["at"].fail(
            f"messages may leave from {plan.earliest:%H:%M} to {plan.latest:%H:%M} only"
        )
    if list(plan.days) != sorted(set(plan.days)):
        node["days"].fail("the days count up, each one once")
    return plan


def _confirm_again(node: Node | None) -> ConfirmAgain | None:
    if node is None:
        return None
    node.mapping(("after", "within"), ())
    return ConfirmAgain(
        after=timedelta(days=at_least(1, node["after"])),
        within=timedelta(days=at_least(1, node["within"])),
    )


def _check_events(events: list[EventWithNode], root: Node) -> None:
    """What can be said only once all are read: no code twice, and every group that is named
    exists and is not itself repeated."""
    seen = set(root["unscheduled"].mapping())
    for event, node in events:
        if event.code in seen:
            node["event"].fail(f"{event.code} stands here twice")
        seen.add(event.code)
    # An event makes a group by naming its own, and others may name it before that.
    groups = {event.group for event, _ in events if event.group}
    for event, node in events:
        _check_groups(event, node, groups)
    if not events:
        root["series"].fail("a protocol asks something at least once")


def _check_groups(event: Event, node: Node, groups: Collection[str]) -> None:
    if event.group and event.repeat:
        node["group"].fail("an event that is repeated cannot be in a group")
    for name, place in _named_groups(event, node):
        if name not in groups:
            existing = ", ".join(sorted(groups)) or "none"
            place.fail(f"{name!r} is not a group of events; known are: {existing}")


def _named_groups(event: Event, node: Node) -> Iterator[tuple[str, Node]]:
    """The groups that an event keeps away from or goes on with, and where each is named."""
    if event.not_within:
        for name in sorted(event.not_within.groups):
            yield name, node["not_within"]["of"]
    if event.repeat and event.repeat.then_with:
        yield event.repeat.then_with, node["then_with"]


def _clock_time(node: Node) -> time:
    text = node.text()
    try:
        return time.fromisoformat(text)
    except ValueError:
        node.fail(f"{text!r} is not a time such as 09:00")
