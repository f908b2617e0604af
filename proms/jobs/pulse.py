"""APScheduler as pulse only: interval jobs in memory, no job per patient, no job store."""

import signal
from datetime import UTC
from functools import partial

from apscheduler.schedulers.blocking import BlockingScheduler

from proms.jobs.ticks import DEMO_TICKS, TICKS, Rhythm, Work, run


def build(work: Work) -> BlockingScheduler:
    """A scheduler whose every job looks for what is due; a late tick runs at once, and only
    once."""
    once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BlockingScheduler(timezone=UTC, job_defaults=once)
    for name, rhythm in _ticks(work).items():
        seconds = rhythm.in_demo if work.demo else rhythm.seconds
        job = partial(run, name, rhythm.tick, work)
        scheduler.add_job(job, "interval", id=name, seconds=seconds)
    return scheduler


def work_until_stopped(work: Work) -> None:
    """Tick until a signal asks to stop; a tick under way is finished."""
    scheduler = build(work)
    for name, rhythm in _ticks(work).items():
        run(name, rhythm.tick, work)
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: scheduler.shutdown(wait=False))
    scheduler.start()


def _ticks(work: Work) -> dict[str, Rhythm]:
    if work.demo:
        return TICKS | DEMO_TICKS
    return TICKS
