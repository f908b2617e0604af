"""What this browser itself has answered: the same link on another phone shows none of it.

The signed cookie holds a name for the browser, and no answer.
"""

import secrets
from datetime import timedelta

from flask import session as browser

from proms.actions.drafts import written_on
from proms.db.tables import Draft
from proms.domain.response import Document, Mode
from proms.web import request_context

NAME = "device"
NAME_BYTES = 9
KEPT = timedelta(days=180)  # longer than any window with the week after it


def this_device() -> str:
    """The name of this browser; empty while it has kept nothing."""
    return str(browser.get(NAME, ""))


def mode_here() -> Mode:
    """How answers reach us from this browser."""
    return Mode.TABLET if request_context.current_visit().visit.handed_over else Mode.PHONE


def named_device() -> str:
    """The same, given now where there is none yet."""
    if not this_device():
        browser[NAME] = secrets.token_urlsafe(NAME_BYTES)
        browser.permanent = True
    return this_device()


def document_of(draft: Draft) -> Document:
    """What this browser wrote of a draft."""
    return written_on(draft, this_device()) if this_device() else {}


def entries_of(document: Document) -> Document:
    """The entries of a document that was sent which this browser wrote."""
    name = this_device()
    return {code: entry for code, entry in document.items() if name and entry.get("device") == name}
