"""The browser the tests drive: the machine's own, or Debian's where it may be installed; never
silently none."""

import os
import shutil
import subprocess
import sys

NAMES = (
    "chromium-headless-shell",  # without a window to draw, it asks less of a machine
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
# What fits a small phone is measured in letters like a phone's: Liberation has the widths of Arial.
PACKAGES = ("chromium-headless-shell", "fonts-liberation")
MISSING = (
    "The browser tests need Chromium or Chrome: "
    "install Debian's package chromium, or name a binary with CHROMIUM=..."
)


def find() -> str | None:
    """The binary that CHROMIUM names, else the first one on the PATH."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def may_install() -> bool:
    return (
        os.geteuid() == 0 and shutil.which("apt-get") is not None and not os.environ.get("CHROMIUM")
    )


def install() -> None:
    """Debian's chromium, quietly; what went wrong is shown."""
    print("Installing chromium and a font for the browser tests", flush=True)
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        quiet = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
        }
        done = subprocess.run(
            ["apt-get", "-q", *words],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            text=True,
            **quiet,
        )
        if done.returncode:
            print("".join(done.stdout.splitlines(keepends=True)[-5:]), file=sys.stderr)
            return


def main() -> int:
    if not find() and may_install():
        install()
    if find():
        return 0
    print(MISSING, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
