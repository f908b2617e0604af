"""What a QuestionnaireResponse says, as answers by item: nothing in it is dropped that might be an
answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proms.domain.fhir.identifiers import Extension, Worded, link_id
from proms.domain.fhir.questionnaire import displays, links_asked, variants_of
from proms.domain.fhir.response_out import ABSENT
from proms.domain.instrument import Facts, Item, ItemKind, NotOffered, UnknownItem
from proms.domain.response import MissingReason

REASONS = {code: reason for reason, code in ABSENT.items()}
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


def read(worded: Worded, resource: Node, facts: Facts | None = None) -> ReadAnswers:
    """The answers in a QuestionnaireResponse to this questionnaire; items may stand in groups and
    below answers.

    With facts it is the questionnaire of a patient of whom they are known: an answer to an item
    that hers lacks is refused. An item without an answer says no more than one left out.
    """
    items = _items_by_link(worded)
    hers = items.keys() if facts is None else links_asked(worded.instrument, facts)
    shown = displays(worded.instrument)
    reading = ReadAnswers()
    for node in _nodes(resource.get("item", ())):
        link = node["linkId"]
        if link in hers:
            _take(worded, items[link], node, reading)
            continue
        # A group, what a Questionnaire only shows, and what others are asked has no answer; all
        # else might be one.
        is_silent = link in shown or link in items or node.get("item")
        if node.get("answer") or not is_silent:
            reading.refused[link] = UnknownItem(link)
    return reading


def _items_by_link(worded: Worded) -> dict[str, Item]:
    """Every item in every variant, by the name it is answered under."""
    items: dict[str, Item] = {}
    for item in worded.instrument.items:
        for shown in variants_of(item):
            items[link_id(shown.item)] = shown.item
    return items


def _nodes(nodes: Sequence[Node]) -> Iterator[Node]:
    """Every item, however deep it stands."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("item", ())
        for answer in node.get("answer", ()):
            waiting += answer.get("item", ())


def _take(worded: Worded, item: Item, node: Node, reading: ReadAnswers) -> None:
    """Put what one node says to what was read before; two nodes may answer one item in two of its
    variants."""
    code = item.code
    answers = [each for each in node.get("answer", ()) if not _stands_for_none(each)]
    if not answers:
        reason = _reason(node)
        if reason and code not in reading.answers:
            reading.missing[code] = reason
        return
    try:
        if code in reading.answers:
            raise NotOffered(code, ": it is answered twice")
        reading.answers[code] = _value(worded, item, answers)
    except NotOffered as refusal:
        reading.refused[link_id(item)] = refusal
        return
    reading.missing.pop(code, None)
    if item.variant:
        reading.variants[code] = item.variant


def _stands_for_none(answer: Node) -> bool:
    """An answer that has a reason we know where its value would be."""
    return not any(name.startswith("value") for name in answer) and bool(_reason(answer))


def _reason(node: Node) -> MissingReason | None:
    """Why there is no answer, where a reason that we know stands on the item, on its answer or, as
    FHIR lets every element say so, on the answer's empty value."""
    empty = [value for name, value in node.items() if name.startswith("_value")]
    for where in (node, *empty):
        for extension in where.get("extension", ()):
            if extension.get("url") == Extension.ABSENT:
                reason = REASONS.get(extension.get("valueCode"))
                if reason:
                    return reason
    return next((found for each in node.get("answer", ()) if (found := _reason(each))), None)


def _value(worded: Worded, item: Item, answers: Sequence[Node]) -> Any:
    if item.kind is ItemKind.MULTIPLE:
        return [_option(worded, item, answer) for answer in answers]
    if len(answers) > 1:
        raise NotOffered(item.code, ": one answer, not several")
    if item.options:
        return _option(worded, item, answers[0])
    element = "valueInteger" if item.kind is ItemKind.NUMBER else "valueString"
    if element not in answers[0]:
        raise NotOffered(item.code, f": {element} is expected")
    return answers[0][element]


def _option(worded: Worded, item: Item, answer: Node) -> int | str:
    """The option a coding names, by its code in the system of this item's options."""
    coding = answer.get("valueCoding", {})
    system = worded.option_system(item)
    offered = {str(value): value for value in item.options}
    if coding.get("system") != system or coding.get("code") not in offered:
        raise NotOffered(item.code, f": valueCoding with a code of {system} is expected")
    return offered[coding["code"]]
