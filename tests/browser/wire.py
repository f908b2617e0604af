"""What goes over the wire, counted where it leaves: a service worker's requests too, which no page
sees."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

END = 2  # of a line
OF_THE_SERVER = len(
    "Server: gunicorn\r\nDate: Mon, 05 Jan 2026 09:46:00 GMT\r\nConnection: close\r\n"
)


@dataclass(frozen=True)
class Reply:
    """One answer: what was asked, the bytes of its body as it was packed, and of its head."""

    asked: str
    status: int
    body: int
    head: int


@dataclass
class Wire:
    """An application, and what it sent so far."""

    app: WSGIApplication
    sent: list[Reply] = field(default_factory=list)

    def __call__(
        self, environ: WSGIEnvironment, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        told: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), ""]
            told.update(status=int(status[:3]), head=sum(len(line) + END for line in lines))
            return start_response(status, headers, *more)

        chunks = self.app(environ, start)
        body = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close:
            close()
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self.sent.append(Reply(asked, told["status"], len(body), told["head"] + OF_THE_SERVER))
        return [body]

    @property
    def bodies(self) -> int:
        return sum(reply.body for reply in self.sent)

    @property
    def heads(self) -> int:
        return sum(reply.head for reply in self.sent)
