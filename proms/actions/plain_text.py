"""A line or a text that is to be kept, or the refusal that names its field."""

from proms.actions.refusals import FieldFault, Incomplete
from proms.domain.plain_text import (
    LONGEST_LINE,
    LONGEST_REASON,
    TextFault,
    line_fault,
    text_fault,
    with_plain_ends,
)

FAULTS = {
    TextFault.TOO_LONG: FieldFault.TOO_LONG,
    TextFault.STRANGE_CHARACTER: FieldFault.STRANGE_CHARACTER,
}


def checked_line(field: str, text: str, longest: int = LONGEST_LINE) -> str:
    """The line without blanks at its ends; raises Incomplete for one that cannot be kept."""
    line = text.strip()
    _refuse(field, line_fault(line, longest), longest)
    return line


def filled_line(field: str, text: str, longest: int = LONGEST_LINE) -> str:
    """The same, of a line that may not be empty."""
    if not text.strip():
        raise Incomplete(field, FieldFault.EMPTY)
    return checked_line(field, text, longest)


def checked_text(field: str, text: str, longest: int = LONGEST_REASON) -> str:
    """The text of several lines without blanks at its ends; raises Incomplete for one that cannot
    be kept."""
    stripped = text.strip()
    _refuse(field, text_fault(stripped, longest), longest)
    return with_plain_ends(stripped)


def _refuse(field: str, fault: TextFault | None, longest: int) -> None:
    if fault:
        raise Incomplete(field, FAULTS[fault], longest=longest)
