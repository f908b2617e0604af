"""Everything the content folders hold, in every version."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from proms.content.facts import Values, known_facts
from proms.content.instruments import (
    codes_by_instrument,
    licensed_instruments,
    optional_items,
    read_instrument,
)
from proms.content.laboratory import read_panel
from proms.content.message_words import read_message_words
from proms.content.protocol_views import ViewNames
from proms.content.protocols import read_protocol
from proms.content.rules import read_rules
from proms.content.source import Collected, Node, UnsoundContent, read
from proms.content.wordings import read_wording
from proms.domain.alert import RuleSet
from proms.domain.instrument import (
    STAND_IN,
    Instrument,
    Wording,
    WordingRead,
    licence_state,
)
from proms.domain.laboratory import Panel
from proms.domain.person import Language
from proms.domain.protocol import Protocol
from proms.domain.reminder import Revealing
from proms.refusal import Refusal

FOLDERS = ("instruments", "protocols")
PLACES = (
    "instruments/*/*/instrument.yaml",
    *(f"instruments/*/*/{language.value}.yaml" for language in Language),
    "instruments/*/*/rules/*.yaml",
    "protocols/*/*.yaml",
    "protocols/*/laboratory/*.yaml",
    "protocols/*/messages/words.yaml",
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
    panels: Mapping[tuple[str, str], Panel] = field(default_factory=dict)  # protocol, panel
    message_words: Mapping[str, Revealing] = field(default_factory=dict)  # by protocol
    stand_ins: bool = False

    def instrument(self, code: str, version: str | None = None) -> Instrument:
        versions = self.instruments[code]
        return versions[version or current(versions)]

    def wording(
        self, code: str, language: str, version: str | None = None, wording: str | None = None
    ) -> Wording:
        """The words of an instrument's version in a language: that version of them, else the best
        there is."""
        wordings = self.wordings[code, version or current(self.instruments[code]), language]
        wanted = wording or current(wordings)
        if wanted not in wordings:
            raise NotLicensed(code, language)
        return wordings[wanted]

    def wording_to_read(self, code: str, language: str, version: str, wording: str) -> Wording:
        """The words for a reader of answers: those they were given under, if there are in this
        language."""
        wordings = self.wordings[code, version, language]
        return wordings.get(wording) or wordings[current(wordings)]

    def may_be_read(self, code: str, read: WordingRead) -> bool:
        """Whether patients may be asked an instrument in these words, the newest or older ones."""
        wordings = self.wordings.get((code, read.instrument_version, read.language), {})
        wording = wordings.get(read.wording_version)
        if wording is None:
            return False
        instrument = self.instrument(code, read.instrument_version)
        return licence_state(instrument, wording, stand_ins=self.stand_ins).may_be_asked

    def stand_in(self, instrument: Instrument, language: str) -> Wording:
        """The neutral labels of our own for an instrument whose wording is licensed."""
        return self.wordings[instrument.code, instrument.version, language][STAND_IN]

    def offers(self, code: str, language: str) -> bool:
        """Whether patients may be asked this instrument in this language."""
        instrument = self.instrument(code)
        wording = self.best_wording(instrument, language)
        return licence_state(instrument, wording, stand_ins=self.stand_ins).may_be_asked

    def best_wording(self, instrument: Instrument, language: str) -> Wording | None:
        """The newest wording of an instrument in a language, a licensed one before our labels; None
        where there is none."""
        wordings = self.wordings.get((instrument.code, instrument.version, language))
        return wordings[current(wordings)] if wordings else None

    @cached_property
    def offered(self) -> frozenset[tuple[str, str]]:
        """Every (instrument, language) that patients may be asked."""
        return frozenset(
            (code, language)
            for code in self.instruments
            for language in Language
            if self.offers(code, language)
        )

    @cached_property
    def unlicensed(self) -> Mapping[str, list[str]]:
        """Instrument -> the languages in which it is not asked, for want of a licensed wording."""
        lacking: dict[str, list[str]] = {}
        for code in sorted(self.instruments):
            for language in Language:
                if not self.offers(code, language):
                    lacking.setdefault(code, []).append(language.value)
        return lacking

    def wording_to_ask(self, code: str, *languages: str) -> Wording:
        """The words a patient is asked in from now on: in the first of these languages that has
        them.

        Raises NotLicensed where there are only stand-ins.
        """
        for language in languages:
            if self.offers(code, language):
                return self.wording(code, language)
        raise NotLicensed(code, languages[-1])

    def wording_to_name(self, code: str, *languages: str) -> Wording:
        """The words to call an instrument by: those it is asked in, else our own in the first of
        these languages."""
        try:
            return self.wording_to_ask(code, *languages)
        except NotLicensed:
            return self.wording(code, languages[0])

    def has_rules(self, code: str) -> bool:
        return code in self.rule_sets

    def rules(self, instrument: Instrument) -> RuleSet:
        """The rules that answers to this version are held against: the newest of those written for
        it."""
        written = {
            version: rule_set
            for version, rule_set in self.rule_sets[instrument.code].items()
            if rule_set.instrument_version == instrument.version
        }
        return written[current(written)]

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

    def panel_of(self, protocol: Protocol) -> Panel | None:
        """The laboratory tests whose values a trial keeps, if it keeps any."""
        laboratory = protocol.views.laboratory
        return self.panels[protocol.code, laboratory.panel] if laboratory else None

    def revealing(self, protocol: str) -> Revealing:
        """What no message of a trial may hold: the words of its file, and the names of its
        drugs."""
        drugs = self.protocol(protocol).drugs.values()
        names = {title.said_in(language.value) for title in drugs for language in Language}
        return self.message_words.get(protocol, Revealing()).with_words(sorted(names))

    def with_wordings(self, licensed: Iterable[Wording]) -> "Library":
        """This library with a site's licensed wordings beside its own."""
        wordings = {place: dict(versions) for place, versions in self.wordings.items()}
        for wording in licensed:
            place = wording.instrument, wording.instrument_version, wording.language
            wordings.setdefault(place, {})[wording.version] = wording
        return replace(self, wordings=wordings)


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
    # A file that is read for two purposes tells the same fault twice.
    distinct = {str(fault): fault for fault in faults}.values()
    inside = path.resolve()
    return sorted(
        (fault for fault in distinct if (root / fault.path).is_relative_to(inside)), key=_place
    )


def current(versions: Mapping[str, object]) -> str:
    """The highest of versions like 0.1, 0.2, 0.10; a stand-in is lower than any."""
    return max(versions, key=_numbers)


def _numbers(version: str) -> list[int]:
    """A version to compare by: 0.10 is higher than 0.2, and a word is lower than any number."""
    return [int(part) if part.isdigit() else -1 for part in version.split(".")]


def _root_of(path: Path) -> Path | None:
    """The folder that holds the content which `path` is, or is a part of."""
    resolved = path.resolve()
    for root in (resolved, *resolved.parents):
        for folder in (root / name for name in FOLDERS):
            inside = resolved == root or resolved.is_relative_to(folder)
            if inside and any(folder.rglob("*.yaml")):
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
    panels: dict[tuple[str, str], Panel] = field(default_factory=dict)
    message_words: dict[str, Revealing] = field(default_factory=dict)

    def library(self) -> Library:
        # Protocols name instruments and their optional items; the conditions of instruments and
        # rules ask about facts that protocols name. So the instruments' files are parsed first, but
        # understood only after the protocols.
        folders = sorted(folder for folder in self.root.glob("instruments/*/*") if folder.is_dir())
        trees = self._trees(folders)
        self._read_panels()
        self._read_message_words()
        self._read_protocols(
            {folder.parent.name: self._optional_items(trees.get(folder)) for folder in folders},
            ViewNames(codes_by_instrument(trees), licensed=licensed_instruments(trees)),
        )
        facts = self._facts()
        for folder, tree in trees.items():
            with Collected(self.faults):
                self._read_instrument(folder, tree, facts)
        self._refuse_without_rules(trees)
        self._refuse_unread()
        return Library(
            self.instruments,
            self.wordings,
            self.rule_sets,
            self.protocols,
            self.panels,
            self.message_words,
        )

    def _trees(self, folders: list[Path]) -> dict[Path, Node]:
        trees = {}
        for folder in folders:
            path = folder / "instrument.yaml"
            with Collected(self.faults):
                trees[folder] = read(path, path.relative_to(self.root))
        return trees

    def _optional_items(self, tree: Node | None) -> frozenset[str] | None:
        """None where the instrument cannot be read: then a protocol may name any."""
        if tree is not None:
            with Collected(self.faults):
                return optional_items(tree)
        return None

    def _read_panels(self) -> None:
        for path in sorted(self.root.glob("protocols/*/laboratory/*.yaml")):
            with Collected(self.faults):
                panel = read_panel(path, path.relative_to(self.root))
                self.panels[path.parents[1].name, panel.code] = panel

    def _read_message_words(self) -> None:
        for path in sorted(self.root.glob("protocols/*/messages/words.yaml")):
            with Collected(self.faults):
                words = read_message_words(path, path.relative_to(self.root))
                self.message_words[path.parents[1].name] = words

    def _read_protocols(
        self, instruments: Mapping[str, frozenset[str] | None], names: ViewNames
    ) -> None:
        for path in sorted(self.root.glob("protocols/*/*.yaml")):
            with Collected(self.faults):
                known = replace(names, tests=self._tests(path.parent.name))
                protocol = read_protocol(path, instruments, path.relative_to(self.root), known)
                self.protocols.setdefault(protocol.code, {})[protocol.version] = protocol

    def _tests(self, protocol: str) -> dict[str, Collection[str]]:
        """The tests of each panel of a protocol."""
        return {
            code: panel.tests for (trial, code), panel in self.panels.items() if trial == protocol
        }

    def _facts(self) -> Values | None:
        """What a condition may ask about: anything, where a file that could not be read does not
        say which facts there are."""
        if self.faults:
            return None
        protocols: list[Protocol] = []
        for versions in self.protocols.values():
            protocols.extend(versions.values())
        return known_facts(protocols)

    def _read_instrument(self, folder: Path, tree: Node, facts: Values | None) -> None:
        shown = folder.relative_to(self.root)
        instrument = read_instrument(tree, folder / "instrument.yaml", facts)
        code, version = instrument.code, instrument.version
        self.instruments.setdefault(code, {})[version] = instrument
        for language in Language:
            name = f"{language.value}.yaml"
            with Collected(self.faults):
                wording = read_wording(folder / name, shown / name, instrument)
                self.wordings[code, version, language.value] = {wording.version: wording}
        for path in sorted(folder.glob("rules/*.yaml")):
            with Collected(self.faults):
                rule_set = read_rules(path, path.relative_to(self.root), instrument, facts)
                self._add_rules(path.relative_to(self.root), rule_set)

    def _add_rules(self, shown: Path, rule_set: RuleSet) -> None:
        """An evaluation is stored under the rule set's name, so no two versions share one."""
        versions = self.rule_sets.setdefault(rule_set.instrument, {})
        other = versions.setdefault(rule_set.version, rule_set)
        if other is not rule_set:
            reason = f"{rule_set.name} are the rules of version {other.instrument_version} already"
            raise UnsoundContent(shown, 1, reason)

    def _refuse_without_rules(self, folders: Iterable[Path]) -> None:
        """Once an instrument has rules, no version goes without: its answers would be looked at by
        none."""
        for folder in folders:
            if folder.parent.name in self.rule_sets and not any(folder.glob("rules/*.yaml")):
                with Collected(self.faults):
                    reason = "other versions have rules, and this one has none in rules/"
                    raise UnsoundContent(
                        (folder / "instrument.yaml").relative_to(self.root), 1, reason
                    )

    def _refuse_unread(self) -> None:
        """A file that looks like content is never left out without a word."""
        unread: set[Path] = set()
        for folder in FOLDERS:
            unread.update((self.root / folder).rglob("*.y*ml"))
        for place in PLACES:
            unread.difference_update(self.root.glob(place))
        for path in sorted(unread):
            with Collected(self.faults):
                reason = f"nothing reads this file; read are {', '.join(PLACES)}"
                raise UnsoundContent(path.relative_to(self.root), 1, reason)
