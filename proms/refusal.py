"""The trial's "no": every rule that stops a person has a name, which the edge turns into a status
and a sentence."""

from typing import ClassVar


class Refusal(Exception):
    """A request that the trial's rules do not allow; `code` is stable, the text is one clear
    English sentence."""

    code: ClassVar[str] = "refused"
