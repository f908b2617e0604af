#!/usr/bin/env bash
# tableone 0.9.6: of a categorical item, forms without an answer are a row of their own, named "None" (beside the answer "none"), and
# count in the percentages and in the test: p is 0.717, and 1 among those who answered. The column "Missing" stays empty
# for it, while a score in the same table has its blanks counted there and left out of its mean. Guess before:
# percentages of those who answered. So pass include_null=False, and write what the denominator is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "tableone==0.9.6" "pandas==2.3.3" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import pandas as pd
from tableone import TableOne

answers = pd.DataFrame(
    {
        "arm": ["A"] * 5 + ["B"] * 5,
        "pain": ["none", "mild", None, "none", "mild", "none", None, None, "mild", "none"],
        "ql": [50, 60, None, 70, 80, 90, None, 60, 50, 40],
    }
)


def table(**how):
    made = TableOne(
        answers, columns=["pain", "ql"], categorical=["pain"], groupby="arm", pval=True, **how
    )
    told = made.tableone
    told.columns = told.columns.droplevel(0)
    print(told.to_string())
    return told


print("tableone", version("tableone"))
default, without = table(), table(include_null=False)
assert default.loc[("pain, n (%)", "None"), "Overall"] == "3 (30.0)"
assert default.loc[("pain, n (%)", "none"), "Overall"] == "4 (40.0)"
assert default.loc[("pain, n (%)", "None"), "P-Value"] == "0.717"
assert default.loc[("pain, n (%)", "None"), "Missing"] == ""
assert str(default.loc[("ql, mean (SD)", ""), "Missing"]) == "2"
assert without.loc[("pain, n (%)", "none"), "Overall"] == "4 (57.1)"
assert float(without.loc[("pain, n (%)", "mild"), "P-Value"]) == 1
PYTHON
