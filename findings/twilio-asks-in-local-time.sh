#!/usr/bin/env bash
# twilio 9.13.0: messages.list(date_sent_after=...) writes "Z" (universal time) behind the hours of whatever time zone
# the moment is in, without converting them. 09:00 in Amsterdam's summer is asked about as 09:00Z, two hours late: a
# message sent at 09:01 is not in the list, and who takes an empty list for "it never left" sends it twice. Guess
# before: an aware moment is converted, as it is with most clients. So convert to UTC before you ask. And the number
# that is asked about stands in the address, which the client's own logger ("twilio.http_client") writes at INFO.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "twilio==9.13.0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
import logging
from datetime import UTC, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

print("twilio", version("twilio"))
asked, lines = [], []


class Nobody(TwilioHttpClient):
    """Takes note of what would be asked, and asks nobody."""

    def request(self, method, url, params=None, *args, **kwargs):
        asked.append(params)
        self.log_request({"method": method, "url": url, "params": params, "headers": None, "data": None})
        return Response(200, '{"messages": []}')


class Keep(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())


log = logging.getLogger("twilio.http_client")
log.setLevel(logging.INFO)
log.addHandler(Keep())
messages = Client("AC" + "0" * 32, "token", http_client=Nobody()).messages
moment = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Amsterdam"))
messages.list(to="+31201234567", date_sent_after=moment)
messages.list(to="+31201234567", date_sent_after=moment.astimezone(UTC))
print("09:00 in Amsterdam, as it is:", asked[0]["DateSent>"], "| converted first:", asked[1]["DateSent>"])
assert [each["DateSent>"] for each in asked] == ["2026-07-01T09:00:00Z", "2026-07-01T07:00:00Z"]
assert any("+31201234567" in line for line in lines)
print("in the log:", next(line for line in lines if "+31201234567" in line))
PYTHON
