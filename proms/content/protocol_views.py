"""Reads what a protocol says of the page of a patient."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from proms.content.events import known_word
from proms.content.source import Node
from proms.content.titles import optional_mapping, read_title
from proms.domain.protocol import Regimen
from proms.domain.protocol_views import Laboratory, ProtocolViews, Strip


@dataclass(frozen=True)
class ViewNames:
    """The names that the views of a protocol may use beside its own; without them any."""

    codes: Mapping[str, Collection[str]] = field(
        default_factory=dict
    )  # items, scales by instrument
    tests: Mapping[str, Collection[str]] = field(default_factory=dict)  # by panel
    licensed: Collection[str] = ()  # instruments whose wording is


@dataclass(frozen=True)
class Known:
    """The names that the views of a protocol may use; of an instrument or a panel that is not here,
    or could not be read, any."""

    milestones: Collection[str]
    components: Collection[str]
    drugs: Collection[str]
    codes: Mapping[str, Collection[str]]  # of items and scales, by instrument
    tests: Mapping[str, Collection[str]]  # by panel


def read_views(
    root: Node, names: ViewNames, milestones: Collection[str], regimens: Mapping[str, Regimen]
) -> ProtocolViews:
    """The views of a protocol; it need not have any."""
    node = root.get("views")
    if node is None:
        return ProtocolViews()
    drugs = {drug for regimen in regimens.values() for drug in regimen.every_drug}
    known = Known(milestones, root["components"].mapping(), drugs, names.codes, names.tests)
    node.mapping((), ("laboratory", "strips", "first_scales"))
    laboratory = _laboratory(node.get("laboratory"), known)
    tests = known.tests.get(laboratory.panel) if laboratory else ()
    return ProtocolViews(
        laboratory,
        {
            code: _strip(code, entry, known, tests)
            for code, entry in optional_mapping(node.get("strips")).items()
        },
        _by_instrument(node.get("first_scales"), known),
    )


def _laboratory(node: Node | None, known: Known) -> Laboratory | None:
    if node is None:
        return None
    node.mapping(("panel", "baseline", "reference"), ())
    panel = node["panel"].text()
    if known.tests:
        known_word(node["panel"], "panel", known.tests)
    return Laboratory(
        panel,
        known_word(node["baseline"], "milestone", known.milestones),
        known_word(node["reference"], "drug", known.drugs),
    )


def _strip(code: str, node: Node, known: Known, tests: Collection[str] | None) -> Strip:
    node.mapping(("title", "note", "component", "items", "tests"), ())
    return Strip(
        code,
        read_title(node["title"]),
        read_title(node["note"]),
        known_word(node["component"], "component", known.components),
        _by_instrument(node["items"], known),
        tuple(
            name.text() if tests is None else known_word(name, "test", tests)
            for name in node["tests"]
        ),
    )


def _by_instrument(node: Node | None, known: Known) -> dict[str, tuple[str, ...]]:
    """The items or scales of each instrument."""
    named = {}
    for instrument, entry in optional_mapping(node).items():
        codes = known.codes.get(instrument)
        named[instrument] = tuple(
            name.text() if codes is None else known_word(name, f"code of {instrument}", codes)
            for name in entry
        )
    return named
