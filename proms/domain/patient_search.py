"""Find a patient by the first letters of anything she is known by: name, code, number, telephone
number, e-mail address."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from proms.domain.patient_number import plain, without_zeros
from proms.domain.telephone import dialled, dialled_forms

# Letters that are no other letter with an accent, as people type them without.
SPELT = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th",
})  # fmt: skip
FEWEST_DIGITS = 4  # with fewer every telephone number of a country would fit
WORD, PHONE = "\n", "\t"  # what each word and each telephone number of an entry begins with
Beginnings = tuple[str, ...]  # as they stand in an entry, behind the mark of their kind


@dataclass(frozen=True)
class SearchEntry:
    """What a patient can be found by, opened: only ever in memory, as one text that a search goes
    through once."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Search:
    """What was typed: as a whole it is the beginning of a number, or each of its words the
    beginning of something, in any order."""

    whole: Beginnings
    words: tuple[Beginnings, ...]


def search_entry(
    *, code: str, name: str, numbers: list[str], addresses: Iterable[str]
) -> SearchEntry:
    """The entry of a patient; each of the addresses is one of e-mail or a number in international
    form."""
    words = [*_name_words(name), folded(code)]
    for number in numbers:
        words += [plain(number), without_zeros(number)]
    marked = [WORD + word for word in words]
    for address in addresses:
        if "@" in address:
            marked.append(WORD + address.casefold())
        else:
            marked += [PHONE + digits for digits in dialled_forms(address)]
    return SearchEntry(name, "".join(dict.fromkeys(marked)))


def search_for(typed: str) -> Search:
    """The search for what was typed; without words it finds everybody."""
    typed = " ".join(typed.split())
    words = _words(folded(typed)) or typed.split()
    return Search(
        whole=_beginnings(plain(typed), without_zeros(typed), typed.casefold(), typed=typed),
        words=tuple(_beginnings(word, without_zeros(word), typed=word) for word in words),
    )


def finds(search: Search, entry: SearchEntry) -> bool:
    """Whether the patient fits."""
    # Plain loops: a search asks this of every patient of a site.
    for beginning in search.whole:
        if beginning in entry.text:
            return True
    for beginnings in search.words:
        for beginning in beginnings:
            if beginning in entry.text:
                break
        else:
            return False
    return True


def folded(text: str) -> str:
    """Small letters without accents: Renée is renee."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return bare.translate(SPELT)


def _name_words(name: str) -> Iterator[str]:
    """From each word of a name on, the rest of it without blanks: a search finds "van den Berg" by
    "berg", by "van" and by "vandenberg"."""
    words = _words(folded(name))
    for place in range(len(words)):
        yield "".join(words[place:])


def _words(text: str) -> list[str]:
    """The words between blanks, commas, hyphens and apostrophes."""
    return "".join(letter if letter.isalnum() else " " for letter in text).split()


def _beginnings(*forms: str, typed: str) -> Beginnings:
    """These forms of what was typed, and its digits where it may be a telephone number."""
    marked = [WORD + form for form in forms if form]
    digits = dialled(typed)
    if len(digits) >= FEWEST_DIGITS:
        marked.append(PHONE + digits)
    return tuple(dict.fromkeys(marked))
