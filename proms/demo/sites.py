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
Progress = Callable[[int], None]  # is given how many days are over, those of all sites together


class Broken(Exception):
    """A site could not be played to its end; its own words are on stderr."""


def play(trial: Trial, folder: Path, processes: int, progress: Progress) -> Report:
    """Play every site of the trial in `folder` and add up what came of them, in the order of the
    sites."""
    upgrade(f"sqlite:///{folder / EMPTY}")
    days_over = dict.fromkeys(range(trial.sites), 0)

    def report_days(number: int, days: int) -> None:
        days_over[number] = days
        progress(sum(days_over.values()))

    def play_one(number: int) -> Report:
        path = folder / f"site-{number + 1}.db"
        shutil.copyfile(folder / EMPTY, path)
        return _play_in_own_process(trial, number, path, report_days)

    total = Report()
    # A thread only waits for its site's process.
    with ThreadPoolExecutor(max_workers=processes) as crew:
        for report in crew.map(play_one, range(trial.sites)):
            total.add(report)
    (folder / EMPTY).unlink()
    return total


def _play_in_own_process(
    trial: Trial, number: int, path: Path, report_days: Callable[[int, int], None]
) -> Report:
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_play_and_send, args=(trial, number, path, sender), daemon=True
    )
    process.start()
    # The child has its own copy; while this one is open the end of the child is no end of file.
    sender.close()
    try:
        # The number of days that are over, now and then, and the report in the end.
        while not isinstance(message := receiver.recv(), Report):
            report_days(number, message)
    except EOFError:
        raise Broken(f"site {number + 1} was not played to its end") from None
    finally:
        process.join()
    return message


def _play_and_send(trial: Trial, number: int, path: Path, sender: Connection) -> None:
    logs.configure()

    def over(days: int) -> None:
        if days % REPORT_EVERY == 0 or days == trial.days:
            sender.send(days)

    sender.send(play_site(trial, number, path, over))
