"""The code in a test message: made when it leaves, kept as a hash, good for a few minutes and a few
tries."""

import secrets
import string
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest

from sqlmodel import Session, col, select

from proms.db.keyring import Keyring
from proms.db.tables import Contact, ContactCode

DIGITS = 4
# Four digits are guessed in one of 10,000 tries: five are taken, and five messages a day.
MOST_TRIES = 5
GOOD_FOR = timedelta(minutes=30)


class CodeFault(StrEnum):
    """Why a code does not confirm anything."""

    WRONG = "wrong"
    NONE_GOOD = "none_good"


def new_code(session: Session, keyring: Keyring, contact: Contact, now: datetime) -> str:
    """A code for a message that is about to leave, in the running transaction."""
    code = "".join(secrets.choice(string.digits) for _ in range(DIGITS))
    session.add(
        ContactCode(
            contact_id=contact.id,
            code_hash=_hash(keyring, contact, code),
            created_at=now,
            expires_at=now + GOOD_FOR,
        )
    )
    return code


def try_code(
    session: Session, keyring: Keyring, contact: Contact, code: str, now: datetime
) -> CodeFault | None:
    """Whether this is a code that was sent there of late; each wrong one counts against all that
    are still good, and the right one uses them up. The caller commits, also what was wrong."""
    good = _good(session, contact, now)
    if not good:
        return CodeFault.NONE_GOOD
    hashed = _hash(keyring, contact, code)
    # A message may have been sent twice, or she reads an earlier one: any of them is hers.
    right = any([compare_digest(row.code_hash, hashed) for row in good])
    for row in good:
        if right:
            row.expires_at = now
        else:
            row.tries += 1
    return None if right else CodeFault.WRONG


def _good(session: Session, contact: Contact, now: datetime) -> Sequence[ContactCode]:
    rows = (
        select(ContactCode)
        .where(
            ContactCode.contact_id == contact.id,
            col(ContactCode.expires_at) > now,
            col(ContactCode.tries) < MOST_TRIES,
        )
        .order_by(col(ContactCode.id))
        # Of two who try at once the second waits for what the first counts.
        .with_for_update()
    )
    return session.exec(rows).all()


def _hash(keyring: Keyring, contact: Contact, code: str) -> str:
    return keyring.hashed(f"contact {contact.id} code {code}")
