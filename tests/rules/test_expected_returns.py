"""Rule L7 as properties: when a device is late, and how often its family is reminded."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.expected_returns import (
    Ask,
    Asker,
    asked_again,
    asked_together,
    due_date,
    is_overdue,
    may_remind,
)
from tracker.rules.recipients import Asked
from tracker.rules.returns import ReturnReason

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


asks = st.builds(Ask, st.sampled_from(ReturnReason), st.dates(date(2026, 9, 1), date(2027, 8, 31)))


@given(st.dictionaries(st.sampled_from(Asker), asks, min_size=1))
def test_of_several_who_ask_for_a_device_the_earliest_day_holds_and_the_reason_of_the_case(asked):
    held = asked_together(asked)
    assert held.due_on == min(ask.due_on for ask in asked.values())
    assert held.reason == asked[min(asked, key=list(Asker).index)].reason
    assert held.reason == asked.get(Asker.CASE, held).reason


@given(asks, asks, st.dates(date(2026, 9, 1), date(2027, 8, 31)))
def test_who_asks_again_moves_their_own_day_while_it_is_to_come_and_what_is_late_stays_late(earlier, anew, today):
    now = asked_again(earlier, anew, today)
    assert now.reason == anew.reason
    assert now.due_on in (anew.due_on, min(earlier.due_on, anew.due_on))
    if is_overdue(earlier.due_on, today):
        assert is_overdue(now.due_on, today)
    elif earlier.reason == anew.reason:
        assert now == anew
    assert asked_again(None, anew, today) == anew


@given(days, st.integers(1, 30), st.booleans())
def test_an_address_that_gives_mail_back_is_never_reminded(later, after_days, reminder):
    asked = [Asked(DAY, reminder, bounced=True)]
    today = DAY + timedelta(later)
    assert not may_remind(asked, expected_on=DAY, today=today, after_days=after_days, most=9)
