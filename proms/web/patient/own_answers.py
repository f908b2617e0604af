"""What this browser itself has answered: the same link on another phone shows none of it.

Only item codes and times are kept in the signed cookie, never an answer.
"""

from datetime import timedelta

from flask import session as browser

from proms.db.tables import Draft
from proms.domain.response import Document

NAME = "mine"
MOST_FORMS = 4
KEPT = timedelta(days=180)  # longer than any window with the week after it


def document_of(draft: Draft) -> Document:
    """The entries of a draft that this browser wrote and that nobody has written over since."""
    return entries_of(draft.assignment_id, draft.document)


def entries_of(assignment_id: int, document: Document) -> Document:
    """Those entries of a document about an assignment, sent or not, that this browser wrote."""
    written_here = browser.get(NAME, {}).get(str(assignment_id), {})
    # The time of each entry is its proof: one written over since, on another phone, has a later
    # one.
    return {
        code: entry
        for code, entry in document.items()
        if code in written_here and written_here[code] == entry.get("last_changed")
    }


def remember(draft: Draft, item: str) -> None:
    """This browser just wrote this item of the draft."""
    forms = dict(browser.get(NAME, {}))
    name = str(draft.assignment_id)
    written_here = {**forms.pop(name, {}), item: draft.document[item]["last_changed"]}
    # The form just written goes to the end, and the oldest fall out: a cookie holds only so much.
    latest = [*forms.items(), (name, written_here)][-MOST_FORMS:]
    browser[NAME] = dict(latest)
    browser.permanent = True
