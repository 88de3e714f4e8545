"""Reuse (U1): what may wait, leave, come back and be closed, for any situation of a device."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.ledger import _POSSIBLE
from tracker.rules.returns import STATE_AT, NextPlace
from tracker.rules.reuse import (
    WAITING,
    WAYS,
    BatchKind,
    BatchOutcome,
    Grade,
    Proof,
    after_outcome,
    batch_refusal,
    close_refusal,
    is_erased,
    outcome_refusal,
    send_refusal,
    triage_refusal,
)

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)
moments = st.none() | st.integers(-9, 9).map(lambda days: NOW + timedelta(days))
whose = st.none() | st.just(7)
situations = st.builds(
    Custody, st.sampled_from(DeviceState), st.sampled_from([Holder.WAREHOUSE, *Holder]), allocated_to=whose
)
kinds, places, outcomes = st.sampled_from(BatchKind), st.sampled_from(NextPlace), st.sampled_from(BatchOutcome)


@given(moments, moments)
def test_data_are_gone_only_when_that_was_said_after_the_last_loan_began(erased_at, lent_at):
    expected = lent_at is None or (erased_at is not None and erased_at >= lent_at)
    assert is_erased(erased_at, lent_at) is expected


@given(situations, places, st.booleans())
def test_what_triage_lets_through_is_in_the_warehouse_and_the_ledger_takes_it(before, place, erased):
    refused = triage_refusal(before, place, erased=erased, in_batch=False)
    if refused is None:
        after = Custody(STATE_AT[place], before.holder, allocated_to=before.allocated_to)
        assert before.holder is Holder.WAREHOUSE
        assert before.state in (*WAITING, DeviceState.IN_STOCK)
        assert _POSSIBLE[Movement.TRIAGED](before, after)
        assert erased or before.allocated_to or place is not NextPlace.STOCK
        assert before.allocated_to is None or place not in (NextPlace.REFURBISHER, NextPlace.RECYCLING)
    assert triage_refusal(before, place, erased=erased, in_batch=True)


@given(situations, kinds)
def test_a_batch_takes_what_waits_in_the_warehouse_for_its_kind(before, kind):
    taken = batch_refusal(kind, before, other_batch=None) is None
    assert taken is (before.holder is Holder.WAREHOUSE and before.state is WAYS[kind].takes)
    assert batch_refusal(kind, before, other_batch="PNBX")


@given(kinds, st.integers(0, 3), st.integers(0, 3), st.booleans())
def test_no_data_leave_for_good_unless_the_partner_answers_for_their_erasure(kind, devices, not_erased, partner):
    refused = send_refusal(kind, devices, not_erased, partner_erases=partner)
    leaves_data = not_erased > 0 and not partner and kind is not BatchKind.REPAIR
    assert (refused is None) is (devices > 0 and not leaves_data)


@given(kinds, outcomes, st.none() | st.sampled_from(Grade), whose, st.booleans())
def test_every_outcome_that_is_possible_is_one_that_the_ledger_takes(kind, outcome, grade, pupil, erased):
    if outcome_refusal(kind, outcome, grade):
        assert outcome not in WAYS[kind].outcomes or (outcome is BatchOutcome.REFURBISHED) is (grade is None)
        return
    waiting = Custody(WAYS[kind].takes, Holder.WAREHOUSE, allocated_to=pupil)
    away = Custody(WAYS[kind].takes, WAYS[kind].holder, allocated_to=pupil)
    movement, after = after_outcome(away, outcome, erased=erased)
    assert _POSSIBLE[WAYS[kind].movement](waiting, away)
    assert _POSSIBLE[movement](away, after)
    if after.state is DeviceState.IN_STOCK:
        assert erased or pupil
        assert after.allocated_to == pupil
    assert after.answerable is None


@given(kinds, outcomes)
def test_nothing_that_cannot_be_repaired_comes_into_stock_and_only_the_recycled_are_gone(kind, outcome):
    away = Custody(WAYS[kind].takes, WAYS[kind].holder, allocated_to=7)
    _movement, after = after_outcome(away, outcome, erased=True)
    assert (after.state is DeviceState.RETIRED) is (outcome is BatchOutcome.RECYCLED)
    if outcome is BatchOutcome.NOT_REPAIRABLE:
        assert (after.state, after.allocated_to) == (DeviceState.TO_RECYCLE, None)


figures = st.none() | st.integers(1, 9)
proofs = st.builds(Proof, st.booleans(), st.booleans(), st.none() | st.just(date(2026, 10, 5)), figures, figures)


@given(kinds, st.integers(0, 2), proofs, st.booleans(), st.integers(1, 9), st.sampled_from(["", "one case, two parts"]))
def test_a_batch_is_over_when_every_outcome_and_its_proof_are_there(
    kind, unknown, proof, partner_erases, devices, reason
):
    refused = close_refusal(kind, unknown, proof, devices=devices, partner_erases=partner_erases, reason=reason)
    proven = proof.has_paper and proof.proof_on is not None and bool(proof.weight or proof.counted)
    erased = proof.has_erasure or not partner_erases
    explained = bool(reason) or proof.counted in (None, devices)
    assert (refused is None) is (not unknown and erased and explained and (proven or kind is BatchKind.REPAIR))


def test_a_batch_that_its_proof_contradicts_is_refused_with_both_numbers():
    proof = Proof(has_paper=True, proof_on=NOW.date(), counted=99)
    said = {"devices": 5, "partner_erases": False}
    refused = close_refusal(BatchKind.RECYCLE, 0, proof, **said, reason="")
    assert (refused.code, refused.facts) == ("proof_contradicts", {"counted": 99, "count": 5})
    assert close_refusal(BatchKind.RECYCLE, 0, proof, **said, reason="x" * 301).code == "reason_too_long"
