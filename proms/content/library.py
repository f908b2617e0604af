"""Everything the content folders hold, in every version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from proms.content.facts import Values, known_facts
from proms.content.instruments import read_instrument, read_wording
from proms.content.protocols import read_protocol
from proms.content.rules import read_rules
from proms.content.source import UnsoundContent
from proms.domain.alert import RuleSet
from proms.domain.instrument import Instrument, Wording
from proms.domain.person import Language
from proms.domain.protocol import Protocol

FOLDERS = ("instruments", "protocols")
PLACES = (
    "instruments/*/*/instrument.yaml",
    *(f"instruments/*/*/{language.value}.yaml" for language in Language),
    "instruments/*/*/rules/*.yaml",
    "protocols/*/*.yaml",
)


@dataclass(frozen=True)
class Library:
    """The content by name; without a version the current one, which is the highest."""

    instruments: Mapping[str, Mapping[str, Instrument]] = field(default_factory=dict)
    wordings: Mapping[tuple[str, str, str], Wording] = field(default_factory=dict)  # code, version, language
    rule_sets: Mapping[str, Mapping[str, RuleSet]] = field(default_factory=dict)
    protocols: Mapping[str, Mapping[int, Protocol]] = field(default_factory=dict)

    def instrument(self, code: str, version: str | None = None) -> Instrument:
        versions = self.instruments[code]
        return versions[version or current(versions)]

    def wording(self, code: str, language: str, version: str | None = None) -> Wording:
        """The words of an instrument's version in a language."""
        return self.wordings[code, version or current(self.instruments[code]), language]

    def has_rules(self, code: str) -> bool:
        return code in self.rule_sets

    def rules(self, code: str, version: str | None = None) -> RuleSet:
        versions = self.rule_sets[code]
        return versions[version or current(versions)]

    def protocol(self, code: str, version: int | None = None) -> Protocol:
        versions = self.protocols[code]
        return versions[version or max(versions)]


def load(root: Path) -> Library:
    """The content below `root`; raises UnsoundContent at the first fault."""
    if _root_of(root) != root.resolve():
        raise _nothing(root)
    return _Reading(root).library()


def check(path: Path) -> list[UnsoundContent]:
    """Every file's first fault at or below `path`, so that a clinician can mend them in one go."""
    root = _root_of(path)
    if root is None:
        return [_nothing(path)]
    faults: list[UnsoundContent] = []
    _Reading(root, faults).library()
    return sorted((each for each in faults if (root / each.path).is_relative_to(path.resolve())), key=_place)


def current(versions: Mapping[str, object]) -> str:
    """The highest of versions like 0.1, 0.2, 0.10."""
    return max(versions, key=lambda version: [int(part) if part.isdigit() else 0 for part in version.split(".")])


def _root_of(path: Path) -> Path | None:
    """The folder that holds the content which `path` is, or is a part of."""
    inside = path.resolve()
    for root in (inside, *inside.parents):
        filled = [root / folder for folder in FOLDERS if any((root / folder).rglob("*.yaml"))]
        if filled and (inside == root or any(inside.is_relative_to(folder) for folder in filled)):
            return root
    return None


def _nothing(path: Path) -> UnsoundContent:
    return UnsoundContent(path, 1, f"here is no content; it stands in {', '.join(PLACES)}")


def _place(fault: UnsoundContent) -> tuple[str, int]:
    return str(fault.path), fault.line


@dataclass(frozen=True)
class _Reading:
    """One way through the folders; with a list of faults it collects them, without one the first is raised."""

    root: Path
    faults: list[UnsoundContent] | None = None
    instruments: dict[str, dict[str, Instrument]] = field(default_factory=dict)
    wordings: dict[tuple[str, str, str], Wording] = field(default_factory=dict)
    rule_sets: dict[str, dict[str, RuleSet]] = field(default_factory=dict)
    protocols: dict[str, dict[int, Protocol]] = field(default_factory=dict)

    def library(self) -> Library:
        folders = sorted(folder for folder in self.root.glob("instruments/*/*") if folder.is_dir())
        codes = frozenset(folder.parent.name for folder in folders)
        for path in sorted(self.root.glob("protocols/*/*.yaml")):
            with _Collected(self.faults):
                protocol = read_protocol(path, codes, path.relative_to(self.root))
                self.protocols.setdefault(protocol.code, {})[protocol.version] = protocol
        # A protocol that cannot be read does not say which facts there are: then a condition may ask about any.
        held = (protocol for versions in self.protocols.values() for protocol in versions.values())
        facts = None if self.faults else known_facts(held)
        for folder in folders:
            with _Collected(self.faults):
                self._take_in(folder, facts)
        self._refuse_unread()
        return Library(self.instruments, self.wordings, self.rule_sets, self.protocols)

    def _take_in(self, folder: Path, facts: Values | None) -> None:
        shown = folder.relative_to(self.root)
        instrument = read_instrument(folder / "instrument.yaml", shown / "instrument.yaml", facts)
        code, version = instrument.code, instrument.version
        self.instruments.setdefault(code, {})[version] = instrument
        for language in Language:
            name = f"{language.value}.yaml"
            with _Collected(self.faults):
                self.wordings[code, version, language.value] = read_wording(folder / name, shown / name, instrument)
        for path in sorted(folder.glob("rules/*.yaml")):
            with _Collected(self.faults):
                rule_set = read_rules(path, path.relative_to(self.root), instrument, facts)
                self.rule_sets.setdefault(code, {})[rule_set.version] = rule_set

    def _refuse_unread(self) -> None:
        """A file that looks like content is never left out without a word."""
        read = {path for place in PLACES for path in self.root.glob(place)}
        found = {path for folder in FOLDERS for path in (self.root / folder).rglob("*.y*ml")}
        for path in sorted(found - read):
            with _Collected(self.faults):
                reason = f"nothing reads this file; read are {', '.join(PLACES)}"
                raise UnsoundContent(path.relative_to(self.root), 1, reason)


class _Collected:
    """Lets a fault through when loading, keeps it when checking."""

    def __init__(self, faults: list[UnsoundContent] | None) -> None:
        self.faults = faults

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if self.faults is None or not isinstance(error, UnsoundContent):
            return False
        self.faults.append(error)
        return True
