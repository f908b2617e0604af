"""Everything the content folders hold, in every version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from proms.content.instruments import read_instrument, read_wording
from proms.content.protocols import read_protocol
from proms.content.rules import read_rules
from proms.content.source import UnsoundContent
from proms.domain.alert import RuleSet
from proms.domain.instrument import Instrument, Wording
from proms.domain.person import Language
from proms.domain.protocol import Protocol


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
    return _assembled(root, faults=None)


def check(root: Path) -> list[UnsoundContent]:
    """Every file's first fault, so that a clinician can mend them in one go."""
    faults: list[UnsoundContent] = []
    _assembled(root, faults)
    return faults


def current(versions: Mapping[str, object]) -> str:
    """The highest of versions like 0.1, 0.2, 0.10."""
    return max(versions, key=lambda version: [int(part) if part.isdigit() else 0 for part in version.split(".")])


def _assembled(root: Path, faults: list[UnsoundContent] | None) -> Library:
    instruments: dict[str, dict[str, Instrument]] = {}
    wordings: dict[tuple[str, str, str], Wording] = {}
    rule_sets: dict[str, dict[str, RuleSet]] = {}
    for path in sorted(root.glob("instruments/*/*/instrument.yaml")):
        with _Collected(faults):
            instrument = read_instrument(path, path.relative_to(root))
            _refuse_misplaced(path, root, instrument)
            instruments.setdefault(instrument.code, {})[instrument.version] = instrument
            for language in Language:
                with _Collected(faults):
                    file = path.with_name(f"{language.value}.yaml")
                    wording = read_wording(file, file.relative_to(root), instrument)
                    wordings[instrument.code, instrument.version, language.value] = wording
            for rules in sorted(path.parent.glob("rules/*.yaml")):
                with _Collected(faults):
                    rule_set = read_rules(rules, rules.relative_to(root), instrument)
                    rule_sets.setdefault(instrument.code, {})[rule_set.version] = rule_set
    protocols = dict(_protocols(root, frozenset(instruments), faults))
    return Library(instruments, wordings, rule_sets, protocols)


def _protocols(
    root: Path, instruments: frozenset[str], faults: list[UnsoundContent] | None
) -> Iterator[tuple[str, dict[int, Protocol]]]:
    for folder in sorted(root.glob("protocols/*")):
        versions: dict[int, Protocol] = {}
        for path in sorted(folder.glob("*.yaml")):
            with _Collected(faults):
                protocol = read_protocol(path, instruments, path.relative_to(root))
                versions[protocol.version] = protocol
        if versions:
            yield folder.name, versions


def _refuse_misplaced(path: Path, root: Path, instrument: Instrument) -> None:
    code, version = path.parts[-3:-1]
    if (instrument.code, instrument.version) != (code, version):
        reason = f"the folder says {code} {version}, the file {instrument.code} {instrument.version}"
        raise UnsoundContent(path.relative_to(root), 1, reason)


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
