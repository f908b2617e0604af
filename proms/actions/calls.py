"""Around "call now": that it was shown, and what the patient says she will do. Both for the nurse
to see."""

from collections.abc import Set

from proms.actions.drafts import Sitting
from proms.db.tables import Draft
from proms.domain.calls import CallReply

CALL_SHOWN = "call.shown"


def show_call(sitting: Sitting, *, draft: Draft, asked_anew: Set[str] = frozenset()) -> None:
    """The answers so far cannot wait and the patient is told to call, before she has sent them;
    what was `asked_anew` with it has no answer yet."""
    draft.call_shown_at = sitting.now
    draft.document = {
        code: entry for code, entry in draft.document.items() if code not in asked_anew
    }
    sitting.session.add(draft)
    sitting.note(CALL_SHOWN, "assignment", sitting.assignment.id)
    sitting.session.commit()


def reply_to_call(sitting: Sitting, *, reply: CallReply) -> None:
    """The patient says that she will call, or that she cannot; it changes no alert."""
    sitting.note(verb_of(reply), "assignment", sitting.assignment.id)
    sitting.session.commit()


def verb_of(reply: CallReply) -> str:
    """The reply's name in the audit trail."""
    return f"call.{reply.value}"
