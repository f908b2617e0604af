"""The sites of this installation, and what each decided for itself."""

from datetime import date

from sqlmodel import Session, col, select

from proms.db.tables import Site, SiteFact
from proms.domain.protocol import Protocol


def every_site(session: Session) -> list[Site]:
    """Every site, in order of its name."""
    return list(session.exec(select(Site).order_by(col(Site.name))))


def lock_site(session: Session, site_id: int) -> Site | None:
    """The site, if there is one; until the commit nobody else locks it."""
    # Not for update: that would also hold up every row that points at the site.
    return session.exec(
        select(Site).where(Site.id == site_id).with_for_update(key_share=True)
    ).first()


def site_named(session: Session, code: str) -> Site | None:
    """The site of this code."""
    return session.exec(select(Site).where(Site.code == code)).first()


def site_values_on(session: Session, protocol: Protocol, site_id: int, day: date) -> dict[str, str]:
    """What the site has decided of every site fact of the protocol, as it holds on a day; the
    protocol's first value where it has decided nothing."""
    values = {code: next(iter(words)) for code, words in protocol.site_facts.items()}
    if not values:
        return values
    rows = session.exec(
        select(SiteFact)
        .where(SiteFact.site_id == site_id, SiteFact.since <= day)
        .order_by(col(SiteFact.since), col(SiteFact.version))
    ).all()
    # Of one day the last version holds: one that takes it back leaves what held before.
    holding = {(row.fact, row.since): row.value for row in rows}
    for (fact, _), value in holding.items():
        if fact in values and value is not None:
            values[fact] = value
    return values
