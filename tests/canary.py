"""No log line of the whole suite tells of anybody: whatever test writes one with a name, a number,
an address, a study code or the token of a link fails (T-19)."""

import json
import re

# Whom the stories tell of; a place in the code or the name of a tick is none of these.
NAMES = "Anna|Bakker|Bea|Ben|Bert|Berta|Carl|Carla|Cor|Dirk|Dora|Els|Fien|Greta|Rita|Sam|Smit|Vera"
TELLS = re.compile(
    rf"\b(?:{NAMES})\b"
    r"|\+\d{8,15}\b|\b0\d{9}\b"  # a telephone number
    r"|[\w.+-]+@[\w-]+\.[a-z]{2,}"  # an e-mail address
    r"|/q/\w|\b(?=\w*\d)(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z0-9]{22}\b"  # the token of a link
    r"|\b(?:[A-Z]\d){4}\b"  # a study code
    r"|Kanarievogel"
)


def telling_line(written: str) -> str | None:
    """The first log line in what was written that tells of somebody."""
    for line in written.splitlines():
        if _is_ours(line) and TELLS.search(line):
            return line
    return None


def _is_ours(line: str) -> bool:
    if not line.startswith("{"):
        return False
    try:
        read = json.loads(line)
    except ValueError:
        return False
    return isinstance(read, dict) and "event" in read
