#!/usr/bin/env bash
# flask-smorest 0.47: a docstring whose first sentence wraps gives an OpenAPI `summary` with a line break in it, and a
# wrapped description keeps its breaks too. Guess before: a summary is one line, since the docstring is unindented and
# split there. So wrapping code at another width changes a published API description; whoever compares descriptions, or
# prints summaries in a list, should join the lines.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "flask-smorest==0.47.0" "flask==3.1.3" "marshmallow==4.4.0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from flask import Flask
from flask_smorest import Api, Blueprint

app = Flask("probe")
app.config.update(API_TITLE="probe", API_VERSION="1", OPENAPI_VERSION="3.0.3")
calls = Blueprint("calls", "calls")


@calls.route("/one")
def one():
    """A sentence that goes on
    in a second line.

    A description that does
    so too.
    """
    return {}


api = Api(app)
api.register_blueprint(calls)
told = api.spec.to_dict()["paths"]["/one"]["get"]
print("flask-smorest", version("flask-smorest"))
print("summary    ", repr(told["summary"]))
print("description", repr(told["description"]))
assert told["summary"] == "A sentence that goes on\nin a second line."
assert told["description"] == "A description that does\nso too."
PYTHON
