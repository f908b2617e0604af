"""The sites of this installation."""

from sqlmodel import Session, col, select

from proms.db.tables import Site


def every_site(session: Session) -> list[Site]:
    """Every site, in order of its name."""
    return list(session.exec(select(Site).order_by(col(Site.name))))


def lock_site(session: Session, site_id: int) -> Site | None:
    """The site, if there is one; until the commit nobody else locks it."""
    # Not for update: that would also hold up every row that points at the site.
    return session.exec(
        select(Site).where(Site.id == site_id).with_for_update(key_share=True)
    ).first()
