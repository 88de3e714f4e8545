"""What holds a school's file up until a person says yes."""

from datetime import date

import pytest

from tracker.rules.rosters import Stop, Whole, school_year_of, stops

YEARS = [(2025, True), (2026, False), (2027, False), (2028, True), (None, False)]


@pytest.mark.parametrize(("year", "stops_it"), YEARS)
def test_a_file_of_another_school_year_stops_but_not_the_one_that_is_prepared(year, stops_it):
    whole = Whole("0149901L", "0149901L", year, None, schooled=10)
    assert (Stop.LAST_YEAR in stops(whole, date(2026, 10, 5), collapse_percent=50)) is stops_it


@pytest.mark.parametrize(
    ("today", "year"), [(date(2026, 7, 31), 2025), (date(2026, 8, 1), 2026), (date(2027, 6, 30), 2026)]
)
def test_the_school_year_turns_in_august(today, year):
    assert school_year_of(today) == year


@pytest.mark.parametrize(("before", "after", "stopped"), [(20, 10, False), (20, 9, True), (9, 0, False), (10, 4, True)])
def test_guardians_have_collapsed_where_fewer_than_the_setting_s_share_of_the_pupils_keeps_one(before, after, stopped):
    whole = Whole("0149901L", "0149901L", 2026, None, schooled=0, families=after, known_families=before)
    assert (stops(whole, date(2026, 10, 5), collapse_percent=50) == [Stop.GUARDIANS_GONE]) is stopped
