"""What this installation can send to: a kind of contact without a channel is refused at entry."""

from collections.abc import Mapping

from proms.actions.refusals import Unfit
from proms.domain.person import ContactKind, Role
from proms.domain.served import Served

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language
NOT_SERVED: Mapping[ContactKind, str] = {
    ContactKind.SMS: _l("No text messages are sent from here. Choose e-mail."),
    ContactKind.EMAIL: _l("No e-mail is sent from here. Choose a text message."),
}
NURSE_NEEDS: Mapping[ContactKind, str] = {
    ContactKind.SMS: _l("No text messages are sent from here: a nurse needs an e-mail address."),
    ContactKind.EMAIL: _l("No e-mail is sent from here: a nurse needs a mobile number."),
}


def refuse_unserved(field: str, kind: ContactKind, served: Served) -> None:
    """Raises Unfit for a kind of contact that nothing can be sent to."""
    if kind not in served.kinds:
        raise Unfit(field, NOT_SERVED[kind], {})


def refuse_unserved_nurse(role: Role, phone: str | None, email: str | None, served: Served) -> None:
    """Raises Unfit for a nurse whom no urgent notice could be sent to."""
    if role is not Role.NURSE:
        return
    if not email and ContactKind.SMS not in served.kinds:
        raise Unfit("email", NURSE_NEEDS[ContactKind.SMS], {})
    if not phone and ContactKind.EMAIL not in served.kinds:
        raise Unfit("phone", NURSE_NEEDS[ContactKind.EMAIL], {})
