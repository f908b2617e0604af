"""One word for one thing: the words that our screens do not use, and where one of them is right."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from proms.domain.person import Language
from proms.domain.protocol import Protocol, Title
from tests.words import OWN, SLOT, Forms, Sentence, catalogue_sentences, content_sentences


@dataclass(frozen=True)
class Unused:
    """A word we do not use, what we say instead, and the sentences in which it means another
    thing."""

    pattern: str
    instead: str
    right: dict[str, str] = field(default_factory=dict)  # part of a sentence -> why it is right

    def stands_in(self, text: str) -> bool:
        for part in self.right:
            text = text.replace(part, "")
        words = SLOT.sub("…", text)
        return re.search(rf"\b(?:{self.pattern})\b", words, re.IGNORECASE) is not None


UNUSED = {
    Language.NL: (
        Unused("trials?", "studie"),
        Unused("onderzoek", "studie"),
        Unused("trialcoördinator(?:en)?", "studiecoördinator"),
        Unused(
            "mensen",
            "medewerkers",
            {"loggen op dit moment veel mensen in": "whoever logs in, known to us or not"},
        ),
        Unused("centrum|centra|site", "ziekenhuis"),
        Unused("studienummer", "studiecode"),
        Unused("cyclus|cycli|pompcyclus", "kuur"),
        Unused("component", "onderdeel van de behandeling"),
        Unused("deel van de behandeling", "onderdeel van de behandeling"),
        Unused("pompoperatie|weghalen van de pomp", "plaatsing of verwijderen van de pomp"),
        Unused("infuus", "toediening"),
        Unused("antistollingsmiddel|bloedverdunner", "antistolling"),
        Unused("lijst(?:en)?", "vragenlijst", {"in de lijst hierboven": "a list of changes"}),
        Unused("instrument", "vragenlijst"),
        Unused("check", "klachtencheck"),
        Unused("klachten-check", "klachtencheck"),
        Unused("vensters?", "invulperiode"),
        Unused("(?:wilde|wil|willen) niet antwoorden", "overslaan"),
        Unused("oppakken|opgepakt|oppakte|pakt?", "in behandeling nemen"),
        Unused("onder handen", "in behandeling"),
        Unused("bezoek", "afspraak"),
        Unused("24 uur", "1 werkdag"),
        Unused("kalender", "planning"),
        Unused("(?:uw|nieuwe) overzicht", "controle"),
        Unused("verloop", "gegevens"),
        Unused("aanpassen", "verbeteren", {"Terug en aanpassen": "nothing is recorded yet"}),
        Unused(
            r"(?:eerste|deze|elke|geweigerde|een) regels?|regels? (?:wordt|worden) weggelaten",
            "rij",
            {"Een regel vergelijkt": "a rule"},
        ),
        Unused("demolabels?|gelicenseerde?", "voorbeeldtekst, officiële tekst"),
        Unused(
            "stand",
            "status",
            {"tand van %(": "how it was at a time", "Stand van de pomp": "how the pump lies"},
        ),
        Unused("gemeld|melden", "doorgegeven", {"geelzucht gemeld": "in a rule, for clinicians"}),
        Unused("verzender", "het versturen"),
        Unused("in situ", "nog aanwezig"),
    ),
    Language.EN: (
        Unused("trials?", "study", {"rial number": "the name of the sponsor's number"}),
        Unused("sites?", "hospital"),
        Unused("people", "staff", {"Many people": "whoever logs in, known to us or not"}),
        Unused("study number", "study code"),
        Unused("component", "part of the treatment"),
        Unused("pump surgery", "placement of the pump"),
        Unused("anticoagulant", "blood thinner"),
        Unused(
            "list",
            "questionnaire",
            {
                "in the list above": "a list of changes",
                "on-call list": "who is on call, in turn",
                "Call list": "whom to call today",
            },
        ),
        Unused("instrument", "questionnaire"),
        Unused("a check", "a symptom check"),
        Unused("packs?", "study moment"),
        Unused("(?:taken|takes) back|falls? away", "cancelled"),
        Unused(
            "left out",
            "skipped",
            {
                "is left out. Every": "a part of the data set",
                "answer is left out of the mean": "how a mean is made",
                "left out: nothing of them is saved": "rows of a file",
                "is left out before anything": "a row of a file",
                "row is left out": "a row of a file",
                "rows are left out": "rows of a file",
                "Left out, and not saved": "rows of a file",
            },
        ),
        Unused("no further part", "no longer takes part"),
        Unused("histor(?:y|ies)", "record"),
        Unused("mend", "correct"),
        Unused(
            "lines?",
            "row",
            {"Dashed line": "drawn in a chart", "a line of its own": "in a field for text"},
        ),
        Unused("faults?", "error"),
        Unused("state", "status", {"ealth state": "what the five answers make together"}),
        Unused("written down", "recorded"),
        Unused(
            "stored",
            "saved, recorded",
            {"Stored apart": "how it is kept safe", "answers are stored": "to a program"},
        ),
        Unused("in hand|has the rest", "taken"),
        Unused("24 hours", "1 working day"),
        Unused("worker", "sending"),
        Unused("stand-in|demo label|neutral labels", "sample text"),
        Unused("want to answer", "skip"),
    ),
}


def every_sentence() -> tuple[Sentence, ...]:
    """All that a screen can say in our own words."""
    return catalogue_sentences() + content_sentences() + names_in_content()


def names_in_content() -> tuple[Sentence, ...]:
    """What the newest content calls things for the hospital: titles, labels, reasons."""
    told: dict[str, dict[Language, Forms]] = defaultdict(dict)
    for language in Language:
        for code in OWN.protocols:
            for name, title in _titles(OWN.protocol(code)):
                told[f"{code} {name}"][language] = (title.said_in(language.value),)
        for code in OWN.instruments:
            words = OWN.wording(code, language.value)
            told[f"{code} title"][language] = (words.title,)
            told[f"{code} short_title"][language] = (words.short_title,)
            told[f"{code} banner"][language] = (words.banner or "",)
            for part, label in words.labels.items():
                told[f"{code} label {part}"][language] = (label,)
        rule_set = OWN.rules(OWN.instrument("hsc"))
        for rule in rule_set.rules:
            told[f"reason {rule.id}"][language] = (rule.reason[language.value],)
    return tuple(
        Sentence(name, said, for_patients=False, for_staff=True) for name, said in told.items()
    )


def _titles(protocol: Protocol) -> Iterator[tuple[str, Title]]:
    named = {
        **protocol.arms,
        **protocol.components,
        **protocol.regimens,
        **protocol.series,
    }
    yield from ((code, each.title) for code, each in named.items())
    yield from protocol.drugs.items()
    for code, milestone in protocol.milestones.items():
        if milestone.title:
            yield code, milestone.title
        if milestone.noun:
            yield f"{code} noun", milestone.noun
    for fact, words in protocol.fact_words.items():
        yield f"{fact} holds", words.holds
        yield f"{fact} holds not", words.holds_not
    for fact, values in protocol.site_facts.items():
        yield from ((f"{fact} {value}", title) for value, title in values.items())


# A plural of a noun, and what looks like one after a slot.
PLURAL = {
    Language.NL: re.compile(
        r"(?!(?:als|beginnen|bellen|een|heten|intrekken|is|overgeslagen|sinds|tellen|van|was"
        r"|wijzigen|zijn)\b)\w+(?:en|ën|s)\b"
    ),
    Language.EN: re.compile(
        r"(?!(?:access|as|becomes|does|happens|has|is|starts|stays|stops|this|was)\b)\w+s\b"
    ),
}
# How a sentence begins whose number is never one, or is no number, and why.
NEVER_ONE = {
    "%(days)s days": "two days or more, each by its number",
    "About the past %(days)s days": "an instrument says two or more",
    "Begun on %(day)s. About the %(days)s days": "an instrument says two or more",
    "%(weeks)s weeks": "eight weeks or more",
    "Reported %(times)s times": "said from the second time on",
    "A password has at most %(longest)s characters": "a limit of ours",
    "This is longer than %(longest)s characters": "a limit of ours",
    "At most %(longest)s characters": "a limit of ours",
    "Mean of the answers to questions %(parts)s": "a single question has a sentence of its own",
    "Take your temperature now. If it is {fever_limit} degrees": "38.0 or 38.5",
    "the pump was placed at": "as many days as a rule looks back",
}


def plurals_without_a_singular(sentence: Sentence) -> list[str]:
    """The plural nouns that follow a number in a sentence that has one form only."""
    if sentence.said[Language.EN][0].startswith(tuple(NEVER_ONE)):
        return []
    found = []
    for language, said in sentence.said.items():
        text = said[0] if len(said) == 1 else ""
        for slot in SLOT.finditer(text):
            noun = PLURAL[language].match(text[slot.end() :].lstrip())
            if noun:
                found.append(f"{slot[0]} {noun[0]}")
    return found
