"""`proms rescore`: the stored scores under the current scoring version, and a table of what that
changes."""

import csv
import sys

import click

from proms import clock
from proms.actions.audit import OPERATOR
from proms.actions.scores import Rescored, rescore
from proms.cli.edge import guarded
from proms.cli.opened import opened
from proms.domain.score import ScaleScore

COLUMNS = (
    "response",
    "scale",
    "old_scoring_version",
    "old_value",
    "new_value",
    "old_answered",
    "new_answered",
)


@click.command()
@click.option("--dry-run", is_flag=True, help="Write nothing, only tell what would change.")
@guarded
def command(dry_run: bool) -> None:
    """Score every response version under the current scoring version; print each score that differs
    as CSV.

    Old values are kept. It may be stopped, started again, and run while patients answer.
    """
    with opened() as installation:
        rescored = rescore(
            installation.database,
            installation.library,
            by=OPERATOR,
            now=clock.now(),
            dry_run=dry_run,
        )
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(_row(score) for score in rescored)


def _row(rescored: Rescored) -> tuple[object, ...]:
    """The cells of COLUMNS."""
    difference = rescored.difference
    return (
        rescored.response_id,
        difference.scale,
        rescored.version,
        _value(difference.old),
        _value(difference.new),
        _answered(difference.old),
        _answered(difference.new),
    )


def _value(score: ScaleScore | None) -> str:
    """A score's value with all its digits; empty where there is none."""
    if score is None or score.value is None:
        return ""
    return repr(score.value)


def _answered(score: ScaleScore | None) -> int | str:
    return "" if score is None else score.answered
