"""APScheduler as pulse only: interval jobs in memory, no job per patient, no job store."""

import signal
from datetime import UTC
from functools import partial
from time import sleep
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from proms.jobs.ticks import DEMO_TICKS, TICKS, Rhythm, Work, run

LOOK_SECONDS = 0.2


def build(work: Work) -> BackgroundScheduler:
    """A scheduler whose every job looks for what is due; a late tick runs at once, and only
    once."""
    once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=once)
    for name, rhythm in _ticks(work).items():
        seconds = rhythm.in_demo if work.demo else rhythm.seconds
        job = partial(run, name, rhythm.tick, work)
        scheduler.add_job(job, "interval", id=name, seconds=seconds)
    return scheduler


def work_until_stopped(work: Work) -> None:
    """Tick until a signal asks to stop, at whatever moment; a tick under way is finished."""
    asked = False

    # It only takes note: what a handler interrupts may hold the very lock that a shutdown needs.
    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    for name, rhythm in _ticks(work).items():
        if asked:
            return
        run(name, rhythm.tick, work)
    scheduler = build(work)
    scheduler.start()
    while not asked:
        sleep(LOOK_SECONDS)
    scheduler.shutdown()


def _ticks(work: Work) -> dict[str, Rhythm]:
    if work.demo:
        return TICKS | DEMO_TICKS
    return TICKS
