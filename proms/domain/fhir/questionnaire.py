"""An instrument in its words as a Questionnaire: for everybody, or as one assignment of one patient
asks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from proms.domain.fhir.enable_when import Test, Tests, enable_when, in_words, settled
from proms.domain.fhir.identifiers import (
    Extension,
    Resource,
    System,
    Worded,
    coding,
    extended,
    link_id,
    translated,
)
from proms.domain.instrument import All, Condition, Facts, Instrument, Item, ItemKind, Not, Wording
from proms.domain.instrument.item import LONGEST_TEXT

TYPES = {
    ItemKind.SINGLE: "choice",
    ItemKind.MULTIPLE: "choice",
    ItemKind.TEXT: "text",
    ItemKind.NUMBER: "integer",
}
CONTROLS = {ItemKind.SINGLE: "radio-button", ItemKind.MULTIPLE: "check-box"}
ABOUT, HINT = "about", "hint"
Text = Callable[[Wording], str]


@dataclass(frozen=True)
class Asking:
    """Where questionnaires are served, the number to call, and who is asked: anybody, or one
    assignment's patient."""

    place: str
    phone: str
    assignment: int | None = None
    facts: Facts | None = None


@dataclass(frozen=True)
class Shown:
    """An item in one variant, and when it is asked in it."""

    item: Item
    when: Condition | None


def questionnaire(worded: Worded, asking: Asking) -> Resource:
    """The Questionnaire; a stand-in wording says that it is one, and never has the licensed
    instrument's name."""
    instrument, base = worded.instrument, worded.wordings[0]
    url, own = worded.url(asking.place), asking.assignment is not None
    named = {
        "url": f"{url}?assignment={asking.assignment}",
        "derivedFrom": [worded.canonical(asking.place)],
    }
    return {
        "resourceType": "Questionnaire",
        "id": worded.id,
        "language": base.language,
        **(named if own else {"url": url}),
        "identifier": [{"system": str(System.INSTRUMENT), "value": worded.name}],
        "version": worded.version,
        "name": worded.name.upper().replace("-", "_"),
        **_said(worded, "title", lambda wording: wording.title),
        "status": "active",
        "experimental": base.stands_in,
        "subjectType": ["Patient"],
        **_copyright(instrument, base),
        **_codes(instrument),
        "item": [*_about(worded, asking), *_items(worded, asking)],
    }


def displays(instrument: Instrument) -> frozenset[str]:
    """The names of what a Questionnaire shows and nobody answers."""
    about = (f"{ABOUT}.{part}" for part in ("banner", "safety", "head", "recall"))
    return frozenset((*about, *(f"{item.code}.{HINT}" for item in instrument.items)))


def variants_of(item: Item) -> Iterator[Shown]:
    """The item in each of its variants; one that is not the first is asked where those before it
    are not."""
    if not item.variants:
        yield Shown(item, item.asked_if)
    before: list[Condition] = [item.asked_if] if item.asked_if else []
    for each in item.variants:
        parts = (*before, each.when) if each.when else tuple(before)
        before += [Not(each.when)] if each.when else []
        yield Shown(replace(item, variant=each.code, cdisc=each.cdisc), _every(parts))


def _every(parts: tuple[Condition, ...]) -> Condition | None:
    return All(parts) if len(parts) > 1 else next(iter(parts), None)


def _said(worded: Worded, element: str, text: Text) -> Resource:
    """A text in the base language, the other languages beside it."""
    base, *others = worded.wordings
    beside = translated(text(base), {each.language: text(each) for each in others})
    return (
        {element: text(base), **({f"_{element}": beside} if beside else {})} if text(base) else {}
    )


def _copyright(instrument: Instrument, base: Wording) -> Resource:
    if not instrument.licensor:
        return {}
    if base.stands_in:
        text = f"Neutral labels that stand in for a wording of {instrument.licensor}; not the licensed instrument."
        return {"copyright": text}
    held = base.licence
    granted = (
        f" Shown under licence {held.reference} of {held.granted.isoformat()}." if held else ""
    )
    return {"copyright": f"{instrument.licensor}.{granted}"}


def _codes(instrument: Instrument) -> Resource:
    """The instrument in SNOMED CT, and its category in NCIt and as CDISC's submission value; else
    as a code of ours."""
    codes = [coding(System.SNOMED, instrument.snomed)] if instrument.snomed else []
    published = instrument.published
    codes += [coding(System.NCIT, published.category)] if published else []
    if instrument.category:
        codes.append(coding(System.CDISC if published else System.OWN_CODE, instrument.category))
    return {"code": codes} if codes else {}


def _about(worded: Worded, asking: Asking) -> Iterator[Resource]:
    """What stands above the first item; the number to call is filled in, nothing else is
    touched."""
    parts: dict[str, Text] = {
        "banner": lambda wording: wording.banner or "",
        "safety": lambda wording: wording.safety_line.replace("{phone}", asking.phone),
        "head": lambda wording: wording.head,
        "recall": lambda wording: wording.recall,
    }
    for part, text in parts.items():
        said = _said(worded, "text", text)
        if said:
            yield {"linkId": f"{ABOUT}.{part}", **said, "type": "display"}


def _items(worded: Worded, asking: Asking) -> Iterator[Resource]:
    for item in worded.instrument.items:
        for shown in variants_of(item):
            enabled = _enabled(worded, shown, asking.facts)
            if enabled is not None:
                yield _item(worded, shown.item, enabled)


def _enabled(worded: Worded, shown: Shown, facts: Facts | None) -> Resource | None:
    """When it is asked; None where it never is. What enableWhen cannot say is said in words."""
    if shown.when is None:
        return {}
    left = settled(shown.when, facts)
    tests = left if isinstance(left, bool) else enable_when(left, worded.instrument.by_code)
    if tests is False:
        return None
    whole = facts is not None or settled(shown.when, None, possible=False) == left
    words = {} if whole and tests is not None else {"extension": [_note(shown.when)]}
    return {**words, **(_written(worded, tests) if isinstance(tests, Tests) else {})}


def _note(condition: Condition) -> Resource:
    return extended(Extension.DESIGN_NOTE, valueMarkdown=f"Asked only if {in_words(condition)}.")


def _written(worded: Worded, tests: Tests) -> Resource:
    behaviour = {"enableBehavior": tests.behaviour} if len(tests.each) > 1 else {}
    return {"enableWhen": [_test(worded, each) for each in tests.each], **behaviour}


def _test(worded: Worded, test: Test) -> Resource:
    item = worded.instrument.by_code[test.item]
    compared: Resource = {"answerCoding": worded.option(item, test.value)} if item.options else {}
    if isinstance(test.value, bool):
        compared = {"answerBoolean": test.value}
    elif not compared:
        compared = {"answerInteger": test.value}
    return {"question": test.item, "operator": test.operator, **compared}


def _item(worded: Worded, item: Item, enabled: Resource) -> Resource:
    extensions = [*enabled.get("extension", ()), *_limits(item), *_control(CONTROLS.get(item.kind))]
    hint = _said(worded, "text", lambda wording: wording.hints.get(item.code, ""))
    help_text = {
        "linkId": f"{item.code}.{HINT}",
        "extension": _control("help"),
        **hint,
        "type": "display",
    }
    return {
        "linkId": link_id(item),
        **({"extension": extensions} if extensions else {}),
        **_item_code(worded.instrument, item),
        **_said(worded, "text", lambda wording: wording.question(item)),
        "type": TYPES[item.kind],
        **{key: value for key, value in enabled.items() if key != "extension"},
        **({"repeats": True} if item.kind is ItemKind.MULTIPLE else {}),
        **({"maxLength": LONGEST_TEXT} if item.kind is ItemKind.TEXT else {}),
        **(
            {"answerOption": [_option(worded, item, each) for each in item.options]}
            if item.options
            else {}
        ),
        **({"item": [help_text]} if hint else {}),
    }


def _item_code(instrument: Instrument, item: Item) -> Resource:
    if not item.cdisc:
        return {}
    published = instrument.published is not None and instrument.published.items
    return {"code": [coding(System.CDISC if published else System.OWN_CODE, item.cdisc)]}


def _limits(item: Item) -> list[Resource]:
    if item.kind is not ItemKind.NUMBER:
        return []
    return [
        extended(Extension.MIN_VALUE, valueInteger=item.low),
        extended(Extension.MAX_VALUE, valueInteger=item.high),
    ]


def _control(name: str | None) -> list[Resource]:
    if name is None:
        return []
    concept = {"coding": [coding(System.ITEM_CONTROL, name)]}
    return [extended(Extension.ITEM_CONTROL, valueCodeableConcept=concept)]


def _option(worded: Worded, item: Item, value: int | str) -> Resource:
    words = _said(worded, "display", lambda wording: wording.option(item.code, value))
    alone = [extended(Extension.OPTION_EXCLUSIVE, valueBoolean=True)] if value == item.none else []
    return {
        **({"extension": alone} if alone else {}),
        "valueCoding": {**worded.option(item, value), **words},
    }
