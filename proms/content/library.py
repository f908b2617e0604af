"""Everything the content folders hold, in every version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from proms.content.facts import Values, known_facts
from proms.content.instruments import optional_items, read_instrument
from proms.content.protocols import read_protocol
from proms.content.rules import read_rules
from proms.content.source import Node, UnsoundContent, read
from proms.content.wordings import read_wording
from proms.domain.alert import RuleSet
from proms.domain.instrument import STAND_IN, Instrument, Wording
from proms.domain.person import Language
from proms.domain.protocol import Protocol
from proms.refusal import Refusal

FOLDERS = ("instruments", "protocols")
PLACES = (
    "instruments/*/*/instrument.yaml",
    *(f"instruments/*/*/{language.value}.yaml" for language in Language),
    "instruments/*/*/rules/*.yaml",
    "protocols/*/*.yaml",
)


class NotLicensed(Refusal):
    """The instrument's wording is licensed, and this site has not installed it in this language."""

    code: ClassVar[str] = "no_licensed_wording"

    def __init__(self, instrument: str, language: str) -> None:
        super().__init__(
            f"{instrument} cannot be asked: no licensed wording in the language {language} is installed."
        )
        self.instrument, self.language = instrument, language


@dataclass(frozen=True)
class Library:
    """The content by name; without a version the current one, which is the highest.

    `stand_ins` says whether patients may be shown our labels where a licensed wording is not
    installed: in a demo.
    """

    instruments: Mapping[str, Mapping[str, Instrument]] = field(default_factory=dict)
    # code, version, language -> wording version
    wordings: Mapping[tuple[str, str, str], Mapping[str, Wording]] = field(default_factory=dict)
    rule_sets: Mapping[str, Mapping[str, RuleSet]] = field(default_factory=dict)
    protocols: Mapping[str, Mapping[int, Protocol]] = field(default_factory=dict)
    stand_ins: bool = False

    def instrument(self, code: str, version: str | None = None) -> Instrument:
        versions = self.instruments[code]
        return versions[version or current(versions)]

    def wording(
        self, code: str, language: str, version: str | None = None, wording: str | None = None
    ) -> Wording:
        """The words of an instrument's version in a language: that version of them, else the best
        there is."""
        held = self.wordings[code, version or current(self.instruments[code]), language]
        wanted = wording or current(held)
        if wanted not in held:
            raise NotLicensed(code, language)
        return held[wanted]

    def wording_to_read(self, code: str, language: str, version: str, wording: str) -> Wording:
        """The words for a reader of answers: those they were given under, if there are in this
        language."""
        held = self.wordings[code, version, language]
        return held.get(wording) or held[current(held)]

    def stand_in(self, instrument: Instrument, language: str) -> Wording:
        """The neutral labels of our own for an instrument whose wording is licensed."""
        return self.wordings[instrument.code, instrument.version, language][STAND_IN]

    def offers(self, code: str, language: str) -> bool:
        """Whether patients may be asked this instrument in this language."""
        instrument = self.instrument(code)
        held = self.wordings.get((code, instrument.version, language), {})
        return bool(held) and (
            not instrument.licensor or self.stand_ins or current(held) != STAND_IN
        )

    @cached_property
    def offered(self) -> frozenset[tuple[str, str]]:
        """Every (instrument, language) that patients may be asked."""
        return frozenset(
            (code, each)
            for code in self.instruments
            for each in Language
            if self.offers(code, each)
        )

    @cached_property
    def unlicensed(self) -> Mapping[str, list[str]]:
        """Instrument -> the languages in which it is not asked, for want of a licensed wording."""
        lacking = {
            code: [each.value for each in Language if not self.offers(code, each)]
            for code in self.instruments
        }
        return {code: languages for code, languages in sorted(lacking.items()) if languages}

    def wording_to_ask(self, code: str, *languages: str) -> Wording:
        """The words a patient is asked in from now on: in the first of these languages that has
        them.

        Raises NotLicensed where there are only stand-ins.
        """
        language = next((each for each in languages if self.offers(code, each)), None)
        if language is None:
            raise NotLicensed(code, languages[-1])
        return self.wording(code, language)

    def wording_to_name(self, code: str, *languages: str) -> Wording:
        """The words to call an instrument by: those it is asked in, else our own in the first of
        these languages."""
        return self.wording(
            code, next((each for each in languages if self.offers(code, each)), languages[0])
        )

    def has_rules(self, code: str) -> bool:
        return code in self.rule_sets

    def rules(self, code: str, version: str | None = None) -> RuleSet:
        versions = self.rule_sets[code]
        return versions[version or current(versions)]

    def rule_set_named(self, name: str) -> RuleSet:
        """The rule set that an evaluation was stored under."""
        return self._rule_sets_by_name[name]

    @cached_property
    def _rule_sets_by_name(self) -> Mapping[str, RuleSet]:
        return {
            rule_set.name: rule_set
            for versions in self.rule_sets.values()
            for rule_set in versions.values()
        }

    def protocol(self, code: str, version: int | None = None) -> Protocol:
        versions = self.protocols[code]
        return versions[version or max(versions)]

    def with_wordings(self, licensed: Iterable[Wording]) -> "Library":
        """This library with a site's licensed wordings beside its own."""
        held = {place: dict(versions) for place, versions in self.wordings.items()}
        for each in licensed:
            held.setdefault((each.instrument, each.instrument_version, each.language), {})[
                each.version
            ] = each
        return replace(self, wordings=held)


def load(root: Path, *, stand_ins: bool = False) -> Library:
    """The content below `root`; raises UnsoundContent at the first fault."""
    if _root_of(root) != root.resolve():
        raise _nothing(root)
    return replace(_Reading(root).library(), stand_ins=stand_ins)


def check(path: Path) -> list[UnsoundContent]:
    """Every file's first fault at or below `path`, so that a clinician can mend them in one go."""
    root = _root_of(path)
    if root is None:
        return [_nothing(path)]
    faults: list[UnsoundContent] = []
    _Reading(root, faults).library()
    each_once = {str(fault): fault for fault in faults}.values()
    return sorted(
        (each for each in each_once if (root / each.path).is_relative_to(path.resolve())),
        key=_place,
    )


def current(versions: Mapping[str, object]) -> str:
    """The highest of versions like 0.1, 0.2, 0.10; a stand-in is lower than any."""
    return max(
        versions,
        key=lambda version: [int(part) if part.isdigit() else -1 for part in version.split(".")],
    )


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
    """One way through the folders; with a list of faults it collects them, without one the first is
    raised."""

    root: Path
    faults: list[UnsoundContent] | None = None
    instruments: dict[str, dict[str, Instrument]] = field(default_factory=dict)
    wordings: dict[tuple[str, str, str], dict[str, Wording]] = field(default_factory=dict)
    rule_sets: dict[str, dict[str, RuleSet]] = field(default_factory=dict)
    protocols: dict[str, dict[int, Protocol]] = field(default_factory=dict)

    def library(self) -> Library:
        folders = sorted(folder for folder in self.root.glob("instruments/*/*") if folder.is_dir())
        trees = {folder: tree for folder in folders if (tree := self._tree(folder))}
        codes = {folder.parent.name: self._optional(trees.get(folder)) for folder in folders}
        for path in sorted(self.root.glob("protocols/*/*.yaml")):
            with _Collected(self.faults):
                protocol = read_protocol(path, codes, path.relative_to(self.root))
                self.protocols.setdefault(protocol.code, {})[protocol.version] = protocol
        # A protocol that cannot be read does not say which facts there are: then a condition may
        # ask about any.
        held = (protocol for versions in self.protocols.values() for protocol in versions.values())
        facts = None if self.faults else known_facts(held)
        for folder, tree in trees.items():
            with _Collected(self.faults):
                self._take_in(folder, tree, facts)
        self._refuse_unread()
        return Library(self.instruments, self.wordings, self.rule_sets, self.protocols)

    def _optional(self, tree: Node | None) -> frozenset[str] | None:
        with _Collected(self.faults):
            return optional_items(tree) if tree else None
        return None

    def _tree(self, folder: Path) -> Node | None:
        shown = folder.relative_to(self.root)
        with _Collected(self.faults):
            return read(folder / "instrument.yaml", shown / "instrument.yaml")
        return None

    def _take_in(self, folder: Path, tree: Node, facts: Values | None) -> None:
        shown = folder.relative_to(self.root)
        instrument = read_instrument(tree, folder / "instrument.yaml", facts)
        code, version = instrument.code, instrument.version
        self.instruments.setdefault(code, {})[version] = instrument
        for language in Language:
            name = f"{language.value}.yaml"
            with _Collected(self.faults):
                wording = read_wording(folder / name, shown / name, instrument)
                self.wordings[code, version, language.value] = {wording.version: wording}
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
