#!/usr/bin/env bash
# pingouin 0.7.0: Cronbach's alpha of a three-item scale with one blank in three of eight forms is 1.02, interval 1.08 to
# 1.01: no alpha can be above 1. By default covariances are taken pair by pair, so variances and covariances are of
# different patients; nothing warns, and the interval is about the impossible value. Guess before: pair by pair, and still
# an alpha. So pass nan_policy="listwise" (0.97 here), and say how many forms were whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "pingouin==0.7.0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" -W error::UserWarning -W error::RuntimeWarning - <<'PYTHON'
from importlib.metadata import version

import pandas as pd
import pingouin

answers = pd.DataFrame(
    {
        "q1": [1, 2, 4, 6, 7, 3, 5, None],
        "q2": [2, 2, 5, 6, 6, 3, None, 4],
        "q3": [1, 3, 4, 5, 7, None, 5, 4],
    }
)
print("pingouin", version("pingouin"))
alpha, interval = pingouin.cronbach_alpha(answers)
whole, _ = pingouin.cronbach_alpha(answers, nan_policy="listwise")
print("as it comes", alpha, interval, "whole forms only", whole)
assert round(float(alpha), 3) == 1.023 and min(interval) > 1
assert round(float(whole), 3) == 0.973
PYTHON
