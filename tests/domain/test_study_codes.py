"""Study codes: what is drawn, that no program takes it for something else, and that no slip is
somebody else."""

import itertools
import random
import re

import pytest
from babel.dates import get_day_names, get_month_names, get_period_names
from dateutil.parser import ParserError, parse
from hypothesis import given
from hypothesis import strategies as st

from proms.domain.study_code import draw_code, one_character_off

# What programs take for a truth, for nothing or for half a day, in one language or another.
WORDS = {
    "t",
    "f",
    "y",
    "n",
    "j",
    "v",
    "w",
    "true",
    "waar",
    "wahr",
    "vrai",
    "na",
    "nan",
    "inf",
    "pm",
}
LANGUAGES = ("nl", "en", "de", "fr")


def offered() -> list[str]:
    """What may stand at each place of a code."""
    places: list[str] = []

    def first(characters: str) -> str:
        places.append(characters)
        return characters[0]

    draw_code(first)
    return places


codes = st.randoms(use_true_random=False).map(lambda chance: draw_code(chance.choice))


def test_a_letter_comes_first_and_letters_and_digits_take_turns():
    # So each digit is read out by itself ("vierentwintig" is 42 to half of Europe), and no two
    # letters make a word, a month or an exponent.
    assert [characters.isalpha() for characters in offered()] == [True, False] * 4
    assert all(characters.isalnum() and characters.isascii() for characters in offered())


def test_no_character_is_seen_as_another_and_none_makes_a_word():
    letters, digits = set("".join(offered()[::2])), set("".join(offered()[1::2]))
    assert letters == {character.upper() for character in letters}
    assert not letters & set("AEIOUY"), "a vowel makes words"
    assert not digits & set("0134"), "O, I, E and A to whoever reads digits as letters"
    assert not letters & set("OQDGILZSB"), "these look like 0, 1, 2, 5, 6, 8 and 9"
    for one, other in ("MN", "FS", "PT", "BD", "HK", "VW", "UV"):
        assert not {one, other} <= letters, f"{one} and {other} sound or look alike"


def test_there_are_enough_for_all_trials_of_a_country():
    space = 1
    for characters in offered():
        assert len(set(characters)) == len(characters)
        space *= len(characters)
    assert space == 5_308_416


@given(codes)
def test_no_program_reads_a_code_as_a_number(code):
    for read in (float, complex, int):
        with pytest.raises(ValueError):
            read(code)
    assert not re.search(r"\d[eEdD][+-]?\d", code), "an exponent"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_holds_the_name_of_a_month_a_day_or_a_truth(language):
    # Letters stand alone in a code: whatever needs two beside each other is in none.
    names = {
        name.strip(".").casefold()
        for width in ("wide", "abbreviated")
        for name in (
            *get_month_names(width, locale=language).values(),
            *get_day_names(width, locale=language).values(),
            *get_period_names(width, locale=language).values(),
        )
    }
    assert len(names) > 19
    alone = {name for name in (*names, *WORDS) if not re.search(r"[^\W\d]{2}", name)}
    assert alone == {word for word in WORDS if len(word) == 1}  # a code is never one letter


def test_no_code_is_read_as_a_date_or_a_time():
    # dateutil, which pandas reads dates with, takes T7H6 for a time: all four letters decide.
    letters, digits = offered()[0], offered()[1]
    chance = random.Random(18)
    for four in itertools.product(letters, repeat=4):
        code = "".join(letter + chance.choice(digits) for letter in four)
        with pytest.raises(ParserError):
            parse(code)


@given(codes)
def test_one_character_off_is_every_code_that_differs_in_one_place(code):
    near = set(one_character_off(code))
    assert len(near) == 4 * 7 + 4 * 5
    for other in near:
        assert sum(a != b for a, b in zip(code, other, strict=True)) == 1
        assert all(each in place for each, place in zip(other, offered(), strict=True))
