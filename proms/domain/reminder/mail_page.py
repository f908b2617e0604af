"""A message as the page of an e-mail: the same words, its link a button; nothing is fetched from
anywhere."""

import re
from html import escape

from proms.domain.reminder.text import Text

LINK = re.compile(r"https?://\S+")
PAGE = (
    "margin:0;padding:24px;font:18px/1.5 Arial,Helvetica,sans-serif;color:#1f2d2b;background:#fff"
)
BUTTON = (
    "display:inline-block;padding:16px 28px;border-radius:12px;background:#0f5c5c;color:#fff;"
    "font-weight:bold;text-decoration:none"
)


def mail_page(text: Text, language: str) -> str:
    """The message as HTML. The address stands below its button too, so that its reader can see
    whose it is."""
    found = LINK.search(text.body)
    said = text.body[: found.start()].rstrip().removesuffix(":") if found else text.body
    parts = [f"<p>{escape(said)}{'.' if found and said[-1:].isalnum() else ''}</p>"]
    if found:
        link = escape(found[0])
        parts.append(f'<p><a href="{link}" style="{BUTTON}">{escape(text.subject)}</a></p>')
        parts.append(f'<p style="font-size:14px">{link}</p>')
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head><meta charset="utf-8">'
        f"<title>{escape(text.subject)}</title></head>\n"
        f'<body style="{PAGE}">\n' + "\n".join(parts) + "\n</body>\n</html>\n"
    )
