#!/usr/bin/env bash
# dsjconvert 0.9.1, XPT to Dataset-JSON without a Define-XML: a date and time comes out as days since 1960 with a fraction, in a
# column of type double without a format, where SAS counts a datetime in seconds: read as one it lies seven hours into
# 1960. A blank in such a column stops the data set. "Validate" is on, yet the schemas are not in the wheel: a warning,
# and the file counts as converted, with `label: null` where the standard wants a text. (The wheel also names no
# dependency; linkml, pandas and pyreadstat must be installed beside it.) Guess before: ISO 8601 texts, or SAS's own
# numbers, and null for a blank. So keep to the text variables (--DTC), and check the result with another tool.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "dsjconvert==0.9.1" "linkml==1.12.1" "pandas==3.1.1" "pyreadstat==1.3.7" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
cd "$folder" && venv/bin/python - <<'PYTHON'
import json
import subprocess
from datetime import date, datetime
from importlib.metadata import requires, version
from pathlib import Path

import pandas as pd
import pyreadstat

print("dsjconvert", version("dsjconvert"), "needs, by its own word:", requires("dsjconvert"))
assert not requires("dsjconvert")


def converted(name, **columns):
    Path(name).mkdir()
    scores = pd.DataFrame({"USUBJID": ["K7N2R5X8", "C2F5J6W9"], **columns})
    pyreadstat.write_xport(scores, f"{name}/adqs.xpt", table_name="ADQS", file_format_version=5)
    command = ["venv/bin/dsjconvert", "-x", "--no-define", "--validate", "-f", "ndjson", "-s", name, "-p", name]
    told = subprocess.run(command, capture_output=True, text=True)
    written = Path(name, "adqs.ndjson"), Path(name, "ADQS.ndjson")
    lines = next((path.read_text().splitlines() for path in written if path.exists()), [])
    return [json.loads(line) for line in lines], told.stdout + told.stderr


day, time = date(2026, 3, 14), datetime(2026, 3, 14, 9, 5)
(head, first, _), log = converted("times", ADT=[day, day], ADTM=[time, time])
print(head["columns"], first, sep="\n")
assert "skipping validation" in log and "Successful: 1" in log
assert first[1] == 24179 and abs(first[2] - (24179 + (9 * 60 + 5) / 1440)) < 1e-9
assert [each["dataType"] for each in head["columns"]] == ["string", "double", "double"]
assert all(each["label"] is None and "displayFormat" not in each for each in head["columns"])
lines, log = converted("blank", ADTM=[time, None])
print(next(line for line in log.splitlines() if "ERROR" in line).split("ERROR - ")[1])
assert not lines and "Failed: 1" in log
assert converted("days", ADT=[day, None])[0][2] == ["C2F5J6W9", None]
PYTHON
