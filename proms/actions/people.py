"""Sites and the people who work there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from proms.actions.audit import Actor, Subject, confirmed, record
from proms.actions.passwords import hashed
from proms.actions.plain_text import checked_line, filled_line
from proms.actions.refusals import Doubtful, FieldFault, Incomplete, LoginTaken, NotFound
from proms.actions.served import refuse_unserved_nurse
from proms.db.keyring import Keyring
from proms.db.queries.people import login_digests, place, staff_with_login
from proms.db.tables import Site, Staff, StaffIdentity
from proms.domain.person import Language, Role
from proms.domain.plain_text import LONGEST_PASSWORD, text_fault
from proms.domain.served import DUTCH, Served
from proms.domain.telephone import NumberFault, TelephoneNumber, UnreadableNumber, read_number

SHORTEST_PASSWORD = 12
LONGEST_CODE = 16
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,99}")
NUMBER_FAULTS = {
    NumberFault.UNREADABLE: FieldFault.UNREADABLE_PHONE,
    NumberFault.LETTERS: FieldFault.PHONE_LETTERS,
    NumberFault.SEVERAL: FieldFault.SEVERAL_PHONES,
    NumberFault.WRONG_LENGTH: FieldFault.IMPOSSIBLE_PHONE,
    NumberFault.NO_SUCH_NUMBER: FieldFault.NO_SUCH_PHONE,
    NumberFault.SPECIAL: FieldFault.SPECIAL_PHONE,
}


@dataclass(frozen=True)
class NewSite:
    code: str
    name: str
    phone: str
    study_phone: str
    timezone: str = "Europe/Amsterdam"


@dataclass(frozen=True)
class NewStaff:
    login: str
    name: str
    role: Role
    password: str
    language: Language = Language.NL
    phone: str | None = None
    email: str | None = None
    use_anyway: bool = False  # a number that is no mobile one


def add_site(session: Session, new: NewSite, *, by: Actor, now: datetime) -> Site:
    """Open a site; one without a telephone number that is answered day and night cannot be
    opened."""
    if not new.phone.strip():
        raise Incomplete("phone", FieldFault.NO_SITE_PHONE)
    try:
        ZoneInfo(new.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Incomplete("timezone", FieldFault.UNKNOWN_TIMEZONE, timezone=new.timezone) from error
    site = Site(
        code=filled_line("code", new.code, LONGEST_CODE),
        name=filled_line("name", new.name),
        phone=telephone("phone", new.phone).e164,
        study_phone=telephone("study_phone", new.study_phone or new.phone).e164,
        timezone=new.timezone,
        opened_at=now,
    )
    session.add(site)
    try:
        session.flush()
    except IntegrityError as error:
        raise Incomplete("code", FieldFault.SITE_EXISTS, code=new.code) from error
    record(session, "site.opened", Subject("site", site.id, site_id=site.id), by=by, now=now)
    session.commit()
    return site


def add_staff(
    session: Session,
    keyring: Keyring,
    new: NewStaff,
    *,
    site_id: int,
    by: Actor,
    now: datetime,
    served: Served = DUTCH,
) -> Staff:
    """Give a person at a site an account with one role."""
    login = new.login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise Incomplete("login", FieldFault.LOGIN_NAME)
    clear = {
        "login": login,
        "name": filled_line("name", new.name),
        "phone": mobile_number("phone", new.phone, new.use_anyway, served) if new.phone else None,
        "email": email_address("email", new.email) if new.email else None,
    }
    check_reachable(new.role, clear["phone"], clear["email"])
    refuse_unserved_nurse(new.role, clear["phone"], clear["email"], served)
    password_hash = password_hash_of(new.password)  # slow, and so ahead of the first statement
    if session.get(Site, site_id) is None:
        raise NotFound("There is no such site.")
    if staff_with_login(session, keyring, login):
        raise LoginTaken(f"Somebody else logs in as {login}.")
    staff = Staff(
        site_id=site_id,
        login_digest=login_digests(keyring, login)[0],
        role=new.role,
        language=new.language,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(staff)
    try:
        session.flush()
    except IntegrityError as error:
        raise LoginTaken(f"Somebody else logs in as {login}.") from error
    session.add(_sealed(keyring, staff.id, clear))
    subject = Subject("staff", staff.id, site_id=site_id)
    detail = {"role": new.role.value, **confirmed(use_anyway=new.use_anyway)}
    record(session, "staff.added", subject, by=by, now=now, **detail)
    session.commit()
    return staff


def _sealed(keyring: Keyring, staff_id: int, clear: Mapping[str, str | None]) -> StaffIdentity:
    """Each field sealed for its own row, whose id only the database knows."""
    sealed = {
        column: keyring.seal(text, place=place(staff_id, column))
        for column, text in clear.items()
        if text is not None
    }
    return StaffIdentity(staff_id=staff_id, **sealed)


def password_hash_of(password: str) -> str:
    """The hash that is kept of a new password. It takes long: work it out before a transaction."""
    if len(password) < SHORTEST_PASSWORD:
        raise Incomplete("password", FieldFault.SHORT_PASSWORD, shortest=SHORTEST_PASSWORD)
    # As it came: blanks at its ends belong to it.
    if text_fault(password, LONGEST_PASSWORD):
        raise Incomplete("password", FieldFault.LONG_PASSWORD, longest=LONGEST_PASSWORD)
    return hashed(password)


def check_reachable(role: Role, phone: str | None, email: str | None) -> None:
    """A nurse is sent what is urgent: by text message to a mobile number, or by e-mail. The number
    is in international form."""
    if role is not Role.NURSE or email:
        return
    if phone is None or not _is_mobile(phone):
        raise Incomplete("phone", FieldFault.NOT_REACHABLE)


def _is_mobile(phone: str) -> bool:
    try:
        return read_number(phone).mobile
    except UnreadableNumber:
        return False  # stored when less was asked of a number


def telephone(field: str, text: str) -> TelephoneNumber:
    """The one number that the text is, read as Dutch when it has no country code."""
    try:
        return read_number(text)
    except UnreadableNumber as unreadable:
        raise Incomplete(field, NUMBER_FAULTS[unreadable.fault]) from None


def mobile_number(field: str, text: str, use_anyway: bool, served: Served) -> str:
    """A number for text messages, in international form (E.164), of a country to which they go: a
    mobile one, or one that a person says to use all the same."""
    number = telephone(field, text)
    if number.country not in served.countries:
        countries = ", ".join(sorted(served.countries))
        raise Incomplete(field, FieldFault.OTHER_COUNTRY, countries=countries)
    if not number.mobile and not use_anyway:
        raise Doubtful(field, FieldFault.NOT_MOBILE, confirm="use_anyway")
    return number.e164


def email_address(field: str, text: str) -> str:
    address = checked_line(field, text)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", address):
        raise Incomplete(field, FieldFault.UNREADABLE_EMAIL)
    return address
