"""The lock files pin everything with hashes, name no place to fetch it from, and agree with
pyproject.toml."""

import ast
import json
import re
import tomllib
from importlib.metadata import packages_distributions

import pytest

from proms.settings import HOME

RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
LOCKS = (RUNTIME, DEVELOPMENT)
PIN = re.compile(
    r"(?P<name>[\w.-]+)(\[[\w,]+\])?==(?P<version>[\w.]+)( ; (?P<marker>[^\\]+?))?( \\)?"
)
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
DECLARED = re.compile(r"[\w.-]+")


def lines(lock: str) -> list[str]:
    return (HOME / lock).read_text().splitlines()


def pins(lock: str) -> set[tuple[str, str, str]]:
    """(name, version, marker) of every pin."""
    found = [PIN.fullmatch(line) for line in lines(lock) if not line.startswith(" ")]
    return {
        (canonical(each["name"]), each["version"], each["marker"] or "") for each in found if each
    }


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    """The names that pyproject.toml asks for."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]
    asked = list(project["dependencies"])
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    return {canonical(DECLARED.match(each)[0]) for each in asked}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_nothing_else(lock):
    assert [
        line for line in lines(lock) if not PIN.fullmatch(line) and not HASH.fullmatch(line)
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock):
    held = lines(lock)
    bare = [
        line
        for line, following in zip(held, [*held[1:], ""], strict=True)
        if PIN.fullmatch(line) and not HASH.fullmatch(following)
    ]
    assert bare == []


def test_the_product_is_tested_on_the_versions_it_runs_on():
    assert pins(RUNTIME) - pins(DEVELOPMENT) == set()


def test_everything_that_is_asked_for_is_locked():
    assert declared("pg", "build") - {name for name, _, _ in pins(RUNTIME)} == set()
    assert declared("pg", "build", "dev") - {name for name, _, _ in pins(DEVELOPMENT)} == set()


def test_what_only_the_tests_need_is_not_installed_to_run_the_product():
    assert (declared("dev") - declared("pg", "build")) & {
        name for name, _, _ in pins(RUNTIME)
    } == set()


def test_the_nightly_renderer_is_one_pinned_package_with_its_integrity_and_no_address():
    held = json.loads((HOME / "tests/renderers/package-lock.json").read_text())["packages"]
    asked = json.loads((HOME / "tests/renderers/package.json").read_text())["dependencies"]
    assert held.pop("")["dependencies"] == asked
    assert {
        name.removeprefix("node_modules/"): each["version"] for name, each in held.items()
    } == asked
    assert all(re.fullmatch(r"sha512-[\w+/]{86}==", each["integrity"]) for each in held.values())
    assert not any("resolved" in each for each in held.values())


def test_nothing_is_asked_for_that_nobody_uses():
    installed: dict[str, set[str]] = {}
    for module, packages in packages_distributions().items():
        for package in packages:
            installed.setdefault(canonical(package), set()).add(module)
    imported = {
        name.partition(".")[0]
        for path in (HOME / "proms").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [n.name for n in node.names]
        )
    }
    unused = {name for name in declared() if not installed[name] & imported}
    assert unused == set()
