"""The file of an import: chosen on a page, carried along by it until it is saved, and shown as far
as it says something new."""

from base64 import urlsafe_b64decode
from binascii import Error
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from proms.web.staff.forms import Form

LARGEST_FILE = 1_000_000
# The file travels on in the page in base64, so that nothing of it is kept before it is saved.
LARGEST_BODY = 1_500_000
LARGEST_UPLOAD = 20_000_000
MOST_FAULTS = 200  # that are written out; the others are counted


@dataclass(frozen=True)
class ImportedRow:
    """One row of the file that says something new."""

    line: int
    sentence: str
    corrects: bool


def carried_file() -> bytes:
    """The file that was chosen, else the one that the page carries."""
    chosen = request.files.get("file")
    if chosen:
        # One byte more than may come tells a file that is too large. It is read again where the
        # view shows the page again.
        chosen.seek(0)
        raw = chosen.read(LARGEST_FILE + 1)
        if raw:
            return raw
    try:
        return urlsafe_b64decode(request.form.get("content", ""))
    except (Error, ValueError):
        return b""


def name_of_file(form: Form) -> str:
    chosen = request.files.get("file")
    name = chosen.filename if chosen else None
    return (name or form.typed.get("file_name", ""))[-100:]


def refuse_unusable(form: Form, raw: bytes) -> None:
    if not raw:
        form.wrong["file"] = _("Choose a file.")
    if len(raw) > LARGEST_FILE:
        form.wrong["file"] = _("This file is larger than 1 MB. Split it.")
    form.brief("reason")
