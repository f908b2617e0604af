"""`make bench` runs: its figures are for people, and no test depends on one."""

import subprocess
import sys

import pytest

from proms.settings import HOME

MEASURED = (
    "proms score, CSV to CSV",
    "qlq-c30 scored",
    "qlq-cr29 scored",
    "eq-5d-5l scored",
    "one qlq-c30 response",
    "responses exported",
    "plan + reconcile",
    "re-plan after a changed cycle, SQLite",
    "re-plan after a changed cycle, PostgreSQL",
    "messages decided, SQLite",
    "windows closed, PostgreSQL",
    "a patient found, SQLite",
    "a patient found, PostgreSQL",
    "a check judged, SQLite",
    "a check judged, PostgreSQL",
    "an answer kept, ten clients guess from one address, SQLite",
    "an answer kept, ten clients guess from many addresses, PostgreSQL",
    "an answer kept while 612 reminders leave, p95, SQLite",
    "reminders decided and left while the web serves, PostgreSQL",
)


@pytest.mark.nightly
def test_the_benchmarks_run_and_print_every_figure_with_its_peer():
    command = [
        sys.executable,
        "-m",
        "bench",
        "--rows",
        "300",
        "--times",
        "1",
        "--assignments",
        "300",
        "--patients",
        "2",
    ]
    told = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert [
        measured for measured in MEASURED if not any(line.startswith(measured) for line in lines)
    ] == []
    assert [line.split("  ")[0] for line in lines].count("qlq-c30 scored") == 3
