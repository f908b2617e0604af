"""A line, a text and an id, as every way in understands them."""

import re

import pytest

from proms.domain.plain_text import (
    LONGEST_LINE,
    LONGEST_TEXT,
    TYPED,
    line_fault,
    text_fault,
    with_plain_ends,
)
from proms.domain.plain_text import TextFault as Fault

STRANGE = Fault.STRANGE_CHARACTER
WORDS = [
    # what is written, as a line, as a text
    ("Renée de Wit-Ünal", None, None),
    ("O'Brien, 王 🙂", None, None),
    ("", None, None),
    ("two\nlines", STRANGE, None),
    ("ends\n", STRANGE, None),
    ("a\ttab", STRANGE, None),
    ("a\r\nb", STRANGE, None),
    ("a\x00b", STRANGE, STRANGE),
    ("a\x0bb", STRANGE, STRANGE),
    ("a\x1bb", STRANGE, STRANGE),
    ("a\x7fb", STRANGE, STRANGE),
    ("a\x9bb", STRANGE, STRANGE),
    ("a\u2028b", STRANGE, None),
    ("half \ud800", STRANGE, STRANGE),
    ("x" * LONGEST_LINE, None, None),
    ("x" * (LONGEST_LINE + 1), Fault.TOO_LONG, None),
    ("x" * LONGEST_TEXT, Fault.TOO_LONG, None),
    ("x\r\n" * (LONGEST_TEXT // 2), Fault.TOO_LONG, None),
    ("x\r\n" * (LONGEST_TEXT // 2) + "x", Fault.TOO_LONG, Fault.TOO_LONG),
    ("x" * (LONGEST_TEXT + 1), Fault.TOO_LONG, Fault.TOO_LONG),
]


@pytest.mark.parametrize(("written", "as_line", "as_text"), WORDS)
def test_what_is_a_line_and_what_is_a_text(written, as_line, as_text):
    assert line_fault(written) == as_line
    assert text_fault(written) == as_text


def test_what_may_be_typed_is_what_is_kept_once_the_ends_of_its_lines_are_plain():
    for place in (*range(0x2100), *range(0xD7F0, 0xE010), 0x1F642, 0x10FFFF):
        typed = f"a{chr(place)}b"
        kept = text_fault(with_plain_ends(typed)) is None
        assert (re.fullmatch(TYPED, typed) is not None) == kept, hex(place)


def test_the_line_ends_of_a_word_processor_are_ordinary_ones():
    assert with_plain_ends("one\x0btwo\x0cthree\x85four\u2028five\r\n") == (
        "one\ntwo\nthree\nfour\nfive\n"
    )
