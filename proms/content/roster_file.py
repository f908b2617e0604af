"""Read a roster: the hours, the people and the holidays of one site, as it writes them down."""

import re
from collections.abc import Iterator
from datetime import date

from proms.content.events import at_least
from proms.content.source import Node
from proms.domain.roster import (
    WEEKDAYS,
    Duty,
    Hours,
    NoticeLimits,
    Roster,
    gap_between,
    hours_of,
    written_days,
)

NEEDED = ("timezone", "staffed", "on_duty")
ALLOWED = ("holidays", "on_call", "limits")
LIMITS = ("next_after", "on_call_after")
HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)", re.ASCII)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
LONGEST_NAME = 100
SEPARATOR = ";"  # between several names in what the command prints


def read_notice_limits(node: Node) -> NoticeLimits:
    """A protocol's limits, which hold where a roster has none of its own."""
    node.mapping((*LIMITS, "again_after"), ())
    return NoticeLimits(
        next_after=at_least(1, node["next_after"]),
        on_call_after=at_least(1, node["on_call_after"]),
        again_after=at_least(1, node["again_after"]),
    )


def read_roster(root: Node, limits: NoticeLimits) -> Roster:
    """The roster in a tree, with the protocol's limits where it has none; raises UnsoundContent
    with file, line and reason."""
    root.mapping(NEEDED, ALLOWED)
    zone = root["timezone"].zone()
    hours = _hours(root["staffed"])
    holidays = frozenset(_day(node) for node in root.optional_list("holidays"))
    duties = tuple(_duties(root["on_duty"]))
    on_call = _names(root.optional_list("on_call"))
    roster = Roster(zone, hours, duties, _limits(root, limits), holidays, on_call)
    gap = gap_between(roster, *written_days(duties))
    if gap:
        _entry_before(root["on_duty"], gap).fail(
            f"nobody is on duty on {gap}, a staffed day between the first and the last entry"
        )
    return roster


def _hours(node: Node) -> dict[int, Hours]:
    by_name = node.mapping((), WEEKDAYS)
    if not by_name:
        node.fail("no day of the week is staffed")
    return {WEEKDAYS.index(day): _hours_of(entry) for day, entry in by_name.items()}


def _hours_of(node: Node) -> Hours:
    if not (isinstance(node.value, str) and HOURS.fullmatch(node.value)):
        node.fail(f'{node.value!r} is not a day\'s hours from a start to an end, as "08:00-17:00"')
    hours = hours_of(node.value)
    if hours.closes is not None and hours.closes <= hours.opens:
        node.fail(f"{node.value}: the hours end before they start")
    return hours


def _duties(node: Node) -> Iterator[Duty]:
    if node.value == []:
        node.fail("nobody is on duty")
    for entry in node.items():
        entry.mapping(("from", "who"), ("until",))
        since = _day(entry["from"])
        until_node = entry.get("until")
        until = _day(until_node) if until_node else None
        if until_node and until and until < since:
            until_node.fail(f"{until} is before {since}, the day from which it holds")
        who = _names(entry["who"].items())
        if not who:
            entry["who"].fail("nobody is on duty")
        yield Duty(since, until, who)


def _names(nodes: list[Node]) -> tuple[str, ...]:
    names: list[str] = []
    for node in nodes:
        name = node.text().strip()
        if SEPARATOR in name or not name.isprintable() or len(name) > LONGEST_NAME:
            node.fail(
                f"{name[:LONGEST_NAME]!r} is no name: it is one line of at most {LONGEST_NAME} "
                f"characters without {SEPARATOR!r}"
            )
        if name in names:
            node.fail(f"{name} stands here twice")
        names.append(name)
    return tuple(names)


def _limits(root: Node, protocols: NoticeLimits) -> NoticeLimits:
    written = root.optional_mapping("limits", (), LIMITS)
    minutes = {limit: at_least(1, node) for limit, node in written.items()}
    return NoticeLimits(
        next_after=minutes.get("next_after", protocols.next_after),
        on_call_after=minutes.get("on_call_after", protocols.on_call_after),
        again_after=protocols.again_after,
    )


def _day(node: Node) -> date:
    day = node.day()
    if not FIRST_DAY <= day <= LAST_DAY:
        node.fail(f"{day} is not a date of this century")
    return day


def _entry_before(on_duty: Node, gap: date) -> Node:
    """The entry after which the gap begins: where a reader looks first."""
    ended = [entry for entry in on_duty if entry["from"].day() < gap]
    return max(ended, key=lambda entry: entry.value["until"].day())
