"""Of age on the day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.ages import is_of_age

births = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(births)
def test_a_minor_comes_of_age_on_one_day_and_stays_so(birth):
    birthday = date(birth.year + 18, 3, 1) if (birth.month, birth.day) == (2, 29) else birth.replace(birth.year + 18)
    assert not is_of_age(birth, birthday - timedelta(days=1))
    assert is_of_age(birth, birthday)
    assert is_of_age(birth, birthday + timedelta(days=1))


def test_born_on_29_february_of_age_on_1_march():
    assert not is_of_age(date(2008, 2, 29), date(2026, 2, 28))
    assert is_of_age(date(2008, 2, 29), date(2026, 3, 1))


@given(births, st.integers(0, 40_000))
def test_nobody_grows_younger(birth, days):
    day = birth + timedelta(days=days)
    assert not is_of_age(birth, day) or is_of_age(birth, day + timedelta(days=1))
