#!/usr/bin/env bash
# Three FHIRPath engines on one score: fhirpath (npm) 5.2.2, fhirpathpy 2.2.4, fhirpathrs 0.1.5. The sum of no answers is
# nothing to the first and 0 to the other two, so a scale left blank has a score there. 62.5.round(0) is 63, 62 (half to
# even) and 63; a change of (-2.5).round(0) is -2, -2 and -3. And fhirpathrs writes an answer of 7.5 as the text `[8]`.
# Guess before: one specification, one result, halves away from nought. So a calculatedExpression in a Questionnaire
# gives what the reader's engine makes of it: guard a sum by a count of answers, leave rounding to the display, and
# score on the server.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "fhirpathpy==2.2.4" "fhirpathrs==0.1.5" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
(cd "$folder" && npm init -y && npm install --no-audit --no-fund fhirpath@5.2.2) > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log" >&2; exit 1; }
cat > "$folder/response.json" <<'JSON'
{"resourceType": "QuestionnaireResponse", "status": "completed",
 "item": [{"linkId": "dose", "answer": [{"valueDecimal": 7.5}]}, {"linkId": "q1"}]}
JSON
cat > "$folder/expressions.json" <<'JSON'
["item.where(linkId = 'q1').answer.value.sum()", "62.5.round(0)", "(-2.5).round(0)",
 "item.where(linkId = 'dose').answer.value.toString()"]
JSON
cat > "$folder/engine.cjs" <<'JS'
const {readFileSync} = require('fs');
const {evaluate} = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');
const [response, expressions] = ['response', 'expressions'].map((name) => JSON.parse(readFileSync(`${name}.json`)));
console.log(JSON.stringify(expressions.map((each) => evaluate(response, each, {}, r4))));
JS
(cd "$folder" && node engine.cjs > js.json)
cd "$folder" && venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version

import fhirpathpy
import fhirpathrs
from fhirpathpy.models import models

response, expressions, js = (json.load(open(f"{name}.json")) for name in ("response", "expressions", "js"))
py = [fhirpathpy.evaluate(response, each, {}, models["r4"]) for each in expressions]
rs = [fhirpathrs.evaluate(each, response) for each in expressions]
print("fhirpath 5.2.2, fhirpathpy", version("fhirpathpy") + ", fhirpathrs", version("fhirpathrs"))
for each, *told in zip(expressions, js, py, rs):
    print(f"{each:55}", *told, sep="  ")
assert js == [[], [63], [-2], ["7.5"]]
assert py == [[0], [62], [-2], ["7.5"]]
assert rs == [0, 63, -3, "[8]"]
PYTHON
