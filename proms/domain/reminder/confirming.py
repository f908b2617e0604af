"""How long a telephone number counts as a patient's: numbers are given to others after a while."""

from datetime import datetime

from proms.domain.person import ContactKind
from proms.domain.protocol import MessagePlan


def lapses_at(plan: MessagePlan, kind: str, shown_at: datetime | None) -> datetime | None:
    """When a number counts as hers no longer; None where it never did, or does for good: an e-mail
    address goes to nobody else."""
    if plan.confirm_again is None or shown_at is None or kind != ContactKind.SMS:
        return None
    return shown_at + plan.confirm_again.after


def is_overdue(plan: MessagePlan, kind: str, shown_at: datetime | None, now: datetime) -> bool:
    """Whether nobody confirmed a number again in the time that her site has for it."""
    lapse = lapses_at(plan, kind, shown_at)
    return (
        lapse is not None
        and plan.confirm_again is not None
        and (lapse + plan.confirm_again.within <= now)
    )


def is_held(plan: MessagePlan, kind: str, shown_at: datetime | None, now: datetime) -> bool:
    """Whether her protocol wants nothing sent there, since nobody confirmed it, or confirmed it
    again in time."""
    if not plan.hold_unconfirmed:
        return False
    return shown_at is None or is_overdue(plan, kind, shown_at, now)
