#!/usr/bin/env bash
# fhirclient 4.4.0: the reason why an answer is missing is lost when it stands where FHIR puts it for a primitive value: an
# answer with `_valueInteger` and data-absent-reason `asked-declined` is read and written as `{}`, without a word. The same
# reason as an extension of the answer stays. And of a date known to the month, `.date` is the first of it, at midnight
# and without a zone, while a full time has one (the text itself is kept). Guess before: an element that is not
# kept raises, as an unknown one does. So put the reason on the item or the answer, and ask as_json() how precise a date is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "fhirclient==4.4.0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from fhirclient.models.questionnaireresponse import QuestionnaireResponse

print("fhirclient", version("fhirclient"))
REASON = [
    {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "asked-declined"}
]


def read(answer, authored="2026-03-14T09:05:00+01:00"):
    return QuestionnaireResponse(
        {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "authored": authored,
            "item": [{"linkId": "q1", "answer": [answer]}],
        }
    )


def written(answer):
    told = read(answer).as_json()["item"][0]["answer"][0]
    print(answer, "->", told)
    return told


assert written({"_valueInteger": {"extension": REASON}}) == {}
assert written({"extension": REASON}) == {"extension": REASON}
month, whole = read({"valueInteger": 1}, "2026-03").authored, read({"valueInteger": 1}).authored
print(month.as_json(), "is", month.date, "and", whole.as_json(), "is", whole.date)
assert month.as_json() == "2026-03"
assert month.date.isoformat() == "2026-03-01T00:00:00"
assert whole.date.isoformat() == "2026-03-14T09:05:00+01:00"
PYTHON
