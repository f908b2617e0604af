"""What the commands that take a hospital's own file share: what is said beside the file, and how it
is read."""

import os
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import click

from proms.actions.refusals import FieldFault, Incomplete
from proms.content import Library, load
from proms.domain.protocol import Protocol
from proms.settings import content_folder, protocol_code

Command = TypeVar("Command", bound=Callable[..., Any])
Table = TypeVar("Table")


def takes_file(example: Callable[[Library, Protocol], str]) -> Callable[[Command], Command]:
    """The file, its site and how it is taken; `example` is the file that --template prints."""

    def show_template(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted:
            library = load(content_folder(os.environ))
            protocol = library.protocol(protocol_code(os.environ))
            click.echo(example(library, protocol), nl=False)
            context.exit()

    options = (
        click.argument("file", type=click.File("rb")),
        click.option(
            "--site", "code", required=True, help="The site whose patients the file is about."
        ),
        click.option(
            "--dry-run",
            is_flag=True,
            help="Say what it would do to each patient, and change nothing.",
        ),
        click.option(
            "--reason",
            default="",
            help="Kept beside every row that gives none; corrections need one.",
        ),
        click.option(
            "--day-first", is_flag=True, help="Dates such as 3-4-2026 begin with the day."
        ),
        click.option(
            "--template",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=show_template,
            help="Print one.",
        ),
    )

    def add_options(command: Command) -> Command:
        # As decorators would: the one that is written first is put on last.
        for option in reversed(options):
            command = option(command)
        return command

    return add_options


def table_in(file: BinaryIO, read: Callable[..., Table], *, day_first: bool) -> Table:
    """The table that `read` makes of the file; - is standard input."""
    try:
        return read(file.read(), day_first=day_first)
    except OSError as error:
        raise Incomplete(
            "file", FieldFault.UNREADABLE_FILE, name=file.name, error=error.strerror
        ) from None
