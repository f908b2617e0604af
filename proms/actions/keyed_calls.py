"""A write of the API that comes twice under one key is done once, and answered twice alike."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from proms.actions.refusals import KeyReused
from proms.db.append_only import append_missing
from proms.db.keyring import Keyring
from proms.db.tables import KeyedCall

KEPT = timedelta(days=7)  # a hospital's queue may stand still over a weekend


class CameBefore(Exception):
    """The same call is on record since this one looked."""


@dataclass(frozen=True)
class Call:
    """Who calls, the key it came under, and all that was asked, as one text."""

    caller: str
    key: str
    asked: str


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def answer_to(session: Session, keyring: Keyring, call: Call, *, now: datetime) -> Answer | None:
    """What was answered when this call came first, if it did within seven days; raises KeyReused
    where the key came with something else."""
    row = _row(session, keyring, call)
    if row is None or row.answer is None or row.at <= now - KEPT:
        return None
    if row.asked_digest != keyring.hashed(call.asked):
        raise KeyReused("This key came with another call before; a new call needs a new key.")
    return Answer(**json.loads(keyring.unseal(row.answer, place=_place(row))))


def begin_call(session: Session, keyring: Keyring, call: Call, *, now: datetime) -> None:
    """Take the key, in the transaction that will do what is asked; raises CameBefore where another
    has it. Of two at once the second waits here until the first is done."""
    key = keyring.hashed(call.key)
    same = (col(KeyedCall.caller) == call.caller, col(KeyedCall.key_digest) == key)
    session.exec(delete(KeyedCall).where(*same, col(KeyedCall.at) <= now - KEPT))
    row = {
        "caller": call.caller,
        "key_digest": key,
        "asked_digest": keyring.hashed(call.asked),
        "at": now,
    }
    if not append_missing(session, KeyedCall, [row]):
        raise CameBefore
    session.commit()


def keep_answer(session: Session, keyring: Keyring, call: Call, answer: Answer) -> None:
    """Keep what was answered, sealed: it may hold what only the caller may read."""
    row = _row(session, keyring, call)
    assert row is not None  # begun in this transaction
    row.answer = keyring.seal(json.dumps(asdict(answer)), place=_place(row))
    session.commit()


def forget_calls(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Forget the calls of more than seven days ago; returns how many."""
    old = select(KeyedCall.id).where(col(KeyedCall.at) <= now - KEPT).limit(limit)
    forgotten = session.exec(delete(KeyedCall).where(col(KeyedCall.id).in_(old)))
    session.commit()
    return forgotten.rowcount


def _row(session: Session, keyring: Keyring, call: Call) -> KeyedCall | None:
    return session.exec(
        select(KeyedCall).where(
            KeyedCall.caller == call.caller, KeyedCall.key_digest == keyring.hashed(call.key)
        )
    ).first()


def _place(row: KeyedCall) -> str:
    return f"keyed_call.{row.id}.answer"
