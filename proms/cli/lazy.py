"""A group of commands each of which is loaded when it is called, so that scoring a file does not
start the web."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Later(NamedTuple):
    """A command that is not loaded yet: what it does in a line, and its module."""

    line: str
    module: str
    name: str = "command"


class Lazy(click.Group):
    """A group that imports a command's module when that command is asked for."""

    def __init__(self, later: Mapping[str, Later], **settings: Any) -> None:
        super().__init__(**settings)
        self.later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.later)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.later:
            return None
        wanted = self.later[cmd_name]
        command: click.Command = getattr(import_module(wanted.module), wanted.name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A name may be of two words, where the first alone is a command that takes a file."""
        two = " ".join(args[:2])
        if two in self.later:
            return two, self.get_command(ctx, two), args[2:]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, later.line) for name, later in self.later.items()])
