"""`proms rescore`: the stored scores under the current scoring version, and a table of what that
changes."""

import csv
import sys
from collections.abc import Iterator

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
    with opened() as made:
        found = rescore(made.database, made.library, by=OPERATOR, now=clock.now(), dry_run=dry_run)
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(_cells(found))


def _cells(found: Iterator[Rescored]) -> Iterator[tuple[object, ...]]:
    for each in found:
        old, new = _pair(each.difference.old), _pair(each.difference.new)
        yield (
            each.response_id,
            each.difference.scale,
            each.version,
            old[0],
            new[0],
            old[1],
            new[1],
        )


def _pair(score: ScaleScore | None) -> tuple[object, object]:
    """Value and number answered, as cells; empty where there is none."""
    return (
        ("", "")
        if score is None
        else ("" if score.value is None else repr(score.value), score.answered)
    )
