"""A dispatcher in a process of its own that may die at any marked point: each is forked from one
process that has read everything beforehand."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from urllib.parse import urlencode
from urllib.request import urlopen

from proms.actions.asking import ask_providers
from proms.actions.deliveries import Lane, deliver_due
from proms.actions.letters import Post
from proms.channels.sms import Sms
from proms.content import Library, load
from proms.db.keyring import Keyring
from proms.db.session import Database, connect
from proms.domain.reminder import OutboxLimits
from proms.settings import HOME
from tests.twilio_server import ACCOUNT, TOKEN

KEYRING = Keyring({"k1": bytes(range(32))}, "0123456789abcdefghijklmnopqrstuvwxyz")
DIED = 9
ADDRESS = "https://proms.example.org"


def post(twilio: str, *, crash_at: int = 0, side_by_side: int = 1) -> Post:
    """What a dispatcher sends with; at the `crash_at`th marked point it is gone, without a
    word."""
    passed = 0

    def passes(_point: str) -> None:
        nonlocal passed
        passed += 1
        if passed == crash_at:
            os._exit(DIED)

    sms = Sms.connect(
        ACCOUNT, TOKEN, sender="proms", callback=f"{ADDRESS}/hooks/twilio", base_url=twilio
    )
    limits, dice = OutboxLimits(texts_a_day=100_000), Random(7)
    return Post(
        {"sms": sms}, KEYRING, ADDRESS, side_by_side, limits=limits, dice=dice, passes=passes
    )


@dataclass(frozen=True)
class Dispatcher:
    """One that looks for what is due now and then, at a provider that keeps the same clock."""

    database: Database
    library: Library
    twilio: str
    post: Post

    def comes_by(self, base: datetime, minutes: Sequence[int]) -> None:
        """So many minutes after a moment, and after it again."""
        for minute in minutes:
            now = base + timedelta(minutes=minute)
            with urlopen(f"{self.twilio}/clock?{urlencode({'at': now.isoformat()})}") as answer:
                answer.read()
            self.sends_all(now)

    def sends_all(self, now: datetime) -> None:
        while ask_providers(self.database, self.post, now=now):
            pass
        while deliver_due(self.database, self.library, self.post, lane=Lane.PATIENTS, now=now):
            pass


@dataclass(frozen=True)
class Nursery:
    """Where dispatchers come from."""

    process: "subprocess.Popen[str]"

    def run(self, database: str, twilio: str, base: datetime, **order: object) -> list[int]:
        """How each of the dispatchers of this order ended."""
        told = {"database": database, "twilio": twilio, "base": base.isoformat(), **order}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        ended: list[int] = json.loads(self.process.stdout.readline())
        return ended


@contextmanager
def nursery() -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.fault.dispatcher"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOME
    ) as process:
        yield Nursery(process)
        process.kill()


def main() -> None:
    library = load(HOME)
    databases: dict[str, Database] = {}
    for line in sys.stdin:
        order = json.loads(line)
        base = datetime.fromisoformat(order["base"])
        if order["database"] not in databases:
            # What a first look takes time for is there for all; no connection is handed on.
            database = databases[order["database"]] = connect(order["database"])
            first = Dispatcher(database, library, order["twilio"], post(order["twilio"]))
            first.sends_all(base - timedelta(days=1))
        databases[order["database"]].engine.dispose()
        born = []
        for _ in range(order.get("workers", 1)):
            pid = os.fork()
            if not pid:
                own = post(
                    order["twilio"],
                    crash_at=order.get("crash_at", 0),
                    side_by_side=order.get("side_by_side", 1),
                )
                database = databases[order["database"]]
                one = Dispatcher(database, library, order["twilio"], own)
                one.comes_by(base, order["minutes"])
                os._exit(0)
            born.append(pid)
        ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in born]
        print(json.dumps(ended), flush=True)


if __name__ == "__main__":
    main()
