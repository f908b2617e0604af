"""A licensed wording as it travels: a manifest with the licence, and one table a language with its
checksum."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import yaml

from proms.content.library import Library
from proms.content.source import Node, UnsoundContent, parse
from proms.content.wording_table import TextPlace, WordingPart, WordingTable, read_table
from proms.domain.instrument import Instrument, Item, Licence, Wording
from proms.domain.person import Language

FORMAT = 1
MANIFEST = "manifest.yaml"
KEYS = ("pack", "instrument", "version", "wording", "licence", "languages")
VERSION = re.compile(r"\d+(\.\d+)*")
LONGEST_VERSION = 16
FILE = re.compile(r"\w[\w .()-]{0,99}\.csv", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}")
Files = Mapping[str, bytes]
Tables = Mapping[str, tuple[str, bytes]]  # language -> file name and content


class Listed(NamedTuple):
    """A table as the manifest names it."""

    file: str
    sha256: str
    line: int


@dataclass(frozen=True)
class WordingPack:
    """A sound pack: what it words, by which licence, in which languages."""

    instrument: Instrument
    wording: str
    licence: Licence
    sums: Mapping[str, str]  # language -> checksum of its table
    wordings: tuple[Wording, ...]
    files: Files

    @property
    def name(self) -> str:
        """One name for one content: a pack that differs in a byte has another."""
        whole = hashlib.sha256()
        for name, written in sorted(self.files.items()):
            whole.update(f"{name}\0{len(written)}\0".encode() + written)
        return f"{self.instrument.code}-{self.instrument.version}-{self.wording}-{whole.hexdigest()[:16]}"

    def __str__(self) -> str:
        languages = ", ".join(self.sums)
        return f"{self.instrument.code} {self.instrument.version}, wording {self.wording} ({languages})"


def read_pack(files: Files, named: Path, library: Library) -> WordingPack:
    """The pack in these files; raises UnsoundContent with file, line and reason for the first that
    does not fit."""
    manifest = named / MANIFEST
    if MANIFEST not in files:
        raise UnsoundContent(named, 1, f"here is no {MANIFEST}")
    root = parse(files[MANIFEST], manifest)
    root.mapping(needed=KEYS, allowed=())
    if root["pack"].integer() != FORMAT:
        root["pack"].fail(f"this program reads packs of the form {FORMAT}")
    instrument = _instrument(root, library)
    wording, licence = _version(root["wording"]), _licence(root["licence"], instrument)
    listed = _listed(root["languages"])
    _refuse_other_files(files, listed, named)
    wordings = []
    for language, each in listed.items():
        table = WordingTable(
            _written(each, files, manifest),
            named / each.file,
            instrument,
            library.stand_in(instrument, language),
        )
        wordings.append(_wording(table, wording, licence))
    sums = {language: table.sha256 for language, table in listed.items()}
    return WordingPack(instrument, wording, licence, sums, tuple(wordings), files)


def manifest_of(
    instrument: Instrument, wording: str, licence: Licence, tables: Mapping[str, tuple[str, bytes]]
) -> bytes:
    """The manifest for these tables (language -> file name and content)."""
    languages = {
        language: {"file": name, "sha256": checksum(written)}
        for language, (name, written) in sorted(tables.items())
    }
    whole = {
        "pack": FORMAT,
        "instrument": instrument.code,
        "version": instrument.version,
        "wording": wording,
        "licence": {
            "licensor": licence.licensor,
            "reference": licence.reference,
            "granted": licence.granted,
        },
        "languages": languages,
    }
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True).encode()


def checksum(written: bytes) -> str:
    return hashlib.sha256(written).hexdigest()


def _instrument(root: Node, library: Library) -> Instrument:
    code, version = root["instrument"].text(), root["version"].text()
    if code not in library.instruments:
        known = ", ".join(sorted(library.instruments))
        root["instrument"].fail(f"there is no instrument {code!r} here; known are: {known}")
    versions = library.instruments[code]
    if version not in versions:
        root["version"].fail(
            f"there is no version {version!r} of {code} here; known are: {', '.join(versions)}"
        )
    if versions[version].licensor is None:
        root["instrument"].fail(f"{code} needs no licensed wording: its words are our own")
    return versions[version]


def _version(node: Node) -> str:
    version = node.text()
    if not VERSION.fullmatch(version) or len(version) > LONGEST_VERSION:
        node.fail(
            f"a version of digits and dots is expected, such as 1 or 2.1, at most {LONGEST_VERSION} characters"
        )
    return version


def _licence(node: Node, instrument: Instrument) -> Licence:
    node.mapping(needed=("licensor", "reference", "granted"), allowed=())
    licensor, granted = node["licensor"].text(), node["granted"]
    if licensor != instrument.licensor:
        node["licensor"].fail(
            f"the wording of {instrument.code} is licensed by {instrument.licensor}"
        )
    day = granted.value
    if not isinstance(day, date) or isinstance(day, datetime):
        granted.fail("a date is expected, such as 2026-01-31")
    return Licence(licensor, node["reference"].text(), day)


def _listed(node: Node) -> dict[str, Listed]:
    """The tables, by language."""
    known = [each.value for each in Language]
    listed: dict[str, Listed] = {}
    for language, each in node.mapping().items():
        if language not in known:
            each.fail(f"there is no language {language!r} here; known are: {', '.join(known)}")
        each.mapping(needed=("file", "sha256"), allowed=())
        file, sha256 = each["file"].text(), each["sha256"].text()
        if not SHA256.fullmatch(sha256):
            each["sha256"].fail("64 digits from 0 to f are expected")
        if not FILE.fullmatch(file):
            each["file"].fail("a file name is expected, such as nl.csv")
        if file in {other.file for other in listed.values()}:
            each["file"].fail("each language has a table of its own")
        listed[language] = Listed(file, sha256, each["file"].line)
    return listed or node.fail("a pack has at least one language")


def _refuse_other_files(files: Files, listed: Mapping[str, Listed], named: Path) -> None:
    expected = {MANIFEST, *(each.file for each in listed.values())}
    for name in sorted(set(files) - expected):
        raise UnsoundContent(named / name, 1, f"{MANIFEST} does not name this file")


def _written(listed: Listed, files: Files, manifest: Path) -> bytes:
    """What a table holds, which is what it held when the pack was made."""
    written = files.get(listed.file)
    if written is None:
        raise UnsoundContent(manifest, listed.line, f"the file {listed.file} is not in the pack")
    if checksum(written) != listed.sha256:
        reason = f"its checksum is not the one in {MANIFEST}: the file was changed after the pack was made"
        raise UnsoundContent(manifest.parent / listed.file, 1, reason)
    return written


def _wording(table: WordingTable, version: str, licence: Licence) -> Wording:
    """The texts as a wording; the few words for tables and charts of the hospital stay our own."""
    texts, own = read_table(table), table.stand_in
    variants: dict[str, dict[str, str]] = {}
    options: dict[str, dict[str, str]] = {}
    for place, text in texts.items():
        if place.variant:
            variants.setdefault(place.item, {})[place.variant] = text
        if place.part is WordingPart.OPTION:
            options.setdefault(place.item, {})[place.option] = text
    return Wording(
        instrument=own.instrument,
        instrument_version=own.instrument_version,
        version=version,
        language=own.language,
        title=texts[TextPlace(WordingPart.TITLE)],
        short_title=texts[TextPlace(WordingPart.SHORT_TITLE)],
        items={item.code: texts[_last(item)] for item in table.instrument.items},
        options=options,
        variants=variants,
        head=texts.get(TextPlace(WordingPart.HEAD), ""),
        recall=texts.get(TextPlace(WordingPart.RECALL), ""),
        recalls=_by_item(texts, WordingPart.RECALL),
        hints=_by_item(texts, WordingPart.HINT),
        labels={**own.items, **own.labels},
        digest=checksum(table.written),
        licence=licence,
    )


def _last(item: Item) -> TextPlace:
    """The words of an item whose variant nobody asked for are those of its last."""
    return TextPlace(WordingPart.ITEM, item.code, item.variants[-1].code if item.variants else "")


def _by_item(texts: Mapping[TextPlace, str], part: WordingPart) -> dict[str, str]:
    return {place.item: text for place, text in texts.items() if place.part is part and place.item}
