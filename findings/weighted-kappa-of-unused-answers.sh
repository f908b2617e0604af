#!/usr/bin/env bash
# scikit-learn 1.9.1: weighted kappa (test and retest of an item) measures distances in ranks of the answers that occur, not in the
# answers. Where nobody chose 3 of 1 to 4, a 4 is next to a 2: quadratic kappa is 0.75, and 0.732 once the scale is given;
# the linear one happens to be equal here. Nothing tells. Guess before: numbers are numbers, 4 is two away from 2. So
# always pass labels= with the whole scale; alpha of krippendorff 0.9.0 (interval) is the same with the scale and without.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "scikit-learn==1.9.1" "krippendorff==0.9.0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
import krippendorff
import sklearn
from sklearn.metrics import cohen_kappa_score

first = [1, 1, 2, 2, 4, 4, 1, 2, 4, 2, 1, 4]
again = [1, 2, 2, 1, 4, 2, 1, 2, 4, 4, 1, 4]
scale = [1, 2, 3, 4]
print("scikit-learn", sklearn.__version__)
bare = cohen_kappa_score(first, again, weights="quadratic")
whole = cohen_kappa_score(first, again, weights="quadratic", labels=scale)
print("quadratic kappa", bare, "with the scale", whole)
assert round(bare, 4) == 0.75 and round(whole, 4) == 0.7321
renumbered = [{1: 1, 2: 2, 4: 3}[each] for each in first], [{1: 1, 2: 2, 4: 3}[each] for each in again]
assert cohen_kappa_score(*renumbered, weights="quadratic") == bare
alphas = {
    krippendorff.alpha([first, again], level_of_measurement="interval", value_domain=domain)
    for domain in (None, scale)
}
print("krippendorff's alpha, interval", alphas)
assert len(alphas) == 1
PYTHON
