"""What a QuestionnaireResponse says, as answers by item: nothing in it is dropped that might be an
answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proms.domain.fhir.identifiers import Extension, Worded, link_id
from proms.domain.fhir.questionnaire import displays, variants_of
from proms.domain.fhir.response_out import ABSENT
from proms.domain.instrument import Item, ItemKind, NotOffered, UnknownItem
from proms.domain.response import MissingReason

REASONS = {code: reason for reason, code in ABSENT.items() if reason is not MissingReason.NOT_ASKED}
Node = Mapping[str, Any]
Refused = UnknownItem | NotOffered


@dataclass
class ReadAnswers:
    """Answers and reasons by item, the variant each was answered in, and what was refused by the
    name it came under."""

    answers: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    variants: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)


def read(worded: Worded, resource: Node) -> ReadAnswers:
    """The answers in a QuestionnaireResponse to this questionnaire; items may stand in groups and
    below answers."""
    known = {
        link_id(each.item): each.item
        for item in worded.instrument.items
        for each in variants_of(item)
    }
    shown, said = displays(worded.instrument), ReadAnswers()
    for node in _every(resource.get("item", ())):
        name, given = node["linkId"], node.get("answer", ())
        if name in known:
            _take(worded, known[name], node, said)
        elif given or not (name in shown or node.get("item")):
            said.refused[name] = UnknownItem(name)
    return said


def _every(nodes: Sequence[Node]) -> Iterator[Node]:
    """Every item, however deep it stands."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("item", ())
        for answer in node.get("answer", ()):
            waiting += answer.get("item", ())


def _take(worded: Worded, item: Item, node: Node, said: ReadAnswers) -> None:
    given, code = node.get("answer", ()), item.code
    if not given:
        reason = _reason(node)
        if reason and code not in said.answers:
            said.missing[code] = reason
        return
    try:
        if code in said.answers:
            raise NotOffered(code, ": it is answered twice")
        said.answers[code] = _value(worded, item, given)
    except NotOffered as refusal:
        said.refused[link_id(item)] = refusal
        return
    said.missing.pop(code, None)
    if item.variant:
        said.variants[code] = item.variant


def _reason(node: Node) -> MissingReason | None:
    """Why there is no answer, where that is said."""
    codes = (
        each.get("valueCode")
        for each in node.get("extension", ())
        if each.get("url") == Extension.ABSENT
    )
    return next((REASONS[code] for code in codes if code in REASONS), None)


def _value(worded: Worded, item: Item, given: Sequence[Node]) -> Any:
    if item.kind is not ItemKind.MULTIPLE and len(given) > 1:
        raise NotOffered(item.code, ": one answer, not several")
    if item.options:
        ticked = [_option(worded, item, each) for each in given]
        return ticked if item.kind is ItemKind.MULTIPLE else ticked[0]
    element = "valueInteger" if item.kind is ItemKind.NUMBER else "valueString"
    if element not in given[0]:
        raise NotOffered(item.code, f": {element} is expected")
    return given[0][element]


def _option(worded: Worded, item: Item, answer: Node) -> int | str:
    """The option a coding names, by its code in the system of this item's options."""
    named = answer.get("valueCoding", {})
    offered = {str(value): value for value in item.options}
    if named.get("system") != worded.option_system(item) or named.get("code") not in offered:
        raise NotOffered(
            item.code, f": valueCoding with a code of {worded.option_system(item)} is expected"
        )
    return offered[named["code"]]
