"""Rule L7 as properties: when a device is late, and how often its family is reminded."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.expected_returns import due_date, is_overdue, may_remind
from tracker.rules.recipients import Asked

DAY = date(2026, 10, 5)
days = st.integers(0, 400)


@given(days, st.integers(1, 90))
def test_a_device_is_late_from_the_day_after_its_last_one(later, allowed):
    due_on = due_date(DAY, allowed)
    assert is_overdue(due_on, DAY + timedelta(later)) is (later > allowed)


@given(st.integers(1, 30), st.integers(0, 6), st.lists(st.integers(0, 120), max_size=5))
def test_whoever_is_looked_at_each_day_is_reminded_so_often_and_no_more(after_days, most, by_hand):
    asked: list[Asked] = []
    for later in range(250):
        today = DAY + timedelta(later)
        if later in by_hand:
            asked.append(Asked(today, reminder=False))
        if may_remind(asked, expected_on=DAY, today=today, after_days=after_days, most=most):
            asked.append(Asked(today, reminder=True))
    reminders = [each.on for each in asked if each.reminder]
    assert len(reminders) == most
    dates = sorted({DAY, *(each.on for each in asked)})
    for reminder in reminders:
        assert reminder - max(each for each in dates if each < reminder) >= timedelta(after_days)


@given(days, st.integers(1, 30), st.booleans())
def test_an_address_that_gives_mail_back_is_never_reminded(later, after_days, reminder):
    asked = [Asked(DAY, reminder, bounced=True)]
    today = DAY + timedelta(later)
    assert not may_remind(asked, expected_on=DAY, today=today, after_days=after_days, most=9)
