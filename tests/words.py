"""Every sentence of ours in both languages, and who reads it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from proms.content import load
from proms.content.catalogues import CATALOGUES
from proms.domain.person import Language
from proms.settings import HOME

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "_n": (1, 2),
}
# What a patient is shown, sent or told. The error pages and the messages are for staff too.
FOR_PATIENTS = (
    "web/patient/",
    "web/templates/patient/",
    "web/templates/staff/calendar/farewell.html",
    "web/templates/staff/paper/form.html",
    "web/templates/staff/paper/leaflet.html",
    "web/templates/base.html",
    "web/templates/error.html",
    "web/templates/front.html",
    "web/advice.py",
    "web/errors.py",
    "domain/reminder/text.py",
)
SLOT = re.compile(r"%\(\w+\)s|\{\w+\}")
Forms = tuple[str, ...]  # one text, or the singular and the plural


@dataclass(frozen=True)
class Sentence:
    """One text of ours: the forms it has in each language, and who reads it."""

    name: str
    said: dict[Language, Forms]
    for_patients: bool
    for_staff: bool

    def slots(self, language: Language) -> list[frozenset[str]]:
        """What is filled in in each form."""
        return [frozenset(SLOT.findall(form)) for form in self.said[language]]


def forms(text: str | tuple[str, ...] | list[str]) -> Forms:
    return (text,) if isinstance(text, str) else tuple(text)


@cache
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def used() -> dict[Forms, frozenset[str]]:
    """Every text in the code and the templates that goes through gettext, and in which files."""
    found: dict[Forms, set[str]] = defaultdict(set)
    for place, _, text, _, _ in extract_from_dir(HOME / "proms", METHODS, keywords=KEYWORDS):
        found[forms(text)].add(place)
    return {text: frozenset(places) for text, places in found.items()}


@cache
def catalogue_sentences() -> tuple[Sentence, ...]:
    """Every text of the catalogues."""
    said: dict[Forms, dict[Language, Forms]] = defaultdict(dict)
    for language in Language:
        for message in catalogue(language.value):
            if message.id:
                said[forms(message.id)][language] = forms(message.string)
    return tuple(_of_catalogue(name, words) for name, words in said.items())


def _of_catalogue(name: Forms, said: dict[Language, Forms]) -> Sentence:
    shown = [place.startswith(FOR_PATIENTS) for place in used().get(name, ())]
    return Sentence(name[0], said, for_patients=any(shown), for_staff=not all(shown))


@cache
def content_sentences() -> tuple[Sentence, ...]:
    """What a patient is asked, told and advised by the newest content of our own: no licensed
    words, and no labels that stand in for them."""
    told: dict[str, dict[Language, Forms]] = defaultdict(dict)
    for language in Language:
        for name, text in (*_asked(language), *_advised(language), *_said_of_her(language)):
            told[name][language] = (text,)
    return tuple(
        Sentence(name, said, for_patients=True, for_staff=False) for name, said in told.items()
    )


def _asked(language: Language) -> Iterator[tuple[str, str]]:
    words = OWN.wording("hsc", language.value)
    yield from (
        ("hsc title", words.title),
        ("hsc short_title", words.short_title),
        ("hsc head", words.head),
        ("hsc recall", words.recall),
        ("hsc safety_line", words.safety_line),
    )
    yield from ((f"hsc {item}", text) for item, text in words.items.items())
    yield from ((f"hsc hint {item}", text) for item, text in words.hints.items())
    for item, things in words.about.items():
        yield from ((f"hsc {item} about {thing}", text) for thing, text in things.items())
    for item, options in words.options.items():
        yield from ((f"hsc {item} {option}", text) for option, text in options.items())


def _advised(language: Language) -> Iterator[tuple[str, str]]:
    texts = OWN.rules(OWN.instrument("hsc")).texts[language.value]
    yield from ((f"advice {name}", text) for name, text in texts.items())


def _said_of_her(language: Language) -> Iterator[tuple[str, str]]:
    for code in OWN.protocols:
        protocol = OWN.protocol(code)
        for fact, words in protocol.fact_words.items():
            if words.when_calling:
                yield f"{code} when_calling {fact}", words.when_calling.said_in(language.value)


OWN = load(HOME)
