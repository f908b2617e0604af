#!/usr/bin/env bash
# statsmodels 0.15.0: of the models that an analyst tries on repeated scores, ols, glm and gee leave out the forms that were
# never sent, and mixedlm (the one a trial with missing forms is planned for) stops: "factor contains missing values",
# with the whole formula in place of the column. Guess before: all of them drop such rows, as formulas do. missing="drop"
# makes it do so. So code that changes gee to mixedlm needs that argument, and should print nobs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "statsmodels==0.15.0" "pandas==2.3.3" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import pandas as pd
import statsmodels
import statsmodels.formula.api as smf

random = np.random.default_rng(3)
scores = pd.DataFrame({"patient": np.repeat(np.arange(20), 3), "week": np.tile([0, 6, 12], 20)})
scores["ql"] = 60 + 4 * (scores.patient % 5) - scores.week / 4 + 8 * random.standard_normal(60)
scores.loc[[1, 7], "ql"] = np.nan
print("statsmodels", statsmodels.__version__)
used = {
    "ols": smf.ols("ql ~ week", scores).fit().nobs,
    "glm": smf.glm("ql ~ week", scores).fit().nobs,
    "gee": smf.gee("ql ~ week", "patient", scores).fit().nobs,
    "mixedlm, missing=drop": smf.mixedlm("ql ~ week", scores, groups="patient", missing="drop").fit().nobs,
}
print("rows used of 60:", used)
assert set(used.values()) == {58}
try:
    smf.mixedlm("ql ~ week", scores, groups="patient").fit()
except Exception as error:
    print("mixedlm:", type(error).__name__, error)
    assert "missing values" in str(error) and "column" not in str(error)
else:
    raise AssertionError("mixedlm took a missing score")
PYTHON
