"""`proms export`: data sets for analysts."""

from collections.abc import Iterable
from typing import BinaryIO

import click

from proms import clock
from proms.actions.audit import OPERATOR
from proms.actions.exports import export_scores
from proms.cli.edge import guarded
from proms.cli.opened import opened
from proms.content import load
from proms.domain.export import codebook
from proms.settings import HOME

OUT = click.option(
    "--out", type=click.File("wb", atomic=True), default="-", help="File to write to [stdout]."
)


@click.group()
def command() -> None:
    """Data sets for analysts: arms pooled, without names, dates or free text."""


@command.command("scores")
@OUT
@guarded
def scores(out: BinaryIO) -> None:
    """The scored data of all sites as CSV: one row a response version."""
    with opened() as installation:
        texts = export_scores(
            installation.database, installation.library, by=OPERATOR, site_id=None, now=clock.now()
        )
        _write(texts, out)


@command.command("codebook")
@OUT
@guarded
def describe(out: BinaryIO) -> None:
    """Every column of the scored data with its meaning, as CSV."""
    _write(codebook(load(HOME)), out)


def _write(texts: Iterable[str], out: BinaryIO) -> None:
    for text in texts:
        out.write(text.encode())
