"""Settings from the environment, read once at the edge; an unsafe one stops the start with one
clear line."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from proms.domain.person import EVERY_KIND, ContactKind
from proms.domain.reminder import OutboxLimits
from proms.domain.served import Served
from proms.domain.telephone import HOME_CODES, is_country_code

HOME = Path(__file__).resolve().parents[1]
# The licensed wordings of an installation that names no other folder.
PACKS = HOME / "var" / "packs"
SHORTEST_SECRET = 32
KEY_BYTES = 32
LONGEST_DAY = 24 * 60  # minutes; no message in doubt is of use for longer
# A number, a messaging service, and a name as every phone can show it (Twilio's rule).
SENDERS = (
    re.compile(r"\+[1-9][0-9]{7,14}"),
    re.compile(r"MG[0-9a-f]{32}"),
    re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9+\-_&][A-Za-z0-9 +\-_&]{0,10}"),
)
ROW_TRIES, MOST_ROW_TRIES = 5, 50  # of a record that raises, before it is set aside


class Unsafe(Exception):
    """The settings do not allow a safe start; the text says which and what to do."""


@dataclass(frozen=True)
class Twilio:
    account: str
    token: str = field(repr=False)
    sender: str
    base_url: str | None = None


@dataclass(frozen=True)
class Mail:
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    sender: str
    ca_file: str | None = None


@dataclass(frozen=True)
class Settings:
    """What differs between one installation and another."""

    database_url: str
    secret: str = field(repr=False)
    identity_keys: Mapping[str, bytes] = field(repr=False)
    public_url: str
    demo: bool = False
    twilio: Twilio | None = None
    mail: Mail | None = None
    sms_countries: frozenset[str] = HOME_CODES
    proxies: int = 0
    protocol: str = "pump-it"
    content: Path = HOME
    packs: Path = PACKS
    outbox: OutboxLimits = OutboxLimits()
    metrics_token: str | None = field(default=None, repr=False)
    alive_url: str | None = field(default=None, repr=False)  # who knows it can silence the alarm
    alive_tells_failure: bool = False
    row_tries: int = ROW_TRIES

    @property
    def served(self) -> Served:
        """What messages can be sent to. Where no provider is named, which no installation starts
        with, no kind of contact is refused."""
        named = {ContactKind.SMS: self.twilio, ContactKind.EMAIL: self.mail}
        kinds = frozenset(kind for kind, provider in named.items() if provider)
        return Served(kinds or EVERY_KIND, self.sms_countries)

    @property
    def secure(self) -> bool:
        """Whether cookies may only travel over https."""
        return self.public_url.startswith("https://")


def from_environment(env: Mapping[str, str]) -> Settings:
    """The settings in `env`; raises Unsafe with one clear sentence."""
    demo = env.get("PROMS_DEMO", "") == "1"
    settings = Settings(
        database_url=_needed(env, "DATABASE_URL"),
        secret=_secret(env),
        identity_keys=_keys(_needed(env, "PROMS_IDENTITY_KEYS")),
        public_url=_needed(env, "PROMS_PUBLIC_URL").rstrip("/"),
        demo=demo,
        twilio=_twilio(env),
        mail=_mail(env),
        sms_countries=_countries(env),
        proxies=_number(env, "PROMS_PROXIES", "0"),
        protocol=protocol_code(env),
        content=content_folder(env),
        packs=_existing(packs_folder(env)),
        outbox=_outbox(env),
        metrics_token=_metrics_token(env),
        alive_url=_alive_url(env, demo),
        alive_tells_failure=env.get("PROMS_ALIVE_FAIL", "") == "1",
        row_tries=_tries(env),
    )
    _refuse_mixture(settings, env)
    return settings


def identity_keys(env: Mapping[str, str]) -> dict[str, bytes]:
    """The keys that identities are sealed with; none where the setting is absent."""
    text = env.get("PROMS_IDENTITY_KEYS", "").strip()
    return _keys(text) if text else {}


def content_folder(env: Mapping[str, str]) -> Path:
    """Where the questionnaires, rules and protocols stand."""
    return Path(env.get("PROMS_CONTENT", str(HOME)))


def protocol_code(env: Mapping[str, str]) -> str:
    """Which protocol the patients of this installation follow."""
    return env.get("PROMS_PROTOCOL", "pump-it")


def packs_folder(env: Mapping[str, str]) -> Path:
    """Where this installation keeps its licensed wordings."""
    return Path(env.get("PROMS_PACKS") or PACKS)


def _existing(packs: Path) -> Path:
    """A folder that somebody named must be there: with a slip in its name the licensed questions
    would fall away."""
    if packs != PACKS and not (packs.is_absolute() and packs.is_dir()):
        raise Unsafe(
            "PROMS_PACKS names a folder that is not there; make it, or give its full path."
        )
    return packs


def _refuse_mixture(settings: Settings, env: Mapping[str, str]) -> None:
    if env.get("FLASK_DEBUG", "0") not in ("", "0"):
        raise Unsafe("FLASK_DEBUG is set: this program never runs in debug mode; unset it.")
    if settings.demo:
        if settings.twilio or settings.mail:
            raise Unsafe(
                "The demo sends nothing: unset PROMS_TWILIO_* and PROMS_SMTP_*, or unset PROMS_DEMO."
            )
        return
    if not settings.secure:
        raise Unsafe("PROMS_PUBLIC_URL must begin with https:// outside the demo.")
    if settings.twilio is None and settings.mail is None:
        raise Unsafe("No message could leave: set PROMS_TWILIO_* or PROMS_SMTP_*.")


def _needed(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise Unsafe(f"{name} is not set.")
    return value


def _number(env: Mapping[str, str], name: str, otherwise: str) -> int:
    text = env.get(name) or otherwise
    if not text.isdigit():
        raise Unsafe(f"{name} must be a whole number.")
    return int(text)


def _within(env: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    number = _number(env, name, str(otherwise))
    if not 1 <= number <= most:
        raise Unsafe(f"{name} must be a number from 1 to {most}.")
    return number


def _outbox(env: Mapping[str, str]) -> OutboxLimits:
    ask_after = _within(env, "PROMS_ASK_AFTER_MINUTES", 5, LONGEST_DAY)
    resend_after = _within(env, "PROMS_RESEND_AFTER_MINUTES", 30, LONGEST_DAY)
    if resend_after <= ask_after:
        raise Unsafe("PROMS_RESEND_AFTER_MINUTES must be more than PROMS_ASK_AFTER_MINUTES.")
    return OutboxLimits(
        ask_after=timedelta(minutes=ask_after),
        resend_after=timedelta(minutes=resend_after),
        failures=_within(env, "PROMS_BREAKER_FAILURES", 5, 1000),
        undelivered=_within(env, "PROMS_PAUSE_AFTER_UNDELIVERED", 2, 10),
        answers=_within(env, "PROMS_SMS_ANSWERS_PER_HOUR", 5, 100),
        texts_a_day=_within(env, "PROMS_TEXTS_A_DAY", 1000, 100_000),
        report_after=timedelta(hours=_within(env, "PROMS_REPORT_AFTER_HOURS", 6, 72)),
    )


def _secret(env: Mapping[str, str]) -> str:
    secret = _needed(env, "PROMS_SECRET")
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < 10:
        raise Unsafe(f"PROMS_SECRET is too weak: use at least {SHORTEST_SECRET} random characters.")
    return secret


def _metrics_token(env: Mapping[str, str]) -> str | None:
    token = env.get("PROMS_METRICS_TOKEN", "").strip()
    if token and (len(token) < SHORTEST_SECRET or not token.isascii()):
        raise Unsafe(
            f"PROMS_METRICS_TOKEN is too weak: use at least {SHORTEST_SECRET} random characters."
        )
    return token or None


def _alive_url(env: Mapping[str, str], demo: bool) -> str | None:
    """The dead-man's address: the operator's own, and of no use to whoever listens on the way."""
    url = env.get("PROMS_ALIVE_URL", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in (("https", "http") if demo else ("https",)) or not parts.hostname:
        raise Unsafe("PROMS_ALIVE_URL must begin with https:// and name a host.")
    if parts.query or parts.fragment:
        raise Unsafe("PROMS_ALIVE_URL must be an address without ? and #.")
    return url


def _tries(env: Mapping[str, str]) -> int:
    tries = _number(env, "PROMS_ROW_TRIES", str(ROW_TRIES))
    if not 1 <= tries <= MOST_ROW_TRIES:
        raise Unsafe(f"PROMS_ROW_TRIES must be between 1 and {MOST_ROW_TRIES}.")
    return tries


def _keys(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, _, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not name or len(key) != KEY_BYTES:
            raise Unsafe(
                "PROMS_IDENTITY_KEYS must read name:key[,name:key...], each key 32 bytes in base64; first is current."
            )
        keys[name] = key
    return keys


def _twilio(env: Mapping[str, str]) -> Twilio | None:
    if not env.get("PROMS_TWILIO_ACCOUNT"):
        return None
    return Twilio(
        account=env["PROMS_TWILIO_ACCOUNT"],
        token=_needed(env, "PROMS_TWILIO_TOKEN"),
        sender=_sender(env),
        base_url=env.get("PROMS_TWILIO_BASE_URL") or None,
    )


def _sender(env: Mapping[str, str]) -> str:
    """Who Twilio sends as: what it would refuse for every message is refused at the start."""
    sender = _needed(env, "PROMS_TWILIO_SENDER")
    if not any(form.fullmatch(sender) for form in SENDERS):
        raise Unsafe(
            "PROMS_TWILIO_SENDER must be a number like +31970102030, the id of a messaging service"
            " (MG and 32 digits from 0 to f), or a name of at most 11 letters, digits, blanks and"
            " + - _ & with a letter in it."
        )
    return sender


def _countries(env: Mapping[str, str]) -> frozenset[str]:
    """To which countries texts go, by the code that their numbers begin with."""
    codes = [each.strip() for each in env.get("PROMS_SMS_COUNTRIES", "").split(",")]
    countries = frozenset(filter(None, codes)) or HOME_CODES
    for code in countries:
        if not is_country_code(code):
            raise Unsafe(
                "PROMS_SMS_COUNTRIES must be codes that the numbers of a country begin with,"
                " as +31 or +31,+32."
            )
    return countries


def _mail(env: Mapping[str, str]) -> Mail | None:
    if not env.get("PROMS_SMTP_HOST"):
        return None
    return Mail(
        host=env["PROMS_SMTP_HOST"],
        port=_number(env, "PROMS_SMTP_PORT", "587"),
        user=env.get("PROMS_SMTP_USER") or None,
        password=env.get("PROMS_SMTP_PASSWORD") or None,
        sender=_needed(env, "PROMS_SMTP_SENDER"),
        ca_file=env.get("PROMS_SMTP_CA_FILE") or None,
    )
