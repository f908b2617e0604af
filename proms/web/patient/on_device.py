"""What a question page carries so that a red answer acts before the network does: the rules that
still can be red, her answers so far, and the words of the page that says to call."""

from dataclasses import dataclass
from typing import Any

from proms.domain.alert import RuleSet, Urgency, red_rules, rules_for_device
from proms.domain.instrument import Item, ItemKind, items_in
from proms.web import request_context
from proms.web.advice import facts_to_tell, with_facts
from proms.web.locale import language
from proms.web.patient.questionnaire import OpenQuestionnaire
from proms.web.patient.reported import reported_answer, tells

CHOSEN = (ItemKind.SINGLE, ItemKind.MULTIPLE)


@dataclass(frozen=True)
class OnDevice:
    """The data for `red.js`, and the texts that may be shown: one always, the others with a rule of
    their groups."""

    data: dict[str, Any]
    first: str
    additions: tuple[tuple[str, str], ...]  # groups, separated by blanks, and the text
    about_her: list[str]


def on_device(sheet: OpenQuestionnaire, item: Item) -> OnDevice | None:
    """What the page of this question carries; None where no answer to it can be red by itself or
    with the others."""
    evaluated = sheet.evaluated
    if not evaluated.rule_set or evaluated.failed or item.kind not in CHOSEN:
        return None
    rule_set = request_context.library().rule_set_named(evaluated.rule_set)
    red = red_rules(rule_set, evaluated.facts, evaluated.earlier.reports)
    if all(item.code not in items_in(rule.when) for rule in red.rules):
        return None
    texts = with_facts(rule_set.texts[language()], evaluated.facts)
    return OnDevice(
        _data(sheet, item, red),
        texts[rule_set.advice.levels[Urgency.RED]],
        tuple(
            (" ".join(sorted(addition.groups)), texts[addition.text])
            for addition in rule_set.advice.additions
            if addition.urgency is Urgency.RED
        ),
        facts_to_tell(request_context.current_patient(), evaluated.facts),
    )


def _data(sheet: OpenQuestionnaire, item: Item, red: RuleSet) -> dict[str, Any]:
    shown = {code for rule in red.rules for code in rule.shows}
    rules = [
        {**content, "shows": rule.shows}
        for content, rule in zip(rules_for_device(red), red.rules, strict=True)
    ]
    asked = [each for each in sheet.items if each.code in sheet.answers]
    told = [
        reported_answer(each, sheet.answers[each.code], sheet.wording)
        for each in asked
        if each.code in shown and tells(each, sheet.answers[each.code])
    ]
    return {
        "item": item.code,
        "label": sheet.wording.label(item.code),
        "nothing": item.none or item.options[0],
        "answers": {each.code: sheet.answers[each.code] for each in asked},
        "order": [each.code for each in sheet.items if each.code in shown],
        "told": {each.item: [each.label, each.answer] for each in told},
        "rules": rules,
    }
