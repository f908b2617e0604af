"""An install that is killed leaves the shelf as it was or as it should be, never something in
between."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from proms.content.shelf import UNFINISHED, installed
from proms.settings import HOME
from tests.wordings import OWN, filled_in, install, make_pack

# Kills itself at the nth time that it touches the file system; prints nothing, so that no buffer is
# in the way.
INSTALLING = """
import os, signal, sys
from pathlib import Path
from proms.content import load
from proms.content.pack_files import files_of
from proms.content.shelf import install
from proms.content.wording_pack import read_pack
pack, packs, last, home = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
library = load(home)
made, touched = read_pack(files_of(pack), Path(pack.name), library), 0
def touch(event, args):
    global touched
    if event in ("open", "os.mkdir", "os.rename", "os.listdir", "os.rmdir", "os.remove"):
        touched += 1
        if touched == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(touch)
install(made, packs, library, Path(pack.name))
"""


def killed_at(step: int, pack: Path, packs: Path) -> bool:
    words = [str(each) for each in (pack, packs, step, HOME)]
    ended = subprocess.run([sys.executable, "-c", INSTALLING, *words], cwd=HOME, check=False)
    assert ended.returncode in (0, -signal.SIGKILL)
    return ended.returncode != 0


def test_an_install_that_is_killed_at_any_step_leaves_old_or_new_and_never_half(tmp_path: Path):
    old = make_pack(tmp_path / "old", filled_in(tmp_path, "qlq-lmc21"))
    new = make_pack(tmp_path / "new", filled_in(tmp_path, "qlq-lmc21"), wording="2")
    packs, seen, step = tmp_path / "packs", [], 1
    install(old, packs)
    while killed_at(step, new, packs):
        seen.append([pack.wording for pack in installed(packs, OWN)])
        step += 1
    assert step > 8
    assert seen[0] == ["1"]
    assert all(each in (["1"], ["1", "2"]) for each in seen)
    assert [pack.wording for pack in installed(packs, OWN)] == ["1", "2"]
    assert not [name for name in os.listdir(packs) if name.startswith(UNFINISHED)]
