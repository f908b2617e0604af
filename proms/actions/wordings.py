"""What patients may be asked has changed: a licensed wording was installed, or is gone."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, or_, select

from proms.actions.audit import WORKER, Subject, record
from proms.db.tables import Offered, Patient
from proms.domain.person import PatientStatus

# Nowhere on Earth has a day begun that is further behind.
BEHIND = timedelta(hours=12)


def follow_wordings(
    session: Session, offered: Collection[tuple[str, str]], *, now: datetime
) -> int:
    """Let the plan of every active patient be renewed today, if patients may be asked something
    else than before.

    Returns of how many. A worker that was down sees the difference when it starts; of two, the
    first writes it down.
    """
    # The table has one row, and it is the lock: a second worker waits here, then reads what the
    # first has written down.
    last = session.exec(select(Offered).with_for_update()).one()
    wordings = sorted(f"{instrument} {language}" for instrument, language in offered)
    if last.wordings == wordings:
        session.rollback()
        return 0
    count = _renew_today(session, (now - BEHIND).date())
    record(
        session,
        "wordings.changed",
        Subject("offered", last.id),
        by=WORKER,
        now=now,
        gained=sorted(set(wordings) - set(last.wordings)),
        lost=sorted(set(last.wordings) - set(wordings)),
        patients=count,
    )
    last.wordings = wordings
    last.changed_at = now
    session.commit()
    return count


def _renew_today(session: Session, today: date) -> int:
    later = or_(col(Patient.replan_on).is_(None), col(Patient.replan_on) > today)
    wanted = select(Patient).where(col(Patient.status) == PatientStatus.ACTIVE, later)
    patients = session.exec(wanted.with_for_update()).all()
    for patient in patients:
        patient.replan_on = today
    return len(patients)
