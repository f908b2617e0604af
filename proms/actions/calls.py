"""Around "call now": that it was shown, and what the patient says she will do. Both for the nurse
to see."""

from collections.abc import Set

from proms.actions.drafts import Sitting
from proms.db.tables import Draft
from proms.domain.calls import CallReply
from proms.domain.response import Document

CALL_SHOWN = "call.shown"


def show_call(sitting: Sitting, *, draft: Draft, asked_anew: Set[str] = frozenset()) -> None:
    """The answers so far cannot wait and the patient is told to call, before she has sent them;
    what was `asked_anew` with it has no answer yet."""
    draft.call_shown_at = sitting.now
    draft.document = _without(draft.document, asked_anew)
    draft.devices = {name: _without(each, asked_anew) for name, each in draft.devices.items()}
    sitting.session.add(draft)
    sitting.note(CALL_SHOWN, "assignment", sitting.assignment.id)
    sitting.session.commit()


def _without(document: Document, items: Set[str]) -> Document:
    return {code: entry for code, entry in document.items() if code not in items}


def reply_to_call(sitting: Sitting, *, reply: CallReply) -> None:
    """The patient says that she will call, or that she cannot; it changes no alert."""
    sitting.note(verb_of(reply), "assignment", sitting.assignment.id)
    sitting.session.commit()


def verb_of(reply: CallReply) -> str:
    """The reply's name in the audit trail."""
    return f"call.{reply.value}"
