"""What a patient sent of late, for herself to read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.db.tables import Patient, Response


@dataclass(frozen=True)
class EarlierAnswers:
    """The answers to one assignment in their latest version, and the day they were given on."""

    response: Response
    day: date


def earlier_answers(
    session: Session,
    patient: Patient,
    weeks: Mapping[str, int],
    *,
    today: date,
    zone: ZoneInfo,
    chosen_at: datetime | None = None,
) -> list[EarlierAnswers]:
    """Those of so many weeks, by instrument, the latest day first.

    Where she chose her PIN herself, only what was sent since from a phone: whoever had her link
    then may have chosen it, and must not read by it what was there before, nor what staff typed in.
    """
    longest = today - timedelta(weeks=max(weeks.values(), default=0))
    rows = session.exec(
        select(Response)
        .where(
            Response.patient_id == patient.id,
            col(Response.instrument).in_(list(weeks)),
            # What was typed in later was given on an earlier day, never the other way round.
            col(Response.submitted_at) >= datetime.combine(longest, time(), zone).astimezone(UTC),
        )
        .order_by(col(Response.version), col(Response.id))
    )
    latest = {row.assignment_id: row for row in rows}.values()
    found = [EarlierAnswers(row, row.answered_on(zone)) for row in latest if _hers(row, chosen_at)]
    recent = [
        each
        for each in found
        if each.day > today - timedelta(weeks=weeks[each.response.instrument])
    ]
    return sorted(recent, key=lambda each: (each.day, each.response.submitted_at), reverse=True)


def _hers(response: Response, chosen_at: datetime | None) -> bool:
    """Whether the holder of the PIN may read this."""
    if chosen_at is None:
        return True
    return response.entered_by is None and response.submitted_at > chosen_at
