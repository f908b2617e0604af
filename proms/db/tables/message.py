"""Messages: every decision to send or hold, what is owed and how it ended, and the links they
carry."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from proms.db.tables.partial import partial_index

# Sent, without a word of how it ended, and not asked about.
UNREPORTED = "state = 'sent' AND channel = 'sms' AND looked_up_at IS NULL"


class MessageDecision(SQLModel, table=True):
    """Send or hold, with the reason: the answer to "why did she get no message?".

    One a pack and step; those that one message carries, or that were held together, are
    `decided_with` the first of them. A step that was held or lost is decided again: its next
    `turn`. A step whose day has not come has no row.
    """

    __tablename__ = "message_decision"
    __table_args__ = (
        UniqueConstraint("patient_id", "event", "number", "step", "opens", "turn"),
        partial_index("ix_message_decided_with", "decided_with", where="decided_with IS NOT NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    kind: str = Field(max_length=16)
    event: str | None = Field(default=None, max_length=32)
    number: int | None = None
    step: int | None = None
    opens: date | None = None
    turn: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    purpose: str | None = Field(default=None, max_length=16)
    decided_with: int | None = Field(default=None, foreign_key="message_decision.id")
    verdict: str = Field(max_length=8)
    reason: str | None = Field(default=None, max_length=32)
    decided_at: datetime


class SiteDigest(SQLModel, table=True):
    """A morning on which a site was told how many patients wait, or that none did: once a day."""

    __tablename__ = "site_digest"
    __table_args__ = (UniqueConstraint("site_id", "day"),)

    id: int = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id")
    day: date
    patients: int
    decided_at: datetime


class Delivery(SQLModel, table=True):
    """One message to one address by one channel; its text is made when it leaves, because it
    carries a fresh link."""

    __table_args__ = (
        UniqueConstraint("decision_id", "channel"),
        UniqueConstraint("alert_id", "staff_id", "step", "channel"),
        Index("ix_delivery_due_at", "due_at"),
        partial_index("ix_delivery_dead", "settled_at", where="state = 'dead'"),
        partial_index("ix_delivery_unreported", "settled_at", where=UNREPORTED),
        partial_index("ix_delivery_owed", "due_at", where="state IN ('due', 'sending', 'unknown')"),
    )

    id: int = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    channel: str = Field(max_length=8)
    decision_id: int | None = Field(default=None, foreign_key="message_decision.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    alert_id: int | None = Field(default=None, foreign_key="alert.id", index=True)
    step: int = 1
    state: str = Field(max_length=16)
    due_at: datetime
    send_until: datetime
    leased_until: datetime | None = None
    attempted_at: datetime | None = None  # of the claim it is in: before the first byte leaves
    attempts: int = 0
    sid: str | None = Field(default=None, max_length=64)
    error: str | None = Field(default=None, max_length=64)
    created_at: datetime
    settled_at: datetime | None = None
    unclear_since: datetime | None = None  # the attempt whose outcome is not known
    absent_at: datetime | None = None  # when the provider first said that it has no such message
    resent_at: datetime | None = None  # once only: nobody could say whether it had left
    looked_up_at: datetime | None = None  # once only: no report had come that it arrived
    counted_on: date | None = None  # the day of its site that it took room in


class SiteTexts(SQLModel, table=True):
    """How many texts the patients of a site were sent on its day, one row a site; once as many as
    there may be, it is full until it ends, and so many are `held`."""

    __tablename__ = "site_texts"

    site_id: int = Field(primary_key=True, foreign_key="site.id")
    day: date
    texts: int = 0
    held: int = 0
    full_since: datetime | None = None
    full_until: datetime | None = None


class DeliveryReport(SQLModel, table=True):
    """One thing the provider said of a message that it took, by its own name for it: each once."""

    __tablename__ = "delivery_report"
    __table_args__ = (UniqueConstraint("sid", "said"),)

    id: int = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id", index=True)
    sid: str = Field(max_length=64)
    said: str = Field(max_length=16)
    error: str | None = Field(default=None, max_length=16)
    at: datetime


class ChannelTrouble(SQLModel, table=True):
    """How often in a row a channel's provider failed; while it is open only a probe is sent, the
    next one at `probe_at`."""

    __tablename__ = "channel_trouble"

    channel: str = Field(primary_key=True, max_length=8)
    failures: int = 0
    open_since: datetime | None = None
    probe_at: datetime | None = None


class ChannelPause(SQLModel, table=True):
    """Nothing is sent to this contact of a patient until the pause is lifted: since when, and
    why."""

    __tablename__ = "channel_pause"
    __table_args__ = (
        partial_index(
            "ux_channel_pause_holds", "contact_id", where="lifted_at IS NULL", unique=True
        ),
    )

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    contact_id: int = Field(foreign_key="contact.id")
    channel: str = Field(max_length=8)
    why: str = Field(max_length=16)
    since: datetime
    lifted_at: datetime | None = None


class Link(SQLModel, table=True):
    """A patient's link: 130 random bits of which only the hash is kept; valid until it expires or
    is revoked. `contact_id` is where it was sent, if it was."""

    id: int = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    # For one sitting on a tablet of the hospital.
    handed_over: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
