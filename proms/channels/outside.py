"""The dead-man's switch outside: an address that hears every minute that all is well, and raises
the alarm when it hears nothing."""

from dataclasses import dataclass, field
from threading import Thread

import requests

SECONDS = 5  # to connect, and to answer
LONGEST = 10  # whatever it does: who drips its answer is left to itself


@dataclass
class Switch:
    """One address, the operator's own; `tells_failure` where it also understands /fail."""

    url: str = field(repr=False)  # whoever knows it can silence the alarm
    tells_failure: bool = False
    under_way: Thread | None = None

    def tell(self, *, well: bool) -> bool:
        """Call the address if all is well, or its /fail where it understands that; returns whether
        it was called. Takes ten seconds at most, and leaves out a call while the last one hangs."""
        if not well and not self.tells_failure:
            return False
        if self.under_way and self.under_way.is_alive():
            return False
        url = self.url if well else f"{self.url.rstrip('/')}/fail"
        self.under_way = Thread(target=_call, args=(url,), daemon=True)
        self.under_way.start()
        self.under_way.join(LONGEST)
        return True


def _call(url: str) -> None:
    # What it answers is of no interest, and it leads nowhere else.
    try:
        requests.get(url, timeout=SECONDS, allow_redirects=False, stream=True).close()
    except requests.RequestException:
        return  # it will notice that it heard nothing: that is what it is for
