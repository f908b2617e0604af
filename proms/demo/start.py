"""Set up a demo on its own file: secrets, schema, the invented half year, and a clock that starts
at half past nine."""

import base64
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
from sqlmodel import Session, col, select

from proms import clock
from proms.actions.access import make_link
from proms.db.migrate import upgrade
from proms.db.queries.demo_time import offset
from proms.db.queries.today import answerable_at
from proms.db.session import Database
from proms.db.tables import Assignment, DemoClock, Patient
from proms.db.tables.worker import NOW
from proms.demo.half_year import CHECK, WEEKS, play
from proms.demo.people import PASSWORD, SERVED, STAFF
from proms.domain.reminder import patient_link
from proms.domain.schedule import AssignmentState
from proms.factory import work
from proms.parts import Parts, parts
from proms.settings import KEY_BYTES, from_environment

ZONE = ZoneInfo("Europe/Amsterdam")
OPENING = time(9, 30)


def environment(folder: Path, port: int) -> dict[str, str]:
    """The demo's settings; its secrets are made once and kept beside its data."""
    folder.mkdir(parents=True, exist_ok=True)
    secrets_file = folder / "demo.secrets"
    if not secrets_file.exists():
        key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
        secrets_file.touch(mode=0o600)
        secrets_file.write_text(f"{secrets.token_urlsafe(48)}\nk1:{key}\n")
    secret, keys = secrets_file.read_text().split()
    return {
        "DATABASE_URL": f"sqlite:///{(folder / 'demo.db').resolve()}",
        "PROMS_DEMO": "1",
        "PROMS_LOG_LEVEL": "warning",
        "PROMS_SECRET": secret,
        "PROMS_IDENTITY_KEYS": keys,
        "PROMS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PROMS_SMS_COUNTRIES": ",".join(SERVED.countries),
    }


def first_moment(now: datetime) -> datetime:
    """Half past nine on the nearest working day that has not passed it yet: demo time only runs
    ahead."""
    local = now.astimezone(ZONE)
    day = local.date()
    if local.time() > OPENING:
        day += timedelta(days=1)
    free = holidays.country_holidays("NL", years=range(day.year, day.year + 2))
    while day.weekday() > 4 or day in free:
        day += timedelta(days=1)
    return datetime.combine(day, OPENING, ZONE).astimezone(UTC)


def build(settings: Mapping[str, str]) -> Parts:
    """The demo's parts; a kept database is brought to today's schema, a new one is made, with half
    a year in it."""
    demo_parts = parts(from_environment(settings))
    path = Path(str(demo_parts.settings.database_url).removeprefix("sqlite:///"))
    if path.exists():
        upgrade(str(demo_parts.settings.database_url), keyring=demo_parts.keyring)
        return demo_parts
    # The file gets its name when it is full: a start that was broken off leaves no half demo.
    unfinished = path.with_suffix(".unfinished")
    for stale in path.parent.glob(f"{unfinished.name}*"):
        stale.unlink()
    url = f"sqlite:///{unfinished}"
    upgrade(url)
    unfinished_parts = parts(from_environment({**settings, "DATABASE_URL": url}))
    _fill(unfinished_parts)
    unfinished_parts.database.engine.dispose()
    unfinished.rename(path)
    return demo_parts


def _fill(unfinished: Parts) -> None:
    started = clock.now()
    until = first_moment(started)
    days = play(work(unfinished), unfinished.keyring, until=until)
    for done, _day in enumerate(days, start=1):
        _show_progress(done, WEEKS * 7 + 1)
    with unfinished.database.writing() as session:
        session.add(DemoClock(id=NOW, offset_seconds=(until - clock.now()).total_seconds()))
        session.commit()
    _fold_wal(unfinished.database)


def _fold_wal(database: Database) -> None:
    # The file is renamed: nothing may stay behind in a write-ahead log of the old name.
    connection = database.engine.raw_connection()
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _show_progress(done: int, days: int) -> None:
    """One line that is written over and over; in a file only the last of it."""
    finished = done == days
    if sys.stdout.isatty() or finished:
        percent = 100 * done // days
        end = "\n" if finished else ""
        print(f"\rInventing half a year of clinic: {percent:3} %", end=end, flush=True)


def ready_link(demo_parts: Parts) -> str:
    """The link of a patient who has something open now and has not begun it."""
    with demo_parts.database.writing() as session:
        now = clock.now() + offset(session)
        patient_id = _patient_due(session, now)
        token = make_link(session, demo_parts.keyring, patient_id=patient_id, now=now)
        session.commit()
    return patient_link(demo_parts.settings.public_url, token)


def _patient_due(session: Session, now: datetime) -> int:
    due = (
        select(Assignment.patient_id)
        .join(Patient)
        .where(
            Assignment.state == AssignmentState.PLANNED,
            answerable_at(now),
            Patient.language == "nl",
        )
        .order_by(col(Assignment.instrument) != CHECK, col(Assignment.patient_id))
    )
    patient_id = session.exec(due).first()
    if patient_id is None:
        patient_id = session.exec(select(Patient.id).order_by(col(Patient.id))).first()
    return patient_id or 0


def greeting(demo_parts: Parts, link: str) -> str:
    """What `make demo` prints."""
    url = demo_parts.settings.public_url
    people = "\n".join(f"    {new.role:<14} {new.login} / {PASSWORD}" for new in STAFF)
    return f"""
The demo runs at {url}

  A patient's link   {link}
  The demo's phone   {url}/demo/inbox
  Staff              {url}/staff/
{people}
  API                {url}/api/docs

Everyone in it is invented. Ctrl-C stops it.
"""
