"""When a mail is tried again."""

from datetime import timedelta

import pytest

from tracker.rules.mail import MOST_ATTEMPTS, masked, retry_after


def test_each_wait_is_at_least_as_long_as_the_one_before_and_never_more_than_six_hours():
    waits = [retry_after(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == timedelta(hours=6)


def test_it_is_given_up_after_the_last_attempt_and_not_within_a_day():
    assert retry_after(MOST_ATTEMPTS) is None
    assert sum((retry_after(n) for n in range(1, MOST_ATTEMPTS)), timedelta()) > timedelta(hours=20)


@pytest.mark.parametrize(
    ("address", "shown"),
    [("lea.martin@example.org", "l…@example.org"), ("x@example.org", "x…@example.org"), ("", "…@")],
)
def test_of_an_address_only_the_beginning_and_the_place_are_shown(address, shown):
    assert masked(address) == shown
