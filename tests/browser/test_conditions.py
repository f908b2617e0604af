"""A phone decides what is asked exactly as the server does: same data, same cases, every shipped
questionnaire."""

from random import Random

import yaml

from proms.content import Library
from proms.domain.instrument import Instrument, Item, ItemKind, as_content, facts_in
from proms.domain.response import answers_of
from proms.settings import HOME

CASES = yaml.safe_load((HOME / "tests" / "golden" / "conditions.yaml").read_text(encoding="utf-8"))
MODULE = (HOME / "proms" / "web" / "static" / "conditions.js").read_text(encoding="utf-8")
RUN = """async ([module, name, calls]) => {
  const loaded = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
  return calls.map((words) => loaded[name](...words));
}"""
DRAWN = 300


def on_the_phone(page, name: str, calls: list[list[object]]) -> list[object]:
    """What the phone's own module says to each of these calls."""
    return page.evaluate(RUN, [MODULE, name, calls])


def test_the_golden_cases_mean_the_same_on_a_phone(visit) -> None:
    words = ("answers", "facts", "previous", "baseline")
    known = [
        {**{word: case.get(word, {}) for word in words}, "fired": case.get("fired", [])}
        for case in CASES
    ]
    told = on_the_phone(
        visit(), "holds", [[case["when"], each] for case, each in zip(CASES, known, strict=True)]
    )
    assert told == [case["holds"] for case in CASES]


def test_whatever_she_answers_the_phone_asks_what_the_server_asks(visit, library: Library) -> None:
    page = visit()
    for code in library.instruments:
        instrument = library.instrument(code)
        drawn = [drawn_at_random(instrument, Random(seed)) for seed in range(DRAWN)]
        items = [written(item) for item in instrument.items]
        told = on_the_phone(
            page,
            "asked",
            [[items, {"answers": answers, "facts": facts}] for answers, facts in drawn],
        )
        for (answers, facts), phone in zip(drawn, told, strict=True):
            server = instrument.asked(
                facts, answers_of({item: {"value": value} for item, value in answers.items()})
            )
            assert [(each["code"], each["variant"]) for each in phone] == [
                (each.code, each.variant) for each in server
            ]


def written(item: Item) -> dict[str, object]:
    """An item with its conditions as data."""
    variants = [
        {"code": each.code, **({"when": as_content(each.when)} if each.when else {})}
        for each in item.variants
    ]
    return {
        "code": item.code,
        "variants": variants,
        **({"asked_if": as_content(item.asked_if)} if item.asked_if else {}),
    }


def drawn_at_random(
    instrument: Instrument, random: Random
) -> tuple[dict[str, object], dict[str, object]]:
    """Some answers, some left out, and some facts known."""
    answers: dict[str, object] = {}
    for item in instrument.items:
        if item.options and random.random() < 0.7:
            one = random.choice(item.options)
            answers[item.code] = [one] if item.kind is ItemKind.MULTIPLE else one
    conditions = [item.asked_if for item in instrument.items] + [
        v.when for i in instrument.items for v in i.variants
    ]
    names = {fact for condition in conditions if condition for fact in facts_in(condition)}
    values = {"sex": ["male", "female"], "level": ["red", "amber", None]}
    return answers, {name: random.choice(values.get(name, [True, False])) for name in sorted(names)}
