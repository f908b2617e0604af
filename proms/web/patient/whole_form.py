"""A form as a phone holds it: every question it may ask, without an answer of hers, and what
decides which is asked and what cannot wait."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from proms.domain.alert import RuleSet, decided_by_red
from proms.domain.instrument import LEVEL, Item
from proms.web.headers import POLICY
from proms.web.patient.on_device import whole_data
from proms.web.patient.questionnaire import OpenQuestionnaire


@dataclass(frozen=True)
class WholeForm:
    """What a page of one question carries of all the others."""

    possible: tuple[Item, ...]
    data: dict[str, Any]


def decided_on_phone(sheet: OpenQuestionnaire) -> bool:
    """Whether a phone can decide what is asked."""
    return decided_by_red(sheet.instrument, LEVEL)


def whole_form(sheet: OpenQuestionnaire, red: RuleSet | None) -> WholeForm:
    """All of a form that a phone can decide."""
    data = whole_data(sheet, red)
    possible = [
        each
        for data_of in data["items"]
        for each in _ways(sheet.instrument.item(data_of["code"]), data_of)
    ]
    # A phone shows the page it keeps under the policy that the page came with.
    return WholeForm(tuple(possible), {**data, "policy": POLICY})


def without_answers(sheet: OpenQuestionnaire) -> OpenQuestionnaire:
    """The same as it lies on a phone for as long as the form is open: no answer of hers is in
    it."""
    return replace(sheet, document={})


def _ways(item: Item, data: dict[str, Any]) -> Iterator[Item]:
    """An item in each of the ways in which it may be worded."""
    possible = {variant["code"] for variant in data.get("variants", ())}
    if not possible:
        yield item
    for variant in item.variants:
        if variant.code in possible:
            yield replace(item, variant=variant.code, cdisc=variant.cdisc)
