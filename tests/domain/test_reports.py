"""What a provider reports of a message, shuffled and repeated, always comes to the same end."""

from itertools import permutations
from random import Random

import pytest

from proms.domain.reminder import DeliveryState
from proms.domain.reminder.reports import Report, Said, fate

# How a message fares, in the provider's own order, and where it is then.
COURSES = {
    (Said.QUEUED,): "sent",
    (Said.QUEUED, Said.SENT): "sent",
    (Said.QUEUED, Said.SENT, Said.DELIVERED): "delivered",
    (Said.SENT, Said.UNDELIVERED): "undelivered",
    (Said.QUEUED, Said.FAILED): "undelivered",
}


def state(reports):
    found = fate(reports)
    return found and found.state.value


def test_f06_ten_thousand_shuffled_and_repeated_reports_all_end_right():
    choose = Random(7)
    courses = [choose.choice(list(COURSES)) for _ in range(3000)]
    told = [
        (number, Report(f"SM{number}", said))
        for number, course in enumerate(courses)
        for said in course
    ]
    told += choose.choices(told, k=10_000 - len(told))
    choose.shuffle(told)
    came = {number: [] for number in range(len(courses))}
    for number, report in told:
        before = state(came[number])
        came[number].append(report)
        after = state(came[number])
        assert before in (None, "sent", after), "a report took a message back"
    ends = [state(came[number]) for number in range(len(courses))]
    assert ends == [COURSES[course] for course in courses]


@pytest.mark.parametrize("course", list(COURSES), ids=lambda course: course[-1].value)
def test_the_order_in_which_reports_come_is_nothing(course):
    for order in permutations(course):
        assert state(Report("SM1", said) for said in order) == COURSES[course]


def test_nothing_hides_that_a_message_did_not_arrive():
    for order in permutations((Said.SENT, Said.UNDELIVERED, Said.DELIVERED)):
        assert state(Report("SM1", said) for said in order) == "undelivered"


def test_of_a_message_that_was_sent_twice_one_that_arrived_is_enough():
    lost = Report("SM1", Said.UNDELIVERED, "30003")
    for second, comes_to in ((Said.DELIVERED, "delivered"), (Said.SENT, "sent")):
        for order in permutations((lost, Report("SM2", second))):
            found = fate(order)
            assert (found.state, found.sid, found.error) == (DeliveryState(comes_to), "SM2", None)


def test_what_did_not_arrive_says_why():
    assert fate([Report("SM1", Said.UNDELIVERED, "30005")]).error == "30005"
    assert fate([Report("SM1", Said.FAILED)]).error == "failed"
    assert fate([]) is None
