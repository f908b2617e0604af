#!/usr/bin/env bash
# fhir.resources 8.3.0: a QuestionnaireResponse read and written again is not the same text. valueDecimal 37.50 becomes 37.5
# (it is kept as a float, where FHIR counts the digits as part of the value), 0.0000001 becomes 1e-7, half a second becomes
# 500000 microseconds, and "7" in quotes is taken for valueInteger 7, which FHIR's JSON does not allow. A month alone
# (`2026-03`) stays one. Guess before: digits and seconds come back as they went in, since the type is called Decimal. So
# it judges a resource's shape, not its text: never store or sign what it wrote in place of what was received, and
# compare answers as numbers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "fhir.resources==8.3.0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

print("fhir.resources", version("fhir.resources"))


def again(answer, authored='"2026-03-14T09:05:00+01:00"'):
    head = '{"resourceType":"QuestionnaireResponse","status":"completed","authored":'
    sent = head + authored + ',"item":[{"linkId":"q1","answer":[{' + answer + "}]}]}"
    got = QuestionnaireResponse.model_validate_json(sent).model_dump_json()
    day, rest = got.removeprefix(head).split(",", 1)
    came = rest.removeprefix('"item":[{"linkId":"q1","answer":[{').removesuffix("}]}]}")
    print(authored, answer, "->", day, came)
    return day, came


assert again('"valueDecimal":37.50')[1] == '"valueDecimal":37.5'
assert again('"valueDecimal":0.0000001')[1] == '"valueDecimal":1e-7'
assert again('"valueInteger":"7"')[1] == '"valueInteger":7'
assert again('"valueInteger":7', '"2026-03-14T09:05:00.5Z"')[0] == '"2026-03-14T09:05:00.500000Z"'
assert again('"valueDate":"2026-03"', '"2026-03"') == ('"2026-03"', '"valueDate":"2026-03"')
PYTHON
