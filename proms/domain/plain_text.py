"""What may be written anywhere, by a person or a system: a line, a text, an id. Pages, API, files
and commands have no other definition."""

import re
from enum import StrEnum

# No control characters, no separators that begin a new line, and no halves of characters: no
# database stores a zero or a half, and nobody sees the others.
LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*$"
# Several lines; tabs and ends of lines are the only control characters.
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]*$"
# The same as typed, before the ends of its lines are made plain; a page's script reads it too.
TYPED = r"^[^\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]*$"
# The name of a submission or of any other write, so that it may be sent twice.
KEY = r"^[!-~]{1,64}$"
# Most characters of a line, of the reason for a change, and of a text; of a password too, for a
# hash of a very long one takes time.
LONGEST_LINE = 200
LONGEST_REASON = 500
LONGEST_TEXT = 2000
LONGEST_PASSWORD = 1000
# What the column of an id or of a count holds, on every database; and the ids that an address may
# have, which is every one of nine digits.
LARGEST_INTEGER = 2**31 - 1
LARGEST_ID = 999_999_999
# What stands where a line ends: a browser sends two characters for it, and a word processor has
# others than everybody else.
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


class TextFault(StrEnum):
    """Why a line or a text cannot be kept."""

    TOO_LONG = "too_long"
    STRANGE_CHARACTER = "strange_character"


def line_fault(text: str, longest: int = LONGEST_LINE) -> TextFault | None:
    """What keeps this from being one line of so many characters, if anything does."""
    return _fault(LINE, text, longest)


def text_fault(text: str, longest: int = LONGEST_TEXT) -> TextFault | None:
    """What keeps this from being a text of so many characters, if anything does."""
    if characters(text) > longest:
        return TextFault.TOO_LONG
    return _fault(TEXT, text, len(text))


def characters(text: str) -> int:
    """How many characters a text has for whoever typed it: the end of a line is one, however it is
    sent."""
    return len(with_plain_ends(text))


def with_plain_ends(text: str) -> str:
    """The text with every end of a line as one character; nobody sees the difference."""
    return LINE_ENDS.sub("\n", text)


def _fault(pattern: str, text: str, longest: int) -> TextFault | None:
    if len(text) > longest:
        return TextFault.TOO_LONG
    # `$` alone would also leave a line's end at the end of the text unseen.
    if not re.fullmatch(pattern, text):
        return TextFault.STRANGE_CHARACTER
    return None
