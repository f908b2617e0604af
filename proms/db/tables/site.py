"""Sites, the people who work there, and who is logged in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint, false
from sqlmodel import Field, SQLModel


class Site(SQLModel, table=True):
    """A hospital taking part: its time zone, its telephone numbers, the name it chose to stand at
    the head of its messages, and whether its patients have a PIN."""

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=16)
    name: str = Field(max_length=200)
    timezone: str = Field(default="Europe/Amsterdam", max_length=64)
    phone: str = Field(max_length=32)  # day and night
    study_phone: str = Field(max_length=32)
    sender: str | None = Field(default=None, max_length=32)
    pin_use: str = Field(
        default="offered", max_length=16, sa_column_kwargs={"server_default": "offered"}
    )
    pin_use_at: datetime | None = None  # when that was decided, and by whom of its staff
    pin_use_by: int | None = None
    opened_at: datetime


class SiteFact(SQLModel, table=True):
    """What a fact about a site is from a day on, in the version that holds; one without a value
    takes it back. Before the first the protocol says what is so."""

    __tablename__ = "site_fact"
    __table_args__ = (UniqueConstraint("site_id", "fact", "since", "version"),)

    id: int = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id")
    fact: str = Field(max_length=32)
    since: date
    version: int = 1
    value: str | None = Field(default=None, max_length=32)
    reason: str = Field(max_length=500)
    recorded_at: datetime
    recorded_by: int | None = Field(default=None, foreign_key="staff.id")


class SiteRoster(SQLModel, table=True):
    """A site's roster in the version that holds, the last; its people are ids of staff."""

    __tablename__ = "site_roster"
    __table_args__ = (UniqueConstraint("site_id", "version"),)

    id: int = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id")
    version: int
    document: dict[str, Any] = Field(sa_type=JSON)
    reason: str = Field(max_length=500)
    recorded_at: datetime
    recorded_by: int | None = Field(default=None, foreign_key="staff.id")


class Staff(SQLModel, table=True):
    """A person working at a site, with one role; never deleted, only deactivated.

    Her log-in name is found by its digest (`Keyring.digests`); what it is stands sealed.
    """

    id: int = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    login_digest: str = Field(unique=True, max_length=100)
    role: str = Field(max_length=16)
    language: str = Field(default="nl", max_length=2)
    password_hash: str
    active: bool = True
    created_at: datetime
    deactivated_at: datetime | None = None


class Login(SQLModel, table=True):
    """A staff member's open session, by cookie or bearer token; only the token's hash is kept, and
    of where it was begun a keyed hash of address and device."""

    id: int = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    address: str | None = Field(default=None, max_length=64)
    device: str | None = Field(default=None, max_length=64)


class FailedLogins(SQLModel, table=True):
    """How many wrong passwords of late have something in common: the name tried, the address, a
    person's own device.

    `counted` is a keyed hash of it; a row goes a day after its last wrong password.
    """

    __tablename__ = "failed_logins"

    counted: str = Field(primary_key=True, max_length=64)
    failures: int
    last_at: datetime = Field(index=True)


class PatientVisit(SQLModel, table=True):
    """A patient's open session on one device, begun by a tap on a link."""

    __tablename__ = "patient_visit"

    id: int = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    link_id: int = Field(foreign_key="link.id")
    language: str = Field(max_length=2)
    created_at: datetime
    ended_at: datetime | None = None
    # On a tablet of the hospital, for one sitting.
    handed_over: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    pin_at: datetime | None = None  # when its PIN was given, and last used since
