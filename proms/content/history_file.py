"""Read a history file: what happened to one patient, written down by hand to see the calendar it
implies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from proms.content.facts import PERSONAL
from proms.content.source import Node, read
from proms.domain.protocol import Protocol
from proms.domain.reminder import Pause
from proms.domain.schedule import UNKNOWN_DAY, Cycle, CycleStatus, History, Key
from proms.domain.schedule.history import EARLIEST, HIGHEST_DOSE, FactValue
from proms.domain.schedule.occurrences import CATCH_UPS

ALLOWED = (
    "arm",
    "timezone",
    "milestones",
    "components",
    "cycles",
    "stopped",
    "answered",
    "confirmed",
    "patient",
    "paused",
)
CYCLE = ("planned", "day_1", "status", "regimen", "drugs", "dose_percent", "reason", "late_since")
ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class HistoryFile:
    """A history, which of its assignments were answered and when, when the patient was left alone,
    and whether somebody stands for what is odd in it."""

    history: History
    zone: ZoneInfo
    confirmed: bool
    sent_on: Mapping[Key, date]
    pauses: tuple[Pause, ...]


class Answered(NamedTuple):
    """A questionnaire that was answered, with the days it was begun and sent as far as known."""

    key: Key
    began: date | None
    sent: date | None


def read_history(path: Path, protocol: Protocol) -> HistoryFile:
    """The history in a file; raises UnsoundContent with file, line and reason."""
    root = read(path)
    root.mapping((), ALLOWED)
    answered = [_answered(node, protocol) for node in _members(root, "answered")]
    history = History(
        arm=_text(root.get("arm")),
        milestones={kind: tuple(_days(node)) for kind, node in _entries(root, "milestones")},
        components={component: node.text() for component, node in _entries(root, "components")},
        cycles=tuple(_cycle(node) for node in _members(root, "cycles")),
        stopped={component: node.day() for component, node in _entries(root, "stopped")},
        checked={each.key: each.began or UNKNOWN_DAY for each in answered},
        facts=dict(_personal(root)),
    )
    written_zone = root.get("timezone")
    zone = written_zone.zone() if written_zone else ZONE
    confirmed = _text(root.get("confirmed")) is not None
    sent_on = {each.key: each.sent for each in answered if each.sent}
    return HistoryFile(history, zone, confirmed, sent_on, tuple(_pauses(root)))


def _personal(root: Node) -> Iterator[tuple[str, tuple[FactValue, ...]]]:
    """What decides which instruments are for this person, each value with the day it holds from."""
    for fact, node in _entries(root, "patient"):
        if fact not in PERSONAL:
            node.fail(
                f"{fact!r} is nothing a history says of a patient; known are: {', '.join(PERSONAL)}"
            )
        by_day = {EARLIEST: node}
        if isinstance(node.value, dict):
            by_day = dict(
                sorted((_day_named(day, value), value) for day, value in node.value.items())
            )
        values = []
        for number, (since, value) in enumerate(by_day.items(), start=1):
            if value.value not in PERSONAL[fact]:
                value.fail(f"{fact} is never {value.value!r}")
            values.append(FactValue(number, since, value.value))
        yield fact, tuple(values)


def _day_named(name: str, node: Node) -> date:
    try:
        return date.fromisoformat(name)
    except ValueError:
        node.fail(f"{name!r} is not a date such as 2026-03-09")


def _entries(root: Node, key: str) -> Iterator[tuple[str, Node]]:
    node = root.get(key)
    if node:
        yield from node.mapping().items()


def _members(root: Node, key: str) -> Iterator[Node]:
    node = root.get(key)
    if node:
        yield from node.items()


def _days(node: Node) -> Iterator[date]:
    """The dates of a milestone: one, or a list of them."""
    if not isinstance(node.value, list):
        yield node.day()
        return
    for member in node.items():
        yield member.day()


def _cycle(node: Node) -> Cycle:
    """A cycle; without a status it is given when it has a day 1, else planned."""
    node.mapping(("component", "number"), CYCLE)
    # Of several faults the first to be read here is the one that is named.
    number = _cycle_number(node["number"])
    dose_percent = _dose(node.get("dose_percent"))
    component = node["component"].text()
    planned = _optional_day(node.get("planned"))
    day_1 = _optional_day(node.get("day_1"))
    status = _status(node.get("status"), day_1)
    drugs = tuple(drug.text() for drug in _members(node, "drugs"))
    reason = _text(node.get("reason"))
    regimen = _text(node.get("regimen"))
    late_since = _late_since(node.get("late_since"), day_1 or planned)
    return Cycle(
        component, number, planned, day_1, status, drugs, dose_percent, reason, regimen, late_since
    )


def _late_since(node: Node | None, starts: date | None) -> date | None:
    """The first planned day that went by, where the cycle got another one after it."""
    if node is None:
        return None
    day = node.day()
    if starts is None or day >= starts:
        node.fail("a cycle is late from a day before the one it starts on")
    return day


def _cycle_number(node: Node) -> int:
    number = node.integer()
    if number < 1:
        node.fail("cycles are numbered from 1")
    return number


def _dose(node: Node | None) -> int | None:
    if node is None:
        return None
    dose_percent = node.integer()
    if not 0 <= dose_percent <= HIGHEST_DOSE:
        node.fail(f"a dose is 0 to {HIGHEST_DOSE} percent of the full one")
    return dose_percent


def _status(node: Node | None, day_1: date | None) -> CycleStatus:
    if node:
        return node.one_of(CycleStatus)
    if day_1:
        return CycleStatus.GIVEN
    return CycleStatus.PLANNED


def _text(node: Node | None) -> str | None:
    return node.text() if node else None


def _optional_day(node: Node | None) -> date | None:
    return node.day() if node else None


def _answered(node: Node, protocol: Protocol) -> Answered:
    """What was answered: begun on the day it was `started`, sent `on` another or the same."""
    node.mapping(("event", "number", "instrument"), ("started", "on"))
    key = Key(node["event"].text(), node["number"].integer(), node["instrument"].text())
    asked = _asked_at(key.event, protocol)
    if not asked:
        node["event"].fail(f"{key.event!r} is not an event of this protocol")
    if key.instrument not in asked:
        node["instrument"].fail(f"{key.instrument!r} is not asked at {key.event}")
    began, sent = _optional_day(node.get("started")), _optional_day(node.get("on"))
    if began and sent and sent < began:
        node["on"].fail("nothing is sent before it is started")
    return Answered(key, began or sent, sent or began)


def _pauses(root: Node) -> Iterator[Pause]:
    """When the patient asked for no messages, first and last day, in order."""
    before: Pause | None = None
    for node in _members(root, "paused"):
        node.mapping(("from", "until"), ())
        pause = Pause(node["from"].day(), node["until"].day())
        if pause.last < pause.first:
            node["until"].fail("a pause does not end before it begins")
        if before and pause.first <= before.last:
            node["from"].fail("a pause begins after the one before it has ended")
        before = pause
        yield pause


def _asked_at(code: str, protocol: Protocol) -> tuple[str, ...]:
    """The instruments asked at an event; the weeks of a delay or a gap are coded with a number."""
    asked = {**protocol.unscheduled}
    delays = {}
    for event in protocol.events:
        asked[event.code] = event.instruments
        if event.anchors[0].kind in CATCH_UPS:
            delays[event.coded(0).removesuffix("0")] = event.instruments
    if asked.get(code):
        return asked[code]
    stem = code.rstrip("0123456789")
    if stem == code:
        return ()
    return delays.get(stem, ())
