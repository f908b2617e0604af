"""Log lines: JSON on stderr, with ids and counts; never an answer, a name, an address or a
token.

What a library says of an error may quote any of these. Of an error, ours or a library's, a line
holds its type and the places in the code it went through, and never its text.
"""

import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TextIO

LEVEL = "PROMS_LOG_LEVEL"
HOUSE = Path(__file__).resolve().parents[1]
DEEPEST = 12  # places in the code a line names


def configure() -> None:
    """Set up logging once a process; PROMS_LOG_LEVEL is debug, info (default), warning or error."""
    # A command that only computes never pays for it.
    import structlog

    level = logging.getLevelNamesMapping().get(os.environ.get(LEVEL, "info").upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up for every line: whoever redirects stderr gets the lines that follow.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    hush_libraries()


def hush_libraries() -> None:
    """They would write addresses, statements and what a person typed: their lines are ours."""
    root = logging.getLogger()
    if not any(isinstance(handler, LibraryLines) for handler in root.handlers):
        root.addHandler(LibraryLines())
    root.setLevel(logging.WARNING)


def watch_process() -> None:
    """Let what nobody caught end in a line too, not in a traceback with its text."""
    hush_libraries()
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _uncaught_at_end
    warnings.showwarning = _warned  # type: ignore[assignment]  # takes what is given, in order


def kinds(error: BaseException) -> str:
    """The types of an error and of what caused it: "DataError < StringDataRightTruncation"."""
    named: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(named) < DEEPEST:
        named.append(type(cause).__name__)
        cause = cause.__cause__
    return " < ".join(named)


def places(error: BaseException) -> list[str]:
    """Where in the code it happened: file and line of ours, and at the end where it was raised."""
    steps = list(_steps(error.__traceback__))
    ours = [place for place, is_ours in steps[:-1] if is_ours]
    return [*ours[-DEEPEST:], *(place for place, _ in steps[-1:])]


def _steps(trace: TracebackType | None) -> Iterator[tuple[str, bool]]:
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        ours = Path(file).is_relative_to(HOUSE) and "site-packages" not in file
        yield f"{short(file)}:{trace.tb_lineno}", ours
        trace = trace.tb_next


def short(file: str) -> str:
    """A file of ours as it stands in the repository, another's by its package."""
    path = Path(file)
    if "site-packages" in path.parts:
        at = len(path.parts) - 1 - path.parts[::-1].index("site-packages")
        return str(Path(*path.parts[at + 1 :]))
    if path.is_relative_to(HOUSE):
        return str(path.relative_to(HOUSE))
    return path.name


class LibraryLine(logging.Formatter):
    """A line that a library wrote: which one, where in its code, and of what error; not its
    words."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "event": "library",
            "library": record.name.partition(".")[0],
            "at": f"{short(record.pathname)}:{record.lineno}",
            "level": record.levelname.lower(),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line |= {"error": kinds(error), "trace": places(error)}
        return json.dumps(line)


class LibraryLines(logging.StreamHandler[TextIO]):
    """To whatever stderr is at that moment."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(LibraryLine())

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), file=sys.stderr)


def _failed(error: BaseException | None) -> None:
    if error is not None:
        _say("failed", error=kinds(error), trace=places(error))


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _failed(error)


def _uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    _failed(given.exc_value)


def _uncaught_at_end(given: "sys.UnraisableHookArgs") -> None:
    _failed(given.exc_value)


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object
) -> None:
    _say("library", error=category.__name__, at=f"{short(filename)}:{lineno}")
