"""Licensed wordings that nobody licensed: invented words, made and installed by the product's own
functions."""

import atexit
import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path

from click.testing import CliRunner, Result

from proms.cli import main
from proms.content import load
from proms.content.pack_files import files_of
from proms.content.shelf import install as put_on_shelf
from proms.content.shelf import write_whole
from proms.content.wording_pack import MANIFEST, manifest_of, read_pack
from proms.content.wording_table import template
from proms.domain.instrument import Licence
from proms.settings import HOME

Row = dict[str, str]
LICENSED = ("qlq-c30", "qlq-lmc21", "qlq-cr29", "eq-5d-5l")
OWN = load(HOME)


def invented(row: Row, language: str) -> str:
    """Words that can be told apart, and are on no form."""
    place = " ".join(
        filter(None, (row["part"], row["items"].split(" ")[0], row["variant"], row["option"]))
    )
    return f"[{language}] verzonnen {place}"


def content(*words: str, packs: Path | None = None) -> Result:
    """`proms content ...`, with its packs in this folder."""
    return CliRunner().invoke(
        main, ["content", *map(str, words)], env={"PROMS_PACKS": str(packs or "")}
    )


def rows_of(instrument: str, language: str) -> list[Row]:
    """The rows that are to be filled in."""
    known = OWN.instrument(instrument)
    table = template(known, OWN.stand_in(known, language), excel=False)
    return list(csv.DictReader(io.StringIO(table, newline="")))


def write_table(path: Path, rows: Iterable[Row], **how: str) -> Path:
    """A table as a spreadsheet writes it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["part", "items", "variant", "option", "about", "text"], **how)  # type: ignore[arg-type]
        table.writeheader()
        table.writerows(rows)
    return path


def filled_in(
    folder: Path,
    instrument: str,
    language: str = "nl",
    text: Callable[[Row, str], str] = invented,
    **how: str,
) -> Path:
    """A table of an instrument with a text in every row."""
    rows = [row | {"text": text(row, language)} for row in rows_of(instrument, language)]
    return write_table(folder / f"{instrument}.{language}.csv", rows, **how)


def make_pack(out: Path, *tables: Path, wording: str = "1") -> Path:
    """A pack in a folder, as `proms content pack` makes it; raises UnsoundContent."""
    instrument = OWN.instrument(tables[0].name.split(".")[0])
    licence = Licence(instrument.licensor or "", "REF-2026-0042", date(2026, 1, 1))
    written = {path.name.split(".")[1]: (path.name, path.read_bytes()) for path in tables}
    files = dict(written.values()) | {MANIFEST: manifest_of(instrument, wording, licence, written)}
    read_pack(files, Path(), OWN)
    write_whole(files, out)
    return out


def install(pack: Path, packs: Path) -> bool:
    """What `proms content install` does; raises UnsoundContent."""
    named = Path(pack.name)
    return put_on_shelf(read_pack(files_of(pack), named, OWN), packs, OWN, named)


@cache
def licensed_packs() -> Path:
    """A folder with a wording of every licensed instrument in both languages, for the whole run."""
    folder = Path(tempfile.mkdtemp(prefix="proms-packs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    packs = folder / "packs"
    for instrument in LICENSED:
        tables = [filled_in(folder, instrument, language) for language in ("nl", "en")]
        install(make_pack(folder / instrument, *tables), packs)
    return packs
