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
    mine = browser.get(NAME, {}).get(str(draft.assignment_id), {})
    return {
        code: entry
        for code, entry in draft.document.items()
        if mine.get(code) == entry["last_changed"]
    }


def remember(draft: Draft, item: str) -> None:
    """This browser just wrote this item of the draft."""
    forms = dict(browser.get(NAME, {}))
    name = str(draft.assignment_id)
    written = {**forms.pop(name, {}), item: draft.document[item]["last_changed"]}
    browser[NAME] = dict([*forms.items(), (name, written)][-MOST_FORMS:])
    browser.permanent = True
