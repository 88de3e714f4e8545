"""Where a device goes next: any findings have one place, worse ones never a better one, and some places are certain."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder
from tracker.rules.returns import STATE_AT, Accessory, Condition, NextPlace, ReturnReason, Way, may_look_again, way_of
from tracker.rules.triage import Findings, next_place, years_between

ORDER = [Condition.GOOD, Condition.WORN, Condition.DAMAGED, Condition.BROKEN]
WORTH = {
    NextPlace.STOCK: 0, NextPlace.QUARANTINE: 1, NextPlace.REPAIR: 2, NextPlace.REFURBISHER: 2, NextPlace.RECYCLING: 3,
}  # fmt: skip
FINDINGS = st.builds(
    Findings, st.sampled_from(Condition), st.frozensets(st.sampled_from(Accessory)), st.sampled_from(DeviceKind),
    st.integers(0, 12), st.integers(1, 8), refurbished=st.booleans(),
    reason=st.none() | st.sampled_from(ReturnReason), has_case=st.booleans(), was_missing=st.booleans(),
)  # fmt: skip
CUSTODIES = st.builds(Custody, st.sampled_from(DeviceState), st.sampled_from(Holder))


@given(FINDINGS, st.integers(0, 3), st.integers(0, 3))
def test_a_worse_condition_never_leads_to_a_better_place(seen, one, other):
    better, worse = (next_place(replace(seen, condition=ORDER[each])) for each in sorted((one, other)))
    assert WORTH[worse] >= WORTH[better]


@given(FINDINGS, st.sampled_from(Accessory))
def test_one_more_thing_missing_never_leads_into_stock(seen, accessory):
    less = replace(seen, missing=seen.missing | {accessory})
    assert next_place(less) is not NextPlace.STOCK or next_place(seen) is NextPlace.STOCK


@given(FINDINGS)
def test_nothing_damaged_incomplete_or_awaited_by_a_case_goes_into_stock(seen):
    if next_place(seen) is NextPlace.STOCK:
        assert seen.condition in (Condition.GOOD, Condition.WORN)
        assert Accessory.CHARGER not in seen.missing
        assert not seen.has_case
        assert not seen.was_missing


@given(FINDINGS)
def test_what_was_missing_waits_and_what_has_a_case_is_diagnosed(seen):
    assert next_place(replace(seen, was_missing=True)) is NextPlace.QUARANTINE
    assert next_place(replace(seen, was_missing=False, has_case=True)) is NextPlace.REPAIR


@given(FINDINGS)
def test_only_what_is_damaged_and_old_or_a_hotspot_is_recycled(seen):
    if next_place(seen) is NextPlace.RECYCLING:
        assert seen.condition in (Condition.DAMAGED, Condition.BROKEN)
        assert seen.kind is DeviceKind.HOTSPOT or seen.years >= seen.old_from


def test_the_usual_case():
    whole = Findings(Condition.GOOD, frozenset(), DeviceKind.LAPTOP, years=1, old_from=5)
    assert next_place(whole) is NextPlace.STOCK
    assert STATE_AT[NextPlace.STOCK] is DeviceState.IN_STOCK


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(0, 4000))
def test_years_are_whole_and_never_ahead(received, days):
    today = date.fromordinal(received.toordinal() + days)
    assert years_between(received, today) * 365 <= days < (years_between(received, today) + 1) * 366


@given(CUSTODIES, st.booleans())
def test_every_device_on_the_desk_has_one_way(custody, at_warehouse):
    way = way_of(custody, at_warehouse=at_warehouse)
    assert (way is Way.FOUND) == (custody.state in (DeviceState.LOST, DeviceState.STOLEN))
    assert (way is Way.TAKE_BACK) == (custody.state is DeviceState.LENT)
    assert way is not Way.LOOK_AT or at_warehouse
    if may_look_again(custody):
        assert way in (Way.LOOK_AT, Way.ALREADY)
