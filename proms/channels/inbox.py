"""The demo's phone: a message that leaves for nowhere but a shelf of ours."""

from collections.abc import Callable
from dataclasses import dataclass

from proms.channels.outcome import Accepted, Outcome


@dataclass(frozen=True)
class Inbox:
    """Keeps every message with `store(address, text, ref)` and accepts it."""

    store: Callable[[str, str, str], None]

    def send(
        self, address: str, text: str, *, ref: str, subject: str = "", **_mail: object
    ) -> Outcome:
        self.store(address, text, ref)
        return Accepted(f"inbox-{ref}")
