"""A server on the loopback that speaks Twilio's Messages resource: form in, JSON out, its own error
codes."""

import base64
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from proms.clock import now

ACCOUNT, TOKEN = "AC" + "0" * 32, "f" * 32
MESSAGES = re.compile(r"/2010-04-01/Accounts/(\w+)/Messages(?:/(\w+))?\.json")
NEEDED = {"To": 21604, "Body": 21602}
SENDERS = ("From", "MessagingServiceSid")


@dataclass(frozen=True)
class Answer:
    """What the server does instead of accepting; `silent` keeps the caller waiting, `hang_up`
    breaks the line. A message may be `taken` all the same."""

    status: int = 201
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    silent: bool = False
    hang_up: bool = False
    taken: bool = False


def signature(address: str, form: dict[str, str], token: str = TOKEN) -> str:
    """As Twilio signs what it posts: the address, then each field's name and value by name."""
    said = address + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(
        hmac.digest(token.encode(), said.encode(errors="replace"), "sha1")
    ).decode()


def refusal(status: int, code: int) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(
        status,
        json.dumps({"code": code, "message": "refused", "more_info": more, "status": status}),
    )


@dataclass
class TwilioServer:
    """What it was sent, what it took, and what it is told to answer next (else it accepts, and
    lists what it took). `redacts` keeps no text, as an account may have it. `heard_at` is when it
    heard of each message, by its name here."""

    url: str = ""
    answer: Answer | None = None
    listing: Answer | None = None
    redacts: bool = False
    takes: float = 0  # seconds, for every answer
    at: datetime | None = None  # its clock, where a test sets it
    script: list[Answer | None] = field(default_factory=list)  # for the next ones, in turn
    taken_refs: list[str] = field(default_factory=list)
    taken: list[dict[str, object]] = field(default_factory=list)
    heard_at: dict[str, float] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)
    received: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def respond(self, path: str, authorization: str, form: dict[str, str]) -> Answer:
        """Twilio's own order of checks: who asks, for which account, with which fields."""
        refused = self._refuses(path, authorization)
        if refused:
            return refused
        missing = next((code for name, code in NEEDED.items() if not form.get(name)), None)
        if missing:
            return refusal(400, missing)
        if not any(form.get(name) for name in SENDERS) or form.get("From", "").startswith("MG"):
            return refusal(400, 21603)
        with self.turn:
            self.received.append(form)
            name = form.get("StatusCallback", "").rpartition("/")[2]
            self.heard_at[name] = time.monotonic()
            answer = self.script.pop(0) if self.script else self.answer
            if answer and not answer.taken:
                return answer
            message = self._message(form)
            self.taken.append(message)
            self.taken_refs.append(name)
        return answer or Answer(201, json.dumps(message))

    def look_up(self, path: str, authorization: str, query: dict[str, str]) -> Answer:
        """One message by its name, or those to a number since a moment, the latest first."""
        refused = self._refuses(path, authorization)
        if refused:
            return refused
        self.asked.append(query)
        if self.listing:
            return self.listing
        named = MESSAGES.fullmatch(path)
        if named and named[2]:
            found = [message for message in self.taken if message["sid"] == named[2]]
            return Answer(200, json.dumps(found[0])) if found else refusal(404, 20404)
        since = datetime.min.replace(tzinfo=UTC)
        if after := query.get("DateSent>"):
            since = datetime.strptime(after, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        found = [
            message
            for message in reversed(self.taken)
            if message["to"] == query.get("To", message["to"])
            and parsedate_to_datetime(str(message["date_sent"])) >= since
        ]
        page = found[: int(query.get("PageSize", "50"))]
        return Answer(200, json.dumps({"messages": page, "page_size": 50, "next_page_uri": None}))

    def _refuses(self, path: str, authorization: str) -> Answer | None:
        named = MESSAGES.fullmatch(path)
        basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if authorization != f"Basic {basic}":
            return refusal(401, 20003)
        if not named or named[1] != ACCOUNT:
            return refusal(404, 20404)
        return None

    def _message(self, form: dict[str, str]) -> dict[str, object]:
        sid = f"SM{len(self.taken) + 1:032x}"
        moment = format_datetime(self.at or now())
        return {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": "" if self.redacts else form["Body"],
            "date_created": moment,
            "date_sent": moment,
            "date_updated": moment,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "queued",
            "subresource_uris": {
                "media": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media.json"
            },
            "to": form["To"],
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
        }


@contextmanager
def running() -> Iterator[TwilioServer]:
    twilio = TwilioServer()

    class Request(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.give(twilio.respond(self.path, self.who(), dict(parse_qsl(sent))))

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            query = dict(parse_qsl(asked.query))
            if asked.path == "/clock":  # of a story that is told by another process
                twilio.at = datetime.fromisoformat(query["at"])
                self.give(Answer(200))
                return
            self.give(twilio.look_up(asked.path, self.who(), query))

        def who(self) -> str:
            return self.headers.get("Authorization", "")

        def give(self, answer: Answer) -> None:
            if answer.silent:
                twilio.over.wait()
            twilio.over.wait(twilio.takes)
            if answer.silent or answer.hang_up:
                self.close_connection = True
                return
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what a test wants to know is in `received`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Request) as server:
        twilio.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield twilio
        finally:
            twilio.over.set()
            server.shutdown()
            thread.join()
