"""What a request stands on: its parts, its time, its session, its person."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

from flask import current_app, g
from sqlmodel import Session

from proms import clock
from proms.actions.access import OpenVisit
from proms.content import Library
from proms.db.keyring import Keyring
from proms.db.queries.demo_time import offset
from proms.db.session import Database, Together
from proms.db.tables import Patient, Staff
from proms.domain.protocol import MessagePlan
from proms.parts import Parts


def parts() -> Parts:
    return cast(Parts, current_app.extensions["parts"])


def library() -> Library:
    """The content, the same for the whole request."""
    if "library" not in g:
        g.library = parts().library
    return cast(Library, g.library)


def message_plans() -> dict[tuple[str, int], MessagePlan]:
    """How each version of each protocol has messages sent."""
    every = (each for versions in library().protocols.values() for each in versions.values())
    return {(protocol.code, protocol.version): protocol.messages for protocol in every}


def keyring() -> Keyring:
    return parts().keyring


def now() -> datetime:
    """The request's instant, asked once; in a demo it is demo time."""
    if "now" not in g:
        ahead = timedelta()
        if parts().settings.demo:
            with parts().database.reading() as session:
                ahead = offset(session)
        g.now = clock.now() + ahead
    return cast(datetime, g.now)


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads."""
    with _database().reading() as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """A session for one action."""
    # A call that is done once begins its transaction here, and goes on in it.
    begin = g.pop("before_first_write", None)
    if begin:
        begin()
    with _database().writing() as session:
        yield session


def _database() -> Database | Together:
    """The database, or the one transaction that this request is in."""
    together: Together | None = g.get("together")
    return together or parts().database


def current_staff() -> Staff:
    """The staff member who is logged in; only on routes the guard gives to staff."""
    return cast(Staff, g.staff)


def patient_if_any() -> Patient | None:
    """The patient whose device this is; None where staff reads."""
    return cast("Patient | None", g.get("patient"))


def came_by() -> int | None:
    """The link that this device was opened with."""
    return current_visit().visit.link_id if "visit" in g else None


def current_patient() -> Patient:
    """The patient whose device this is; only on routes the guard gives to patients."""
    return cast(Patient, g.patient)


def current_visit() -> OpenVisit:
    """The visit of this device, with whether its patient has a PIN; only on routes the guard gives
    to patients."""
    return cast(OpenVisit, g.visit)
