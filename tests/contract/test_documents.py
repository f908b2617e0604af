"""The documents name places in the code that are there."""

import ast
import re
from pathlib import Path

import pytest

from proms.settings import HOME

PLACE = re.compile(r"`(?P<path>(?:proms|tests|bench|migrations)/[\w/.-]+?)(?::(?P<name>\w+))?`")
DOCUMENTS = [HOME / "README.md", *sorted((HOME / "docs").rglob("*.md"))]


def places(document: Path) -> list[tuple[str, str | None]]:
    """Every path a document names, with the function or class it names there."""
    found: list[tuple[str, str | None]] = []
    for line in document.read_text().splitlines():
        path = ""
        for match in re.finditer(f"{PLACE.pattern}|`:(?P<more>\\w+)`", line):
            path = match["path"] or path
            if path:
                found.append((path, match["name"] or match["more"]))
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_place_a_document_names_is_there(document):
    for path, name in places(document):
        place = HOME / path
        assert place.exists(), f"{document.name} names {path}"
        if name:
            defined = {
                getattr(node, "name", None) for node in ast.walk(ast.parse(place.read_text()))
            }
            assert name in defined, f"{document.name} names {name} in {path}"


def test_the_page_of_the_house_is_read_by_this():
    assert len(places(HOME / "docs" / "architecture.md")) > 30
