#!/usr/bin/env bash
# APScheduler 3.11.3: CalendarIntervalTrigger, the trigger for "every 14 days at 09:00" (it keeps 09:00 across summer time, which
# IntervalTrigger does not), gives as its first time the start date even when that is past. With jobs in memory each
# restart of the worker so runs the reminder of the first day once more (misfire_grace_time=None), or drops it with a
# warning; IntervalTrigger with the same start date waits for its next turn. Guess before: the next turn from now, as
# cron and interval give. So ask the trigger for times after the last run that the database knows, or keep what is due
# in the database and let the scheduler only tick.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "apscheduler==3.11.3" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timedelta
from importlib.metadata import version
from threading import Event
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.calendarinterval import CalendarIntervalTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

zone = ZoneInfo("Europe/Amsterdam")
start, restart = datetime(2026, 3, 16, 9, tzinfo=zone), datetime(2026, 3, 20, 12, tzinfo=zone)
print("APScheduler", version("apscheduler"))
triggers = {
    "calendar": CalendarIntervalTrigger(weeks=2, hour=9, start_date=start, timezone=zone),
    "interval": IntervalTrigger(weeks=2, start_date=start, timezone=zone),
    "cron": CronTrigger(day_of_week="mon", hour=9, start_date=start, timezone=zone),
}
first = {name: each.get_next_fire_time(None, restart).isoformat() for name, each in triggers.items()}
print("first turn, started on 20 March:", first)
assert first == {
    "calendar": "2026-03-16T09:00:00+01:00",
    "interval": "2026-03-30T10:00:00+02:00",
    "cron": "2026-03-23T09:00:00+01:00",
}
second = triggers["calendar"].get_next_fire_time(start, restart)
assert second.isoformat() == "2026-03-30T09:00:00+02:00"

ran = Event()
begun = datetime.now(zone) - timedelta(days=3)
scheduler = BackgroundScheduler(timezone=zone)
scheduler.add_job(
    ran.set,
    CalendarIntervalTrigger(weeks=2, hour=9, start_date=begun, timezone=zone),
    misfire_grace_time=None,
)
scheduler.start()
print("three days late, at the start of the worker: ran", ran.wait(10))
assert ran.is_set()
assert scheduler.get_jobs()[0].next_run_time > datetime.now(zone)
scheduler.shutdown()
PYTHON
