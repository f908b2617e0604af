#!/usr/bin/env bash
# fhirpathpy 2.2.4: the usual score expression, `item.answer.value.sum()`, cannot be run on a QuestionnaireResponse. With the R4
# model, sum, avg, min and max raise a TypeError (they meet a node, not its number), as they do on `valueInteger`
# without it; and without the model `value` finds no answer at all: sum says 0 and avg nothing, with no word of it. Sums
# of numbers written in the expression work, so a first try does not show it. Guess before: 13. So a 0 from it may be
# five answers unread; give it the model and write the sum as aggregate($this + $total, 0).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "fhirpathpy==2.2.4" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from fhirpathpy import evaluate
from fhirpathpy.models import models

response = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "item": [{"linkId": f"q{n}", "answer": [{"valueInteger": v}]} for n, v in enumerate([1, 2, 3, 4, 3], 1)],
}
print("fhirpathpy", version("fhirpathpy"))
for name in ("sum", "avg", "min", "max"):
    expression = f"item.answer.value.{name}()"
    try:
        told = evaluate(response, expression, {}, models["r4"])
    except TypeError as error:
        told = error
    bare = evaluate(response, expression)
    print(f"{expression:28} with the model: {told}; without: {bare}")
    assert isinstance(told, TypeError)
    assert bare == ([0] if name == "sum" else [])
assert evaluate(response, "item.answer.value.count()") == [0]
assert evaluate(response, "item.answer.value.aggregate($this + $total, 0)", {}, models["r4"]) == [13]
assert evaluate(response, "(1 | 3).sum()") == [4]
try:
    evaluate(response, "item.answer.valueInteger.sum()")
except TypeError as error:
    print("valueInteger, without the model:", error)
else:
    raise AssertionError("valueInteger.sum() gave an answer")
PYTHON
