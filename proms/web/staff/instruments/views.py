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
from proms.web.advice import with_limits_of_site
from proms.web.guard import staff_only
from proms.web.staff.instruments import summary
from proms.web.staff.instruments.formulas import scale_summaries, value_set_tables
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
        packs=summary.instrument_packs(request_context.library(), _protocol()),
    )


@staff.get("/instruments/<code>/<version>")
@staff_only()
def instrument(code: str, version: str) -> ResponseReturnValue:
    """One version of an instrument, a tab at a time; without scales or rules it has no such tab."""
    library = request_context.library()
    shown = _instrument(code, version)
    tabs = dict(TABS)
    if not shown.scales:
        del tabs[Tab.SCALES]
    if not library.has_rules(code):
        del tabs[Tab.RULES]
    wanted = request.args.get("show", Tab.QUESTIONS)
    if wanted not in tabs:
        abort(404)
    tab = Tab(wanted)
    words = summary.words_for(library, _protocol(), shown)
    return render_template(
        f"staff/instruments/{tab}.html",
        instrument=shown,
        versions=library.instruments[code],
        newest=current(library.instruments[code]),
        wording=words.wording,
        language_licences=language_licences(library, shown),
        tabs=tabs,
        show=tab,
        **_content(tab, shown, words),
    )


@staff.get("/instruments/<code>/<version>/<language>/<item>")
@staff_only()
def on_the_phone(code: str, version: str, language: str, item: str) -> ResponseReturnValue:
    """One question as it looks on a patient's phone, in the language she chose; nothing can be sent
    from it."""
    shown = _instrument(code, version)
    wordings = summary.wordings(request_context.library(), shown)
    if item not in shown.by_code or language not in wordings:
        abort(404)
    sheet = PhonePreview(shown, wordings[Language(language)], request.args.get("variant"))
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
            others=[other for other in wordings if other != language],
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

    def question(self, item: Item) -> str:
        """The words of an item, of a patient who answered nothing yet."""
        return self.wording.question(item)

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
        if not 0 <= place < len(self.items):
            return None
        return self.items[place]

    def _worded(self, item: Item) -> Item:
        if not item.variants:
            return item
        for variant in item.variants:
            if variant.code == self.variant:
                return item.in_variant(variant)
        return item.in_variant(item.variants[-1])


def _beside(sheet: PhonePreview, item: Item, step: int) -> str:
    """The preview of a neighbour; beyond either end the overview."""
    code, version = sheet.instrument.code, sheet.instrument.version
    neighbour = sheet.beside(item, step)
    if neighbour is None:
        return url_for("staff.instrument", code=code, version=version)
    return url_for(
        "staff.on_the_phone",
        code=code,
        version=version,
        language=sheet.wording.language,
        item=neighbour.code,
        variant=sheet.variant,
    )


def _content(tab: Tab, shown: Instrument, words: Words) -> dict[str, object]:
    """What a tab shows, by the names its template knows."""
    library, protocol = request_context.library(), _protocol()
    match tab:
        case Tab.QUESTIONS:
            wordings = summary.wordings(library, shown)
            # One language that was chosen, else all of them side by side.
            chosen = {
                language: wording
                for language, wording in wordings.items()
                if language == request.args.get("in")
            }
            return {
                "asked": summary.questions(shown, words),
                "every": wordings,
                "chosen": chosen,
                "wordings": chosen or wordings,
                "kind": ItemKind,
            }
        case Tab.MOMENTS:
            return {
                "moments": timing_lines(protocol, shown.code),
                "only_if": summary.only_if(library, protocol, shown),
                "protocol": protocol,
            }
        case Tab.SCALES:
            labels = [words.wording.label(scale.code) for scale in shown.scales]
            return {"scales": scale_summaries(shown, labels), "worths": value_set_tables(shown)}
        case Tab.RULES:
            rule_set = with_limits_of_site(library.rules(shown), _protocol())
            return {
                "rule_set": rule_set,
                "levels": summary.rules_by_urgency(rule_set, words),
                "besides": summary.other_texts(rule_set, words),
            }
        case Tab.PROOF:
            return {
                "rule_sets": {
                    version: rule_set
                    for version, rule_set in library.rule_sets.get(shown.code, {}).items()
                    if rule_set.instrument_version == shown.version
                },
                "held": _stored_wordings(shown),
            }


def _stored_wordings(shown: Instrument) -> list[Wording]:
    """Every wording of the instrument there is, also one that is not shown any more: a draft may
    stand on it."""
    stored = request_context.library().wordings
    wordings: list[Wording] = []
    for language in Language:
        versions = stored.get((shown.code, shown.version, language.value), {})
        wordings.extend(versions.values())
    return wordings


def _instrument(code: str, version: str) -> Instrument:
    versions = request_context.library().instruments.get(code, {})
    return versions.get(version) or abort(404)


def _protocol() -> Protocol:
    return request_context.library().protocol(request_context.parts().settings.protocol)
