"""The processes a test has started, and those that they started: counted, and ended."""

import os
import signal
import time
from pathlib import Path
from uuid import uuid4

MARK = "PROMS_STARTED_BY_TEST"


class Started:
    """Every process whose environment carries this mark; children inherit it, whatever session or
    group they are put in."""

    def __init__(self) -> None:
        self.environment = {MARK: uuid4().hex}

    def running(self) -> list[int]:
        """The ids of those that run; one that ended and waits for its parent does not."""
        return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if self._is_ours(entry)]

    def _is_ours(self, entry: Path) -> bool:
        mark = f"{MARK}={self.environment[MARK]}".encode()
        try:
            return mark in (entry / "environ").read_bytes().split(b"\0")
        except OSError:  # it has just ended, or is somebody else's
            return False

    def end_within(self, seconds: float) -> bool:
        """Whether all of them end in this time."""
        give_up = time.monotonic() + seconds
        while self.running():
            if time.monotonic() > give_up:
                return False
            time.sleep(0.05)
        return True

    def kill(self) -> None:
        """End them all at once; what they start meanwhile too."""
        while running := self.running():
            for pid in running:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(0.05)


def heed_ctrl_c() -> None:
    """For a process about to start: where the tests run in the background Ctrl-C is ignored, and so
    it would be by all they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
