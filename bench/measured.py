"""`python -m bench.measured copy|score`: one table from stdin to stdout; what it cost is told on
stderr as JSON."""

import csv
import json
import resource
import sys
from pathlib import Path
from time import process_time

STATUS = Path("/proc/self/status")


def peak() -> int:
    """The most memory this process held, in KB."""
    if not STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # What getrusage tells begins with the memory of the process that started this one.
    return next(
        int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith("VmHWM")
    )


def main() -> None:
    if sys.argv[1] == "copy":
        csv.writer(sys.stdout, lineterminator="\n").writerows(csv.reader(sys.stdin))
    else:
        from proms.cli import main as proms

        proms(["score", "qlq-c30", "-"], standalone_mode=False)
    sys.stdout.flush()
    print(json.dumps({"seconds": process_time(), "peak": peak()}), file=sys.stderr)


if __name__ == "__main__":
    main()
