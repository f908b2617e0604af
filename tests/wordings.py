"""Licensed wordings that nobody licensed: invented words, made and installed by the product's own commands."""

import atexit
import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from click.testing import CliRunner, Result

from proms.cli import main

Row = dict[str, str]
LICENSED = ("qlq-c30", "qlq-lmc21", "qlq-cr29", "eq-5d-5l")
LICENCE = ("--licence", "EORTC-2026-0042", "--granted", "2026-01-01")


def invented(row: Row, language: str) -> str:
    """Words that can be told apart, and are on no form."""
    place = " ".join(filter(None, (row["part"], row["items"].split(" ")[0], row["variant"], row["option"])))
    return f"[{language}] verzonnen {place}"


def content(*words: str, packs: Path | None = None) -> Result:
    """`proms content ...`, with its packs in this folder."""
    return CliRunner().invoke(main, ["content", *map(str, words)], env={"PROMS_PACKS": str(packs or "")})


def rows_of(instrument: str, language: str) -> list[Row]:
    """The rows that are to be filled in."""
    table = content("template", instrument, "--language", language).stdout
    return list(csv.DictReader(io.StringIO(table, newline="")))


def write_table(path: Path, rows: Iterable[Row], **how: str) -> Path:
    """A table as a spreadsheet writes it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["part", "items", "variant", "option", "about", "text"], **how)  # type: ignore[arg-type]
        table.writeheader()
        table.writerows(rows)
    return path


def filled_in(
    folder: Path, instrument: str, language: str = "nl", text: Callable[[Row, str], str] = invented, **how: str
) -> Path:
    """A table of an instrument with a text in every row."""
    rows = [row | {"text": text(row, language)} for row in rows_of(instrument, language)]
    return write_table(folder / f"{instrument}.{language}.csv", rows, **how)


def make_pack(out: Path, *tables: Path, wording: str = "1") -> Path:
    made = content("pack", *map(str, tables), *LICENCE, "--wording", wording, "-o", str(out))
    assert made.exit_code == 0, made.stderr
    return out


def install(pack: Path, packs: Path) -> None:
    done = content("install", str(pack), packs=packs)
    assert done.exit_code == 0, done.stderr


@cache
def licensed_packs() -> Path:
    """A folder with a wording of every licensed instrument in both languages, for the whole run."""
    folder = Path(tempfile.mkdtemp(prefix="proms-packs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    packs = folder / "packs"
    for instrument in LICENSED:
        tables = [filled_in(folder, instrument, language) for language in ("nl", "en")]
        install(make_pack(folder / f"{instrument}.zip", *tables), packs)
    return packs
