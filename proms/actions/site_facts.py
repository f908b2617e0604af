"""What a site decides for itself, such as its limit for fever: from which day, by whom and why."""

from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.db.queries.sites import site_named, site_values_on
from proms.db.tables import Site, SiteFact
from proms.domain.protocol import Protocol


class SiteFactChange(NamedTuple):
    """A value that holds at a site from a day on; without one, what was recorded of that day is
    taken back."""

    fact: str
    since: date
    value: str | None
    reason: str


def site_at(session: Session, code: str) -> Site:
    """The site of this code, as somebody typed it."""
    site = site_named(session, code)
    if site is None:
        raise NotFound(f"There is no site with the code {code}.")
    return site


def record_site_fact(
    session: Session,
    protocol: Protocol,
    change: SiteFactChange,
    *,
    site: str,
    by: Actor,
    now: datetime,
) -> SiteFact:
    """Record what holds at a site from a day on, or put right what was recorded of that day.

    Answers sent from that day on are judged by it; those judged before stay as they were.
    """
    owner = site_at(session, site)
    _refuse(protocol, change)
    same_day = select(func.max(SiteFact.version)).where(
        SiteFact.site_id == owner.id, SiteFact.fact == change.fact, SiteFact.since == change.since
    )
    last = session.exec(same_day).one()
    if change.value is None and last is None:
        raise Incomplete("since", FieldFault.NOTHING_TO_TAKE_BACK, day=change.since)
    before = site_values_on(session, protocol, owner.id, change.since)[change.fact]
    if change.value == before:
        raise Incomplete("value", FieldFault.ON_RECORD)
    row = SiteFact(
        site_id=owner.id,
        fact=change.fact,
        since=change.since,
        version=(last or 0) + 1,
        value=change.value,
        reason=change.reason.strip(),
        recorded_at=now,
        recorded_by=by.staff_id,
    )
    session.add(row)
    session.flush()
    detail = {"fact": row.fact, "since": row.since.isoformat(), "value": row.value}
    subject = Subject("site_fact", row.id, site_id=owner.id)
    record(session, "site.fact_recorded", subject, by=by, now=now, reason=row.reason, **detail)
    session.commit()
    return row


def _refuse(protocol: Protocol, change: SiteFactChange) -> None:
    known_values = protocol.site_facts.get(change.fact)
    if known_values is None:
        known = ", ".join(sorted(protocol.site_facts))
        raise Incomplete("fact", FieldFault.UNKNOWN_SITE_FACT, fact=change.fact, known=known)
    if change.value is not None and change.value not in known_values:
        values = ", ".join(known_values)
        raise Incomplete("value", FieldFault.SITE_FACT_VALUE, value=change.value, values=values)
    if not change.reason.strip():
        raise Incomplete("reason", FieldFault.NO_REASON)


def site_fact_versions(session: Session, site: str) -> list[SiteFact]:
    """Everything that was ever recorded of a site, in the order it was."""
    owner = site_at(session, site)
    rows = select(SiteFact).where(SiteFact.site_id == owner.id).order_by(col(SiteFact.id))
    return list(session.exec(rows))
