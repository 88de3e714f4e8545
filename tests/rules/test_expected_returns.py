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
    link_works_for,
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


SETTINGS = st.fixed_dictionaries(
    {"return_days": st.integers(1, 40), "after_days": st.integers(1, 30), "most": st.integers(0, 6)}
)


def look_each_day(due_on: date, by_hand=(), *, most: int, after_days: int, return_days: int) -> list[Asked]:
    """What an address got that is looked at each day, from when a device is expected until long after it was due."""
    asked: list[Asked] = []
    how = {"expected_on": DAY, "due_on": due_on, "return_days": return_days, "after_days": after_days, "most": most}
    for later in range((due_on - DAY).days + 250):
        today = DAY + timedelta(later)
        if later in by_hand:
            asked.append(Asked(today, reminder=False))
        if may_remind(asked, today=today, **how):
            asked.append(Asked(today, reminder=True))
    return asked


@given(days, SETTINGS, st.lists(st.integers(0, 120), max_size=5))
def test_all_reminders_remain_for_when_it_is_late_and_before_that_there_is_one_mail_at_most(due, settings, by_hand):
    due_on = DAY + timedelta(due)
    asked = look_each_day(due_on, by_hand, **settings)
    by_itself = [each.on for each in asked if each.reminder]
    assert sum(each > due_on for each in by_itself) == settings["most"]
    assert sum(each <= due_on for each in by_itself) <= 1
    dates = sorted(each.on for each in asked)
    for day in by_itself:
        assert all(day - each >= timedelta(settings["after_days"]) for each in dates if each < day)


@given(days, SETTINGS.filter(lambda settings: settings["most"] > 0))
def test_the_first_news_comes_in_time_and_not_long_before(due, settings):
    due_on = DAY + timedelta(due)
    first = look_each_day(due_on, **settings)[0].on
    assert timedelta(0) <= due_on - first <= timedelta(settings["return_days"])
    assert due_on - first >= min(timedelta(due), timedelta(settings["return_days"]), timedelta(settings["after_days"]))


def test_a_return_of_fifteen_days_is_news_after_a_week_and_one_of_next_summer_fifteen_days_before():
    usual = {"return_days": 15, "after_days": 7, "most": 3}
    assert [(each.on - DAY).days for each in look_each_day(DAY + timedelta(15), **usual)] == [7, 16, 23, 30]
    assert [(each.on - DAY).days for each in look_each_day(DAY + timedelta(200), **usual)] == [185, 201, 208, 215]
    assert [(each.on - DAY).days for each in look_each_day(DAY + timedelta(3), **usual)] == [0, 7, 14, 21]
    assert [(each.on - DAY).days for each in look_each_day(DAY + timedelta(200), [50], **usual)] == [
        50, 185, 201, 208, 215,
    ]  # fmt: skip


@given(st.dates(), st.integers(1, 90))
def test_a_link_works_its_days_and_beyond_the_last_day_of_the_return(due_on, good):
    works = link_works_for(due_on, DAY, good)
    assert good <= works <= good + 366
    if due_on <= DAY + timedelta(366):
        assert DAY + timedelta(works) >= due_on + timedelta(good)


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
    usual = {"expected_on": DAY, "due_on": DAY + timedelta(15), "return_days": 15}
    assert not may_remind(asked, today=today, after_days=after_days, most=9, **usual)
