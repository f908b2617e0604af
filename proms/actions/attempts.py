"""How often a password may be guessed: waits that grow, and that an outsider cannot put before
somebody's own door.

Where she logged in before, a device or an address, a person has an allowance of her own. All others
who try her name share one, and so do all who come from one address.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, or_
from sqlmodel import Session, col, delete, select

from proms.actions.refusals import TooManyAttempts
from proms.db.append_only import INSERT
from proms.db.keyring import Keyring
from proms.db.tables import FailedLogins, Login, Staff

FORGOTTEN = timedelta(days=1)  # after the last wrong password
REMEMBERED = timedelta(days=180)  # after the last log-in there
MOST_DOUBLINGS = 10  # past the longest wait, and no number grows without end


@dataclass(frozen=True)
class Origin:
    """Where a log-in comes from: its network address, and the token its device carries."""

    address: str = ""
    device: str | None = None

    @property
    def network(self) -> str:
        """The part of the address that tells where and not who, for the audit trail."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return ""
        kept = 24 if address.version == 4 else 48
        return str(ipaddress.ip_network((address, kept), strict=False))

    @property
    def counted_as(self) -> str:
        """The address as it is counted: a household has a whole /64 of IPv6 for itself."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        if address.version == 4:
            return str(address)
        return str(ipaddress.ip_network((address, 64), strict=False))


@dataclass(frozen=True)
class Allowance:
    """So many wrong passwords are free; after each further one there is a wait, twice as long as
    the last."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        if failures < self.free:
            return timedelta()
        doublings = min(failures - self.free, MOST_DOUBLINGS)
        return min(self.first * int(2**doublings), self.longest)


OWN = Allowance(5, timedelta(seconds=5), timedelta(minutes=5))
OF_ACCOUNT = Allowance(5, timedelta(seconds=15), timedelta(minutes=15))
OF_ADDRESS = Allowance(20, timedelta(seconds=15), timedelta(minutes=15))


@dataclass(frozen=True)
class Attempt:
    """What one try counts against, by its keyed hash; `known` where the person logged in from there
    before."""

    counted: Mapping[str, Allowance]
    known: bool


def attempt_of(
    session: Session,
    keyring: Keyring,
    staff: Staff | None,
    *,
    login: str,
    origin: Origin,
    now: datetime,
) -> Attempt:
    """What a try of this log-in name from there counts against; reads only."""
    place = address_hash(keyring, origin)
    device = device_hash(keyring, origin)
    staff_id = staff.id if staff else 0
    # Asked of nobody's account too: both take as long.
    known = session.exec(
        select(Login.device, Login.address)
        .where(
            Login.staff_id == staff_id,
            col(Login.created_at) > now - REMEMBERED,
            or_(col(Login.device) == device, col(Login.address) == place),
        )
        .limit(1)
    ).first()
    if known is None:
        account = keyring.hashed(f"attempts on {login.strip().lower()}")
        return Attempt({account: OF_ACCOUNT, place: OF_ADDRESS}, known=False)
    own = known[0] if device and known[0] == device else place
    return Attempt({keyring.hashed(f"attempts on {staff_id} from {own}"): OWN}, known=True)


def address_hash(keyring: Keyring, origin: Origin) -> str:
    return keyring.hashed(f"address {origin.counted_as}")


def device_hash(keyring: Keyring, origin: Origin) -> str | None:
    return keyring.hashed(f"device {origin.device}") if origin.device else None


def refuse_early(session: Session, attempt: Attempt, now: datetime) -> None:
    """Raises TooManyAttempts while a wait is running; reads only."""
    rows = session.exec(
        select(FailedLogins).where(col(FailedLogins.counted).in_(list(attempt.counted)))
    )
    until = [row.last_at + attempt.counted[row.counted].wait(row.failures) for row in rows]
    left = max(until, default=now) - now
    if left > timedelta():
        raise TooManyAttempts(left)


def count_failure(session: Session, attempt: Attempt, now: datetime) -> None:
    """One more wrong password, in the running transaction; what is forgotten goes."""
    session.exec(delete(FailedLogins).where(col(FailedLogins.last_at) < now - FORGOTTEN))
    insert: Any = INSERT[session.get_bind().dialect.name]
    for counted in attempt.counted:
        first = insert(FailedLogins).values(counted=counted, failures=1, last_at=now)
        again = {
            "failures": case(
                (col(FailedLogins.failures) < MOST, col(FailedLogins.failures) + 1), else_=MOST
            ),
            "last_at": now,
        }
        session.exec(first.on_conflict_do_update(index_elements=["counted"], set_=again))


def forgive(session: Session, attempt: Attempt) -> None:
    """The right password, in the running transaction: her own count begins anew.

    That of an address stays: else whoever has one account could guess at others without end.
    """
    own = [counted for counted, allowance in attempt.counted.items() if allowance != OF_ADDRESS]
    session.exec(delete(FailedLogins).where(col(FailedLogins.counted).in_(own)))


MOST = 1000  # failures counted: the wait has long stopped to grow
