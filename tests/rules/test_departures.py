"""What an answer means for the loans of who leaves (L1 to L5), and when a roster outweighs a person's word."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.departures import (
    BRINGING_BACK,
    SETTLING,
    Destination,
    Fate,
    consequence,
    follows,
    is_here_after_all,
)

DAYS = st.dates(date(2024, 1, 1), date(2030, 1, 1))
SPANS = st.integers(1, 120)
DESTINATIONS = st.sampled_from(Destination)


def means(destination, left_on, answered_on, return_days=15, waiting_days=30):
    return consequence(
        destination, left_on=left_on, answered_on=answered_on, return_days=return_days, waiting_days=waiting_days
    )


@pytest.mark.parametrize(
    ("destination", "rule", "fate"),
    [
        ("member_school", "L1", Fate.MOVES),
        ("other_school", "L2", Fate.RETURNS),
        ("other_region", "L2", Fate.RETURNS),
        ("cfa", "L2", Fate.RETURNS),
        ("apprentice_here", "L3", Fate.KEEPS),
        ("end_of_schooling", "L4", Fate.RETURNS),
        ("died", "L5", Fate.COLLECTED),
        ("to_qualify", "L5", Fate.WAITS),
        ("came_back", "L5", Fate.KEEPS),
    ],
)
def test_each_destination_has_its_rule_and_its_fate(destination, rule, fate):
    found = means(Destination(destination), date(2026, 10, 5), date(2026, 10, 7))
    assert (found.rule, found.fate) == (rule, fate)


@given(DESTINATIONS, DAYS, DAYS, SPANS, SPANS)
def test_what_comes_back_has_a_day_and_never_less_time_than_promised(to, left_on, answered_on, returning, waiting):
    found = means(to, left_on, answered_on, returning, waiting)
    if found.fate in BRINGING_BACK:
        assert found.due_on == max(left_on, answered_on) + timedelta(returning)
    if found.fate in SETTLING:
        assert found.due_on is None


@given(DAYS, DAYS, SPANS)
def test_who_went_nobody_knows_where_waits_exactly_as_long_as_a_loan_may_follow(left_on, seen_on, waiting):
    waits = means(Destination.TO_QUALIFY, left_on, seen_on, waiting_days=waiting).fate is Fate.WAITS
    assert waits == follows(left_on, seen_on, waiting, member=True)


@given(DAYS, DAYS, st.none() | DAYS, SPANS, st.booleans())
def test_no_roster_outweighs_a_word_before_its_day_and_every_one_does_after_the_waiting_time(
    declared_on, seen_on, entered_on, waiting, newer_year
):
    outweighs = is_here_after_all(declared_on, seen_on, entered_on, waiting, newer_year=newer_year)
    if seen_on <= declared_on:
        assert not outweighs
    elif seen_on > declared_on + timedelta(waiting) or newer_year:
        assert outweighs
    else:
        assert outweighs == (entered_on is not None and entered_on > declared_on)
