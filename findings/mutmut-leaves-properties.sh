#!/usr/bin/env bash
# mutmut 3.8.1 changes nothing in a decorated function: no property, no cached function, no Flask view. They are not in its
# results at all, so the share of mutants caught says nothing of them; static and class methods, and methods of a
# dataclass, are changed. A lambda and a number at the top of a module are not. Guess before: a decorator makes no
# difference. So move a decision that must be tested out of the property or the view into a plain function, and hold
# the results against a list of the functions.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "mutmut==3.8.1" "pytest==9.2.0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
mkdir "$folder/alerts" "$folder/tests"
cat > "$folder/pyproject.toml" <<'TOML'
[project]
name = "alerts"
version = "0"
[tool.mutmut]
source_paths = ["alerts/"]
TOML
touch "$folder/alerts/__init__.py"
cat > "$folder/alerts/alert.py" <<'PYTHON'
from dataclasses import dataclass
from functools import cache

DAYS = 2 + 1
later = lambda day: day + 1  # noqa: E731


def plain(level):
    return level + 1


@cache
def cached(level):
    return level + 1


@dataclass(frozen=True)
class Alert:
    level: int

    def method(self):
        return self.level + 1

    @property
    def urgent(self):
        return self.level > 2

    @classmethod
    def of(cls, level):
        return cls(level + 1)

    @staticmethod
    def static(level):
        return level + 1
PYTHON
cat > "$folder/tests/test_alert.py" <<'PYTHON'
from alerts.alert import DAYS, Alert, cached, later, plain


def test_runs():
    alert = Alert.of(2)
    assert (plain(1), cached(1), alert.method(), alert.urgent, Alert.static(1), later(1), DAYS)
PYTHON
cd "$folder"
venv/bin/mutmut run > run.log 2>&1 || { cat run.log >&2; exit 1; }
venv/bin/python -c 'from importlib.metadata import version; print("mutmut", version("mutmut"))'
venv/bin/mutmut results --all true | sed -n 's/.*\.xǁ*\([^:]*\)__mutmut_.*/\1/p' | sort -u | tee changed.txt
[ "$(tr '\n' ' ' < changed.txt | sed 's/ǁ/./g; s/_plain/plain/')" = "Alert.method Alert.of Alert.static plain " ]
