#!/usr/bin/env bash
# pandas 3.1.1: of a SAS transport file (XPT), read_sas gives a score of 0 as 5.4e-79, so `score == 0` is false everywhere and
# a count of patients at the floor is nought. Dates and times are bare numbers, days and seconds since 1960, though the
# file says DATE9. And what pyreadstat 1.3.7 writes unless told otherwise is version 8, which read_sas refuses. Guess
# before: 0 is 0, and a date is a date, as in its reader of sas7bdat. So write version 5, read it back with
# pyreadstat (0, a date), and let no analysis of transport files test a score for equality.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "pandas==3.1.1" "pyreadstat==1.3.7" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
cd "$folder" && venv/bin/python - <<'PYTHON'
from datetime import date, datetime

import pandas as pd
import pyreadstat

scores = pd.DataFrame(
    {
        "USUBJID": ["K7N2R5X8", "C2F5J6W9", "B3D4F6G7"],
        "AVAL": [0.0, None, 66.66666666666667],
        "ADT": [date(2026, 3, 14), None, date(2026, 3, 28)],
        "ADTM": [datetime(2026, 3, 14, 9, 5), None, datetime(2026, 3, 28, 9, 5)],
    }
)
print("pandas", pd.__version__, "pyreadstat", pyreadstat.__version__)
pyreadstat.write_xport(scores, "five.xpt", table_name="QS", file_format_version=5)
read = pd.read_sas("five.xpt", encoding="utf-8")
back, _ = pyreadstat.read_xport("five.xpt")
print("read_sas  ", read.iloc[0].tolist())
print("pyreadstat", back.iloc[0].tolist())
assert read.AVAL[0] == 5.397605346934028e-79 and not (read.AVAL == 0).any()
assert read.AVAL.isna().tolist() == [False, True, False] and read.AVAL[2] == scores.AVAL[2]
assert (read.ADT[0], read.ADTM[0]) == (24179.0, 2089098300.0)
assert back.AVAL[0] == 0 and back.ADT[0] == date(2026, 3, 14)
pyreadstat.write_xport(scores, "default.xpt", table_name="QS")
try:
    pd.read_sas("default.xpt")
except ValueError as error:
    print("read_sas, file as pyreadstat writes it by itself:", error)
else:
    raise AssertionError("read_sas took pyreadstat's own format")
PYTHON
