#!/usr/bin/env bash
# pandas 3.1: a text that begins with a letter can still be read as a date. dateutil, which pandas asks, skips `m`, `t` and
# `at`, and takes `h`, `m`, `s` behind a number for hours, minutes and seconds: `T5` is a fifth, `M2H5` is 02:05, and
# read_csv(parse_dates=...) makes times of the year 1 of a whole column of such codes, with a warning that speaks of formats only. Guess before: a
# letter in front makes an identifier safe. So identifiers for spreadsheets leave out T, H, M, S, A and P, or are read as
# text. And of the known kind: `23E45` is a number to pandas, alone in its column or not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "pandas==3.1.1" "python-dateutil==2.9.0.post0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
from io import StringIO

import pandas as pd
from dateutil import parser

print("pandas", pd.__version__)
read = pd.read_csv(StringIO("code\nT7H6\nM2H5\n"), parse_dates=["code"])["code"]
print(read.tolist())
assert [(each.year, each.hour, each.minute) for each in read] == [(1, 7, 6), (1, 2, 5)]
print("dateutil:", parser.parse("T7H6H7N").time(), parser.parse("M8M5T7P").time())
assert str(parser.parse("M8M5T7P").time()) == "19:08:05"
number = pd.read_csv(StringIO("code\n23E45\n"))["code"][0]
print("23E45 is", number)
assert number == 2.3e46
without = pd.read_csv(StringIO("code\nK7N2R5X8\nC2F5J6W9\n"), parse_dates=["code"])["code"]
assert without.tolist() == ["K7N2R5X8", "C2F5J6W9"]
PYTHON
