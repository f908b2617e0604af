"""What a phone is given so that a red answer acts before the network does, and a form can be turned
over without it: rules, her answers so far, and the words of the page that says to call."""

from dataclasses import dataclass
from typing import Any

from proms.domain.alert import RuleSet, Urgency, items_for_device, red_rules, rules_for_device
from proms.domain.instrument import LEVEL, Item, ItemKind, Place, items_in
from proms.web import request_context
from proms.web.advice import facts_to_tell, with_facts
from proms.web.locale import language
from proms.web.patient.questionnaire import OpenQuestionnaire
from proms.web.patient.reported import reported_answer, tells

CHOSEN = (ItemKind.SINGLE, ItemKind.MULTIPLE)


@dataclass(frozen=True)
class OnDevice:
    """The words of the page that says to call: one always, the others with a rule of their
    groups."""

    first: str
    additions: tuple[tuple[str, str], ...]  # groups, separated by blanks, and the text
    about_her: list[str]


def rules_held(sheet: OpenQuestionnaire) -> RuleSet | None:
    """The rules that can be red for her, whatever she answers; None where nobody can be told by
    them to call: there are none, or they crashed."""
    evaluated = sheet.evaluated
    if not evaluated.rule_set or evaluated.failed:
        return None
    rule_set = request_context.library().rule_set_named(evaluated.rule_set)
    return red_rules(rule_set, evaluated.facts, evaluated.earlier.reports)


def may_be_red(item: Item, red: RuleSet | None) -> bool:
    """Whether an answer to this item can be red, by itself or with the others."""
    rules = red.rules if red and item.kind in CHOSEN else ()
    return any(item.code in items_in(rule.when) for rule in rules)


def on_device(sheet: OpenQuestionnaire) -> OnDevice:
    """The words of the page that says to call, whatever the rule."""
    evaluated = sheet.evaluated
    rule_set = request_context.library().rule_set_named(evaluated.rule_set)
    texts = with_facts(rule_set.texts[language()], evaluated.facts)
    return OnDevice(
        texts[rule_set.advice.levels[Urgency.RED]],
        tuple(
            (" ".join(sorted(addition.groups)), texts[addition.text])
            for addition in rule_set.advice.additions
            if addition.urgency is Urgency.RED
        ),
        facts_to_tell(request_context.current_patient(), evaluated.facts),
    )


def own_data(sheet: OpenQuestionnaire, item: Item | None, red: RuleSet | None) -> dict[str, Any]:
    """What this browser answered, for the script; and with `red`, for as long as the page has not
    the whole form, what decides whether the answer to this question is red."""
    entries = {}
    for code, entry in sheet.document.items():
        entries[code] = {"value": entry.get("value"), "at": 0, "sent": True}
    device = None
    if red and item and may_be_red(item, red):
        told = shown_by(red)
        items = []
        for each in sheet.items:
            data = {"code": each.code, **(_answering(each, sheet, told) if each == item else {})}
            answer = sheet.answers.get(each.code)
            if each.code in told and answer is not None and tells(each, answer):
                said = reported_answer(each, answer, sheet.wording)
                data |= {"told": [said.label, said.answer]}
            items.append(data)
        device = {"items": items, **_rules_data(sheet, red)}
    return {
        "form": sheet.assignment.id,
        "item": item.code if item else None,
        "entries": entries,
        "device": device,
    }


def whole_data(sheet: OpenQuestionnaire, red: RuleSet | None) -> dict[str, Any]:
    """What decides on a phone which questions are asked, in which order, which answers are red, and
    under which headings they are looked over."""
    follow_ups = {item.code for item in sheet.instrument.items if item.place is Place.CALL}
    told = shown_by(red) if red else set()
    items = items_for_device(sheet.instrument, sheet.evaluated.facts, {LEVEL})
    for data in items:
        item = sheet.instrument.item(data["code"])
        data |= _answering(item, sheet, told)
        if item.code in follow_ups:
            data["follow_up"] = True
    headings = sheet.wording.sections
    sections = [[headings[each.code], each.items] for each in sheet.instrument.sections]
    return {"items": items, "sections": sections, **_rules_data(sheet, red)}


def shown_by(red: RuleSet) -> set[str]:
    """The items whose answers these rules show."""
    return {code for rule in red.rules for code in rule.shows}


def _answering(item: Item, sheet: OpenQuestionnaire, told: set[str]) -> dict[str, Any]:
    """What a phone needs to read the answer to an item, and the few words for it: a licensed
    instrument is shown by its own words, but where she is `told` to call about an answer."""
    data: dict[str, Any] = {"kind": item.kind.value}
    labels = {} if sheet.instrument.licensor else sheet.wording.labels
    label = sheet.wording.label(item.code) if item.code in told else labels.get(item.code)
    if label:
        data["label"] = label
    if item.options:
        data["nothing"] = item.none or item.options[0]
    if item.none:
        data["none"] = item.none
    if item.kind is ItemKind.NUMBER:
        data |= {"low": item.low, "high": item.high}
    if item.safety:
        data["safety"] = True
    return data


def _rules_data(sheet: OpenQuestionnaire, red: RuleSet | None) -> dict[str, Any]:
    if red is None:
        return {"rules": [], "order": []}
    shown = shown_by(red)
    rules = [
        {**content, "shows": rule.shows}
        for content, rule in zip(rules_for_device(red), red.rules, strict=True)
    ]
    items = sheet.instrument.items
    return {"rules": rules, "order": [each.code for each in items if each.code in shown]}
