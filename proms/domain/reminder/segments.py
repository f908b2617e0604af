"""How many SMS a text is: GSM 03.38 with its extension table, or UCS-2 once one character is in
neither."""

from dataclasses import dataclass
from enum import StrEnum

# The basic table, by code: one unit each. A Dutch é, è, à, ö, ü and ä is in it; ë, ï, ó and curly
# quotes are not.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Behind an escape, so two units each.
EXTENDED = "\f^{}\\[~]|€"


class Encoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


# Units of a message that is alone, and of each part of one that is not: a part says which it is.
ALONE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
PART = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}


@dataclass(frozen=True)
class Segments:
    """How a text leaves as SMS: in which encoding, how many units it is, and in how many parts."""

    encoding: Encoding
    units: int
    parts: int

    @property
    def left(self) -> int:
        """How many units one part still has room for; below zero when it is more than one."""
        return ALONE[self.encoding] - self.units


def segments_of(text: str) -> Segments:
    """The parts of a text as Twilio counts and charges them, without its "smart encoding"."""
    if strange_to_gsm(text):
        sizes = [len(character.encode("utf-16-be")) // 2 for character in text]
        return _segments(Encoding.UCS_2, sizes)
    return _segments(Encoding.GSM_7, [2 if character in EXTENDED else 1 for character in text])


def strange_to_gsm(text: str) -> str:
    """The characters that are in neither table, each once, in order."""
    strange = (character for character in text if character not in BASIC + EXTENDED)
    return "".join(dict.fromkeys(strange))


def _segments(encoding: Encoding, sizes: list[int]) -> Segments:
    units = sum(sizes)
    if units <= ALONE[encoding]:
        return Segments(encoding, units, 1)
    # No character is cut in two: one that does not fit any more begins the next part.
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > PART[encoding]:
            parts, filled = parts + 1, 0
        filled += size
    return Segments(encoding, units, parts)
