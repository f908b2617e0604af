"""What our own sentences may say: that which is true when they are shown, in both languages, and
short enough for who reads them."""

import re

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from proms.content.catalogues import CATALOGUES
from proms.domain.person import Language
from proms.web.errors import PAGES
from tests.glossary import NEVER_ONE, UNUSED, every_sentence, plurals_without_a_singular
from tests.words import SLOT, Sentence, catalogue_sentences, content_sentences

EVERYTHING = catalogue_sentences() + content_sentences()
READ_BY_PATIENTS = [each for each in EVERYTHING if each.for_patients]

LONGEST = 15  # words of a sentence that a patient reads
A_DAY = "%(day)s"
NUMBER = re.compile(r"\d+")
LINK = re.compile(r"https?://\S+|\S+@\S+\.\w+")

_SOMEBODY = {
    Language.NL: r"(wij|we|iemand|(uw|een|de|het) (verpleegkundigen?|arts(en)?|dokters?|"
    r"behandelteam|studieteam|onderzoekers?|ziekenhuis))",
    Language.EN: r"(we|somebody|someone|they|(your|a|the) (nurses?|doctors?|physicians?|care team|"
    r"study team|hospital|researchers?))",
}
# Nobody knows whether anybody reads: at most that a person can.
CLAIMS = {
    Language.NL: [
        rf"\b{_SOMEBODY[Language.NL]} (zal |zullen |heeft |hebben )?((?!kan|kunnen)\w+ )?"
        r"(leest|lezen|ziet|zien|bekijkt|bekijken|kijkt|kijken|volgt|volgen|bewaakt|bewaken|"
        r"let|letten|gelezen|gezien|bekeken)\b",
        rf"\b(leest|lezen|ziet|zien|bekijkt|bekijken|kijkt|kijken|volgt|volgen) "
        rf"{_SOMEBODY[Language.NL]}\b",
        r"\b(wordt|worden|is|zijn) (?!niet)(\w+ ){0,2}(gelezen|bekeken|gezien|bewaakt|nagekeken)\b",
        r"in de gaten|houdt .*\boog\b",
    ],
    Language.EN: [
        rf"\b{_SOMEBODY[Language.EN]} (will |has |have )?((?!can)\w+ly |also |already |always )?"
        r"(reads?|sees?|seen|watch(es|ed)?|looks?|monitors?|checks?|follows?)\b",
        r"\b(is|are|be|been) (?!not)(\w+ ){0,2}(read|seen|watched|monitored|looked at|checked) by\b",
        r"\b(is|are|will be) (read|watched|monitored|looked at)\b",
        r"keep(s)? an eye",
    ],
}
# Nor that something does not matter, or need not be told.
COMFORTS = {
    Language.NL: [
        r"\bgeeft niets?\b|\bis (prima|goed|in orde)\b|\bfijn dat\b|\bgoed gedaan\b",
        r"hoeft (nu |ons )?niet te bellen|geen zorgen",
    ],
    Language.EN: [
        r"\bthat is (fine|all right|ok|okay)\b|\bgood to see\b|\bwell done\b",
        r"(do not|don.t) (have|need) to call|(do not|don.t) worry|no need to call",
    ],
}


@pytest.fixture(scope="module")
def spoken():
    """An application that does nothing but speak."""
    app = Flask(__name__)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    Babel(app)
    with app.test_request_context():
        yield


@pytest.mark.parametrize("status", [500, 503])
def test_a_page_that_comes_when_saving_failed_does_not_say_that_all_is_saved(spoken, status):
    """It also comes to staff, after a note that was lost."""
    said = {}
    for language in Language:
        with force_locale(language.value):
            said[language] = str(PAGES[status])
    assert "Wat u net invulde, is " in said[Language.NL]
    assert "What you just filled in " in said[Language.EN]
    for sentence in said.values():
        assert "antwoorden" not in sentence
        assert "answers" not in sentence


def test_there_are_sentences_to_judge():
    """What follows would hold of nothing."""
    assert len(catalogue_sentences()) > 900
    assert len(content_sentences()) > 100
    assert len(READ_BY_PATIENTS) > 250


def test_every_form_in_both_languages_is_filled_in_with_the_same():
    unequal = {
        each.name: slots
        for each in EVERYTHING
        if len(set(slots := [found for language in Language for found in each.slots(language)])) > 1
    }
    assert unequal == {}


def test_both_languages_have_as_many_forms():
    assert [each.name for each in EVERYTHING if len(set(map(len, each.said.values()))) > 1] == []


def test_both_languages_name_the_same_numbers_and_links():
    unequal = {
        each.name: forms
        for each in EVERYTHING
        for forms in zip(*each.said.values(), strict=True)
        if len(set(map(_facts, forms))) > 1
    }
    assert unequal == {}


# What decides what she does, in each language, and beside it what else may say the same.
FACTS = [
    (r"\bwerkdag", r"\bworking day"),
    (r"\bdag en nacht\b", r"\bday (and|or) night\b"),
    (r"\bmeteen\b", r"\bstraight away\b"),
    (r"\bvandaag\b", r"\btoday\b"),
    (r"\bstudieteam\b", r"\bstudy team\b"),
    (r"\bbehandelteam\b", r"\bcare team\b"),
    (r"\bgraden\b", r"\bdegrees\b"),
    (r"\blevensgevaar\b", r"\blife (is )?in danger\b"),
    (r"\bverpleegkundigen?\b", r"\bnurses?\b"),
    (r"\b112\b", r"\b112\b"),
    (r"\b(ver|in)?(stuur|stuurt|sturen|gestuurd|stuurd)\b|\bingestuurd\b", r"\bsen[dt](ing)?\b"),
    (
        r"\bbewaard?\b|\bbewaren\b|\bopgeslagen\b|\bsla .* op\b|\bopslaa[nt]\b",
        r"\bsav(e|ed|ing)\b|\bkept\b|\bkeep\b",
    ),
]


def test_a_sentence_for_a_patient_tells_the_same_facts_in_both_languages():
    unequal = {
        each.name: told for each in READ_BY_PATIENTS if (told := _told_in_one_language_only(each))
    }
    assert unequal == {}


def _told_in_one_language_only(sentence: Sentence) -> list[str]:
    dutch, english = (" ".join(sentence.said[each]) for each in (Language.NL, Language.EN))
    return [
        f"{nl} / {en}"
        for nl, en in FACTS
        if bool(re.search(nl, dutch, re.IGNORECASE)) != bool(re.search(en, english, re.IGNORECASE))
    ]


def test_a_sentence_for_a_patient_gives_numbers_and_names_in_the_same_order():
    unequal = {
        each.name: each.said
        for each in READ_BY_PATIENTS
        for forms in zip(*each.said.values(), strict=True)
        if len({tuple(re.findall(r"%\(\w+\)s|\{\w+\}|\d+", form)) for form in forms}) > 1
    }
    assert unequal == {}


def _facts(form: str) -> frozenset[str]:
    bare = SLOT.sub("", form)
    return frozenset([*NUMBER.findall(bare), *LINK.findall(bare)])


def test_english_is_said_as_it_is_written_in_the_code():
    assert [
        each.name for each in catalogue_sentences() if each.said[Language.EN][0] != each.name
    ] == []


@pytest.mark.parametrize("language", list(Language))
def test_no_sentence_for_a_patient_is_longer_than_she_can_take_in(language):
    too_long = {
        form: length
        for each in READ_BY_PATIENTS
        for form in each.said[language]
        if (length := _longest_sentence(form)) > LONGEST
    }
    assert too_long == {}


def _longest_sentence(text: str) -> int:
    """In words; a date is said in three."""
    sentences = re.split(r"(?<=[.?!])\s+", text.replace(A_DAY, "dinsdag 1 december"))
    return max(len(sentence.split()) for sentence in sentences)


@pytest.mark.parametrize("language", list(Language))
def test_no_sentence_for_a_patient_claims_that_somebody_reads_or_watches(language):
    assert _found(CLAIMS[language], READ_BY_PATIENTS, language) == []


@pytest.mark.parametrize("language", list(Language))
def test_no_sentence_comforts_a_patient_with_what_we_do_not_know(language):
    assert _found(COMFORTS[language], READ_BY_PATIENTS, language) == []


def _found(patterns: list[str], sentences: list[Sentence], language: Language) -> list[str]:
    return [
        form
        for each in sentences
        for form in each.said[language]
        if any(re.search(pattern, form, re.IGNORECASE) for pattern in patterns)
    ]


@pytest.mark.parametrize(
    ("language", "claim"),
    [
        (Language.NL, "Uw verpleegkundige ziet dat dan."),
        (Language.NL, "Wilt u deze overslaan? Uw behandelteam ziet dan dat u deze oversloeg."),
        (Language.NL, "Dit lezen wij alleen op werkdagen."),
        (Language.NL, "Uw antwoorden worden elke dag bekeken."),
        (Language.EN, "Your nurse will see it."),
        (Language.EN, "Your care team will see that you skipped it."),
        (Language.EN, "We read this only on working days."),
        (Language.EN, "Your answers are read by a nurse."),
    ],
)
def test_a_sentence_that_claims_a_reader_is_found(language, claim):
    assert any(re.search(pattern, claim, re.IGNORECASE) for pattern in CLAIMS[language])


@pytest.mark.parametrize(
    ("language", "truth"),
    [
        (Language.NL, "Niemand leest uw antwoorden meteen."),
        (Language.NL, "Dit wordt niet meteen gelezen."),
        (Language.NL, "Het ziekenhuis kan zien dat u een vraag overslaat."),
        (Language.EN, "Nobody reads your answers straight away."),
        (Language.EN, "This is not read straight away."),
        (Language.EN, "The hospital can see that you skipped it."),
    ],
)
def test_a_sentence_that_claims_no_reader_passes(language, truth):
    assert not any(re.search(pattern, truth, re.IGNORECASE) for pattern in CLAIMS[language])


@pytest.mark.parametrize("language", list(Language))
def test_one_thing_has_one_word(language):
    slipped_in = [
        (unused.instead, form)
        for sentence in every_sentence()
        for form in sentence.said[language]
        for unused in UNUSED[language]
        if unused.stands_in(form)
    ]
    assert slipped_in == []


def test_what_follows_a_number_has_a_singular():
    """One patient waits, two patients wait."""
    assert {
        sentence.name: plurals
        for sentence in every_sentence()
        if (plurals := plurals_without_a_singular(sentence))
    } == {}


def test_every_exception_is_one_of_a_sentence_that_is_said():
    """What is no longer said is no longer excused."""
    said = [form for each in every_sentence() for forms in each.said.values() for form in forms]
    excused = [
        *NEVER_ONE,
        *(part for words in UNUSED.values() for each in words for part in each.right),
    ]
    assert [part for part in excused if not any(part in form for form in said)] == []
