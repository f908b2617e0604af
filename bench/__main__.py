"""`python -m bench`: every benchmark, as one table; it takes some fifteen minutes, and fails for no
figure."""

import os

import click

from bench import burst, doors, exports, judging, planning, scoring, searching, sending, tables
from bench.timing import table
from proms.content import load
from proms.settings import HOME


@click.command()
@click.option(
    "--rows",
    default=1_000_000,
    show_default=True,
    help="Of the largest table; others have a tenth and a hundredth.",
)
@click.option(
    "--assignments",
    default=1_000_000,
    show_default=True,
    help="Of the fullest database; others have less.",
)
@click.option(
    "--patients",
    default=10_000,
    show_default=True,
    help="Of the fullest database; others have less.",
)
@click.option("--times", default=5, show_default=True, help="Turns that a median is taken of.")
def main(rows: int, assignments: int, patients: int, times: int) -> None:
    """Measure the product against its peers and print the table."""
    library = load(HOME, stand_ins=True)
    sizes = [max(1, rows // part) for part in (100, 10, 1)]
    # The processes first: they take the memory that the large tables in this one would hold.
    measured = [*tables.figures(library, sizes, times), *scoring.figures(library, sizes, times)]
    # An export row has some 250 cells: a tenth of the rows is work enough.
    measured += exports.figures(library, [max(1, size // 10) for size in sizes], times)
    crowds = [max(1, assignments // part) for part in (100, 1)]
    measured += planning.figures(library, [planning.ONES, patients], crowds, times)
    measured += searching.figures(max(1, patients // 2), times)
    measured += judging.figures(library, times)
    measured += sending.figures(library, crowds, times)
    measured += doors.figures(library, times)
    measured += burst.figures(library, times)
    cores = os.cpu_count()
    click.echo(
        f"Processor time, medians of {times} in turn, {cores} cores. A pace above 1 is faster than the peer.\n"
    )
    click.echo(table(measured))


main()
