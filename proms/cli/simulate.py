"""`proms simulate`: the whole trial with invented histories, on a simulated clock."""

import csv
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click

from proms.cli.edge import BAD_INPUT, guarded
from proms.demo.census import CensusLine
from proms.demo.sites import Broken, play
from proms.demo.trial import Report, Trial

VIOLATED = 1
BAR = 30
MOST_YEARS = 10  # from the first day of a simulation, within the years of the trial


@click.command()
@click.option(
    "--patients", default=306, show_default=True, type=click.IntRange(1, 5000), help="How many."
)
@click.option(
    "--years",
    default=5.0,
    show_default=True,
    type=click.FloatRange(0.1, MOST_YEARS),
    help="For how long.",
)
@click.option("--seed", default=1, show_default=True, help="Another seed, other histories.")
@click.option(
    "--processes",
    default=None,
    type=click.IntRange(1, 64),
    help="How many at a time. [default: the cores]",
)
@click.option(
    "--out",
    default=None,
    type=click.Path(path_type=Path),
    help="Keep each site's database in this folder.",
)
@guarded
def command(
    patients: int, years: float, seed: int, processes: int | None, out: Path | None
) -> None:
    """Run a whole trial with invented histories and print every count as CSV.

    The same arguments give the same counts. What must always hold is looked at in the end; if
    something does not, it is named and the exit code is 1.
    """
    if isnan(years):
        raise click.BadParameter("nan is no number of years", param_hint="--years")
    trial = Trial(patients, years, seed)
    began = perf_counter()
    bar = ProgressBar(trial.days * trial.sites)
    with _folder(out) as folder:
        try:
            report = play(trial, folder, processes or os.cpu_count() or 1, bar.show)
        except Broken as error:
            raise SystemExit(f"proms: {error}") from None
    _print(report)
    _say_seconds(report, perf_counter() - began)
    for violation in report.violations:
        click.echo(f"proms: {violation}", err=True)
    if report.violations:
        raise SystemExit(VIOLATED)


class ProgressBar:
    """How much of the trial is over, on a terminal."""

    def __init__(self, site_days: int) -> None:
        self.site_days = site_days
        self.shown = -1

    def show(self, done: int) -> None:
        percent = 100 * done // self.site_days
        if percent == self.shown or not sys.stderr.isatty():
            return
        self.shown = percent
        filled = BAR * done // self.site_days
        click.echo(
            f"\r[{'#' * filled}{'.' * (BAR - filled)}] {percent:3} %", err=True, nl=percent == 100
        )


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Where the sites' databases are made: a folder that is kept, or one that is gone
    afterwards."""
    if out is None:
        with TemporaryDirectory(prefix="proms-simulate-") as folder:
            yield Path(folder)
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        click.echo(f"proms: {out} is not an empty folder; nothing in it is overwritten.", err=True)
        raise SystemExit(BAD_INPUT)
    out.mkdir(parents=True, exist_ok=True)
    yield out


def _print(report: Report) -> None:
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow((*CensusLine._fields, "count"))
    rows.writerows((*line, count) for line, count in sorted(report.counts.items()))


def _say_seconds(report: Report, whole: float) -> None:
    longest = sorted(report.seconds.items(), key=lambda entry: -entry[1])
    parts = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in longest)
    click.echo(f"{whole:.0f} s in all; all sites together: {parts}", err=True)
