"""The house rules against rot, read off the files that git keeps."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from proms.settings import HOME

LONGEST_FUNCTION, LONGEST_MODULE = 70, 400
JUNK_DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "lib",
    "base",
    "core",
    "shared",
}
NOBODY = re.compile(r"(Manager|Service|Handler|Processor|Helper)$")
# A migration is a record of what was run; generated files are nobody's writing.
RECORDS = re.compile(r"migrations/versions/|\.lock$")
LAID_OUT = {".html", ".css", ".j2"}  # templates and styles may have a base
# Spelt apart, so that this file does not name what it forbids.
INDEX_HOSTS = re.compile(
    "|".join(("py" + "pi" + r"\.", "python" + "hosted", "npm" + r"js\.", "deb" + r"ian\.org"))
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.~-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me")) + r")(?:/|\b)"
)


@cache
def kept() -> tuple[Path, ...]:
    """Every file of the repository that is in the work tree, by its path from the top."""
    # The folder may belong to somebody else, as on a build machine: reading names is safe all the
    # same.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True).stdout
    return tuple(Path(name) for name in listed.split("\0") if name and (HOME / name).is_file())


def written() -> list[Path]:
    """Our own Python."""
    return [path for path in kept() if path.suffix == ".py" and not RECORDS.search(path.as_posix())]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((HOME / path).read_text())


def nodes(*kinds: type[ast.AST], under: str = "") -> Iterator[tuple[Path, ast.AST]]:
    for path in written():
        if path.as_posix().startswith(under):
            yield from ((path, node) for node in ast.walk(tree(path)) if isinstance(node, kinds))


def text(path: Path) -> str:
    try:
        return (HOME / path).read_text()
    except UnicodeDecodeError:
        return ""  # a picture


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}"
        for path in kept()
        for number, line in enumerate(text(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_function_is_longer_than_a_screen():
    lengths = [
        (f"{path}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)
        for path, node in nodes(ast.FunctionDef, ast.AsyncFunctionDef)
    ]
    assert [each for each in lengths if each[1] > LONGEST_FUNCTION] == []


def test_no_module_is_longer_than_can_be_held_in_the_head():
    lengths = [(str(path), len(text(path).splitlines())) for path in written()]
    assert [each for each in lengths if each[1] > LONGEST_MODULE] == []


def test_no_folder_or_module_is_a_junk_drawer():
    code = [path for path in kept() if path.suffix not in LAID_OUT]
    assert [
        str(path) for path in code if JUNK_DRAWERS & {part.partition(".")[0] for part in path.parts}
    ] == []


def test_a_class_is_a_value_or_a_connection_and_named_so():
    assert [
        f"{path}:{node.lineno} {node.name}"
        for path, node in nodes(ast.ClassDef)
        if NOBODY.search(node.name)
    ] == []


def test_every_module_says_in_its_first_line_what_it_is():
    silent = [
        path
        for path in written()
        if path.parts[0] == "proms" and text(path) and not ast.get_docstring(tree(path))
    ]
    assert [str(path) for path in silent] == []


def test_nothing_of_ours_is_mocked():
    imported = [
        (
            path,
            node.module or ""
            if isinstance(node, ast.ImportFrom)
            else " ".join(each.name for each in node.names),
        )
        for path, node in nodes(ast.Import, ast.ImportFrom, under="tests/")
    ]
    assert [str(path) for path, names in imported if "mock" in names] == []


def test_the_domain_is_pure_enough_to_be_tested_without_patching():
    arguments = nodes(ast.arg, under="tests/domain/")
    assert [str(path) for path, node in arguments if node.arg == "monkeypatch"] == []


def test_no_file_names_a_package_index():
    assert lines_matching(INDEX_HOSTS) == []


def test_no_file_names_a_path_of_one_machine():
    assert lines_matching(MACHINE_PATHS) == []


def test_no_file_holds_two_sides_of_a_merge():
    assert lines_matching(re.compile(r"^(?:<{7}|>{7}) ")) == []


def test_nothing_that_is_built_is_kept():
    assert [
        str(path)
        for path in kept()
        if path.suffix in {".mo", ".pyc", ".db"} or path.name == "uv.lock"
    ] == []


@pytest.mark.parametrize(
    "name", ["requirements.lock", "Makefile", ".ci/run", "pyproject.toml", "babel.cfg"]
)
def test_the_front_door_is_in_the_repository(name):
    assert Path(name) in kept()
