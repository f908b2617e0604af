"""`proms content`: is this content sound, and the way of a licensed wording from a table to the
screen."""

import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path

import click

from proms import clock
from proms.cli.edge import BAD_INPUT, guarded, say_not_asked
from proms.content import Library, Shelf, load
from proms.content import check as faults_in
from proms.content.pack_files import files_of
from proms.content.shelf import install as put_on_shelf
from proms.content.shelf import write_whole
from proms.content.wording_pack import MANIFEST, Files, WordingPack, manifest_of, read_pack
from proms.content.wording_table import template as empty_table
from proms.domain.instrument import Instrument, Licence
from proms.domain.person import Language
from proms.refusal import Refusal
from proms.settings import HOME, content_folder, packs_folder

LANGUAGES = click.Choice([language.value for language in Language])
ZIP = ".zip"
BEFORE_ALL = (1980, 1, 1, 0, 0, 0)  # the same files make the same zip, whenever it is made


class NoPack(Refusal):
    """The pack cannot be made; the text says why."""

    code = "no_pack"


@click.group()
def command() -> None:
    """Instruments, rules, protocols, and licensed wordings."""


@command.command("check")
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=HOME)
@guarded
def check(path: Path) -> None:
    """Check PATH; print file, line and reason of every fault.

    PATH is a folder with instruments/ and protocols/, a part of one, or a pack of licensed wording.
    Without PATH also what is installed here is checked.
    """
    if path.suffix == ZIP or any(path.glob(MANIFEST)) or any(path.glob(f"*/{MANIFEST}")):
        click.echo(f"The pack is sound: {_pack_at(path, _own())}.")
        return
    faults = faults_in(path)
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        raise SystemExit(BAD_INPUT)
    if path != HOME:
        click.echo("The content is sound.")
        return
    # Before anything is said: a pack on the shelf that cannot be used is a fault too.
    shelf = Shelf(load(HOME), packs_folder(os.environ))
    click.echo("The content is sound.")
    say_not_asked(shelf.library())


@command.command("template")
@click.argument("instrument")
@click.option("--language", type=LANGUAGES, required=True, help="The language of the wording.")
@click.option(
    "--excel", is_flag=True, help="With semicolons and marked as UTF-8, as a Dutch Excel opens it."
)
@guarded
def template(instrument: str, *, language: str, excel: bool) -> None:
    """Print the table to fill in for INSTRUMENT, as CSV: what the licensor's document says goes in
    the column text."""
    library = _own()
    licensed = _licensed(library, instrument)
    table = empty_table(licensed, library.stand_in(licensed, language), excel=excel)
    # As bytes: neither the terminal's encoding nor its line ends may change the table.
    click.echo(table.encode(), nl=False)


@command.command("pack")
@click.argument(
    "tables", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--instrument",
    help="The instrument; left out, the first part of the file name: qlq-c30.nl.csv.",
)
@click.option(
    "--language",
    type=LANGUAGES,
    help="The language of a single table, if its file name does not end in it.",
)
@click.option(
    "--licence", required=True, metavar="REFERENCE", help="The licensor's reference of the licence."
)
@click.option(
    "--granted", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day it was granted."
)
@click.option(
    "--wording", required=True, help="The version of this wording: digits and dots, such as 1."
)
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The new folder or .zip to write.",
)
@guarded
def pack(
    tables: tuple[Path, ...],
    out: Path,
    *,
    instrument: str | None,
    language: str | None,
    licence: str,
    granted: datetime,
    wording: str,
) -> None:
    """Make a pack of the TABLES that were filled in, one a language, with the licence they are used
    under."""
    library = _own()
    licensed = _licensed(library, instrument or tables[0].name.split(".")[0])
    granted_on = granted.date()
    if granted_on > clock.now().date():
        raise NoPack(f"a licence granted on {granted_on} is not in force yet")
    if out.exists():
        raise NoPack(f"{out} is there already; nothing is written over")
    written = _by_language(tables, language)
    terms = Licence(licensed.licensor or "", licence.strip(), granted_on)
    files = dict(written.values())
    files[MANIFEST] = manifest_of(licensed, wording, terms, written)
    # Read as an installation will read it: what would be refused there is never written.
    new_pack = read_pack(files, Path(), library)
    with _writing():
        _write(files, out)
    click.echo(f"Made {out}: {new_pack}.")


@command.command("install")
@click.argument("path", metavar="PACK", type=click.Path(path_type=Path))
@guarded
def install(path: Path) -> None:
    """Install the licensed wording in PACK, a folder or a zip: all of it or, where anything does
    not fit, nothing."""
    library = _own()
    folder = packs_folder(os.environ)
    new_pack = _pack_at(path, library)
    with _writing():
        is_new = put_on_shelf(new_pack, folder, library, Path(path.name))
    if is_new:
        click.echo(f"Installed {new_pack}. What runs on this machine uses it from now on.")
    else:
        click.echo(f"{new_pack} was installed before; nothing changed.")


def _own() -> Library:
    """The content of this installation, without what is installed beside it."""
    return load(content_folder(os.environ))


@contextmanager
def _writing() -> Iterator[None]:
    """A folder that cannot be written to is said in one line."""
    try:
        yield
    except OSError as error:
        raise NoPack(
            f"{error.filename or 'the pack'} cannot be written: {error.strerror}"
        ) from None


def _pack_at(path: Path, library: Library) -> WordingPack:
    return read_pack(files_of(path), Path(path.name), library)


def _licensed(library: Library, code: str) -> Instrument:
    """The instrument whose wording is licensed."""
    licensed = [name for name in sorted(library.instruments) if library.instrument(name).licensor]
    if code not in licensed:
        raise NoPack(f"there is no licensed instrument {code!r}; there are: {', '.join(licensed)}")
    return library.instrument(code)


def _by_language(tables: tuple[Path, ...], language: str | None) -> dict[str, tuple[str, bytes]]:
    """Language -> name and content of its table."""
    if language and len(tables) > 1:
        raise NoPack(
            "--language goes with a single table; let the names of several end in .nl.csv, .en.csv"
        )
    written: dict[str, tuple[str, bytes]] = {}
    for path in tables:
        own = language or _language_in_name(path)
        if own not in list(Language):
            raise NoPack(
                f"{path.name} does not end in a language, as in .nl.csv; name it with --language"
            )
        if own in written:
            raise NoPack(f"{path.name} is the second table in the language {own}")
        written[own] = path.name, path.read_bytes()
    return written


def _language_in_name(path: Path) -> str:
    """The `nl` of qlq-c30.nl.csv; empty where the name has no such part."""
    return Path(path.stem).suffix.removeprefix(".")


def _write(files: Files, out: Path) -> None:
    """The pack at its place: whole, or not there."""
    if not out.parent.is_dir():
        raise NoPack(f"there is no folder {out.parent}")
    if out.suffix != ZIP:
        write_whole(files, out)
        return
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, BEFORE_ALL), content, zipfile.ZIP_DEFLATED)
    # Under another name until it is whole; a rename in one folder happens at once or not at all.
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    unfinished.write_bytes(packed.getvalue())
    unfinished.rename(out)
