"""What patients texted, opened for those who may read it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from proms.db.keyring import Keyring, Unreadable
from proms.db.tables import Alert, PatientText
from proms.domain.alert.record import TEXTED

SHOWN = 10


class ReadText(NamedTuple):
    """A text in the clear; None where its key is gone."""

    text: str | None
    at: datetime


def texts_waiting(
    session: Session, keyring: Keyring, patient_ids: Collection[int]
) -> dict[int, list[ReadText]]:
    """By patient, what she texted since an alert of it is open, the earliest first."""
    rows = session.exec(
        select(PatientText)
        .join(Alert, col(Alert.patient_id) == PatientText.patient_id)
        .where(
            col(PatientText.patient_id).in_(patient_ids),
            Alert.rule == TEXTED,
            col(Alert.resolved_at).is_(None),
            col(PatientText.at) >= col(Alert.raised_at),
        )
        .order_by(col(PatientText.id))
    )
    texts: dict[int, list[ReadText]] = defaultdict(list)
    for row in rows:
        texts[row.patient_id].append(_read(keyring, row))
    return texts


def texts_of(session: Session, keyring: Keyring, patient_id: int) -> list[ReadText]:
    """The last texts of a patient, the latest first."""
    wanted = select(PatientText).where(PatientText.patient_id == patient_id)
    rows = session.exec(wanted.order_by(col(PatientText.id).desc()).limit(SHOWN))
    return [_read(keyring, row) for row in rows]


def _read(keyring: Keyring, row: PatientText) -> ReadText:
    try:
        return ReadText(keyring.unseal(row.text, place=f"patient_text.{row.id}.text"), row.at)
    except Unreadable:
        return ReadText(None, row.at)
