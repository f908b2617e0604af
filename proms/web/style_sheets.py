"""Our own style sheets, cut to what is read: without comments, without tokens that nothing uses,
and for one page without rules that it has nothing for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

TOKEN = re.compile(r"(--[\w-]+)\s*:[^;{}]*;?\s*")
IN_BRACKETS = re.compile(r":not\([^()]*\)|:is\([^()]*\)")
WORD = re.compile(r"([.#\[]?)(?<![:\w-])([\w-]+)")


def merged_sheets(parts: list[str]) -> str:
    """Style sheets in one, without comments, the blanks that lines begin with, and the tokens that
    none of them reads."""
    without = (re.sub(r"/\*.*?\*/", "", part, flags=re.DOTALL) for part in parts)
    joined = "".join(re.sub(r"\n\s*", "\n", part).lstrip() for part in without)
    return without_unread(joined)


def without_unread(sheet: str) -> str:
    """A token that no rule and no other token reads says nothing."""
    read = set(re.findall(r"var\((--[\w-]+)", sheet))
    shorter = TOKEN.sub(lambda found: found[0] if found[1] in read else "", sheet)
    # What is left out may have been all that read another.
    return sheet if shorter == sheet else without_unread(shorter)


@dataclass
class Names(HTMLParser):
    """What the rules of a sheet may speak of on a page: its elements, classes, ids and
    attributes."""

    found: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        for name, value in attrs:
            self.found.add(f"[{name}")
            mark = {"class": ".", "id": "#"}.get(name)
            if mark:
                self.found.update(mark + each for each in (value or "").split())


def names_on(page: str) -> frozenset[str]:
    reader = Names()
    reader.feed(page)
    return frozenset(reader.found)


def rules_for(sheet: str, names: frozenset[str]) -> str:
    """The rules that may touch something on a page with these names, and the tokens they read."""
    return without_unread("".join(_kept(sheet, names)))


def _kept(sheet: str, names: frozenset[str]) -> Iterator[str]:
    for head, body in _blocks(sheet):
        if head.startswith(("@media", "@container")):
            inner = "".join(_kept(body, names))
            if inner:
                yield f"{head}{{{inner}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}"
        else:
            kept = [each for each in _selectors(head) if _may_touch(each, names)]
            if kept:
                yield f"{','.join(kept)}{{{body}}}"


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """What stands before each pair of braces, and what is in it."""
    depth = start = opened = 0
    for found in re.finditer(r"[{}]", sheet):
        if found[0] == "{":
            if not depth:
                opened = found.start()
            depth += 1
            continue
        depth -= 1
        if not depth:
            yield sheet[start:opened].strip(), sheet[opened + 1 : found.start()]
            start = found.end()


def _selectors(head: str) -> Iterator[str]:
    """The selectors of a rule; a comma between brackets parts none."""
    start = depth = 0
    for place, character in enumerate(head):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            yield head[start:place].strip()
            start = place + 1
    yield head[start:].strip()


def _may_touch(selector: str, names: frozenset[str]) -> bool:
    """Whether a page with these names may have what the selector asks for: all that it names
    outright is there. What stands in brackets is not looked at, nor whether they stand so."""
    plain = re.sub(r"=[^\]]*", "", IN_BRACKETS.sub("", selector))
    plain = re.sub(r"::?[\w-]+(\([^()]*\))?", "", plain)
    return all(mark + name in names for mark, name in WORD.findall(plain))
