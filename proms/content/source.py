"""Content files as trees that remember their lines, so that a fault is named by file, line and
reason."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import yaml

WRITTEN_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LOOKS_BOOLEAN = re.compile(r"(?i:yes|no|on|off|y|n)")
T = TypeVar("T")


class UnsoundContent(Exception):
    """A content file that cannot be used; reads as `path:line: reason`."""

    def __init__(self, path: Path | str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class _Reference(yaml.MarkedYAMLError):
    pass


class Collected:
    """Lets a fault through when loading, keeps it when checking."""

    def __init__(self, faults: list[UnsoundContent] | None) -> None:
        self.faults = faults

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if self.faults is None or not isinstance(error, UnsoundContent):
            return False
        self.faults.append(error)
        return True


try:
    from yaml import CSafeLoader as _Fast
except ImportError:  # PyYAML was built without libyaml
    _Fast = None  # type: ignore[assignment,misc]
DEEPEST = 50  # lists and mappings in one another; the fast loader knows no limit of its own


class _Plain(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # A reference can repeat a part without end; content is read by people, who see what is
        # written out.
        if self.check_event(yaml.AliasEvent):
            loader: Any = self  # yaml's types do not know that a loader can look at events
            raise _Reference(None, None, None, loader.peek_event().start_mark)
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
        if allowed is None:
            return self.value
        names = {*needed, *allowed}
        for key, node in self.value.items():
            if key not in names:
                node.fail(f"{key!r} is not known here; known are: {', '.join(sorted(names))}")
        return self.value

    def items(self) -> list["Node"]:
        """The members of a list."""
        if not isinstance(self.value, list):
            self.fail("here a list is expected")
        return self.value

    def several(self) -> list["Node"]:
        """The members of a list that is not empty."""
        members = self.items()
        if not members:
            self.fail("this list is empty")
        return members

    def get(self, key: str) -> "Node | None":
        """The entry of that name, if there is one."""
        return self.mapping().get(key)

    def __getitem__(self, key: str) -> "Node":
        entry = self.get(key)
        if entry is None:
            self.fail(f"{key!r} is missing")
        return entry

    def optional_text(self, key: str) -> str | None:
        """The text of that name, if there is one."""
        entry = self.get(key)
        return entry.text() if entry else None

    def optional_number(self, key: str) -> float | None:
        """The number of that name, if there is one."""
        entry = self.get(key)
        return entry.number() if entry else None

    def flag(self, key: str) -> bool:
        """True or false, as the entry of that name says; false where there is none."""
        entry = self.get(key)
        return entry.boolean() if entry else False

    def optional_list(self, key: str) -> list["Node"]:
        """The members of the list of that name; none where there is no such list."""
        entry = self.get(key)
        return entry.items() if entry else []

    def optional_mapping(
        self, key: str, needed: Iterable[str] = (), allowed: Iterable[str] | None = None
    ) -> dict[str, "Node"]:
        """The entries of the mapping of that name; none where there is no such mapping."""
        entry = self.get(key)
        return entry.mapping(needed, allowed) if entry else {}

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

    def day(self) -> date:
        """A date, as it is written without quotes."""
        if isinstance(self.value, datetime):
            self.fail(f"{self.value} has a time; write the day alone, as 2026-03-09")
        if isinstance(self.value, str) and WRITTEN_DAY.fullmatch(self.value):
            self.fail(f"{self.value!r} is not a date such as 2026-03-09: leave the quotes out")
        if not isinstance(self.value, date):
            self.fail(f"{self.value!r} is not a date such as 2026-03-09")
        return self.value

    def zone(self) -> ZoneInfo:
        """A time zone by its name."""
        try:
            return ZoneInfo(self.text())
        except (KeyError, ValueError, OSError):
            self.fail(f"{self.value!r} is not a time zone such as Europe/Amsterdam")

    def one_of(self, words: type[T]) -> T:
        """A member of a vocabulary."""
        try:
            return words(self.value)  # type: ignore[call-arg]
        except ValueError:
            members = ", ".join(map(str, words))  # type: ignore[call-overload]
            self.fail(f"{self.value!r} is not one of {members}")

    def plain(self) -> Any:
        """The value without its lines, for a digest."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


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
        document = _document(written.decode())
        if document is None:
            raise UnsoundContent(named, 1, "the file is empty")
        return _tree(document, named)
    except UnicodeDecodeError:
        raise UnsoundContent(named, 1, "this is not UTF-8 text") from None
    except _Reference as error:
        reason = "a reference (*name) is not read here; write the part out"
        raise UnsoundContent(named, _line_of(error), reason) from None
    except yaml.MarkedYAMLError as error:
        reason = f"this is not YAML: {error.problem}"
        raise UnsoundContent(named, _line_of(error), reason) from None
    except yaml.YAMLError as error:
        raise UnsoundContent(named, 1, f"this is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise UnsoundContent(named, 1, "lists and mappings stand too deep in one another") from None


def _document(text: str) -> yaml.Node | None:
    """The tree as YAML has it: by libyaml, many times as fast, where it finds nothing to object to;
    what is at fault is said by the other one, which every installation has."""
    if _Fast is None or not _is_simple(text):
        return yaml.compose(text, Loader=_Plain)
    return yaml.compose(text, Loader=_Fast)


def _is_simple(text: str) -> bool:
    """Whether the fast loader reads it, without a reference and without a depth that nobody
    writes."""
    depth = 0
    try:
        for each in yaml.parse(text, Loader=_Fast):
            depth += isinstance(each, yaml.CollectionStartEvent)
            depth -= isinstance(each, yaml.CollectionEndEvent)
            if isinstance(each, yaml.AliasEvent) or depth > DEEPEST:
                return False
    except yaml.YAMLError:
        return False
    return True


def _line_of(error: yaml.MarkedYAMLError) -> int:
    return error.problem_mark.line + 1 if error.problem_mark else 1


def digest(plain: Any) -> str:
    """The hash that proves a content file unchanged, whatever its layout and comments."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def _tree(node: yaml.Node, path: Path) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Node(_entries(node, path), path, line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_tree(member, path) for member in node.value], path, line)
    return Node(_scalar(node, path, line), path, line)


# A name in our files, where another reader of YAML 1.1 would see true.
OUR_NAMES = frozenset({"on"})


def _entries(node: yaml.MappingNode, path: Path) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise UnsoundContent(path, line, "a name is a single word here")
        if not key.style and LOOKS_BOOLEAN.fullmatch(key.value) and key.value not in OUR_NAMES:
            reason = f"{key.value} would be read as true or false; quote it"
            raise UnsoundContent(path, line, reason)
        if key.value in entries:
            raise UnsoundContent(path, line, f"{key.value!r} stands here twice")
        # A fault of the value is looked for where its name stands, also when the value itself
        # begins on the next line.
        entries[key.value] = replace(_tree(value, path), line=line)
    return entries


def _scalar(node: yaml.Node, path: Path, line: int) -> Any:
    # YAML 1.1 reads a bare `no` as false, and `no` is Norway, or an answer.
    bare = isinstance(node, yaml.ScalarNode) and not node.style
    if bare and LOOKS_BOOLEAN.fullmatch(node.value):
        raise UnsoundContent(path, line, f"{node.value} would be read as true or false; quote it")
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:
        reason = f"this value cannot be read: {str(error).splitlines()[0]}"
        raise UnsoundContent(path, line, reason) from None
    finally:
        loader.dispose()
