"""What the trial refuses, by name."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from math import ceil
from typing import ClassVar

from proms.domain.person import Role
from proms.refusal import Refusal


class NotFound(Refusal):
    """Nothing here by that name for this person: absent and forbidden look the same."""

    code: ClassVar[str] = "not_found"


class FieldFault(StrEnum):
    """What is wrong with a field."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    STRANGE_CHARACTER = "strange_character"
    UNREADABLE_PHONE = "unreadable_phone"
    IMPOSSIBLE_PHONE = "impossible_phone"
    NO_SUCH_PHONE = "no_such_phone"
    PHONE_LETTERS = "phone_letters"
    SEVERAL_PHONES = "several_phones"
    SPECIAL_PHONE = "special_phone"
    NOT_MOBILE = "not_mobile"
    OTHER_COUNTRY = "other_country"
    NUMBER_TAKEN = "number_taken"
    NUMBER_SIMILAR = "number_similar"
    UNREADABLE_EMAIL = "unreadable_email"
    BIRTH_YEAR = "birth_year"
    CONSENT_AHEAD = "consent_ahead"
    OUTSIDE_TRIAL = "outside_trial"
    LOGIN_NAME = "login_name"
    SHORT_PASSWORD = "short_password"
    LONG_PASSWORD = "long_password"
    NOT_REACHABLE = "not_reachable"
    NO_COLLEAGUE = "no_colleague"
    NO_NOTE = "no_note"
    NO_ACTION_REASON = "no_action_reason"
    GRADE = "grade"
    NOT_EXPECTABLE = "not_expectable"
    NO_LEVEL = "no_level"
    EXPECTED_UNTIL = "expected_until"
    CALL_AGAIN = "call_again"
    PAUSE_OVER = "pause_over"
    PAUSE_BACKWARDS = "pause_backwards"
    NO_SITE_PHONE = "no_site_phone"
    UNKNOWN_TIMEZONE = "unknown_timezone"
    SITE_EXISTS = "site_exists"
    NO_REASON = "no_reason"
    ON_RECORD = "on_record"
    UNKNOWN_SITE_FACT = "unknown_site_fact"
    SITE_FACT_VALUE = "site_fact_value"
    NOTHING_TO_TAKE_BACK = "nothing_to_take_back"
    NOBODY_HERE = "nobody_here"
    NO_ACCESS = "no_access"
    TAKES_NO_ALERTS = "takes_no_alerts"
    SOURCE_AHEAD = "source_ahead"
    SOURCE_BEFORE = "source_before"
    NO_ADDRESS = "no_address"
    NO_MOBILE = "no_mobile"
    OTHER_TIMEZONE = "other_timezone"
    ROSTER_GAP = "roster_gap"
    NO_FINDING = "no_finding"
    ADOPTION_PAST = "adoption_past"
    ADOPTION_FAR_AHEAD = "adoption_far_ahead"
    VERSION_NOT_NEWER = "version_not_newer"
    HISTORIES_MISFIT = "histories_misfit"
    DEMO_DAYS = "demo_days"
    UNREADABLE_FILE = "unreadable_file"


# The sentence of the API and of the command line, with slots for what a refusal names. The staff
# pages have theirs, in the reader's language, in `proms.web.staff.forms`.
FAULT_SENTENCES: Mapping[FieldFault, str] = {
    FieldFault.EMPTY: "This field cannot be empty.",
    FieldFault.TOO_LONG: "This is longer than {longest} characters.",
    FieldFault.STRANGE_CHARACTER: "There is a character in this that cannot be saved. Type it again.",
    FieldFault.UNREADABLE_PHONE: "This telephone number is not valid. Write it like 06 12345678.",
    FieldFault.IMPOSSIBLE_PHONE: "This telephone number has too few or too many digits.",
    FieldFault.NO_SUCH_PHONE: (
        "There is no such telephone number: count its digits. "
        "A foreign one begins with + and the code of its country."
    ),
    FieldFault.PHONE_LETTERS: "A telephone number has no letters: write the number alone.",
    FieldFault.SEVERAL_PHONES: "Write one telephone number.",
    FieldFault.SPECIAL_PHONE: (
        "This number is not one that everybody can call: write that of a person or a ward."
    ),
    FieldFault.NOT_MOBILE: (
        "This is no mobile number, so text messages may not arrive. "
        "Write a mobile number, or confirm with use_anyway."
    ),
    FieldFault.OTHER_COUNTRY: "Text messages go only to numbers that begin with: {countries}.",
    FieldFault.NUMBER_TAKEN: "Patient {code} of this site has this number already.",
    FieldFault.NUMBER_SIMILAR: (
        "Patient {code} of this site has this number with other leading zeros. "
        "If this is another patient, confirm with other_patient."
    ),
    FieldFault.UNREADABLE_EMAIL: (
        "This e-mail address is not valid. Write it like anna@example.nl."
    ),
    FieldFault.BIRTH_YEAR: (
        "Write the year of birth in four digits; patients are {youngest} or older."
    ),
    FieldFault.CONSENT_AHEAD: "The consent cannot be dated in the future.",
    FieldFault.OUTSIDE_TRIAL: (
        "This date is outside the years of the trial, {first} to {last}: is the year right?"
    ),
    FieldFault.LOGIN_NAME: (
        "A log-in name has 2 to 100 letters, digits, dots, dashes or an e-mail address."
    ),
    FieldFault.SHORT_PASSWORD: "A password has at least {shortest} characters.",
    FieldFault.LONG_PASSWORD: "A password has at most {longest} characters that can be typed.",
    FieldFault.NOT_REACHABLE: (
        "A nurse needs a mobile number or an e-mail address: urgent notices go there."
    ),
    FieldFault.NO_COLLEAGUE: "Choose a nurse of this hospital who takes the alerts over.",
    FieldFault.NO_NOTE: "Write in a few words what was agreed.",
    FieldFault.NO_ACTION_REASON: "Say why nothing was needed, and only then.",
    FieldFault.GRADE: "A CTCAE grade is a number from 1 to 5.",
    FieldFault.NOT_EXPECTABLE: "No level can be expected of this question.",
    FieldFault.NO_LEVEL: "This question has no such level above its lowest.",
    FieldFault.EXPECTED_UNTIL: "The last day lies between today and a year from now.",
    FieldFault.CALL_AGAIN: "The next call lies between now and the end of the questions.",
    FieldFault.PAUSE_OVER: "A pause ends today or later.",
    FieldFault.PAUSE_BACKWARDS: "A pause does not end before it begins.",
    FieldFault.SOURCE_AHEAD: "This day is still to come.",
    FieldFault.SOURCE_BEFORE: "These questions could not be answered before {day}.",
    FieldFault.NO_SITE_PHONE: "A site needs a telephone number that is answered day and night.",
    FieldFault.UNKNOWN_TIMEZONE: (
        "{timezone} is not a time zone; write for example Europe/Amsterdam."
    ),
    FieldFault.SITE_EXISTS: "A site with the code {code} exists already.",
    FieldFault.NO_REASON: "Give the reason in a few words.",
    FieldFault.ON_RECORD: "That is on record already.",
    FieldFault.NOBODY_HERE: "Nobody at this site logs in as {login}.",
    FieldFault.NO_ACCESS: "{name} has no access any more.",
    FieldFault.TAKES_NO_ALERTS: (
        "{name} may not take alerts: only who has the role of nurse can be on duty or on call."
    ),
    FieldFault.NO_ADDRESS: "{name} has no mobile number and no e-mail address.",
    FieldFault.NO_MOBILE: "{name} has no mobile number; who is on call needs one.",
    FieldFault.OTHER_TIMEZONE: "The roster is of time zone {zone}, and the site's is {timezone}.",
    FieldFault.ROSTER_GAP: "Nobody is on duty on {day}, a staffed day.",
    FieldFault.UNKNOWN_SITE_FACT: "{fact} is nothing a site decides; known are: {known}.",
    FieldFault.SITE_FACT_VALUE: "{value} is not one of: {values}.",
    FieldFault.NOTHING_TO_TAKE_BACK: "Nothing is on record from {day} on.",
    FieldFault.NO_FINDING: "Say what was found and done about it.",
    FieldFault.ADOPTION_PAST: "{day} has gone by: a version takes effect today or later.",
    FieldFault.ADOPTION_FAR_AHEAD: "{day} is more than {days} days ahead: an adoption stays.",
    FieldFault.VERSION_NOT_NEWER: (
        "Version {version} is not newer than the one in effect on that day."
    ),
    FieldFault.HISTORIES_MISFIT: (
        "{count} histories do not fit version {version}; patient {patient}: {objection}."
    ),
    FieldFault.DEMO_DAYS: (
        "The clock of the demo runs ahead only, and at most four weeks at once."
    ),
    FieldFault.UNREADABLE_FILE: "{name} cannot be read: {error}",
}


class Incomplete(Refusal):
    """A field that is needed is missing or does not read as what it should be."""

    code: ClassVar[str] = "incomplete"

    def __init__(self, field: str, fault: FieldFault, **slots: object) -> None:
        super().__init__(FAULT_SENTENCES[fault].format(**slots))
        self.field = field
        self.fault = fault
        self.slots = slots


class Unfit(Incomplete):
    """A field that does not fit what the domain asks of it, in the domain's own sentence, which
    stands in the catalogues."""

    def __init__(self, field: str, sentence: str, slots: Mapping[str, object]) -> None:
        Refusal.__init__(self, sentence % slots)
        self.field = field
        self.sentence = sentence
        self.slots = dict(slots)


class Doubtful(Incomplete):
    """A field that reads, but is odd: a person may say that it is so, by the field `confirm`."""

    code: ClassVar[str] = "needs_confirmation"

    def __init__(self, field: str, fault: FieldFault, *, confirm: str, **slots: object) -> None:
        super().__init__(field, fault, **slots)
        self.confirm = confirm


class NumberTaken(Incomplete):
    """A hospital number or trial number that another patient of the site has."""

    code: ClassVar[str] = "number_taken"


class WrongPassword(Refusal):
    """Name and password do not belong together; which of the two is wrong is not said."""

    code: ClassVar[str] = "wrong_password"


class TryLater(Refusal):
    """Not now; `seconds` says when."""

    sentence: ClassVar[str]

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{self.sentence} Try again in {seconds} seconds.")
        self.seconds = seconds


class TooManyAttempts(TryLater):
    """Too many wrong passwords for this name, or from this address; how long the wait is left."""

    code: ClassVar[str] = "too_many_attempts"
    sentence: ClassVar[str] = "A wrong password was given too often."

    def __init__(self, left: timedelta) -> None:
        super().__init__(ceil(left.total_seconds()))


class TooBusy(TryLater):
    """Other passwords are being looked at, and no more may wait."""

    code: ClassVar[str] = "too_busy"
    sentence: ClassVar[str] = "Many people are logging in at this moment."


class LinkUnknown(Refusal):
    """The link is unknown, revoked or expired: the same for all three."""

    code: ClassVar[str] = "link_unknown"


class WindowClosed(Refusal):
    """The assignment cannot be answered any more."""

    code: ClassVar[str] = "window_closed"


class NotOpenYet(Refusal):
    """The assignment opens later."""

    code: ClassVar[str] = "not_open_yet"


class AlreadyAnswered(Refusal):
    """The assignment was answered before, with other answers; those that came now were kept aside
    where they are `kept`, and cannot wait where they are `red`."""

    code: ClassVar[str] = "already_answered"

    def __init__(
        self,
        sentence: str,
        *,
        submitted_at: str,
        receipt: str,
        kept: bool = False,
        red: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.submitted_at = submitted_at
        self.receipt = receipt
        self.kept = kept
        self.red = red


class NothingAnswered(Refusal):
    """Nothing is answered and no reason given: that does not close an assignment."""

    code: ClassVar[str] = "nothing_answered"


class LeftOpen(Refusal):
    """Questions that were asked have neither an answer nor a reason why there is none; `red` is
    whether an answer that was given cannot wait."""

    code: ClassVar[str] = "left_open"

    def __init__(self, items: tuple[str, ...], *, red: bool) -> None:
        super().__init__("Some questions have neither an answer nor a reason.")
        self.items = items
        self.red = red


class OtherWording(Refusal):
    """The questions were read in a wording that is not held, may not be shown, or is not the one
    they were begun in."""

    code: ClassVar[str] = "other_wording"


class KeyReused(Refusal):
    """The same idempotency key came with another body."""

    code: ClassVar[str] = "idempotency_key_reused"


class HistoryChanged(Refusal):
    """Somebody changed the history since the preview was made."""

    code: ClassVar[str] = "history_changed"


class AlreadyAcknowledged(Refusal):
    """A colleague has taken this alert."""

    code: ClassVar[str] = "already_acknowledged"


class AlreadyResolved(Refusal):
    """The alert was resolved before."""

    code: ClassVar[str] = "already_resolved"


class SomethingNew(Refusal):
    """Something came in that whoever acts has not seen; `alerts` is where."""

    code: ClassVar[str] = "something_new"

    def __init__(self, message: str, *, alerts: list[int]) -> None:
        super().__init__(message)
        self.alerts = alerts


class PatientInactive(Refusal):
    """The patient has withdrawn or died: nothing more is asked or recorded."""

    code: ClassVar[str] = "patient_inactive"


class DaysPassing(Refusal):
    """The demo's clock is on its way already."""

    code: ClassVar[str] = "days_passing"


class LoginTaken(Refusal):
    """Another person logs in by that name."""

    code: ClassVar[str] = "login_taken"


class OwnAccess(Refusal):
    """Nobody takes away her own access or role."""

    code: ClassVar[str] = "own_access"


class LastOfRole(Refusal):
    """The last active nurse, or the last active administrator, of a site."""

    code: ClassVar[str] = "last_of_role"

    def __init__(self, role: Role) -> None:
        super().__init__(f"This is the last {role} of the site: give somebody else the role first.")
        self.role = role


class AlertsInHand(Refusal):
    """She has taken alerts that are not closed: somebody has to take them over."""

    code: ClassVar[str] = "alerts_in_hand"


class Unreachable(Refusal):
    """No telephone number or e-mail address to send to."""

    code: ClassVar[str] = "unreachable"


class MessageLeft(Refusal):
    """It is being sent, or has left already: nobody can take it back."""

    code: ClassVar[str] = "message_left"


class ChannelPaused(Refusal):
    """Nothing is sent to her number or address until it is mended, or she asks for messages
    again."""

    code: ClassVar[str] = "channel_paused"
