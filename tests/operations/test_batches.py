"""Batches for partners: filled, sent, outcomes told, closed with their proof; the ledger holds, on both engines."""

import uuid
from datetime import date, timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_pupil, make_school, make_user
from tests.lending import lend
from tests.reuse import batch_of, inside, prove, waiting
from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.reuse import Batch, BatchDevice
from tracker.operations import allocations, batch_outcomes, batches, custody, ledger, reuse
from tracker.operations.batch_outcomes import Told
from tracker.operations.batches import Figures
from tracker.operations.cases import Report, open_case
from tracker.rules.cases import CaseKind
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.refusals import Refused
from tracker.rules.returns import NextPlace
from tracker.rules.reuse import BatchKind, BatchOutcome, Grade

REFURBISHED_B = Told(BatchOutcome.REFURBISHED, Grade.B)
RECYCLED, GONE = Told(BatchOutcome.RECYCLED), Told(BatchOutcome.NOT_REPAIRABLE)


@pytest.fixture(autouse=True)
def _the_ledger_holds(db):
    make_campaign()
    yield
    proof = ledger.verify()
    assert proof.broken is None, proof.broken
    assert list(ledger.differences()) == []


@pytest.fixture
def who(db):
    return actor("logistics", user=make_user("logistics"))


def refused(code, work, *given, **named):
    with pytest.raises(Refused) as found:
        work(*given, **named)
    assert found.value.code == code
    return found.value


def state_of(device_id):
    row = Device.get_by_id(device_id)
    return row.state, row.holder


def lent_once(state):
    """A device that a pupil had, back in the warehouse: data may be on it."""
    school = make_school()
    device, pupil = waiting(DeviceState.IN_STOCK), make_pupil(school)
    lend(device, pupil, school)
    back = Custody(DeviceState.RETURNED, Holder.WAREHOUSE)
    custody.append(device, Movement.RETURNED, back, actor=actor(), now=NOW)
    custody.append(device, Movement.TRIAGED, Custody(state, Holder.WAREHOUSE), actor=actor(), now=NOW)
    Loan.update(ended_at=NOW, end_reason="returned").execute()
    Allocation.update(ended_at=NOW).execute()
    return device


def test_a_selection_is_triaged_whole_for_a_reason_or_not_at_all(who):
    here, away = waiting(), waiting(DeviceState.TO_RECYCLE)
    batch_of(BatchKind.RECYCLE, [away])
    refused("triage_reason_missing", reuse.triage, [here.id], NextPlace.REPAIR, reason=" ", actor=who, now=NOW)
    found = refused(
        "triage_in_batch", reuse.triage, [here.id, away.id], NextPlace.REPAIR, reason="x", actor=who, now=NOW
    )
    assert found.facts["serial"] == away.serial
    assert state_of(here.id) == ("returned", "warehouse")
    assert reuse.triage([here.id], NextPlace.REPAIR, reason="Keyboard", actor=who, now=NOW) == 1
    assert state_of(here.id) == ("in_repair", "warehouse")
    assert CustodyEvent.get(device=here, state="in_repair").reason == "Keyboard"


def test_what_was_lent_comes_into_stock_only_once_its_data_are_gone(who):
    device = lent_once(DeviceState.QUARANTINED)
    refused("not_erased", reuse.triage, [device.id], NextPlace.STOCK, reason="fine", actor=who, now=NOW)
    later = NOW + timedelta(hours=1)
    assert reuse.say_erased([device.id], actor=who, now=later) == 1
    assert reuse.say_erased([device.id], actor=who, now=later + timedelta(1)) == 0
    reuse.triage([device.id], NextPlace.STOCK, reason="fine", actor=who, now=later)
    row = Device.get_by_id(device.id)
    assert (row.state, row.erased_at, row.erased_by) == ("in_stock", later, who.user_id)


def test_a_scan_puts_a_device_into_a_batch_once_and_only_once(who):
    batch, device, action = batch_of(devices=0, who=who), waiting(DeviceState.IN_REPAIR), uuid.uuid4()
    first = batches.add_device(batch.id, device.id, action_id=action, actor=who, now=NOW)
    again = batches.add_device(batch.id, device.id, action_id=action, actor=who, now=NOW)
    other = batches.add_device(batch.id, device.id, action_id=uuid.uuid4(), actor=who, now=NOW)
    assert (first.outcome, again.repeated, other.outcome) == ("done", True, "already")
    found = refused("in_other_batch", batch_of, devices=[device])
    assert found.facts["batch"].startswith("PNB")
    refused("batch_wrong_state", batch_of, devices=[waiting(DeviceState.TO_RECYCLE)])
    batches.remove_device(batch.id, device.id, actor=who)
    assert batches.add_devices(batch_of(devices=0).id, [device.id], actor=who, now=NOW) == 1
    assert BatchDevice.select().count() == 1


def test_refurbished_devices_are_in_stock_again_and_say_their_grade(who):
    batch = batch_of(BatchKind.REFURBISH, sent=True)
    one, other = inside(batch)
    assert state_of(one) == ("to_refurbish", "refurbisher")
    batch_outcomes.record(batch.id, {one: REFURBISHED_B, other: GONE}, actor=who, now=NOW)
    row = Device.get_by_id(one)
    assert (row.state, row.holder, row.refurbished, row.grade) == ("in_stock", "warehouse", True, "B")
    assert state_of(other) == ("to_recycle", "warehouse")
    refused("outcome_known", batch_outcomes.record, batch.id, {one: REFURBISHED_B}, actor=who, now=NOW)
    refused("proof_missing", batches.close, batch.id, actor=who, now=NOW)
    prove(batch)
    batches.note_proof(batch.id, Figures("BR-1", TODAY, None, 2), actor=who, now=NOW)
    assert batches.close(batch.id, actor=who, now=NOW).state == "closed"
    assert batch_of(BatchKind.RECYCLE, [Device.get_by_id(other)]).state == "open"


def test_data_leave_only_with_a_partner_who_erases_and_whose_certificate_closes_the_batch(who):
    device = lent_once(DeviceState.TO_RECYCLE)
    batch = batch_of(BatchKind.RECYCLE, [device])
    refused("batch_not_erased", batches.send, batch.id, actor=who, now=NOW)
    batches.send(batch.id, partner_erases=True, actor=who, now=NOW)
    assert state_of(device.id) == ("to_recycle", "recycler")
    batch_outcomes.record(batch.id, {device.id: RECYCLED}, actor=who, now=NOW + timedelta(1))
    assert state_of(device.id) == ("retired", "recycler")
    assert Device.get_by_id(device.id).erased_at == NOW + timedelta(1)
    prove(batch)
    batches.note_proof(batch.id, Figures("D-7", TODAY, 2300, None), actor=who, now=NOW)
    refused("erasure_proof_missing", batches.close, batch.id, actor=who, now=NOW)
    prove(batch, "erasure")
    assert batches.close(batch.id, actor=who, now=NOW).weight == 2300


def test_a_batch_that_its_proof_contradicts_closes_only_with_a_reason_that_stays_on_record(who):
    batch = batch_of(BatchKind.RECYCLE, 5, sent=True)
    batch_outcomes.record(batch.id, dict.fromkeys(inside(batch), RECYCLED), actor=who, now=NOW)
    prove(batch)
    batches.note_proof(batch.id, Figures("D-8", TODAY, None, 99), actor=who, now=NOW)
    found = refused("proof_contradicts", batches.close, batch.id, "  ", actor=who, now=NOW)
    assert (found.facts["counted"], found.facts["count"]) == (99, 5)
    assert Batch.get_by_id(batch.id).state == "sent"
    batches.close(batch.id, " Batteries counted apart ", actor=who, now=NOW)
    assert (Batch.get_by_id(batch.id).state, Batch.get_by_id(batch.id).reason) == ("closed", "Batteries counted apart")


def test_a_batch_whose_proof_agrees_keeps_no_reason(who):
    batch = batch_of(BatchKind.RECYCLE, 1, sent=True)
    batch_outcomes.record(batch.id, dict.fromkeys(inside(batch), RECYCLED), actor=who, now=NOW)
    prove(batch)
    batches.note_proof(batch.id, Figures("D-9", TODAY, None, 1), actor=who, now=NOW)
    assert batches.close(batch.id, "left over from the page before", actor=who, now=NOW).reason == ""


def test_the_case_of_the_pupil_hears_what_the_repairer_says(who):
    school = make_school()
    cases = []
    for _ in range(2):
        pupil = make_pupil(school)
        device = waiting(DeviceState.IN_REPAIR, pupil=pupil)
        cases.append(
            DeviceCase.create(
                kind="breakdown", state="in_repair", outcome="repaired", device=device, pupil=pupil, school=school,
                school_year=2026, opened_at=NOW, state_since=NOW,
            )
        )  # fmt: skip
    batch = batch_of(devices=[each.device for each in cases], sent=True)
    assert {row.state for row in DeviceCase.select()} == {"in_repair"}  # decided by the case, not by the batch
    one, other = inside(batch)
    batch_outcomes.record(batch.id, {one: Told(BatchOutcome.REPAIRED), other: GONE}, actor=who, now=NOW)
    repaired, lost = (DeviceCase.get_by_id(each.id) for each in cases)
    assert (repaired.state, repaired.outcome, lost.state) == ("owed", "repaired", "diagnosis")
    assert state_of(one) == ("in_stock", "warehouse")
    assert [row.device_id for row in Allocation.select().where(Allocation.ended_at.is_null())] == [one]
    assert CaseStep.select().where(CaseStep.case == repaired).count() == 1


def test_a_batch_that_left_changes_no_more_and_one_that_nobody_sends_is_given_up(who):
    sent, empty = batch_of(sent=True), batch_of(devices=0)
    refused("batch_empty", batches.send, empty.id, actor=who, now=NOW)
    batches.give_up(empty.id, actor=who)
    for work in (batches.remove_device, batches.add_devices):
        given = {"now": NOW} if work is batches.add_devices else {}
        refused("batch_not_open", work, sent.id, inside(sent)[:1] if given else 1, actor=who, **given)
    refused("batch_not_open", batches.give_up, sent.id, actor=who)
    refused("outcomes_missing", batches.close, sent.id, actor=who, now=NOW)
    assert Batch.select().count() == 1


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        (Figures(proof_on=date(2027, 1, 1)), "proof_date_ahead"),
        (Figures(proof_on=date(2026, 1, 1)), "proof_before_sending"),
        (Figures(weight=0), "proof_figures"),
        (Figures(counted=10**12), "proof_figures"),
        (Figures(reference="x" * 61), "text_too_long"),
    ],
)
def test_a_proof_that_cannot_be_is_refused(who, figures, code):
    refused(code, batches.note_proof, batch_of(sent=True).id, figures, actor=who, now=NOW)


def test_a_partners_list_is_recorded_whole_or_not_at_all(who):
    batch = batch_of(BatchKind.REFURBISH, 3, sent=True)
    one, two, three = (Device.get_by_id(each).serial for each in inside(batch))
    wrong = (
        f"Numéro de série;Résultat;Grade\n{one};reconditionné;A\n{two};refurbished;\nNOBODY;hs;\n{one};hs;\n{three};?;"
    )
    lines = batch_outcomes.read_list(batch, wrong)
    problems = ["", "grade_missing", "not_in_batch", "line_twice", "outcome_unknown"]
    assert [line.problem for line in lines] == problems
    assert [line.number for line in lines] == [2, 3, 4, 5, 6]
    assert (
        refused("list_has_problems", batch_outcomes.apply_list, batch.id, wrong, actor=who, now=NOW).facts["count"] == 4
    )
    assert not BatchDevice.select().where(BatchDevice.outcome.is_null(False)).exists()
    right = f"{one}\treconditionné\tc\n{two.lower()}\tRECONDITIONNÉE\tB\n\n{three}\tIrréparable\t"
    assert batch_outcomes.apply_list(batch.id, right, actor=who, now=NOW) == 3
    assert [Device.get(serial=each).grade for each in (one, two, three)] == ["C", "B", None]
    (again,) = batch_outcomes.read_list(batch, f"{one};irréparable;")
    assert (again.problem, again.recorded) == ("outcome_known", "refurbished")


@pytest.mark.parametrize("role", ["school", "staff"])
def test_who_does_not_do_reuse_cannot(role):
    device, somebody = waiting(), actor(role)
    refused("not_allowed", batches.open_batch, BatchKind.REPAIR, "A", actor=somebody, now=NOW)
    refused("not_allowed", reuse.triage, [device.id], NextPlace.REPAIR, reason="x", actor=somebody, now=NOW)


def test_a_device_that_was_set_aside_is_not_given_away(who):
    device = waiting(DeviceState.QUARANTINED, pupil=make_pupil(make_school()))
    refused("triage_promised", reuse.triage, [device.id], NextPlace.RECYCLING, reason="x", actor=who, now=NOW)
    refused("pupil_has_allocation", allocations.allocate, waiting(DeviceState.IN_STOCK).id,
            Allocation.get().pupil_id, actor=who, now=NOW)  # fmt: skip


def test_what_is_not_with_the_partner_any_more_is_told_of_and_stays_where_it_is(who):
    batch = batch_of(BatchKind.REPAIR, 1, sent=True, who=who)
    device = Device.get_by_id(inside(batch)[0])
    case = open_case(Report(device.id, CaseKind.LOSS, "Perdu chez le réparateur"), actor=who, now=NOW)
    batch_outcomes.record(batch.id, {device.id: Told(BatchOutcome.NOT_REPAIRABLE)}, actor=who, now=NOW)
    assert (Device.get_by_id(device.id).state, BatchDevice.get().outcome) == ("lost", "not_repairable")
    assert DeviceCase.get_by_id(case.id).state == "open"
    assert ledger.verify().broken is None
