#!/usr/bin/env bash
# lifelines 0.30.3: AalenJohansenFitter (time to deterioration with death as a competing event) shakes tied times by chance before it
# estimates. Forms come every six weeks, so all times are tied: with ten patients the cumulative incidence at week 12 was
# 0.32 with one seed and 0.21 with another, and without a seed it is another figure at each run. A warning says that ties
# were found. Guess before: ties are counted, as in Kaplan-Meier, and two runs agree. statsmodels' CumIncidenceRight
# and the formula by hand say 0.329. So take that, or one event order agreed in the plan; a seed makes it repeatable, not right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "lifelines==0.30.3" "statsmodels==0.15.0" "pandas==2.3.3" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import lifelines
import numpy as np
from lifelines import AalenJohansenFitter
from statsmodels.duration.survfunc import CumIncidenceRight

weeks = np.array([6, 6, 6, 12, 12, 12, 12, 18, 18, 24])
events = np.array([1, 2, 0, 1, 1, 2, 0, 1, 2, 0])  # 1 worse, 2 died, 0 neither yet
print("lifelines", lifelines.__version__)


def at_week_12(seed):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        fitted = AalenJohansenFitter(seed=seed).fit(weeks, events, event_of_interest=1)
    assert any("jitter" in str(each.message).lower() for each in told)
    return round(float(fitted.predict(12)), 3)


seeded = {seed: at_week_12(seed) for seed in (1, 2, 3, 4, 5)}
print("incidence at week 12 by seed:", seeded, "without one, three times:", [at_week_12(None) for _ in range(3)])
assert len(set(seeded.values())) > 1 and max(seeded.values()) - min(seeded.values()) > 0.1
assert seeded == {seed: at_week_12(seed) for seed in seeded}
free, known = 1.0, 0.0
for week in (6, 12):
    known += free * ((weeks == week) & (events == 1)).sum() / (weeks >= week).sum()
    free *= 1 - ((weeks == week) & (events > 0)).sum() / (weeks >= week).sum()
counted = CumIncidenceRight(weeks, events)
print("statsmodels", counted.cinc[0].round(3), "by hand", round(known, 3))
assert round(known, 3) == round(float(counted.cinc[0][1]), 3) == 0.329
PYTHON
