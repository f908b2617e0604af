"""What a patient's own page offers is the protocol's to say, and how long her pause may be."""

from datetime import date, timedelta

import pytest

from proms.content import UnsoundContent
from proms.content.protocol_views import ViewNames
from proms.content.protocols import read_protocol
from proms.domain.own_page import OwnPage, OwnPause, PauseFault, own_pause_fault
from tests.domain.test_protocol_file import INSTRUMENTS, SOUND, read_with

TODAY = date(2026, 1, 5)
LIMITS = OwnPause(days=28, ahead=180)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{days: 28, ahead: 180}", "{days: 0, ahead: 180}", "here 1 or more is expected"),
        ("{days: 28, ahead: 180}", "{days: 28, ahead: -1}", "here 0 or more is expected"),
        ("{days: 28, ahead: 180}", "{days: 28}", "'ahead' is missing"),
        ("{days: 28, ahead: 180}", "{days: 28, ahead: 180, ever: 2}", "'ever' is not known here"),
        ("{hsc: 8}", "{hcs: 8}", "'hcs' is not an instrument here; known are: eq-5d-5l,"),
        ("{hsc: 8}", "{hsc: 0}", "here 1 or more is expected"),
        ("{hsc: 8}", "{qlq-c30: 8}", "the wording of qlq-c30 is licensed"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(tmp_path, old, new, reason):
    path, line = read_with(tmp_path, old, new)
    with pytest.raises(UnsoundContent) as fault:
        read_protocol(path, INSTRUMENTS, names=ViewNames(licensed={"qlq-c30"}))
    assert reason in fault.value.reason
    assert (fault.value.path, fault.value.line) == (path, line)


def test_a_protocol_that_says_nothing_of_it_offers_nothing(tmp_path):
    part = SOUND[SOUND.index("own_page:") : SOUND.index("views: ")]
    path, _ = read_with(tmp_path, part, "")
    assert read_protocol(path, INSTRUMENTS).own_page == OwnPage()


@pytest.mark.parametrize(
    ("first", "last", "running", "fault"),
    [
        (0, 0, False, None),
        (0, 27, False, None),
        (0, 28, False, PauseFault.TOO_LONG),
        (180, 207, False, None),
        (181, 182, False, PauseFault.TOO_FAR),
        (-1, 3, False, PauseFault.GONE_BY),
        (-1, 3, True, None),
        (-10, 17, True, None),
        (-10, 18, True, PauseFault.TOO_LONG),
        (-10, -1, True, PauseFault.GONE_BY),
        (3, 2, False, PauseFault.BACKWARDS),
    ],
)
def test_a_pause_has_its_limits(first, last, running, fault):
    days = [TODAY + timedelta(days=each) for each in (first, last)]
    assert own_pause_fault(LIMITS, *days, TODAY, running=running) is fault


def test_without_limits_there_is_none():
    assert own_pause_fault(None, TODAY, TODAY, TODAY) is PauseFault.NONE_ALLOWED
