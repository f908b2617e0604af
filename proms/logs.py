"""Log lines: JSON on stderr, with ids and counts; never an answer, a name, an address or a
token."""

import logging
import os
import sys

import structlog

LEVEL = "PROMS_LOG_LEVEL"


def configure() -> None:
    """Set up logging once a process; PROMS_LOG_LEVEL is debug, info (default), warning or error."""
    level = logging.getLevelNamesMapping().get(os.environ.get(LEVEL, "info").upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up for every line: whoever redirects stderr gets the lines that follow.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    # Twilio's and SMTP's own libraries would write addresses.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
