#!/usr/bin/env bash
# ISO 8601 durations as questionnaires use them, in four readers. A look-back of a week is `-P1W` in SDTM's --EVLINT: aniso8601
# 10.0.1 refuses the sign, isodate 0.7.2, isoduration 20.11.0 and pydantic 2.14.3 take it. `P1M` is a month to isodate and
# isoduration, and 30 days to aniso8601 and pydantic, without a word: from 31 January that is 28 February here and 2 March
# there. `P1W2D` is nine days to isodate and pydantic, an error to the other two. Guess before: all four read a recall
# period alike. So keep recall periods and schedules in weeks or days, and add months by a calendar.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "aniso8601==10.0.1" "isodate==0.7.2" "isoduration==20.11.0" "pydantic==2.14.3" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timedelta
from importlib.metadata import version

import aniso8601
import isodate
import isoduration
from pydantic import TypeAdapter

start = datetime(2026, 1, 31)
readers = {
    "aniso8601": aniso8601.parse_duration,
    "isodate": isodate.parse_duration,
    "isoduration": isoduration.parse_duration,
    "pydantic": TypeAdapter(timedelta).validate_python,
}
days = {}
for name, read in readers.items():
    for text in ("-P1W", "P1M", "P1W2D"):
        try:
            days[name, text] = ((start + read(text)) - start).days
        except ValueError as error:
            days[name, text] = None
        print(name, version(name), text, days[name, text])
assert [days[name, "-P1W"] for name in readers] == [None, -7, -7, -7]
assert [days[name, "P1M"] for name in readers] == [30, 28, 28, 30]
assert [days[name, "P1W2D"] for name in readers] == [None, 9, None, 9]
PYTHON
