#!/usr/bin/env bash
# pyreadr 0.5.8: an .rds file for colleagues with R loses what a questionnaire needs. An ordered category (not at all < a little
# < ...) becomes a plain factor; whole numbers become doubles, dates and times texts (a time without its zone), and a
# duration that is missing becomes the text "NaT", no NA. Guess before: ordered factor, integer, Date, NA. So write
# durations as a number of days, and send a few lines of R with the file that set the order and the dates again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "pyreadr==0.5.8" "rdata==1.1.0" "pandas==3.1.1" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
cd "$folder" && venv/bin/python - <<'PYTHON'
from datetime import date
from importlib.metadata import version

import pandas as pd
import pyreadr
import rdata

levels = ["not at all", "a little", "quite a bit", "very much"]
times = pd.to_datetime(["2026-03-14T00:30:00+01:00", None])
answers = pd.DataFrame(
    {
        "q1": pd.Categorical(["quite a bit", None], categories=levels, ordered=True),
        "week": [6, 12],
        "day": [date(2026, 3, 14), None],
        "at": times.tz_convert("Europe/Amsterdam"),
        "took": pd.to_timedelta(["7 days", None]),
    }
)
pyreadr.write_rds("answers.rds", answers)
stored = rdata.parser.parse_file("answers.rds").object
kinds = dict(zip(answers, (each.info.type.name for each in stored.value)))
read = pyreadr.read_r("answers.rds")[None]
print("pyreadr", version("pyreadr"), kinds)
print(read.to_dict("list"))
assert kinds == {"q1": "INT", "week": "REAL", "day": "STR", "at": "STR", "took": "STR"}
classes = str(stored.value[0].attributes)
assert "b'factor'" in classes and "b'ordered'" not in classes
assert read.q1.cat.categories.tolist() == levels and not read.q1.cat.ordered
assert read.took.tolist() == ["7 days 00:00:00", "NaT"]
assert read["at"].tolist()[0] == "2026-03-14 00:30:00" and read["at"].isna().tolist()[1]
PYTHON
