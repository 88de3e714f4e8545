"""What may be done with a case, and how often a pupil gets a repair or another device."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.access import Role
from tracker.rules.cases import (
    BROKEN,
    ENDED,
    MISSING,
    REPORTED,
    CaseKind,
    CaseOutcome,
    CaseState,
    Step,
    is_overdue,
    missing_state,
    steps,
)
from tracker.rules.custody import DeviceState
from tracker.rules.quotas import Earlier, declaration_refusal, quota_case, quota_refusal

kinds, states = st.sampled_from(CaseKind), st.sampled_from(CaseState)
earlier_cases = st.lists(
    st.builds(
        Earlier,
        case_id=st.integers(1, 99),
        kind=st.sampled_from(sorted(REPORTED)),
        outcome=st.none() | st.sampled_from(CaseOutcome),
        opened_on=st.dates(date(2024, 9, 1), date(2026, 7, 1)),
    ),
    max_size=6,
)
USES = {CaseOutcome.REPAIRED, CaseOutcome.REPLACED}


@given(kinds, states, st.booleans())
def test_an_ended_case_has_no_step_and_an_open_one_has_one(kind, state, assigned):
    found = steps(kind, state, assigned=assigned)
    if state in ENDED:
        assert found == ()
    elif state is CaseState.OPEN:
        assert found


@given(kinds, states)
def test_repairs_are_for_broken_devices_and_acceptance_for_missing_ones(kind, state):
    found = set(steps(kind, state, assigned=False))
    assert not found & {Step.REPAIR, Step.REPAIRED, Step.SEND_BACK} or kind in BROKEN
    assert Step.ACCEPT not in found or kind in MISSING


def test_what_is_owed_is_chosen_first_and_sent_then():
    assert steps(CaseKind.THEFT, CaseState.OWED, assigned=False) == (Step.ASSIGN, Step.GIVE_UP)
    assert steps(CaseKind.THEFT, CaseState.OWED, assigned=True) == (Step.SEND, Step.GIVE_UP)


@given(st.sampled_from(sorted(REPORTED)), earlier_cases)
def test_a_shared_quota_is_used_by_any_case_that_was_granted(kind, earlier):
    used = quota_case(kind, earlier, shared=True)
    granted = [each for each in earlier if each.outcome in USES]
    assert (used is None) == (not granted)
    assert used is None or used.opened_on == min(each.opened_on for each in granted)


@given(st.sampled_from(sorted(REPORTED)), earlier_cases)
def test_separate_quotas_know_nothing_of_each_other(kind, earlier):
    used = quota_case(kind, earlier, shared=False)
    same = [each for each in earlier if each.outcome in USES and (each.kind in MISSING) == (kind in MISSING)]
    assert (used is None) == (not same)
    assert used is None or used in same


@given(st.sampled_from(sorted(REPORTED)), earlier_cases, st.booleans())
def test_a_case_that_was_refused_found_or_withdrawn_uses_no_quota(kind, earlier, shared):
    never = [each for each in earlier if each.outcome not in USES]
    assert quota_refusal(kind, never, shared=shared) is None


@pytest.mark.parametrize(
    ("kind", "shared", "rule"), [("breakdown", False, "R1"), ("theft", False, "R2"), ("theft", True, "R3")]
)
def test_the_refusal_names_the_rule_the_earlier_case_and_who_may_decide_otherwise(kind, shared, rule):
    before = Earlier(7, CaseKind(kind), CaseOutcome.REPLACED, date(2025, 11, 3))
    found = quota_refusal(CaseKind(kind), [before], shared=shared)
    assert (found.code, found.rule, found.overridable_by) == ("quota_used", rule, Role.ADMIN)
    assert (found.facts["case_id"], found.facts["opened_on"]) == (7, date(2025, 11, 3))


@given(kinds, st.booleans())
def test_only_theft_and_loss_ask_for_a_declaration(kind, on_file):
    found = declaration_refusal(kind, on_file=on_file)
    assert (found is not None) == (kind in MISSING and not on_file)
    assert found is None or found.rule == "R2"


def test_a_stolen_device_is_stolen_and_a_lost_one_lost():
    assert missing_state(CaseKind.THEFT) is DeviceState.STOLEN
    assert missing_state(CaseKind.LOSS) is DeviceState.LOST


@given(states, st.integers(0, 40))
def test_a_case_is_overdue_after_more_than_its_days_in_one_state(state, days):
    now = datetime(2026, 10, 20, tzinfo=UTC)
    since = now - timedelta(days=days)
    assert is_overdue(state, since, now, 10) == (days > 10 and state not in ENDED)
