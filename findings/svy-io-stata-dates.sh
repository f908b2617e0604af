#!/usr/bin/env bash
# svy-io 0.7.1: a date in a Stata file comes as a number of days since 1960 (24179.0) and a time as milliseconds, while the same
# data in an SPSS or SAS file come as a date and a time, and pandas and pyreadstat read the Stata ones as such. Guess
# before: dates, since the file says %td and its other readers do. So in a column of visit dates the numbers look like
# scores; convert them, or read Stata files with another reader.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "svy-io==0.7.1" "pyreadstat==1.3.7" "pandas==3.1.1" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
cd "$folder" && venv/bin/python - <<'PYTHON'
from datetime import date, datetime
from importlib.metadata import version

import pandas as pd
import pyreadstat
import svy_io

visits = pd.DataFrame({"visit": [date(2026, 3, 14)], "at": [datetime(2026, 3, 14, 9, 5)]})
pyreadstat.write_dta(visits, "visits.dta", variable_format={"visit": "%td", "at": "%tc"})
pyreadstat.write_sav(visits, "visits.sav")
pyreadstat.write_xport(visits, "visits.xpt", file_format_version=5)


def first(read, file):
    told = read(file)
    frame = told[0] if isinstance(told, tuple) else told
    row = frame.row(0)
    print(f"svy-io {version('svy-io')}, {file}:", *row)
    return row


expected = (date(2026, 3, 14), datetime(2026, 3, 14, 9, 5))
assert first(svy_io.read_dta, "visits.dta") == (24179.0, 2089098300000.0)
assert first(svy_io.read_sav, "visits.sav") == expected
assert first(svy_io.read_xpt, "visits.xpt") == expected
read, told = pyreadstat.read_dta("visits.dta")
print("pyreadstat, visits.dta:", *read.iloc[0], told.original_variable_types)
assert tuple(read.iloc[0]) == expected
assert told.original_variable_types == {"visit": "%td", "at": "%tc"}
assert pd.read_stata("visits.dta").visit[0] == pd.Timestamp(2026, 3, 14)
PYTHON
