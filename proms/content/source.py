"""Content files as trees that remember their lines, so that a fault is named by file, line and
reason."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

LOOKS_BOOLEAN = re.compile(r"(?i:yes|no|on|off|y|n)")
T = TypeVar("T")


class UnsoundContent(Exception):
    """A content file that cannot be used; reads as `path:line: reason`."""

    def __init__(self, path: Path | str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


class _Reference(yaml.MarkedYAMLError):
    pass


class _Plain(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # A reference can repeat a part without end; content is read by people, who see what is
        # written out.
        if self.check_event(yaml.AliasEvent):
            events: Any = self
            raise _Reference(None, None, None, events.peek_event().start_mark)
        return super().compose_node(parent, index)


@dataclass(frozen=True)
class Node:
    """A value of a content file and where it stands: in a mapping, the line of its name."""

    value: Any  # dict[str, Node], list[Node], str, int, float, bool, None
    path: Path
    line: int

    def fail(self, reason: str) -> NoReturn:
        raise UnsoundContent(self.path, self.line, reason)

    def mapping(
        self, needed: Iterable[str] = (), allowed: Iterable[str] | None = None
    ) -> dict[str, "Node"]:
        """The entries of a mapping; an absent or an unknown key is a fault."""
        if not isinstance(self.value, dict):
            self.fail("here a mapping of names to values is expected")
        needed = list(needed)
        missing = [key for key in needed if key not in self.value]
        if missing:
            self.fail(f"{missing[0]!r} is missing")
        known = None if allowed is None else {*needed, *allowed}
        for key, node in self.value.items():
            if known is not None and key not in known:
                node.fail(f"{key!r} is not known here; known are: {', '.join(sorted(known))}")
        return self.value

    def items(self) -> list["Node"]:
        """The members of a list."""
        if not isinstance(self.value, list):
            self.fail("here a list is expected")
        return self.value

    def several(self) -> list["Node"]:
        """The members of a list that is not empty."""
        return self.items() or self.fail("this list is empty")

    def get(self, key: str) -> "Node | None":
        """The entry of that name, if there is one."""
        return self.mapping().get(key)

    def __getitem__(self, key: str) -> "Node":
        found = self.get(key)
        return found if found is not None else self.fail(f"{key!r} is missing")

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.items())

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(
                "here a text is expected; put it in quotes if it looks like a number or a word like no"
            )
        return self.value

    def integer(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.fail("here a whole number is expected")
        return self.value

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            self.fail("here a number is expected")
        return float(self.value)

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            self.fail("here true or false is expected")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(node.text() for node in self.items())

    def one_of(self, words: type[T]) -> T:
        """A member of a vocabulary."""
        try:
            return words(self.value)  # type: ignore[call-arg]
        except ValueError:
            known = ", ".join(str(each) for each in words)  # type: ignore[attr-defined]
            self.fail(f"{self.value!r} is not one of {known}")

    def plain(self) -> Any:
        """The value without its lines, for a digest."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value


def read(path: Path, shown: Path | None = None) -> Node:
    """The tree in a YAML file; `shown` is how faults name the file. Raises UnsoundContent."""
    named = shown or path
    try:
        return parse(path.read_bytes(), named)
    except FileNotFoundError:
        raise UnsoundContent(named, 1, "there is no such file") from None
    except OSError as error:
        raise UnsoundContent(named, 1, f"this cannot be read: {error.strerror}") from None


def parse(written: bytes, named: Path) -> Node:
    """The tree in what a YAML file holds. Raises UnsoundContent."""
    try:
        document = yaml.compose(written.decode(), Loader=_Plain)
        return (
            _tree(document, named) if document else Node(None, named, 1).fail("the file is empty")
        )
    except UnicodeDecodeError:
        raise UnsoundContent(named, 1, "this is not UTF-8 text") from None
    except _Reference as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnsoundContent(
            named, line, "a reference (*name) is not read here; write the part out"
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnsoundContent(named, line, f"this is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UnsoundContent(named, 1, f"this is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise UnsoundContent(named, 1, "lists and mappings stand too deep in one another") from None


def digest(plain: Any) -> str:
    """The hash that proves a content file unchanged, whatever its layout and comments."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def _tree(node: yaml.Node, path: Path) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Node(_entries(node, path), path, line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_tree(each, path) for each in node.value], path, line)
    return Node(_scalar(node, path, line), path, line)


def _entries(node: yaml.MappingNode, path: Path) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise UnsoundContent(path, line, "a name is a single word here")
        if key.style is None and LOOKS_BOOLEAN.fullmatch(key.value):
            raise UnsoundContent(
                path, line, f"{key.value} would be read as true or false; quote it"
            )
        if key.value in entries:
            raise UnsoundContent(path, line, f"{key.value!r} stands here twice")
        entries[key.value] = replace(_tree(value, path), line=line)
    return entries


def _scalar(node: yaml.Node, path: Path, line: int) -> Any:
    bare = isinstance(node, yaml.ScalarNode) and node.style is None
    if bare and LOOKS_BOOLEAN.fullmatch(node.value):
        raise UnsoundContent(path, line, f"{node.value} would be read as true or false; quote it")
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:
        raise UnsoundContent(
            path, line, f"this value cannot be read: {str(error).splitlines()[0]}"
        ) from None
    finally:
        loader.dispose()
