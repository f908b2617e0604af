"""An instrument in its words as a Questionnaire: for everybody, or as one assignment of one patient
asks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from proms.domain.fhir.enable_when import Test, Tests, enable_when
from proms.domain.fhir.enable_when import in_words as condition_in_words
from proms.domain.fhir.identifiers import (
    Extension,
    Resource,
    System,
    Worded,
    coding,
    extended,
    link_id,
    optional,
    translated,
)
from proms.domain.instrument import (
    All,
    Condition,
    Facts,
    Instrument,
    Item,
    ItemKind,
    Not,
    Wording,
    settled,
)
from proms.domain.plain_text import LONGEST_TEXT

TYPES = {
    ItemKind.SINGLE: "choice",
    ItemKind.MULTIPLE: "choice",
    ItemKind.TEXT: "text",
    ItemKind.NUMBER: "integer",
}
CONTROLS = {
    ItemKind.SINGLE: "radio-button",
    ItemKind.MULTIPLE: "check-box",
    ItemKind.NUMBER: "slider",
}
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


class Enabling(NamedTuple):
    """When an item is asked, as a Questionnaire says it: in tests, in words, in both or, where it
    always is, in neither."""

    tests: Tests | None = None
    in_words: str | None = None


def questionnaire(worded: Worded, asking: Asking) -> Resource:
    """The Questionnaire; a stand-in wording says that it is one, and never has the licensed
    instrument's name."""
    base = worded.wordings[0]
    return {
        "resourceType": "Questionnaire",
        "id": worded.id,
        "language": base.language,
        **_address(worded, asking),
        "identifier": [{"system": str(System.INSTRUMENT), "value": worded.name}],
        "version": worded.version,
        "name": worded.name.upper().replace("-", "_"),
        **_in_languages(worded, "title", lambda wording: wording.title),
        "status": "active",
        "experimental": base.stands_in,
        "subjectType": ["Patient"],
        **optional("copyright", _copyright(worded.instrument, base)),
        **optional("code", _codes(worded.instrument)),
        "item": [*_introduction(worded, asking), *_items(worded, asking)],
    }


def displays(instrument: Instrument) -> frozenset[str]:
    """The names of what a Questionnaire shows and nobody answers."""
    about = [f"{ABOUT}.{part}" for part in ("banner", "safety", "head", "recall")]
    hints = [f"{item.code}.{HINT}" for item in instrument.items]
    return frozenset((*about, *hints))


def variants_of(item: Item) -> Iterator[Shown]:
    """The item in each of its variants; one that is not the first is asked where those before it
    are not."""
    if not item.variants:
        yield Shown(item, item.asked_if)
        return
    needed: list[Condition] = []  # for any variant that is still to come
    if item.asked_if:
        needed.append(item.asked_if)
    for variant in item.variants:
        if variant.when is None:
            yield Shown(item.in_variant(variant), _all_of(*needed))
        else:
            yield Shown(item.in_variant(variant), _all_of(*needed, variant.when))
            needed.append(Not(variant.when))


def links_asked(instrument: Instrument, facts: Facts) -> frozenset[str]:
    """The names of the items in the Questionnaire of a patient of whom this is known."""
    links: set[str] = set()
    for item in instrument.items:
        for shown in variants_of(item):
            if _enabling(instrument, shown, facts) is not None:
                links.add(link_id(shown.item))
    return frozenset(links)


def _all_of(*conditions: Condition) -> Condition | None:
    match conditions:
        case ():
            return None
        case (condition,):
            return condition
        case _:
            return All(conditions)


def _in_languages(worded: Worded, element: str, text: Text) -> Resource:
    """A text in the base language, the other languages beside it."""
    base, *others = worded.wordings
    words = text(base)
    if not words:
        return {}
    translations = translated(words, {wording.language: text(wording) for wording in others})
    return {element: words, **optional(f"_{element}", translations)}


def _address(worded: Worded, asking: Asking) -> Resource:
    """One assignment's questionnaire has an address of its own, and says what it is made from."""
    url = worded.url(asking.place)
    if asking.assignment is None:
        return {"url": url}
    return {
        "url": f"{url}?assignment={asking.assignment}",
        "derivedFrom": [worded.canonical(asking.place)],
    }


def _copyright(instrument: Instrument, base: Wording) -> str | None:
    licensor, licence = instrument.licensor, base.licence
    if not licensor:
        return None
    if base.stands_in:
        return (
            f"Neutral labels that stand in for a wording of {licensor}; "
            "not the licensed instrument."
        )
    if not licence:
        return f"{licensor}."
    granted = licence.granted.isoformat()
    return f"{licensor}. Shown under licence {licence.reference} of {granted}."


def _codes(instrument: Instrument) -> list[Resource]:
    """The instrument in SNOMED CT, and its category in NCIt and as CDISC's submission value; else
    as a code of ours."""
    codes: list[Resource] = []
    if instrument.snomed:
        codes.append(coding(System.SNOMED, instrument.snomed))
    if instrument.published:
        codes.append(coding(System.NCIT, instrument.published.category))
    if instrument.category:
        codes.append(_cdisc(instrument.category, published=bool(instrument.published)))
    return codes


def _cdisc(code: str, *, published: bool) -> Resource:
    """A code that CDISC has published, or that the trial made after its manner."""
    return coding(System.CDISC if published else System.OWN_CODE, code)


def _introduction(worded: Worded, asking: Asking) -> Iterator[Resource]:
    """What stands above the first item; the number to call is filled in, nothing else is
    touched."""
    texts: dict[str, Text] = {
        "banner": lambda wording: wording.banner or "",
        "safety": lambda wording: wording.safety_line.replace("{phone}", asking.phone),
        "head": lambda wording: wording.head,
        "recall": lambda wording: wording.recall,
    }
    for part, text in texts.items():
        words = _in_languages(worded, "text", text)
        if words:
            yield {"linkId": f"{ABOUT}.{part}", **words, "type": "display"}


def _items(worded: Worded, asking: Asking) -> Iterator[Resource]:
    for item in worded.instrument.items:
        for shown in variants_of(item):
            enabling = _enabling(worded.instrument, shown, asking.facts)
            if enabling is not None:
                yield _item(worded, shown.item, enabling)


def _enabling(instrument: Instrument, shown: Shown, facts: Facts | None) -> Enabling | None:
    """When it is asked; None where it never is. What enableWhen cannot say is said in words."""
    if shown.when is None:
        return Enabling()
    left = settled(shown.when, facts)
    if isinstance(left, bool):
        tests: Tests | bool | None = left
    else:
        tests = enable_when(left, instrument.by_code)
    if tests is False:
        return None
    # Where the facts are not known, the tests leave them out: they say everything only if the facts
    # make no difference.
    complete = facts is not None or settled(shown.when, None, possible=False) == left
    in_words = None
    if tests is None or not complete:
        in_words = condition_in_words(shown.when)
    return Enabling(tests if isinstance(tests, Tests) else None, in_words)


def _item(worded: Worded, item: Item, enabling: Enabling) -> Resource:
    extensions = [*_note(enabling), *_limits(item), *_control(CONTROLS.get(item.kind))]
    options = [_option(worded, item, value) for value in item.options]
    return {
        "linkId": link_id(item),
        **optional("extension", extensions),
        **optional("code", _item_codes(worded.instrument, item)),
        **_in_languages(worded, "text", lambda wording: wording.question(item)),
        "type": TYPES[item.kind],
        **_enable_when(worded, enabling.tests),
        **optional("repeats", item.kind is ItemKind.MULTIPLE),
        **optional("maxLength", LONGEST_TEXT if item.kind is ItemKind.TEXT else None),
        **optional("answerOption", options),
        **optional("item", _hints(worded, item)),
    }


def _enable_when(worded: Worded, tests: Tests | None) -> Resource:
    if tests is None:
        return {}
    written: Resource = {"enableWhen": [_test(worded, test) for test in tests.comparisons]}
    if len(tests.comparisons) > 1:
        written["enableBehavior"] = tests.behaviour
    return written


def _test(worded: Worded, test: Test) -> Resource:
    item = worded.instrument.by_code[test.item]
    compared: Resource = {"question": test.item, "operator": test.operator}
    if isinstance(test.value, bool):
        return {**compared, "answerBoolean": test.value}
    if item.options:
        return {**compared, "answerCoding": worded.option(item, test.value)}
    return {**compared, "answerInteger": test.value}


def _item_codes(instrument: Instrument, item: Item) -> list[Resource]:
    if not item.cdisc:
        return []
    published = instrument.published is not None and instrument.published.items
    return [_cdisc(item.cdisc, published=published)]


def _note(enabling: Enabling) -> list[Resource]:
    if enabling.in_words is None:
        return []
    note = f"Asked only if {enabling.in_words}."
    return [extended(Extension.DESIGN_NOTE, valueMarkdown=note)]


def _limits(item: Item) -> list[Resource]:
    if item.kind is not ItemKind.NUMBER:
        return []
    return [
        extended(Extension.MIN_VALUE, valueInteger=item.low),
        extended(Extension.MAX_VALUE, valueInteger=item.high),
        extended(Extension.SLIDER_STEP, valueInteger=1),
    ]


def _control(name: str | None) -> list[Resource]:
    if name is None:
        return []
    concept = {"coding": [coding(System.ITEM_CONTROL, name)]}
    return [extended(Extension.ITEM_CONTROL, valueCodeableConcept=concept)]


def _hints(worded: Worded, item: Item) -> list[Resource]:
    """The help that is shown with an item, if it has one."""
    words = _in_languages(worded, "text", lambda wording: wording.hints.get(item.code, ""))
    if not words:
        return []
    hint = {"linkId": f"{item.code}.{HINT}", "extension": _control("help"), **words}
    return [{**hint, "type": "display"}]


def _option(worded: Worded, item: Item, value: int | str) -> Resource:
    words = _in_languages(worded, "display", lambda wording: wording.option(item.code, value))
    option: Resource = {"valueCoding": {**worded.option(item, value), **words}}
    if value == item.none:
        excludes = extended(Extension.OPTION_EXCLUSIVE, valueBoolean=True)
        return {"extension": [excludes], **option}
    return option
