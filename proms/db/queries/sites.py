"""The sites of this installation."""

from sqlmodel import Session, col, select

from proms.db.tables import Site


def every_site(session: Session) -> list[Site]:
    """Every site, in order of its name."""
    return list(session.exec(select(Site).order_by(col(Site.name))))
