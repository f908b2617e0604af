"""A hospital number or trial number however it was typed: with capitals, blanks, hyphens or leading
zeros."""

import re
import unicodedata

# A blank, a dash of any length, or what a copied text may hold unseen.
BETWEEN = {"Zs", "Cc", "Cf", "Pd"}
MINUS = "\u2212"
LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def plain(number: str) -> str:
    """The number without case, blanks and hyphens: two that are equal so are one number."""
    folded = unicodedata.normalize("NFKC", number).casefold()
    return "".join(
        character
        for character in folded
        if unicodedata.category(character) not in BETWEEN and character != MINUS
    )


def without_zeros(number: str) -> str:
    """The plain number without leading zeros, as a spreadsheet leaves it: two that are equal only
    so may be one number."""
    return LEADING_ZEROS.sub("", plain(number))
