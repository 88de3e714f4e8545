"""Stocktakes: each line says exactly one thing, counts add up, each difference has its ways and its limits."""

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import actor
from tracker.rules.access import Actor, Role, Scope
from tracker.rules.custody import Custody, DeviceState, Holder
from tracker.rules.stocktakes import (
    DIFFERENCES,
    WAYS,
    Finding,
    Place,
    Resolution,
    StocktakePlace,
    StocktakeState,
    closing_refusal,
    finding,
    place_refusal,
    resolution_reason_refusal,
    way_refusal,
)

holders = st.none() | st.sampled_from(Holder)
lines = st.builds(
    lambda known, expected, seen, recorded: {
        "known": known, "expected": known and expected, "seen": seen or not (known and expected), "recorded": recorded,
    },
    st.booleans(), st.booleans(), st.booleans(), holders,
)  # fmt: skip
custodies = st.builds(
    Custody, st.sampled_from(DeviceState), st.sampled_from(Holder), st.sampled_from([None, 1, 2]),
    answerable=st.sampled_from([None, 7]),
)  # fmt: skip
places = st.sampled_from(
    [Place(StocktakePlace.WAREHOUSE), Place(StocktakePlace.SCHOOL, 1), Place(StocktakePlace.CLASS, 1, "2DE1")]
)
people = st.sampled_from(
    [actor("admin"), actor("logistics"), Actor(1, Role.SCHOOL, Scope(frozenset({1}))), Actor(2, Role.STAFF)]
)


@given(st.lists(lines, max_size=30))
def test_the_findings_of_all_lines_add_up(all_lines):
    found = [finding(**line) for line in all_lines]
    assert sum(found.count(each) for each in (Finding.FOUND, *DIFFERENCES)) == len(all_lines)
    expected = sum(line["expected"] for line in all_lines)
    assert found.count(Finding.FOUND) + found.count(Finding.MISSING) == expected
    assert len(found) - found.count(Finding.MISSING) == sum(line["seen"] for line in all_lines)


@given(lines)
def test_a_line_is_missing_only_when_expected_and_not_seen(line):
    assert (finding(**line) is Finding.MISSING) == (line["expected"] and not line["seen"])
    assert (finding(**line) is Finding.UNKNOWN) == (not line["known"])


@given(st.sampled_from(Resolution), st.sampled_from(Finding), custodies, places, people)
def test_nothing_lent_is_declared_lost_or_moved_by_a_stocktake(way, line, custody, place, who):
    if way_refusal(way, line, custody, place, who):
        return
    assert way in WAYS[line]
    if way is Resolution.DECLARED_LOST:
        assert who.role in (Role.ADMIN, Role.LOGISTICS)
        assert custody.answerable is None
        assert custody.state is not DeviceState.LENT
        assert (custody.holder, place.kind) in (
            (Holder.WAREHOUSE, StocktakePlace.WAREHOUSE),
            (Holder.SCHOOL, StocktakePlace.SCHOOL),
        )
        assert place.school_id in (None, custody.school_id)
    if way is Resolution.MOVED_HERE:
        assert custody.holder in (Holder.WAREHOUSE, Holder.SCHOOL)
        assert custody.answerable is None
        assert custody.state not in (DeviceState.LOST, DeviceState.STOLEN, DeviceState.RETIRED)
        assert place.kind is not StocktakePlace.CLASS


@given(st.sampled_from(DIFFERENCES), custodies, places, people)
def test_every_difference_can_be_left_as_it_is(line, custody, place, who):
    assert way_refusal(Resolution.STAYS, line, custody, place, who) is None


def test_a_difference_is_settled_with_a_reason_that_fits_into_a_line():
    assert resolution_reason_refusal("seen by the caretaker") is None
    assert resolution_reason_refusal("").code == "stocktake_reason_missing"
    assert resolution_reason_refusal("x" * 301).facts == {"most": 300}


@given(st.integers(0, 5), st.sampled_from(["", "holidays"]))
def test_it_closes_when_every_difference_is_settled_or_somebody_says_why_not(left_open, reason):
    refused = closing_refusal(StocktakeState.OPEN, left_open, reason)
    assert (refused is None) == (not left_open or bool(reason))


@given(places, people)
def test_a_school_never_counts_the_warehouse(place, who):
    refused = place_refusal(place, who)
    if who.role is Role.STAFF:
        assert refused.code == "not_allowed"
    elif who.role is Role.SCHOOL:
        assert (refused is None) == (place.school_id == 1)
    else:
        assert refused is None
