"""The instruments as patients meet them, what is made of their answers, and whether their words are
licensed."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from proms.content.library import current
from proms.domain.instrument import Instrument, Item, ItemKind, Wording, Words
from proms.domain.person import Language
from proms.domain.protocol import Protocol
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.staff.instruments import summary
from proms.web.staff.instruments.formulas import measured, worths
from proms.web.staff.instruments.licences import language_licences
from proms.web.staff.instruments.timing import timing_lines
from proms.web.staff.routes import staff


class Tab(StrEnum):
    """The parts of an instrument's page."""

    QUESTIONS = "questions"
    MOMENTS = "moments"
    SCALES = "scales"
    RULES = "rules"
    PROOF = "proof"


TABS = {
    Tab.QUESTIONS: _l("Questions"),
    Tab.MOMENTS: _l("When"),
    Tab.SCALES: _l("Scales"),
    Tab.RULES: _l("Rules"),
    Tab.PROOF: _l("Licence"),
}


@staff.get("/instruments")
@staff_only()
def instruments() -> ResponseReturnValue:
    """Every instrument: how long it is, when it is asked and of whom, whether its wording is
    licensed."""
    return render_template(
        "staff/instruments/instruments.html",
        packs=summary.packs(request_context.library(), _protocol()),
    )


@staff.get("/instruments/<code>/<version>")
@staff_only()
def instrument(code: str, version: str) -> ResponseReturnValue:
    """One version of an instrument, a tab at a time; without scales or rules it has no such tab."""
    library, protocol = request_context.library(), _protocol()
    held = _held(code, version)
    absent = {Tab.SCALES: not held.scales, Tab.RULES: not library.has_rules(code)}
    tabs = {tab: title for tab, title in TABS.items() if not absent.get(tab)}
    show = next(
        (tab for tab in tabs if tab == request.args.get("show", Tab.QUESTIONS)), None
    ) or abort(404)
    words = summary.words_for(library, protocol, held)
    return render_template(
        f"staff/instruments/{show}.html",
        instrument=held,
        versions=library.instruments[code],
        newest=current(library.instruments[code]),
        wording=words.wording,
        rights=language_licences(library, held),
        tabs=tabs,
        show=show,
        **_content(show, held, words),
    )


@staff.get("/instruments/<code>/<version>/<language>/<item>")
@staff_only()
def on_the_phone(code: str, version: str, language: str, item: str) -> ResponseReturnValue:
    """One question as it looks on a patient's phone, in the language she chose; nothing can be sent
    from it."""
    held = _held(code, version)
    wordings = summary.wordings(request_context.library(), held)
    if item not in held.by_code or language not in wordings:
        abort(404)
    sheet = PhonePreview(held, wordings[Language(language)], request.args.get("variant"))
    asked = sheet.item(item)
    with force_locale(language):
        return render_template(
            "staff/instruments/phone.html",
            sheet=sheet,
            item=asked,
            kind=ItemKind,
            chosen=(),
            contradicts=False,
            overview=url_for("staff.instrument", code=code, version=version, _anchor=item),
            others=[each for each in wordings if each != language],
            back=_beside(sheet, asked, -1),
            onward=_beside(sheet, asked, +1),
            skip=_beside(sheet, asked, +1),
            language=lambda: language,
        )


@dataclass(frozen=True)
class PhonePreview:
    """A questionnaire laid out for nobody: what the patient's template asks of a sheet."""

    instrument: Instrument
    wording: Wording
    variant: str | None

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item in the variant that is looked at; one that is not worded so, in its last."""
        return tuple(self._worded(item) for item in self.instrument.items)

    def number(self, item: Item) -> int:
        return self.items.index(item) + 1

    def item(self, code: str) -> Item:
        return next(item for item in self.items if item.code == code)

    def beside(self, item: Item, step: int) -> Item | None:
        place = self.items.index(item) + step
        return self.items[place] if 0 <= place < len(self.items) else None

    def _worded(self, item: Item) -> Item:
        if not item.variants:
            return item
        return item.in_variant(
            next((each for each in item.variants if each.code == self.variant), item.variants[-1])
        )


def _beside(sheet: PhonePreview, item: Item, step: int) -> str:
    """The preview of a neighbour; beyond either end the overview."""
    code, version = sheet.instrument.code, sheet.instrument.version
    found = sheet.beside(item, step)
    if found is None:
        return url_for("staff.instrument", code=code, version=version)
    return url_for(
        "staff.on_the_phone",
        code=code,
        version=version,
        language=sheet.wording.language,
        item=found.code,
        variant=sheet.variant,
    )


def _content(show: Tab, held: Instrument, words: Words) -> dict[str, object]:
    """What a tab shows."""
    library, protocol = request_context.library(), _protocol()
    match show:
        case Tab.MOMENTS:
            only_if = summary.only_if(library, protocol, held)
            return {
                "moments": timing_lines(protocol, held.code),
                "only_if": only_if,
                "protocol": protocol,
            }
        case Tab.SCALES:
            labels = [words.wording.label(scale.code) for scale in held.scales]
            return {"scales": measured(held, labels), "worths": worths(held)}
        case Tab.RULES:
            rule_set = library.rules(held.code)
            return {
                "rule_set": rule_set,
                "levels": summary.levels(rule_set, words),
                "besides": summary.besides(rule_set, words),
            }
        case Tab.PROOF:
            return {"rule_sets": library.rule_sets.get(held.code, {}), "held": _held_wordings(held)}
        case _:
            every = summary.wordings(library, held)
            chosen = {
                each: wording for each, wording in every.items() if each == request.args.get("in")
            }
            asked = summary.questions(held, words)
            return {
                "asked": asked,
                "every": every,
                "chosen": chosen,
                "wordings": chosen or every,
                "kind": ItemKind,
            }


def _held_wordings(held: Instrument) -> list[Wording]:
    """Every wording of the instrument that is held, also one that is not shown any more: a draft
    may stand on it."""
    wordings = request_context.library().wordings
    by_language = (wordings.get((held.code, held.version, each.value), {}) for each in Language)
    return [wording for versions in by_language for wording in versions.values()]


def _held(code: str, version: str) -> Instrument:
    held = request_context.library().instruments.get(code, {}).get(version)
    return held or abort(404)


def _protocol() -> Protocol:
    return request_context.library().protocol(request_context.parts().settings.protocol)
