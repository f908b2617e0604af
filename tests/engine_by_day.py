"""By day on one of the engines, half of the tests on each; by night on the other."""

from zlib import crc32

import pytest

from tests.conftest import ENGINES


def left_to_the_night(item: pytest.Item) -> bool:
    """Whether this is the test on the engine that is not its engine of the day."""
    told_on = getattr(item, "callspec", None) and item.callspec.params.get("database_url")
    if told_on not in ENGINES:
        return False
    return told_on != ENGINES[crc32(item.nodeid.replace(told_on, "").encode()) % 2]
