"""When a device may go into a pupil's hands, over every combination of what stands against it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.access import Role
from tracker.rules.agreements import AgreementState
from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder
from tracker.rules.eligibility import Eligibility, Eligible, Level
from tracker.rules.loans import HandOver, already_done, device_refusal, may_still_undo, refusals

PUPIL, OTHER, HERE, ELSEWHERE = 7, 8, 1, 2
GOOD = HandOver(
    pupil_id=PUPIL,
    school_id=HERE,
    pupil_school_id=HERE,
    pupil_left_on=None,
    eligibility=Eligibility(Eligible.YES, "E1", "entry_level"),
    agreement_state=AgreementState.VALIDATED,
    pupil_laptop_serial=None,
    kind=DeviceKind.LAPTOP,
    custody=Custody(DeviceState.IN_STOCK, Holder.SCHOOL, HERE),
)

custodies = st.builds(
    Custody,
    state=st.sampled_from(DeviceState),
    holder=st.sampled_from(Holder),
    school_id=st.sampled_from([None, HERE, ELSEWHERE]),
    pupil_id=st.none(),
    allocated_to=st.sampled_from([None, PUPIL, OTHER]),
    answerable=st.sampled_from([None, PUPIL, OTHER]),
)
eligibilities = st.sampled_from(
    [
        Eligibility(Eligible.YES, "E1", "entry_level"),
        Eligibility(Eligible.NO, "E2", "second_year"),
        Eligibility(Eligible.CHECK, "E1", "level_unknown"),
    ]
)
requests = st.builds(
    HandOver,
    pupil_id=st.just(PUPIL),
    school_id=st.just(HERE),
    pupil_school_id=st.sampled_from([HERE, ELSEWHERE]),
    pupil_left_on=st.sampled_from([None, date(2026, 10, 1)]),
    eligibility=eligibilities,
    agreement_state=st.sampled_from([None, *AgreementState]),
    pupil_laptop_serial=st.sampled_from([None, "PF0AAAA1"]),
    kind=st.sampled_from(DeviceKind),
    custody=custodies,
    deceased=st.booleans(),
    swap_possible=st.booleans(),
)


def codes(request: HandOver) -> list[str]:
    return [found.code for found in refusals(request)]


def test_with_nothing_against_it_a_device_goes_into_the_pupils_hands():
    assert refusals(GOOD) == []
    assert refusals(replace(GOOD, custody=replace(GOOD.custody, allocated_to=PUPIL))) == []
    assert refusals(replace(GOOD, custody=Custody(DeviceState.IN_STOCK, Holder.WAREHOUSE))) == []


@given(requests)
def test_each_guard_answers_for_its_own_fact_and_no_other(request):
    custody, found = request.custody, codes(request)
    free = custody.state is DeviceState.IN_STOCK and custody.holder in (Holder.WAREHOUSE, Holder.SCHOOL)
    taken = {"device_lost", "device_stolen", "device_lent", "device_not_in_stock", "device_in_transit"}
    assert free is not bool(taken & set(found))
    facts = {
        "pupil_deceased": request.deceased,
        "pupil_has_laptop": request.kind is DeviceKind.LAPTOP and bool(request.pupil_laptop_serial),
        "pupil_other_school": request.pupil_school_id != HERE,
        "device_other_school": custody.holder is Holder.SCHOOL and custody.school_id != HERE,
        request.eligibility.reason: request.eligibility.verdict is not Eligible.YES,
        "agreement_missing": request.agreement_state is not AgreementState.VALIDATED,
        "coverage_unchecked": request.kind is DeviceKind.HOTSPOT,
        "device_allocated": custody.allocated_to == OTHER,
    }
    assert {code: code in found for code in facts} == facts


@given(requests)
def test_every_refusal_names_its_rule_and_each_reason_stands_once(request):
    found = refusals(request)
    assert all(one.rule for one in found)
    assert len({one.code for one in found}) == len(found)


NOBODY_OVERRIDES = {
    "device_lost", "device_stolen", "device_lent", "device_not_in_stock", "device_in_transit",
    "pupil_has_laptop", "pupil_deceased",
}  # fmt: skip


@given(requests)
def test_only_what_the_database_could_bear_is_left_to_an_administrator(request):
    for found in refusals(request):
        swapped_instead = found.code == "device_allocated" and request.swap_possible
        nobody = found.code in NOBODY_OVERRIDES or swapped_instead
        assert found.overridable_by == (None if nobody else Role.ADMIN)


@given(requests)
def test_what_is_wrong_with_the_device_or_a_second_laptop_comes_before_what_may_be_overridden(request):
    hard = [code in NOBODY_OVERRIDES for code in codes(request)]
    assert hard == sorted(hard, reverse=True)


@given(requests)
def test_a_lost_or_stolen_device_raises_its_alarm_before_anything_else(request):
    if request.custody.state in (DeviceState.LOST, DeviceState.STOLEN):
        first = refusals(request)[0]
        assert (first.code, first.rule) == (f"device_{request.custody.state}", "R4")


@given(requests)
def test_already_done_is_this_device_in_this_pupils_hands_and_nothing_else(request):
    expected = request.custody.answerable == PUPIL and request.custody.holder is Holder.PUPIL
    assert already_done(request) is expected


def test_a_second_laptop_is_named_by_its_serial():
    assert refusals(replace(GOOD, pupil_laptop_serial="PF0AAAA1"))[0].facts["serial"] == "PF0AAAA1"


def test_a_second_hotspot_is_named_by_its_serial():
    found = refusals(replace(GOOD, kind=DeviceKind.HOTSPOT, pupil_hotspot_serial="356938035643809"))[0]
    assert (found.code, found.overridable_by) == ("pupil_has_hotspot", None)
    assert found.facts["serial"] == "356938035643809"


def test_a_pupil_of_another_school_is_refused_with_that_school():
    assert refusals(replace(GOOD, pupil_school_id=ELSEWHERE))[0].facts["pupil_school_id"] == ELSEWHERE


def test_a_hotspot_may_go_to_who_has_a_laptop_once_the_coverage_is_checked():
    assert codes(replace(GOOD, kind=DeviceKind.HOTSPOT, pupil_laptop_serial="PF0AAAA1")) == ["coverage_unchecked"]


def test_a_swap_is_said_to_be_possible_only_where_there_is_something_to_swap():
    promised = replace(GOOD, custody=replace(GOOD.custody, allocated_to=OTHER))
    for possible in (True, False):
        found = refusals(replace(promised, swap_possible=possible))[0]
        assert (found.code, found.facts["swap_possible"]) == ("device_allocated", possible)


SINCE = datetime(2026, 9, 28, 8, 0, tzinfo=UTC)


def test_a_device_that_is_not_to_be_had_says_since_when():
    for state in set(DeviceState) - {DeviceState.IN_STOCK}:
        assert device_refusal(Custody(state, Holder.UNKNOWN), SINCE).facts["since"] == SINCE
        away = replace(GOOD, custody=Custody(state, Holder.UNKNOWN), unavailable_since=SINCE)
        assert refusals(away)[0].facts["since"] == SINCE


def test_a_refusal_of_the_schooling_names_level_and_membership():
    answer = Eligibility(Eligible.NO, "E2", "second_year")
    facts = {"level": Level.PREMIERE_GT, "member_from": date(2021, 9, 1), "member_until": date(2026, 8, 31)}
    found = refusals(replace(GOOD, eligibility=answer, **facts))[0]
    assert found.facts == facts | {"left_on": None}


def test_a_missing_agreement_names_the_day_of_its_state():
    found = refusals(replace(GOOD, agreement_state=AgreementState.SENT, agreement_on=SINCE))[0]
    assert found.facts == {"state": "sent", "agreement_on": SINCE}


def test_a_hand_over_can_be_undone_for_a_day():
    assert may_still_undo(SINCE, SINCE + timedelta(days=1))
    assert not may_still_undo(SINCE, SINCE + timedelta(days=1, seconds=1))
