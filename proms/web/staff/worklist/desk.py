"""A page with alerts is one form: whatever button is pressed, everything that was typed on it is
sent, and what the act did not use comes back with the page."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask import request

from proms.db.queries.patients import Person
from proms.web.staff.forms import Form

LIST, MINE, NEW, PATIENT = "list", "mine", "new", "patient"  # the pages with alerts
PAGES = (LIST, MINE, NEW, PATIENT)
SHOWN = "shown"  # the field with what was on the page: "alert:times alert:times"
NUMBERS = re.compile(r"\b(\d{1,9}):(\d{1,9})\b")
ALL = "all"  # in the place of a study code: what is about every patient of the list


@dataclass
class Desk:
    """The page that was sent: where, and what was typed of each patient, by study code."""

    page: str = LIST
    forms: dict[str, Form] = field(default_factory=dict)
    reached: dict[str, Person] = field(default_factory=dict)  # whose number was asked for
    failed: str = ""  # of whom the act was that did not succeed
    status: int = 200

    def form(self, code: str) -> Form:
        return self.forms.get(code) or Form({})

    def shown(self, code: str) -> Mapping[int, int] | None:
        """What the page showed of a patient: alert -> occurrences; None before it was sent."""
        if code not in self.forms:
            return None
        return shown_in(self.forms[code])

    def refuse(self, code: str, wrong: Mapping[str, str], status: int) -> None:
        """The act about this patient is not done; why, by field."""
        self.forms.setdefault(code, Form({})).wrong.update(wrong)
        self.failed, self.status = code, status

    def use(self, code: str, *names: str) -> None:
        """What was typed in these fields has been recorded."""
        form = self.forms.get(code)
        if form:
            left = {name: text for name, text in form.typed.items() if name not in names}
            self.forms[code] = Form(left)

    def typed(self, code: str) -> bool:
        """Whether something is typed or chosen about this patient."""
        return any(name != SHOWN for name in self.form(code).typed)

    @property
    def is_empty(self) -> bool:
        return not self.reached and not any(self.typed(code) for code in self.forms)

    def without_line(self, codes: Iterable[str]) -> list[str]:
        """Of whom something is typed while none of her alerts is on the page any more."""
        on_page = {*codes, ALL}
        return [code for code in self.forms if code not in on_page and self.typed(code)]


def desk_sent() -> Desk:
    """The page as it was sent, each field `<study code>-<name>`."""
    by_code: dict[str, dict[str, str]] = defaultdict(dict)
    for key, text in request.form.items():
        code, dash, name = key.partition("-")
        if dash and text.strip():
            by_code[code][name] = text
    page = request.form.get("back", LIST)
    return Desk(page if page in PAGES else LIST, {code: Form(by_code[code]) for code in by_code})


def shown_in(form: Form) -> dict[int, int]:
    return {int(alert): int(times) for alert, times in NUMBERS.findall(form.typed.get(SHOWN, ""))}
