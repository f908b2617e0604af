#!/usr/bin/env bash
# schemathesis 4.32.5: tested through WSGI an application is asked for compressed answers (its transport sends the
# usual "Accept-Encoding: gzip, deflate") and a compressed answer is not unpacked: every call that is answered in JSON
# fails as "content deserialization error". Guess before: what asks for gzip reads it, as it does over the network. So a
# suite that was green turns red on the day its application learns to compress; ask for "identity" there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "schemathesis==4.32.5" "flask==3.1.3" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
cat > "$folder/probe.py" <<'PYTHON'
import gzip
import json
from importlib.metadata import version

import schemathesis
from flask import Flask, Response, request

app = Flask("probe")
ANSWER = json.dumps({"score": 50}).encode()
ASKED = []


@app.get("/score")
def score():
    ASKED.append(request.headers.get("Accept-Encoding"))
    if request.accept_encodings.quality("gzip") > 0:
        return Response(gzip.compress(ANSWER), mimetype="application/json", headers={"Content-Encoding": "gzip"})
    return Response(ANSWER, mimetype="application/json")


said = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}}
told = {"openapi": "3.0.3", "info": {"title": "probe", "version": "1"}, "paths": {"/score": {"get": {"responses": said}}}}


@app.get("/openapi.json")
def openapi():
    return told


case = schemathesis.openapi.from_wsgi("/openapi.json", app)["/score"]["GET"].Case()


def outcome(**headers):
    try:
        case.call_and_validate(headers=headers)
    except BaseExceptionGroup as error:
        return f"fails: {[type(each).__name__ for each in error.exceptions]}"
    return "passes"


print("schemathesis", version("schemathesis"))
usual, plain = outcome(), outcome(**{"Accept-Encoding": "identity"})
print("asked for   ", ASKED[0])
print("as it is    ", usual)
print("identity    ", plain)
assert "gzip" in ASKED[0]
assert usual == "fails: ['ContentDeserializationError']"
assert plain == "passes"
PYTHON
"$folder/venv/bin/python" "$folder/probe.py"
