"""What came of handing a message over: accepted, refused (for good or for now), or unknown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Accepted:
    """The provider took the message; `sid` is its own name for it."""

    sid: str


@dataclass(frozen=True)
class Refused:
    """The message surely did not leave; `for_good` when this address will never take it,
    `retry_after` in seconds; `this_address` where another one may be taken all the same."""

    code: str
    for_good: bool
    retry_after: int | None = None
    this_address: bool = False

    @property
    def about_provider(self) -> bool:
        """Whether every other message would fare no better now."""
        return not (self.for_good or self.this_address)


@dataclass(frozen=True)
class Unknown:
    """The message may or may not have left: nothing may be sent again before that is found out."""

    reason: str


Outcome = Accepted | Refused | Unknown
