"""Read `protocols/<code>/laboratory/<panel>.yaml`: tests, units and the limits of their grades."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from proms.content.source import Node, read
from proms.content.titles import read_title
from proms.domain.laboratory import Bound, LabTest, Panel
from proms.domain.laboratory.panel import plain_unit

GRADES = ("1", "2", "3", "4")
BOUND = re.compile(r"(?P<sign>>=?) (?P<multiple>\d{1,3}(?:\.\d{1,2})?)", re.ASCII)
TEST = (
    "title",
    "names",
    "unit",
    "written",
    "not",
    "upper_limit",
    "normal_baseline",
    "abnormal_baseline",
)


def read_panel(path: Path, shown: Path | None = None) -> Panel:
    """The tests in a file."""
    root = read(path, shown)
    root.mapping(("code", "title", "source", "tests"), ())
    if root["code"].text() != path.stem:
        root["code"].fail(f"the file is called {path.name!r}")
    tests = {code: _test(code, node) for code, node in root["tests"].mapping().items()}
    if not tests:
        root["tests"].fail("a laboratory has a test at least")
    return Panel(path.stem, read_title(root["title"]), root["source"].text(), tests)


def _test(code: str, node: Node) -> LabTest:
    node.mapping(TEST, ())
    unit = node["unit"].text()
    written = frozenset(plain_unit(text) for text in (unit, *node["written"].texts()))
    others = {}
    for other, entry in node["not"].mapping().items():
        entry.mapping(("is",), ())
        if plain_unit(other) in written:
            entry.fail(f"{other} is a spelling of {unit}")
        others[other] = _positive(entry["is"])
    limit = node["upper_limit"]
    limit.mapping(("from", "to"), ())
    lowest, highest = _positive(limit["from"]), _positive(limit["to"])
    if highest < lowest:
        limit["to"].fail(f"this is lower than {lowest}")
    return LabTest(
        code,
        read_title(node["title"]),
        unit,
        written,
        others,
        (lowest, highest),
        _bounds(node["normal_baseline"]),
        _bounds(node["abnormal_baseline"]),
        frozenset(name.casefold() for name in node["names"].texts()),
    )


def _bounds(node: Node) -> Mapping[int, Bound]:
    """Grades 1 to 4, each beginning above the one before it."""
    node.mapping(GRADES, ())
    bounds = {int(grade): _bound(node[grade]) for grade in GRADES}
    for grade in range(2, len(GRADES) + 1):
        if bounds[grade].multiple <= bounds[grade - 1].multiple:
            node[str(grade)].fail(f"grade {grade} begins above grade {grade - 1}")
    return bounds


def _bound(node: Node) -> Bound:
    written = BOUND.fullmatch(node.text())
    if written is None:
        node.fail(f"{node.value!r} is not a limit such as '> 2.5' or '>= 2'")
    return Bound(Decimal(written["multiple"]), inclusive=written["sign"] == ">=")


def _positive(node: Node) -> Decimal:
    number = node.number()
    if number <= 0:
        node.fail("here a number above 0 is expected")
    return Decimal(repr(node.value))
