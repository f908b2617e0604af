"""What every command shares: bad input ends in one clear line on stderr and exit code 2."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from proms.content import Library, UnsoundContent
from proms.refusal import Refusal
from proms.settings import Unsafe

P = ParamSpec("P")
R = TypeVar("R")
BAD_INPUT = 2


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Turn a refusal, unsafe settings or unsound content into one line and exit code 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (Refusal, Unsafe, UnsoundContent) as error:
            say(str(error))
            raise SystemExit(BAD_INPUT) from None

    return run


def say(sentence: str) -> None:
    """One line for the person at the terminal, apart from what the command writes."""
    print(f"proms: {sentence}", file=sys.stderr)


def say_not_asked(library: Library) -> None:
    """One line where patients are not asked something for want of a licensed wording; that is no
    failure."""
    lacking = [f"{code} ({', '.join(languages)})" for code, languages in library.unlicensed.items()]
    if lacking:
        say(
            "Not asked outside the demo, for want of a licensed wording: "
            f"{', '.join(lacking)}. See docs/wording.md."
        )
