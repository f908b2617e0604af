"""The coordinator's verbs: what happened to a patient, looked at beforehand, then saved with all it
moves."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlmodel import Session, select

from proms.actions.audit import staff_actor
from proms.actions.history_store import ExplainedEntry, Occasion, doubts_about, store_entries
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, HistoryChanged, Incomplete, NotFound
from proms.actions.schedule import Basis, basis_of, zone_of
from proms.content import Library
from proms.db.queries.history import taken_back_of
from proms.db.tables import Patient, Site, Staff
from proms.domain.schedule import Changes, History
from proms.domain.schedule.after_the_end import after_the_end
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
    history_with,
    overturns,
    says_nothing_new,
)
from proms.domain.schedule.history_errors import UnsoundHistory, together

# What the audit trail calls each: stored for 25 years, so a name in the code may change and these
# may not.
VERBS: dict[type[HistoryEntry], str] = {
    MilestoneRecorded: "history.milestonerecorded",
    CycleRecorded: "history.cyclerecorded",
    RegimenChosen: "history.regimenchosen",
    ComponentStopped: "history.componentstopped",
    FactRecorded: "history.factrecorded",
}
# Built once: building a statement takes longer than to run it. The lock makes a second coordinator
# wait until the first has committed; then a patient whom the session has read before is read anew,
# so that she sees the revision the first one saved.
LOCKED = (
    select(Patient, Site.timezone)
    .join(Site)
    .where(Patient.id == bindparam("patient_id"), Patient.site_id == bindparam("site_id"))
    .with_for_update(of=Patient)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class Preview:
    """What an entry would do, the revision of the history it was worked out on, everything odd
    about it, and whether it needs a reason: it overturns that, or says what is so of her person."""

    changes: Changes
    revision: int
    doubts: tuple[UnsoundHistory, ...]
    overturns: bool


def preview_entry(
    session: Session, library: Library, *, patient: Patient, entry: HistoryEntry, now: datetime
) -> Preview:
    """Work out what saving this would do, and change nothing; raises the refusals that no reason
    can overrule."""
    basis = basis_of(session, library, patient, zone=zone_of(session, patient), now=now)
    _refuse_no_news(basis.history, entry)
    after = history_with(basis.history, entry, basis.today)
    _refuse_after_the_end(basis, after, entry)
    return Preview(
        # Raises what may not be; so it comes before the plan, which cannot be made of it.
        doubts=doubts_about(basis.protocol, basis.history, after, basis.today),
        overturns=isinstance(entry, FactRecorded)
        or overturns(basis.history, entry, basis.today, taken_back_of(session, patient)),
        changes=replace(basis, history=after).changes,
        revision=patient.revision,
    )


def record_entry(
    session: Session,
    library: Library,
    *,
    patient_id: int,
    entry: HistoryEntry,
    revision: int,
    reason: str,
    by: Staff,
    now: datetime,
) -> Changes:
    """Save what happened and everything it moves, in one transaction.

    Raises HistoryChanged when somebody saved in between, UnsoundHistory where the dates cannot be,
    or can only be with a reason and none is given (one stands for all that is odd), and Incomplete
    where a fact about her person has no reason or is no news.
    """
    patient, zone = locked_patient(session, patient_id, by.site_id)
    if patient.revision != revision:
        raise HistoryChanged("The history changed since this preview was made.")
    basis = basis_of(session, library, patient, zone=zone, now=now)
    _refuse_no_news(basis.history, entry)
    after = history_with(basis.history, entry, basis.today)
    _refuse_after_the_end(basis, after, entry)
    doubts = doubts_about(basis.protocol, basis.history, after, basis.today)
    given_reason = checked_text("reason", reason) or None
    if isinstance(entry, FactRecorded) and not given_reason:
        raise Incomplete("reason", FieldFault.NO_REASON)
    if doubts and not given_reason:
        raise together(doubts)
    occasion = Occasion(VERBS[type(entry)], staff_actor(by), now, given_reason)
    explained = ExplainedEntry(entry, given_reason)
    changes = store_entries(session, patient, basis, [explained], occasion)
    session.commit()
    return changes


def locked_patient(session: Session, patient_id: int, site_id: int) -> tuple[Patient, ZoneInfo]:
    """The patient, whom nobody else changes until this transaction ends, and the time zone of her
    site; one of another site is as absent as none."""
    row = session.exec(LOCKED, params={"patient_id": patient_id, "site_id": site_id}).first()
    if row is None:
        raise NotFound("There is no such patient.")
    patient, timezone = row
    return patient, ZoneInfo(timezone)


def _refuse_no_news(history: History, entry: HistoryEntry) -> None:
    if isinstance(entry, FactRecorded) and says_nothing_new(history, entry):
        raise Incomplete("value", FieldFault.ON_RECORD)


def _refuse_after_the_end(basis: Basis, after: History, entry: HistoryEntry) -> None:
    """What happened before she died or withdrew may still be recorded; what came after may not."""
    objection = after_the_end(basis.protocol, basis.history, after, entry)
    if objection:
        raise objection
