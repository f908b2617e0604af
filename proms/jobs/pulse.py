"""APScheduler as pulse only: interval jobs in memory, no job per patient, no job store."""

import signal
from dataclasses import replace
from datetime import UTC
from functools import partial
from time import sleep
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from proms import clock
from proms.actions.tick_states import keep_ticks
from proms.jobs.ticks import DEMO_TICKS, OUTSIDE, TICKS, Rhythm, Work, run

LOOK_SECONDS = 0.2


def build(work: Work) -> BackgroundScheduler:
    """A scheduler whose every job looks for what is due, first at once; a late tick runs at once,
    and only once."""
    once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    ticks = _ticks(work)
    # A thread for each: a tick that waits for a provider holds up none of the others.
    threads = {"default": ThreadPoolExecutor(len(ticks))}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=once, executors=threads)
    for name, rhythm in ticks.items():
        seconds = rhythm.in_demo if work.demo else rhythm.seconds
        job = partial(run, name, rhythm.tick, work)
        scheduler.add_job(job, "interval", id=name, seconds=seconds, next_run_time=clock.now())
    return scheduler


def work_until_stopped(work: Work) -> None:
    """Tick until a signal asks to stop, at whatever moment; what is under way is finished, what
    else is due is left to the next worker."""
    asked = False

    # It only takes note: what a handler interrupts may hold the very lock that a shutdown needs.
    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    with work.database.writing() as session:
        keep_ticks(session, list(_ticks(work)))
    scheduler = build(replace(work, stopping=lambda: asked))
    scheduler.start()
    while not asked:
        sleep(LOOK_SECONDS)
    scheduler.shutdown()


def _ticks(work: Work) -> dict[str, Rhythm]:
    outside = OUTSIDE if work.switch else {}
    if work.demo:
        return TICKS | outside | DEMO_TICKS
    return TICKS | outside
