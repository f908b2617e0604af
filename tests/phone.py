"""A patient's phone without a script: it opens, reads, ticks and taps what a page offers, and
nothing else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import time_machine
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from proms.content import Library, load
from proms.db.keyring import Keyring
from proms.db.session import connect
from proms.factory import create_app
from proms.parts import Parts
from proms.settings import HOME as ROOT
from proms.settings import Settings, Twilio
from proms.web.health import Pulse
from tests.clinic import KEYRING, SERVED
from tests.wordings import licensed_packs

HOME = "https://proms.example.org"
REDIRECTS = {301, 302, 303, 307, 308}
READ_FOR = 60_000  # milliseconds that a person looks at a page before she taps
TAPPED = ("a", "button", "label", "textarea")


class Compiled(BytecodeCache):
    """Templates as Jinja compiled them, for every application of this process."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.held:
            bucket.bytecode_from_string(self.held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.held[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@cache
def content(demo: bool) -> Library:
    """The content of this repository, read once a process as every edge does."""
    return load(ROOT, stand_ins=demo)


class Applications:
    """Web applications at rest, for the next story that wants one alike: to make one takes longer
    than many a story. All that a story changes of one is its parts and its pulse, and of its parts
    not the content."""

    def __init__(self) -> None:
        self.resting: dict[tuple[bool, bool, Path | None], list[Flask]] = {}

    @contextmanager
    def one(self, settings: Settings) -> Iterator[Flask]:
        kind = (settings.secure, settings.demo, settings.packs)
        alike = self.resting.setdefault(kind, [])
        if alike:
            app = alike.pop()
            shelf = app.extensions["parts"].shelf
            database, keys = (
                connect(settings.database_url),
                Keyring(settings.identity_keys, settings.secret),
            )
            app.extensions.update(parts=Parts(settings, database, shelf, keys), pulse=Pulse())
        else:
            app = made(settings, content(settings.demo))
        told = dict(app.config)
        yield app
        if app.config == told:
            alike.append(app)


APPLICATIONS = Applications()


def made(settings: Settings, library: Library) -> Flask:
    app = create_app(settings, library)
    app.jinja_env.bytecode_cache = COMPILED
    return app


@contextmanager
def website(
    database_url: str,
    *,
    address: str = HOME,
    demo: bool = False,
    packs: Path | None = None,
    library: Library | None = None,
    twilio: Twilio | None = None,
) -> Iterator[Flask]:
    """The web application on a story's database: in a demo, or in production with licensed
    wordings; with the content of this repository unless a story has another."""
    own = Settings(database_url, KEYRING.secret, KEYRING.keys, public_url=address, demo=demo)
    own = replace(own, packs=packs or licensed_packs(), twilio=twilio)
    own = replace(own, sms_countries=SERVED.countries)
    with nullcontext(made(own, library)) if library else APPLICATIONS.one(own) as app:
        yield app
        app.extensions["parts"].database.engine.dispose()


@dataclass
class Form:
    """A form as it stands on the page: where it goes and what it holds."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Thing:
    """Something with words on it that can be tapped: a link, a button, or the label of an
    answer."""

    tag: str
    attributes: dict[str, str]
    form: Form | None
    words: str = ""


class Reader(HTMLParser):
    """What a page says and offers."""

    def __init__(self, read_for: int = READ_FOR) -> None:
        super().__init__()
        self.read_for = read_for
        self.words: list[str] = []
        self.things: list[Thing] = []
        self.inputs: list[Thing] = []
        self.form: Form | None = None
        self.forms: dict[str, Form] = {}
        self._open: list[Thing] = []
        self._silent = 0
        self._scripted = 0  # what only a script would show

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self._scripted += tag == "template"
        if self._scripted:
            return
        if tag == "form":
            self.form = Form(attributes.get("action", ""), attributes.get("method", "get"))
            self.forms[attributes.get("id", "")] = self.form
        elif tag == "input" and attributes["type"] == "hidden" and self.form:
            self.form.fields.append((attributes["name"], self._when_tapped(attributes)))
        elif tag in ("input", "textarea"):
            self.inputs.append(Thing(tag, attributes, self.form))
        if tag in TAPPED:
            self.things.append(Thing(tag, attributes, self.form))
            self._open.append(self.things[-1])
        self._silent += tag in ("title", "style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._scripted -= tag == "template"
        if self._scripted:
            return
        if tag == "form":
            self.form = None
        if tag in TAPPED and self._open:
            self._open.pop()
        self._silent -= tag in ("title", "style", "script")

    def _when_tapped(self, hidden: dict[str, str]) -> str:
        """What the field holds; time stands still in a story, so the page was made a while ago."""
        if hidden["name"] == "made":
            return str(int(hidden["value"]) - self.read_for)
        return hidden["value"]

    def handle_data(self, data: str) -> None:
        if self._silent or self._scripted:
            return
        self.words.append(data)
        for thing in self._open:
            thing.words += data


class Phone:
    """One browser of one person, at the moment the story is at; every redirect is followed and
    remembered."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.client, self.now = app.test_client(), now
        self.read_for = READ_FOR
        self.addresses: list[str] = []
        self.ticked: list[tuple[str, str]] = []

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def path(self) -> str:
        return self.addresses[-1]

    @property
    def text(self) -> str:
        """The words of the page, in reading order."""
        return squeezed(" ".join(self.page.words))

    @property
    def title(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.answer.text, re.DOTALL)
        return squeezed(re.sub(r"<[^>]+>", "", found[1])) if found else ""

    @property
    def chosen(self) -> list[str]:
        """The words of the answers that are ticked on the page as it arrived."""
        ids = [each.attributes["id"] for each in self.page.inputs if "checked" in each.attributes]
        return [
            squeezed(each.words) for each in self.page.things if each.attributes.get("for") in ids
        ]

    @property
    def written(self) -> str:
        """What the page's field for a number holds as it arrived."""
        return next(
            each.attributes["value"]
            for each in self.page.inputs
            if each.attributes.get("type") == "text"
        )

    def opens(self, address: str, method: str = "GET") -> "Phone":
        return self._go(method, address, None)

    def chooses(self, *words: str) -> "Phone":
        """Tick the answers with these words, and no others."""
        self.ticked = []
        for each in words:
            label = self._thing("label", each)
            box = next(
                box
                for box in self.page.inputs
                if box.attributes.get("id") == label.attributes["for"]
            )
            self.ticked.append((box.attributes["name"], box.attributes["value"]))
        return self

    def writes(self, words: str) -> "Phone":
        fields = [
            box
            for box in self.page.inputs
            if box.tag == "textarea" or box.attributes.get("type") == "text"
        ]
        self.ticked = [(box.attributes["name"], words) for box in fields]
        return self

    def taps(self, words: str) -> "Phone":
        """Follow a link, or press a button with what is ticked in its form."""
        thing = self._thing("a", words, "button")
        if thing.tag == "a":
            return self._go("GET", thing.attributes["href"], None)
        return self._go(*self.sending(words))

    def sending(self, words: str) -> tuple[str, str, list[tuple[str, str]]]:
        """The request that a tap on this button would make."""
        button = self._thing("button", words)
        if "form" in button.attributes:
            button.form = self.page.forms[button.attributes["form"]]
        assert button.form, f"{words!r} is a button without a form"
        own = (
            [(button.attributes["name"], button.attributes["value"])]
            if "name" in button.attributes
            else []
        )
        kept = self.ticked or [
            (e.attributes["name"], e.attributes["value"])
            for e in self.page.inputs
            if "checked" in e.attributes
        ]
        address = button.attributes.get("formaction") or button.form.action or self.path
        return button.form.method.upper(), address, [*button.form.fields, *kept, *own]

    def sends(self, request: tuple[str, str, list[tuple[str, str]]]) -> "Phone":
        return self._go(*request)

    def answers(self, *words: str) -> "Phone":
        return self.chooses(*words).taps("Volgende")

    def offers(self, words: str) -> bool:
        return any(squeezed(each.words).startswith(words) for each in self.page.things)

    def _thing(self, *wanted: str) -> Thing:
        tags, words = (
            {each for each in wanted if each in TAPPED},
            next(each for each in wanted if each not in TAPPED),
        )
        things = [each for each in self.page.things if each.tag in tags]
        exact = [each for each in things if squeezed(each.words) == words]
        near = [each for each in things if squeezed(each.words).startswith(words)]
        assert exact or near, f"nothing to tap says {words!r} on {self.path}: {self.text}"
        return (exact or near)[0]

    def _go(self, method: str, address: str, fields: list[tuple[str, str]] | None) -> "Phone":
        self.ticked = []
        self.answer = self._ask(method, address, fields)
        while self.answer.status_code in REDIRECTS:
            self.answer = self._ask("GET", self.answer.headers["Location"], None)
        self.page = Reader(self.read_for)
        self.page.feed(self.answer.text)
        return self

    def _ask(self, method: str, address: str, fields: list[tuple[str, str]] | None) -> TestResponse:
        parts = urlsplit(address)
        self.addresses.append(parts.path + (f"?{parts.query}" if parts.query else ""))
        form: dict[str, list[str]] = {}
        for name, value in fields or []:
            form.setdefault(name, []).append(value)
        with time_machine.travel(self.now, tick=False):
            return self.client.open(
                self.addresses[-1], method=method, data=form or None, base_url=HOME
            )


def squeezed(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()
