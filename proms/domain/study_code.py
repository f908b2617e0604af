"""Study codes: how a new one is drawn. One that was drawn under earlier rules stays valid, so
nothing ever asks whether a code has this form.

A letter and a digit in turn, a letter first, such as K7N2R5X8: no spreadsheet reads that as a
number, a date or a truth, each digit is spoken by itself, and letters that stand alone make no
word. docs/decisions/0019 says why each character is, or is not, among these.
"""

from collections.abc import Callable, Iterator

LETTERS = "CFJKNRWX"
DIGITS = "256789"
PLACES = (LETTERS, DIGITS) * 4
Draw = Callable[[str], str]  # one of these characters, at random


def draw_code(draw: Draw) -> str:
    """A new study code; it says nothing of the person."""
    return "".join(map(draw, PLACES))


def one_character_off(code: str) -> Iterator[str]:
    """Every code that differs from this new one in a single character: what a slip of the pen or
    the ear can make of it."""
    for place, characters in enumerate(PLACES):
        for other in characters:
            if other != code[place]:
                yield code[:place] + other + code[place + 1 :]
