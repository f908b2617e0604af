"""The people of a site."""

from sqlmodel import Session, col, select

from proms.db.tables import Staff


def staff_of(session: Session, site_id: int) -> list[Staff]:
    """Everybody of the site, those who may log in first, by name."""
    wanted = (
        select(Staff)
        .where(Staff.site_id == site_id)
        .order_by(col(Staff.active).desc(), col(Staff.name))
    )
    return list(session.exec(wanted).all())
