"""The sites of a simulated trial side by side: a process each, as many at a time as there are
processors."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from proms import logs
from proms.db.migrate import upgrade
from proms.demo.trial import Report, Trial, play_site

EMPTY = "empty.db"
REPORT_EVERY = 7  # days
Progress = Callable[[int], None]  # told how many days are over, those of all sites together


class Broken(Exception):
    """A site could not be played to its end; its own words are on stderr."""


def play(trial: Trial, folder: Path, processes: int, progress: Progress) -> Report:
    """Play every site of the trial in `folder` and add up what came of them, in the order of the
    sites."""
    upgrade(f"sqlite:///{folder / EMPTY}")
    days = dict.fromkeys(range(trial.sites), 0)

    def told(number: int, over: int) -> None:
        days[number] = over
        progress(sum(days.values()))

    def one(number: int) -> Report:
        path = folder / f"site-{number + 1}.db"
        shutil.copyfile(folder / EMPTY, path)
        return _in_its_own_process(trial, number, path, told)

    whole = Report()
    # A thread only waits for its site's process.
    with ThreadPoolExecutor(max_workers=processes) as crew:
        for report in crew.map(one, range(trial.sites)):
            whole.add(report)
    (folder / EMPTY).unlink()
    return whole


def _in_its_own_process(
    trial: Trial, number: int, path: Path, told: Callable[[int, int], None]
) -> Report:
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_play, args=(trial, number, path, there), daemon=True)
    process.start()
    there.close()
    try:
        while not isinstance(said := here.recv(), Report):
            told(number, said)
    except EOFError:
        raise Broken(f"site {number + 1} was not played to its end") from None
    finally:
        process.join()
    return said


def _play(trial: Trial, number: int, path: Path, there: Connection) -> None:
    logs.configure()

    def over(days: int) -> None:
        if days % REPORT_EVERY == 0 or days == trial.days:
            there.send(days)

    there.send(play_site(trial, number, path, over))
