"""Read a history file: what happened to one patient, written down by hand to see the calendar it
implies."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from proms.content.facts import PERSONAL
from proms.content.source import Node, read
from proms.domain.instrument import Fact
from proms.domain.protocol import AnchorKind, Protocol
from proms.domain.schedule import UNKNOWN_DAY, Cycle, CycleStatus, History, Key
from proms.domain.schedule.history import HIGHEST_DOSE

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
)
CYCLE = ("planned", "day_1", "status", "drugs", "dose_percent", "reason")
WRITTEN = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class HistoryFile:
    """A history, which of its assignments were answered, and whether somebody stands for what is
    odd in it."""

    history: History
    zone: ZoneInfo
    confirmed: bool
    patient: Mapping[str, Fact]  # what decides which instruments are for this person


def read_history(path: Path, protocol: Protocol) -> HistoryFile:
    """The history in a file; raises UnsoundContent with file, line and reason."""
    root = read(path)
    root.mapping((), ALLOWED)
    history = History(
        arm=arm.text() if (arm := root.get("arm")) else None,
        milestones={kind: tuple(_days(node)) for kind, node in _entries(root, "milestones")},
        components={component: node.text() for component, node in _entries(root, "components")},
        cycles=tuple(_cycle(node) for node in _members(root, "cycles")),
        stopped={component: _day(node) for component, node in _entries(root, "stopped")},
        checked=dict(_answered(node, protocol) for node in _members(root, "answered")),
    )
    confirmed = root.get("confirmed")
    return HistoryFile(
        history,
        _zone(root.get("timezone")),
        confirmed=bool(confirmed and confirmed.text()),
        patient=dict(_personal(root)),
    )


def _personal(root: Node) -> Iterator[tuple[str, Fact]]:
    for fact, node in _entries(root, "patient"):
        if fact not in PERSONAL:
            node.fail(
                f"{fact!r} is nothing a history says of a patient; known are: {', '.join(PERSONAL)}"
            )
        if node.value not in PERSONAL[fact]:
            node.fail(f"{fact} is never {node.value!r}")
        yield fact, node.value


def _entries(root: Node, key: str) -> Iterator[tuple[str, Node]]:
    node = root.get(key)
    yield from node.mapping().items() if node else ()


def _members(root: Node, key: str) -> Iterator[Node]:
    node = root.get(key)
    yield from node.items() if node else ()


def _days(node: Node) -> Iterator[date]:
    yield from (_day(each) for each in (node.items() if isinstance(node.value, list) else [node]))


def _day(node: Node) -> date:
    if isinstance(node.value, datetime):
        node.fail(f"{node.value} has a time; write the day alone, as 2026-03-09")
    if not isinstance(node.value, date):
        quoted = isinstance(node.value, str) and WRITTEN.fullmatch(node.value)
        node.fail(
            f"{node.value!r} is not a date such as 2026-03-09"
            + (": leave the quotes out" if quoted else "")
        )
    return node.value


def _cycle(node: Node) -> Cycle:
    """A cycle; without a status it is given when it has a day 1, else planned."""
    node.mapping(("component", "number"), CYCLE)
    planned, day_1, status, drugs, dose, reason = (node.get(key) for key in CYCLE)
    number = node["number"].integer()
    if number < 1:
        node["number"].fail("cycles are numbered from 1")
    if dose and not 0 <= dose.integer() <= HIGHEST_DOSE:
        dose.fail(f"a dose is 0 to {HIGHEST_DOSE} percent of the full one")
    return Cycle(
        component=node["component"].text(),
        number=number,
        planned=_day(planned) if planned else None,
        day_1=_day(day_1) if day_1 else None,
        status=status.one_of(CycleStatus)
        if status
        else (CycleStatus.GIVEN if day_1 else CycleStatus.PLANNED),
        drugs=drugs.texts() if drugs else (),
        dose_percent=dose.integer() if dose else None,
        reason=reason.text() if reason else None,
    )


def _answered(node: Node, protocol: Protocol) -> tuple[Key, date]:
    node.mapping(("event", "number", "instrument"), ("started",))
    key = Key(node["event"].text(), node["number"].integer(), node["instrument"].text())
    asked = _asked_at(key.event, protocol)
    if not asked:
        node["event"].fail(f"{key.event!r} is not an event of this protocol")
    if key.instrument not in asked:
        node["instrument"].fail(f"{key.instrument!r} is not asked at {key.event}")
    started = node.get("started")
    return key, _day(started) if started else UNKNOWN_DAY


def _asked_at(code: str, protocol: Protocol) -> tuple[str, ...]:
    known: Mapping[str, tuple[str, ...]] = {
        **protocol.unscheduled,
        **{event.code: event.instruments for event in protocol.events},
    }
    stem = code.rstrip("0123456789")
    late = (event for event in protocol.events if event.anchors[0].kind is AnchorKind.DELAY)
    steps = {event.coded(0).removesuffix("0"): event.instruments for event in late}
    return known.get(code) or (steps.get(stem, ()) if stem != code else ())


def _zone(node: Node | None) -> ZoneInfo:
    if node is None:
        return ZONE
    try:
        return ZoneInfo(node.text())
    except (KeyError, ValueError, OSError):
        node.fail(f"{node.value!r} is not a time zone such as Europe/Amsterdam")
