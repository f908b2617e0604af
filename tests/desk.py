"""A member of staff at a desk without a script: opens pages, fills in forms, presses buttons, and
nothing else."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import time_machine
from flask import Flask
from sqlmodel import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from proms.actions.audit import OPERATOR
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.db.tables import Site, Staff
from proms.domain.person import Role
from tests.clinic import MOBILE, PASSWORD, SERVED, Clinic
from tests.phone import HOME, REDIRECTS, squeezed

WRITTEN = ("text", "search", "password", "date", "time", "tel", "email", "hidden", "file")


@dataclass
class Sheet:
    """A form of the page: what it holds as it arrived, and the words on its buttons."""

    action: str
    method: str
    id: str = ""
    held: dict[str, str] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    actions: dict[str, str] = field(default_factory=dict)  # of a button that leads elsewhere

    def action_of(self, words: str) -> str:
        """Where the first button that begins with these words sends the form."""
        button = next(said for said in self.buttons if said.startswith(words))
        return self.actions.get(button) or self.action

    def field(self, name: str) -> str:
        """A field by its own name, or as that of the first patient of the page."""
        of_patients = (each for each in self.held if each.partition("-")[2] == name)
        return name if name in self.held else next(of_patients, name)

    def name_of(self, name: str, words: str) -> str:
        """A field by its own name, or as the field of the patient whom the button is about."""
        button = next(said for said in self.buttons if said.startswith(words))
        named = f"{button.rpartition(': ')[2]}-{name}"
        return named if named in {*self.held, *self.offered} else name


class Reader(HTMLParser):
    """The forms, links and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sheets: list[Sheet] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.switches: list[dict[str, str]] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self._select: tuple[Sheet, str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = known.get("method", "get").upper()
            self._begins(Sheet(known.get("action", ""), method, known.get("id", "")))
        elif tag in ("input", "select", "option") and self.sheets:
            self._field(tag, known)
        if tag in ("a", "button", "textarea", "title", "style"):
            self._open.append((tag, known, []))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            return
        _, known, words = self._open.pop()
        said = squeezed("".join(words))
        if tag == "a":
            self.links.append((said, known.get("href", "")))
        elif tag == "button" and known.get("name"):
            self.switches.append(known)
        elif tag == "button" and (self.sheets or "form" in known):
            sheet = self._sheet(known)
            sheet.buttons.append(said)
            sheet.actions[said] = known.get("formaction", "")
        elif tag == "textarea":
            self._sheet(known).held[known["name"]] = "".join(words)

    def handle_data(self, data: str) -> None:
        if not any(tag in ("title", "style") for tag, _, _ in self._open):
            self.words.append(data)
        for _, _, words in self._open:
            words.append(data)

    def _begins(self, sheet: Sheet) -> None:
        above = next((each for each in self.sheets if each.id and each.id == sheet.id), None)
        if above:
            self.sheets.remove(above)
            sheet.buttons += above.buttons
        self.sheets.append(sheet)

    def _sheet(self, known: dict[str, str]) -> Sheet:
        """The form a field or button is of: the one it names, else the one it stands in."""
        if "form" not in known:
            return self.sheets[-1]
        named = next((sheet for sheet in self.sheets if sheet.id == known["form"]), None)
        if named is None:  # it stands above its form
            named = Sheet("", "POST", known["form"])
            self.sheets.append(named)
        return named

    def _field(self, tag: str, known: dict[str, str]) -> None:
        if tag == "select":
            self._select = self._sheet(known), known["name"]
        elif tag == "option":
            assert self._select
            sheet, name = self._select
            sheet.offered.setdefault(name, []).append(known["value"])
            if "selected" in known or name not in sheet.held:
                sheet.held[name] = known["value"]
        elif known.get("type", "text") in WRITTEN:
            self._sheet(known).held[known["name"]] = known.get("value", "")
        else:
            sheet = self._sheet(known)
            sheet.offered.setdefault(known["name"], []).append(known["value"])
            if "checked" in known:
                sheet.held[known["name"]] = known["value"]


class Desk:
    """One browser of one member of staff, at the moment the story is at."""

    def __init__(self, app: Flask, clinic: Clinic, staff: Staff | None = None) -> None:
        self.client, self.clinic, self.path = app.test_client(), clinic, ""
        self.answer: TestResponse
        if staff:
            self.logs_in(staff)

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        return squeezed(" ".join(self.page.words))

    @property
    def title(self) -> str:
        return squeezed(self.answer.text.split("<title>")[1].split("</title>")[0])

    def logs_in(self, staff: Staff) -> "Desk":
        login = self.clinic.login_of(staff)
        return self.opens("/staff/login").presses("Inloggen", login=login, password=PASSWORD)

    def opens(self, address: str) -> "Desk":
        return self._go("GET", address, {})

    def follows(self, words: str) -> "Desk":
        """Follow the link that begins with these words."""
        found = [href for said, href in self.page.links if said.startswith(words)]
        assert found, (
            f"no link says {words!r} on {self.path}: {[said for said, _ in self.page.links]}"
        )
        return self.opens(found[0])

    def presses(self, words: str, **typed: str) -> "Desk":
        """Fill in a form and press its button; what is typed must be a field of it, and a choice
        one it offers."""
        sheet = next(
            (each for each in self.page.sheets if any(b.startswith(words) for b in each.buttons)),
            None,
        )
        assert sheet, (
            f"no button says {words!r} on {self.path}: {[each.buttons for each in self.page.sheets]}"
        )
        typed = {sheet.name_of(name, words): value for name, value in typed.items()}
        for name, value in typed.items():
            assert name in sheet.held or value in sheet.offered.get(name, []), (
                f"{name} is no field of {words!r}"
            )
        held = {
            name: value
            for name, value in {**sheet.held, **typed}.items()
            if value or name in sheet.held
        }
        return self._go(sheet.method, sheet.action_of(words) or self.path, held)

    def switches(self, language: str, **typed: str) -> "Desk":
        """Fill in the page's main form and, before it is sent, change the language."""
        button = next(each for each in self.page.switches if each.get("value") == language)
        sheet = next(each for each in self.page.sheets if each.id == button["form"])
        typed = {sheet.field(name): value for name, value in typed.items()}
        held = {**sheet.held, **typed, button["name"]: button["value"]}
        return self._go(sheet.method, sheet.action or self.path, held)

    def sends(self, address: str, **typed: str) -> "Desk":
        """What a hand-made request would do, with the page's own token."""
        token = next(
            (each.held["csrf_token"] for each in self.page.sheets if "csrf_token" in each.held), ""
        )
        return self._go("POST", address, {"csrf_token": token, **typed})

    def holds(self, name: str) -> str:
        """What a field of the page holds; a patient's by its name, where one patient has it."""
        for sheet in self.page.sheets:
            for held, value in sheet.held.items():
                if held == name or held.partition("-")[2] == name:
                    return value
        raise StopIteration(f"no field {name}")

    def offers(self, words: str) -> bool:
        said = [said for said, _ in self.page.links] + [
            b for each in self.page.sheets for b in each.buttons
        ]
        return any(each.startswith(words) for each in said)

    def _go(self, method: str, address: str, data: dict[str, str]) -> "Desk":
        self.answer = self._ask(method, address, data)
        while self.answer.status_code in REDIRECTS:
            self.answer = self._ask("GET", self.answer.headers["Location"], {})
        self.page = Reader(self.answer.text)
        return self

    def _ask(self, method: str, address: str, data: dict[str, str]) -> TestResponse:
        parts = urlsplit(address)
        query = parts.query
        self.path = parts.path
        sent: dict[str, Any] = {"data": data or None}
        if method == "GET" and data:
            sent = {"query_string": data}
        elif any(isinstance(value, tuple) for value in data.values()):
            # Written out here: the client of werkzeug would leave a large file open.
            boundary, body = encode_multipart(
                {
                    name: FileStorage(*value) if isinstance(value, tuple) else value
                    for name, value in data.items()
                }
            )
            sent = {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
        where = f"{parts.path}?{query}" if query else parts.path
        headers = {"Referer": f"{HOME}{self.path}"}
        with time_machine.travel(self.clinic.now, tick=False):
            return self.client.open(where, method=method, base_url=HOME, headers=headers, **sent)


def stranger(clinic: Clinic, role: Role) -> Staff:
    """Somebody with this role at another hospital of the trial, which is opened for the first of
    them."""
    new = NewSite("UTR", "Ziekenhuis Elders", phone="030 123 45 67", study_phone="030 123 45 68")
    person = NewStaff(f"far-{role}", "Far", role, PASSWORD, phone=MOBILE)
    with clinic.database.writing() as session:
        site = session.exec(select(Site).where(Site.code == new.code)).first()
        site = site or add_site(session, new, by=OPERATOR, now=clinic.now)
        return add_staff(
            session,
            clinic.keyring,
            person,
            site_id=site.id or 0,
            by=OPERATOR,
            now=clinic.now,
            served=SERVED,
        )
