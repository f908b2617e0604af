"""A server on the loopback that speaks Twilio's Messages resource: form in, JSON out, its own error
codes."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from proms.clock import now

ACCOUNT, TOKEN = "AC" + "0" * 32, "f" * 32
MESSAGES = re.compile(r"/2010-04-01/Accounts/(\w+)/Messages\.json")
NEEDED = {"To": 21604, "From": 21603, "Body": 21602}


@dataclass(frozen=True)
class Answer:
    """What the server does instead of accepting; `silent` keeps the caller waiting, `hang_up`
    breaks the line."""

    status: int = 201
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    silent: bool = False
    hang_up: bool = False


def refusal(status: int, code: int) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(
        status,
        json.dumps({"code": code, "message": "refused", "more_info": more, "status": status}),
    )


@dataclass
class TwilioServer:
    """What it was sent, and what it is told to answer next (else it accepts)."""

    url: str = ""
    answer: Answer | None = None
    received: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def respond(self, path: str, authorization: str, form: dict[str, str]) -> Answer:
        """Twilio's own order of checks: who asks, for which account, with which fields."""
        named = MESSAGES.fullmatch(path)
        basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if authorization != f"Basic {basic}":
            return refusal(401, 20003)
        if not named or named[1] != ACCOUNT:
            return refusal(404, 20404)
        missing = next((code for name, code in NEEDED.items() if not form.get(name)), None)
        if missing:
            return refusal(400, missing)
        self.received.append(form)
        return self.answer or Answer(201, json.dumps(self._message(form)))

    def _message(self, form: dict[str, str]) -> dict[str, object]:
        sid = f"SM{len(self.received):032x}"
        moment = format_datetime(now())
        return {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": form["Body"],
            "date_created": moment,
            "date_sent": None,
            "date_updated": moment,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form["From"],
            "messaging_service_sid": None,
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
            answer = twilio.respond(
                self.path, self.headers.get("Authorization", ""), dict(parse_qsl(sent))
            )
            if answer.silent:
                twilio.over.wait()
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
