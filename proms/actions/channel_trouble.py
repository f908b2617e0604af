"""A channel whose provider fails is left alone but for a probe now and then; its state is a row, so
that every worker sees the same."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from proms.channels import Accepted, Outcome, Refused
from proms.db.append_only import append_missing
from proms.db.tables import ChannelTrouble
from proms.domain.person import ContactKind
from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.retry import Trouble, after_failure

# A probe whose worker dies is followed by another.
PROBE_LEASE = timedelta(minutes=1)


def open_channels(session: Session) -> list[str]:
    """The channels on which only a probe is sent."""
    opened = select(ChannelTrouble.channel).where(
        col(ChannelTrouble.channel).in_(list(ContactKind)),
        col(ChannelTrouble.open_since).is_not(None),
    )
    return list(session.exec(opened).all())


def may_probe(session: Session, channel: str, now: datetime) -> bool:
    """Whether one message may be tried on an open channel now; the row is held until the caller
    commits, so that no other worker probes too."""
    held = select(ChannelTrouble).where(ChannelTrouble.channel == channel)
    row = session.exec(held.with_for_update(skip_locked=True)).first()
    return row is not None and not _trouble(row).blocks(now)


def begin_probe(session: Session, channel: str, now: datetime) -> None:
    """One message is on its way; the next probe comes after it."""
    session.get_one(ChannelTrouble, channel).probe_at = now + PROBE_LEASE


def note_outcome(
    session: Session, channel: str, outcome: Outcome, now: datetime, limits: OutboxLimits
) -> None:
    """What an outcome says of the provider: whoever answers about one address is well."""
    refused = isinstance(outcome, Refused) and outcome.about_provider
    failed = refused or not isinstance(outcome, Accepted | Refused)
    if not failed:
        _mend(session, channel)
        return
    row = hold_channel(session, channel)
    now_is = after_failure(_trouble(row), now, limits)
    row.failures, row.open_since, row.probe_at = (
        now_is.failures,
        now_is.open_since,
        now_is.probe_at,
    )


def hold_channel(session: Session, channel: str) -> ChannelTrouble:
    """The channel's row, for this transaction alone."""
    append_missing(session, ChannelTrouble, [{"channel": channel, "failures": 0}])
    return session.get_one(ChannelTrouble, channel, with_for_update=True, populate_existing=True)


def _mend(session: Session, channel: str) -> None:
    """All is well: nothing is written where nothing was wrong."""
    row = session.get(ChannelTrouble, channel)
    if row is None or not row.failures:
        return
    session.refresh(row, with_for_update=True)
    row.failures, row.open_since, row.probe_at = 0, None, None


def _trouble(row: ChannelTrouble) -> Trouble:
    return Trouble(row.failures, row.open_since, row.probe_at)
