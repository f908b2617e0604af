"""Whether the patients of a site have a PIN: nobody, who wants one, or everybody."""

from datetime import datetime

from sqlmodel import Session

from proms.actions.audit import Actor, Subject, record
from proms.actions.refusals import FieldFault, Incomplete
from proms.db.tables import Site
from proms.domain.pin import PinUse


def choose_pin_use(session: Session, use: PinUse, *, site: Site, by: Actor, now: datetime) -> None:
    """Have it so at this site from now on; raises Incomplete where it is so already. It takes
    nobody's PIN away: what a patient closed stays closed."""
    held = session.get_one(Site, site.id)
    before = held.pin_use
    if before == use:
        raise Incomplete("use", FieldFault.ON_RECORD)
    held.pin_use, held.pin_use_at, held.pin_use_by = use, now, by.staff_id
    subject = Subject("site", held.id, site_id=held.id)
    record(session, "site.pin_use_changed", subject, by=by, now=now, before=before, use=use)
    session.commit()
