"""The page that tells the schedule in words names what the protocol asks, and its history file
works."""

import re
from pathlib import Path

from proms.content.history_file import read_history
from tests.domain.calendars import TRIAL

PAGE = (Path(__file__).parents[2] / "docs" / "schedule.md").read_text(encoding="utf-8")


def test_every_event_is_told():
    told = set()
    for line in PAGE.splitlines():
        stem = ""
        for name in re.findall(
            r"`([A-Z-]+[A-Z0-9-]*)`", line.split("|")[1] if line.count("|") > 2 else ""
        ):
            told.add(stem + name if name.startswith("-") else name)
            stem = name.rsplit("-", 1)[0] if not name.startswith("-") else stem
    asked = {event.coded(1) for event in TRIAL.events} | set(TRIAL.unscheduled)
    assert asked - told == set()


def test_the_history_file_of_the_page_can_be_read(tmp_path):
    path = tmp_path / "history.yaml"
    path.write_text(PAGE.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert read_history(path, TRIAL).confirmed
