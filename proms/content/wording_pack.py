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
LANGUAGES = [language.value for language in Language]
KEYS = ("pack", "instrument", "version", "wording", "licence", "languages")
VERSION = re.compile(r"\d+(\.\d+)*")
LONGEST_VERSION = 16
FILE = re.compile(r"\w[\w .()-]{0,99}\.csv", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}")
Files = Mapping[str, bytes]
Tables = Mapping[str, tuple[str, bytes]]  # language -> file name and content


class ListedTable(NamedTuple):
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
        instrument = f"{self.instrument.code}-{self.instrument.version}"
        return f"{instrument}-{self.wording}-{whole.hexdigest()[:16]}"

    def __str__(self) -> str:
        languages = ", ".join(self.sums)
        instrument = f"{self.instrument.code} {self.instrument.version}"
        return f"{instrument}, wording {self.wording} ({languages})"


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
    version = _wording_version(root["wording"])
    licence = _licence(root["licence"], instrument)
    listed_tables = _listed_tables(root["languages"])
    _refuse_other_files(files, listed_tables, named)
    sums: dict[str, str] = {}
    wordings: list[Wording] = []
    for language, listed in listed_tables.items():
        table = WordingTable(
            written=_written(listed, files, manifest),
            named=named / listed.file,
            instrument=instrument,
            stand_in=library.stand_in(instrument, language),
        )
        sums[language] = listed.sha256
        wordings.append(_wording(table, version, licence))
    return WordingPack(instrument, version, licence, sums, tuple(wordings), files)


def manifest_of(instrument: Instrument, wording: str, licence: Licence, tables: Tables) -> bytes:
    """The manifest for these tables."""
    languages = {}
    for language, (name, written) in sorted(tables.items()):
        languages[language] = {"file": name, "sha256": checksum(written)}
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
    """The instrument that a pack words: one of ours, in a version of ours, and licensed."""
    code = root["instrument"].text()
    version = root["version"].text()
    if code not in library.instruments:
        codes = ", ".join(sorted(library.instruments))
        root["instrument"].fail(f"there is no instrument {code!r} here; known are: {codes}")
    versions = library.instruments[code]
    if version not in versions:
        root["version"].fail(
            f"there is no version {version!r} of {code} here; known are: {', '.join(versions)}"
        )
    if versions[version].licensor is None:
        root["instrument"].fail(f"{code} needs no licensed wording: its words are our own")
    return versions[version]


def _wording_version(node: Node) -> str:
    version = node.text()
    if not VERSION.fullmatch(version) or len(version) > LONGEST_VERSION:
        node.fail(
            f"a version of digits and dots is expected, such as 1 or 2.1, at most {LONGEST_VERSION} characters"
        )
    return version


def _licence(node: Node, instrument: Instrument) -> Licence:
    node.mapping(needed=("licensor", "reference", "granted"), allowed=())
    licensor = node["licensor"].text()
    if licensor != instrument.licensor:
        node["licensor"].fail(
            f"the wording of {instrument.code} is licensed by {instrument.licensor}"
        )
    granted = node["granted"].value
    # A moment is a date too, in Python; a licence is granted on a day.
    if not isinstance(granted, date) or isinstance(granted, datetime):
        node["granted"].fail("a date is expected, such as 2026-01-31")
    return Licence(licensor, node["reference"].text(), granted)


def _listed_tables(node: Node) -> dict[str, ListedTable]:
    """The tables that the manifest names, by language."""
    tables: dict[str, ListedTable] = {}
    taken: set[str] = set()
    for language, entry in node.mapping().items():
        if language not in LANGUAGES:
            entry.fail(f"there is no language {language!r} here; known are: {', '.join(LANGUAGES)}")
        table = _listed_table(entry)
        if table.file in taken:
            entry["file"].fail("each language has a table of its own")
        taken.add(table.file)
        tables[language] = table
    if not tables:
        node.fail("a pack has at least one language")
    return tables


def _listed_table(node: Node) -> ListedTable:
    node.mapping(needed=("file", "sha256"), allowed=())
    file = node["file"].text()
    sha256 = node["sha256"].text()
    if not SHA256.fullmatch(sha256):
        node["sha256"].fail("64 digits from 0 to f are expected")
    if not FILE.fullmatch(file):
        node["file"].fail("a file name is expected, such as nl.csv")
    return ListedTable(file, sha256, node["file"].line)


def _refuse_other_files(files: Files, tables: Mapping[str, ListedTable], named: Path) -> None:
    others = set(files) - {MANIFEST} - {table.file for table in tables.values()}
    if others:
        raise UnsoundContent(named / min(others), 1, f"{MANIFEST} does not name this file")


def _written(listed: ListedTable, files: Files, manifest: Path) -> bytes:
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
    texts = read_table(table)
    own = table.stand_in
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
        items={item.code: texts[_item_place(item)] for item in table.instrument.items},
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


def _item_place(item: Item) -> TextPlace:
    """Where the words of an item stand; where it has variants, those of its last, which is for
    everybody else."""
    variant = item.variants[-1].code if item.variants else ""
    return TextPlace(WordingPart.ITEM, item.code, variant)


def _by_item(texts: Mapping[TextPlace, str], part: WordingPart) -> dict[str, str]:
    """Item -> text, of the rows of this part that name an item."""
    by_item = {}
    for place, text in texts.items():
        if place.part is part and place.item:
            by_item[place.item] = text
    return by_item
