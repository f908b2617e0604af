"""A roster as it is stored: plain data, of which nothing is left out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from proms.domain.roster.hours import Hours
from proms.domain.roster.roster import Duty, NoticeLimits, Roster

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = "24:00"  # at which a day ends; the hour at which it begins is 00:00


def as_document(roster: Roster) -> dict[str, Any]:
    """The roster as data, without the site's time zone."""
    limits = roster.limits
    return {
        "staffed": {WEEKDAYS[day]: str(hours) for day, hours in sorted(roster.hours.items())},
        "holidays": [day.isoformat() for day in sorted(roster.holidays)],
        "on_duty": [
            {
                "from": duty.since.isoformat(),
                "until": duty.until.isoformat() if duty.until else None,
                "who": list(duty.who),
            }
            for duty in roster.duties
        ],
        "on_call": list(roster.on_call),
        "limits": {
            "next_after": limits.next_after,
            "on_call_after": limits.on_call_after,
            "again_after": limits.again_after,
        },
    }


class UnreadableRoster(Exception):
    """What is stored as a roster is none."""


def from_document(document: Mapping[str, Any], zone: ZoneInfo) -> Roster:
    """The roster that was stored; raises UnreadableRoster where it is damaged."""
    try:
        return _read(document, zone)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableRoster from error


def _read(document: Mapping[str, Any], zone: ZoneInfo) -> Roster:
    return Roster(
        zone=zone,
        hours={WEEKDAYS.index(day): hours_of(text) for day, text in document["staffed"].items()},
        duties=tuple(
            Duty(
                date.fromisoformat(duty["from"]),
                date.fromisoformat(duty["until"]) if duty["until"] else None,
                tuple(duty["who"]),
            )
            for duty in document["on_duty"]
        ),
        limits=NoticeLimits(**document["limits"]),
        holidays=frozenset(map(date.fromisoformat, document["holidays"])),
        on_call=tuple(document["on_call"]),
    )


def hours_of(text: str) -> Hours:
    """The hours that are written so."""
    opens, _, closes = text.partition("-")
    return Hours(
        time.fromisoformat(opens), None if closes == MIDNIGHT else time.fromisoformat(closes)
    )


def with_people(roster: Roster, named: Callable[[str], str]) -> Roster:
    """The same roster with its people named otherwise."""
    duties = tuple(replace(duty, who=tuple(map(named, duty.who))) for duty in roster.duties)
    return replace(roster, duties=duties, on_call=tuple(map(named, roster.on_call)))
