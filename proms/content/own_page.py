"""Reads what a protocol lets a patient's own page offer her."""

from collections.abc import Collection

from proms.content.events import at_least
from proms.content.source import Node
from proms.content.titles import optional_mapping
from proms.domain.own_page import OwnPage, OwnPause


def read_own_page(
    node: Node | None, instruments: Collection[str], licensed: Collection[str]
) -> OwnPage:
    """What her page offers; a protocol that says nothing of it offers nothing. Words of a licensed
    instrument may be shown where it is asked, and nowhere else."""
    if node is None:
        return OwnPage()
    node.mapping((), ("pause", "earlier_answers"))
    earlier_answers = {}
    for code, weeks in optional_mapping(node.get("earlier_answers")).items():
        if code not in instruments:
            known = ", ".join(sorted(instruments))
            weeks.fail(f"{code!r} is not an instrument here; known are: {known}")
        if code in licensed:
            weeks.fail(f"the wording of {code} is licensed, so answers to it are not shown")
        earlier_answers[code] = at_least(1, weeks)
    return OwnPage(_pause(node.get("pause")), earlier_answers)


def _pause(node: Node | None) -> OwnPause | None:
    if node is None:
        return None
    node.mapping(("days", "ahead"), ())
    return OwnPause(days=at_least(1, node["days"]), ahead=at_least(0, node["ahead"]))
