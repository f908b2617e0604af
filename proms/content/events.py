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

WEEK = 7
NEEDED = ("event", "anchor", "rank")
DAYS = ("days", "cycle_days", "weeks", "every")
WINDOW = ("opens", "closes", "opens_on", "due_on", "not_after", "before")
OTHERS = ("group", "arms", "regimens", "not_within", "until", "then_with", "then_before")
PHRASES = {
    "each cycle of ": AnchorKind.CYCLE,
    "delayed cycle of ": AnchorKind.DELAY,
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


def known_word(node: Node, kind: str, known: Collection[str]) -> str:
    """A text that names something the protocol has."""
    word = node.text()
    if word not in known:
        article = "an" if kind[0] in "aeiou" else "a"
        node.fail(
            f"{word!r} is not {article} {kind} here; known are: {', '.join(sorted(known)) or 'none'}"
        )
    return word


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
        known_word(each, "instrument", words.instruments) for each in node["instruments"]
    )
    events = [
        (event, entry)
        for entry in node["events"]
        for event in _written_out(series, instruments, entry, words)
    ]
    _refuse_overlap(events)
    return events


def _written_out(
    series: str, instruments: tuple[str, ...], node: Node, words: Vocabulary
) -> Iterator[Event]:
    node.mapping(NEEDED, (*DAYS, *WINDOW, *OTHERS))
    anchors = _anchors(node["anchor"], words)
    repeat = _repeat(node, words)
    regimens = _words(node, "regimens", "regimen", words.regimens)
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
            group=group.text() if (group := node.get("group")) else None,
            arms=_words(node, "arms", "arm", words.arms),
            regimens=regimens,
            not_within=_distance(node.get("not_within")),
            repeat=repeat,
        )


def _refuse_beyond(
    node: Node, component: str, day: int, regimens: frozenset[str] | None, words: Vocabulary
) -> None:
    """A day of a cycle that is longer than any cycle it goes with."""
    own = [each for each in words.regimens.values() if each.component == component]
    longest = max(
        (each.cycle_days for each in own if regimens is None or each.code in regimens), default=0
    )
    if day >= longest:
        node["cycle_days"].fail(
            f"day {day + 1} never comes: a cycle of {component} has at most {longest} days here"
        )


def _words(node: Node, key: str, kind: str, known: Collection[str]) -> frozenset[str] | None:
    named = node.get(key)
    return frozenset(known_word(each, kind, known) for each in named) if named else None


def _anchors(node: Node, words: Vocabulary) -> tuple[Anchor, ...]:
    listed = list(node) if isinstance(node.value, list) else [node]
    anchors = tuple(_anchor(each, words) for each in listed)
    if not anchors or (
        len(anchors) > 1
        and any(each.kind in (AnchorKind.CYCLE, AnchorKind.DELAY) for each in anchors)
    ):
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
        phrases = ", ".join(f"'{phrase}...'" for phrase in PHRASES)
        known = ", ".join(sorted(words.milestones))
        node.fail(f"{text!r} is not an anchor; known are: {known}, {phrases}, '{END}'")
    return Anchor(AnchorKind.MILESTONE, text)


def _landmarks(node: Node | None, words: Vocabulary) -> tuple[Anchor, ...]:
    return tuple(_landmark(each, words) for each in node) if node else ()


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
    given = [key for key in DAYS if node.get(key)]
    if len(given) != 1:
        node.fail(f"one of {', '.join(DAYS)} is expected")
    key = given[0]
    if (key == "cycle_days") != (kind is AnchorKind.CYCLE):
        node[key].fail("cycle_days go with 'each cycle of ...', other days with another anchor")
    if (kind is AnchorKind.DELAY) and key != "every":
        node[key].fail("'every' is expected with a delayed cycle")
    code, slot = node["event"].text(), SLOTS[key]
    listed = (
        [0]
        if key == "every"
        else [at_least(1 if key == "cycle_days" else 0, each) for each in node[key]]
    )
    _refuse_slots(node, code, slot, needed=len(listed) > 1 or kind is AnchorKind.DELAY)
    for number in listed:
        written = code if key == "every" else code.replace(f"{{{slot}}}", str(number))
        yield written, {"cycle_days": number - 1, "weeks": WEEK * number}.get(key, number)


def _refuse_slots(node: Node, code: str, slot: str, *, needed: bool) -> None:
    found = PLACE.findall(code)
    if any(each != slot for each in found) or (needed and not found):
        node["event"].fail(f"the code needs {{{slot}}}, and no other, to name each day")


def _repeat(node: Node, words: Vocabulary) -> Repeat | None:
    every = node.get("every")
    until, then_with = node.get("until"), node.get("then_with")
    if every is None:
        for key in ("until", "then_with", "then_before"):
            if found := node.get(key):
                found.fail(f"{key!r} goes with 'every'")
        return None
    return Repeat(
        every=at_least(1, every),
        until=at_least(1, until) if until else None,
        then_with=then_with.text() if then_with else None,
        then_before=_landmarks(node.get("then_before"), words),
    )


def _timing(node: Node, day: int, words: Vocabulary) -> Timing:
    opens, closes = node.get("opens"), node.get("closes")
    if opens is None and node.get("opens_on") is None:
        node.fail("'opens' or 'opens_on' is missing")
    if closes is None:
        node.fail("'closes' is missing")
    first, last = opens.integer() if opens else 0, at_least(0, closes)
    if opens and first > 0:
        opens.fail("a window opens on or before the due day: 0 or less is expected")
    landmarks = {
        key: _landmarks(node.get(key), words)
        for key in ("opens_on", "due_on", "not_after", "before")
    }
    return Timing(day=day, opens=first, closes=last, **landmarks)


def _distance(node: Node | None) -> Distance | None:
    if node is None:
        return None
    node.mapping(("days", "of"))
    days, of = at_least(0, node["days"]), node["of"]
    if of.value == "started":
        return Distance(days, frozenset(), started=True)
    return Distance(days, frozenset(of.texts()))


def _refuse_overlap(events: list[tuple[Event, Node]]) -> None:
    """Two events of one series and anchor with windows that overlap whenever both are asked."""
    lanes: dict[tuple[Anchor, ...], list[tuple[Event, Node]]] = {}
    for event, node in events:
        if not (event.timing.opens_on or event.timing.due_on):
            lanes.setdefault(event.anchors, []).append((event, node))
    for lane in lanes.values():
        lane.sort(key=lambda pair: pair[0].timing.day)
        for (first, _), (second, node) in pairwise(lane):
            if (
                first.repeat is None
                and second.timing.day + second.timing.opens
                <= first.timing.day + first.timing.closes
            ):
                node["event"].fail(f"{second.code} opens before {first.code} has closed")
    for event, node in events:
        if event.repeat and event.timing.closes - event.timing.opens >= event.repeat.every:
            node["every"].fail("the window is wider than the days between two of them")
