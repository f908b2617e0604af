"""A page that a phone sees first has its style sheet in it, cut to what it needs: so that nothing
else is asked for over a slow network before it can be read."""

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Response, make_response, render_template

from proms.web.assets import folder, served
from proms.web.headers import POLICY
from proms.web.style_sheets import names_on, rules_for

PLACE = "<style></style>"  # what `patient/page.html` writes where the rules go
SHEET = "phone.css"


def page_with_own_sheet(template: str) -> Response:
    """The page with its rules, which its policy knows by their hash and no others beside them."""
    page = render_template(template, own_sheet=True)
    rules = rules_of(folder(), names_on(page))
    response = make_response(page.replace(PLACE, f"<style>{rules}</style>", 1))
    known = base64.b64encode(hashlib.sha256(rules.encode()).digest()).decode()
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "style-src 'self'", f"style-src 'sha256-{known}'"
    )
    return response


@lru_cache(maxsize=64)
def rules_of(root: Path, names: frozenset[str]) -> str:
    """The rules for pages with these names: few pages, in the life of a process."""
    return rules_for(served(root, SHEET).body.decode(), names)
