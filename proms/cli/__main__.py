"""`python -m proms.cli` is `proms`."""

from proms.cli import main

main()
