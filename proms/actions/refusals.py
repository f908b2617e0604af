"""What the trial refuses, by name."""

from typing import ClassVar

from proms.refusal import Refusal


class NotFound(Refusal):
    """Nothing here by that name for this person: absent and forbidden look the same."""

    code: ClassVar[str] = "not_found"


class Incomplete(Refusal):
    """A field that is needed is missing or does not read as what it should be."""

    code: ClassVar[str] = "incomplete"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class WrongPassword(Refusal):
    """Name and password do not belong together; which of the two is wrong is not said."""

    code: ClassVar[str] = "wrong_password"


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
    """The assignment was answered before, under another key; these answers were kept aside."""

    code: ClassVar[str] = "already_answered"

    def __init__(self, sentence: str, *, submitted_at: str, receipt: str) -> None:
        super().__init__(sentence)
        self.submitted_at = submitted_at
        self.receipt = receipt


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


class PatientInactive(Refusal):
    """The patient has withdrawn or died: nothing more is asked or recorded."""

    code: ClassVar[str] = "patient_inactive"


class DaysPassing(Refusal):
    """The demo's clock is on its way already."""

    code: ClassVar[str] = "days_passing"


class LoginTaken(Refusal):
    """Another person logs in by that name."""

    code: ClassVar[str] = "login_taken"


class Unreachable(Refusal):
    """No telephone number or e-mail address to send to."""

    code: ClassVar[str] = "unreachable"
