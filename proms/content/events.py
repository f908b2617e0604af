"""The events of a protocol file: one entry may stand for several due days, each becomes an event of
its own."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from proms.content.source import Node
from proms.domain.protocol import (
    Anchor,
    AnchorKind,
    Arm,
    Component,
    Distance,
    Event,
    MilestoneKind,
    Regimen,
    Repeat,
    Timing,
)
from proms.domain.schedule.occurrences import CATCH_UPS

WEEK = 7
NEEDED = ("event", "anchor", "rank")
DAYS = ("days", "cycle_days", "weeks", "every")
WINDOW = ("opens", "closes", "opens_on", "due_on", "not_after", "before")
OTHERS = ("group", "arms", "regimens", "not_within", "until", "then_with", "then_before")
PHRASES = {
    "each cycle of ": AnchorKind.CYCLE,
    "delayed cycle of ": AnchorKind.DELAY,
    "gap before each cycle of ": AnchorKind.GAP,
    "last dose of ": AnchorKind.LAST_DOSE,
}
LANDMARK = "cycle of "
END = "end of treatment"
PLACE = re.compile(r"\{(\w*)\}")
CENTURY = 36_524
SLOTS = {"days": "day", "cycle_days": "day", "weeks": "week", "every": "step"}


@dataclass(frozen=True)
class Vocabulary:
    """The names an event may use."""

    arms: Mapping[str, Arm]
    components: Mapping[str, Component]
    regimens: Mapping[str, Regimen]
    milestones: Mapping[str, MilestoneKind]
    instruments: frozenset[str]


def known_word(node: Node, kind: str, words: Collection[str]) -> str:
    """A text that names something the protocol has."""
    word = node.text()
    if word not in words:
        article = "an" if kind[0] in "aeiou" else "a"
        known = ", ".join(sorted(words)) or "none"
        node.fail(f"{word!r} is not {article} {kind} here; known are: {known}")
    return word


def optional_milestone(node: Node | None, milestones: Collection[str]) -> str | None:
    """The milestone that a node names; None where it is left out."""
    return known_word(node, "milestone", milestones) if node else None


def at_least(least: int, node: Node) -> int:
    """A whole number that is not too small, nor larger than there are days in a century."""
    value = node.integer()
    if value < least:
        node.fail(f"here {least} or more is expected")
    if value > CENTURY:
        node.fail(f"here {CENTURY} or less is expected")
    return value


def in_series(series: str, node: Node, words: Vocabulary) -> list[tuple[Event, Node]]:
    """A series' events in the file's order, each with its entry; refused where windows overlap by
    themselves."""
    instruments = tuple(
        known_word(name, "instrument", words.instruments) for name in node["instruments"]
    )
    events: list[tuple[Event, Node]] = []
    for entry in node["events"]:
        for event in _written_out(series, instruments, entry, words):
            events.append((event, entry))
    _refuse_overlap(events)
    _refuse_overlap_with_itself(events)
    return events


def _written_out(
    series: str, instruments: tuple[str, ...], node: Node, words: Vocabulary
) -> Iterator[Event]:
    """The events that one entry stands for: one for each of its due days."""
    node.mapping(NEEDED, (*DAYS, *WINDOW, *OTHERS))
    anchors = _anchors(node["anchor"], words)
    repeat = _repeat(node, words)
    regimens = _known_words(node, "regimens", "regimen", words.regimens)
    for code, day in _days(node, anchors[0].kind):
        if anchors[0].kind is AnchorKind.CYCLE:
            _refuse_beyond(node, anchors[0].name, day, regimens, words)
        yield Event(
            code=code,
            series=series,
            rank=at_least(1, node["rank"]),
            instruments=instruments,
            anchors=anchors,
            timing=_timing(node, day, words),
            group=node.optional_text("group"),
            arms=_known_words(node, "arms", "arm", words.arms),
            regimens=regimens,
            not_within=_distance(node.get("not_within")),
            repeat=repeat,
        )


def _refuse_beyond(
    node: Node, component: str, day: int, regimens: frozenset[str] | None, words: Vocabulary
) -> None:
    """Refuse a day of a cycle that is longer than any cycle it goes with."""
    longest = 0
    for regimen in words.regimens.values():
        asked = regimens is None or regimen.code in regimens
        if asked and regimen.component == component:
            longest = max(longest, regimen.cycle_days)
    if day >= longest:
        node["cycle_days"].fail(
            f"day {day + 1} never comes: a cycle of {component} has at most {longest} days here"
        )


def _known_words(node: Node, key: str, kind: str, words: Collection[str]) -> frozenset[str] | None:
    """The names listed under that key, each of which the protocol has; None where there is no such
    list."""
    names = node.get(key)
    if names is None:
        return None
    return frozenset(known_word(name, kind, words) for name in names)


def _anchors(node: Node, words: Vocabulary) -> tuple[Anchor, ...]:
    entries = list(node) if isinstance(node.value, list) else [node]
    anchors = tuple(_anchor(entry, words) for entry in entries)
    # An anchor that comes back with every cycle numbers the events: it cannot stand beside another.
    comes_back = any(anchor.kind in (AnchorKind.CYCLE, *CATCH_UPS) for anchor in anchors)
    if not anchors or (comes_back and len(anchors) > 1):
        node.fail("one anchor is expected, or several dated facts")
    return anchors


def _anchor(node: Node, words: Vocabulary) -> Anchor:
    text = node.text()
    if text == END:
        return Anchor(AnchorKind.END_OF_TREATMENT)
    for phrase, kind in PHRASES.items():
        if text.startswith(phrase):
            return Anchor(kind, _component(node, text.removeprefix(phrase), words))
    if text not in words.milestones:
        milestones = ", ".join(sorted(words.milestones))
        phrases = ", ".join(f"'{phrase}...'" for phrase in PHRASES)
        node.fail(f"{text!r} is not an anchor; known are: {milestones}, {phrases}, '{END}'")
    return Anchor(AnchorKind.MILESTONE, text)


def _landmarks(node: Node, key: str, words: Vocabulary) -> tuple[Anchor, ...]:
    return tuple(_landmark(entry, words) for entry in node.optional_list(key))


def _landmark(node: Node, words: Vocabulary) -> Anchor:
    text = node.text()
    if text.startswith(LANDMARK):
        return Anchor(AnchorKind.CYCLE, _component(node, text.removeprefix(LANDMARK), words))
    return Anchor(AnchorKind.MILESTONE, known_word(node, "landmark", words.milestones))


def _component(node: Node, word: str, words: Vocabulary) -> str:
    if word not in words.components:
        node.fail(f"{word!r} is not a component here; known are: {', '.join(words.components)}")
    return word


def _days(node: Node, kind: AnchorKind) -> Iterator[tuple[str, int]]:
    """The codes an entry stands for, each with its due day counted from the anchor."""
    key = _days_key(node, kind)
    code = node["event"].text()
    slot = SLOTS[key]
    if key == "every":
        # The first is due on its anchor's day. The slot stays in the code: the plan fills it with
        # the number of each repeat.
        _refuse_slots(node, code, slot, needed=kind in CATCH_UPS)
        yield code, 0
        return
    first = 1 if key == "cycle_days" else 0
    numbers = [at_least(first, number) for number in node[key]]
    _refuse_slots(node, code, slot, needed=len(numbers) > 1)
    for number in numbers:
        yield code.replace(f"{{{slot}}}", str(number)), _due_day(key, number)


def _days_key(node: Node, kind: AnchorKind) -> str:
    """Which of DAYS an entry has; it has one, and one that goes with its anchor."""
    keys = [key for key in DAYS if node.get(key)]
    if len(keys) != 1:
        node.fail(f"one of {', '.join(DAYS)} is expected")
    key = keys[0]
    if (key == "cycle_days") != (kind is AnchorKind.CYCLE):
        node[key].fail("cycle_days go with 'each cycle of ...', other days with another anchor")
    if kind in CATCH_UPS and key != "every":
        node[key].fail("'every' is expected with a delayed cycle, and with a gap before one")
    return key


def _due_day(key: str, number: int) -> int:
    """Days from the anchor: a cycle begins with its day 1, everything else counts from 0."""
    if key == "cycle_days":
        return number - 1
    if key == "weeks":
        return WEEK * number
    return number


def _refuse_slots(node: Node, code: str, slot: str, *, needed: bool) -> None:
    names = PLACE.findall(code)
    strange = any(name != slot for name in names)
    if strange or (needed and not names):
        node["event"].fail(f"the code needs {{{slot}}}, and no other, to name each day")


def _repeat(node: Node, words: Vocabulary) -> Repeat | None:
    every = node.get("every")
    if every is None:
        for key in ("until", "then_with", "then_before"):
            entry = node.get(key)
            if entry:
                entry.fail(f"{key!r} goes with 'every'")
        return None
    until = node.get("until")
    return Repeat(
        every=at_least(1, every),
        until=at_least(1, until) if until else None,
        then_with=node.optional_text("then_with"),
        then_before=_landmarks(node, "then_before", words),
    )


def _timing(node: Node, day: int, words: Vocabulary) -> Timing:
    opens = node.get("opens")
    closes = node.get("closes")
    if opens is None and node.get("opens_on") is None:
        node.fail("'opens' or 'opens_on' is missing")
    if closes is None:
        node.fail("'closes' is missing")
    first = opens.integer() if opens else 0
    last = at_least(0, closes)
    if opens and first > 0:
        opens.fail("a window opens on or before the due day: 0 or less is expected")
    return Timing(
        day=day,
        opens=first,
        closes=last,
        opens_on=_landmarks(node, "opens_on", words),
        due_on=_landmarks(node, "due_on", words),
        not_after=_landmarks(node, "not_after", words),
        before=_landmarks(node, "before", words),
    )


def _distance(node: Node | None) -> Distance | None:
    if node is None:
        return None
    node.mapping(("days", "of"), ())
    days = at_least(0, node["days"])
    if node["of"].value == "started":
        return Distance(days, frozenset(), started=True)
    return Distance(days, frozenset(node["of"].texts()))


def _refuse_overlap(events: list[tuple[Event, Node]]) -> None:
    """Two events of one series and anchor with windows that overlap whenever both are asked."""
    by_anchors: dict[tuple[Anchor, ...], list[tuple[Event, Node]]] = {}
    for event, node in events:
        # Where a landmark moves the window, how far it is from its anchor is not in the file.
        if not (event.timing.opens_on or event.timing.due_on):
            by_anchors.setdefault(event.anchors, []).append((event, node))
    for entries in by_anchors.values():
        entries.sort(key=lambda entry: entry[0].timing.day)
        for (first, _), (second, node) in pairwise(entries):
            closed = first.timing.day + first.timing.closes
            opens = second.timing.day + second.timing.opens
            # How long a repeated event goes on is the patient's: its day is only that of the first.
            if first.repeat is None and opens <= closed:
                node["event"].fail(f"{second.code} opens before {first.code} has closed")


def _refuse_overlap_with_itself(events: list[tuple[Event, Node]]) -> None:
    """A repeated event whose window is still open when the next one opens."""
    for event, node in events:
        if event.repeat and event.timing.closes - event.timing.opens >= event.repeat.every:
            node["every"].fail("the window is wider than the days between two of them")
