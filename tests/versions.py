"""The trial's content with a second version of the protocol, for stories in which it changes."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from proms.content import Library, load
from proms.settings import HOME

CHANGES = {"weeks: [12, 24, 36]": "weeks: [9, 18, 27, 36]", "version: 1": "version: 2"}


@cache
def two_versions() -> Library:
    """Version 2 asks with every panel: packs in weeks 9, 18, 27 and 36."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        for part in ("instruments", "protocols"):
            shutil.copytree(HOME / part, home / part)
        text = (home / "protocols/pump-it/1.yaml").read_text(encoding="utf-8")
        for old, new in CHANGES.items():
            text = text.replace(old, new, 1)
        (home / "protocols/pump-it/2.yaml").write_text(text, encoding="utf-8")
        return load(home, stand_ins=True)
