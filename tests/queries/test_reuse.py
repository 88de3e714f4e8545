"""What waits, what is in a batch and what became of it in a year, on both engines."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases import make_case
from tests.factories import NOW, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tests.reuse import batch_of, inside, prove, waiting
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.reuse import Batch
from tracker.operations import batch_outcomes, batches, case_decisions, custody
from tracker.operations.batch_outcomes import Told
from tracker.operations.batches import Figures
from tracker.operations.return_undo import undo_return
from tracker.operations.reuse import say_erased, triage
from tracker.operations.taking_back import Look, Request, take_back
from tracker.queries import batches as queries
from tracker.queries import pages, reuse
from tracker.queries.batches import BatchFilter, batch_of_code, code_of
from tracker.queries.reuse import WaitingFilter
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.returns import Condition, NextPlace, ReturnReason
from tracker.rules.reuse import BatchKind, BatchOutcome, Grade, is_erased


def found(filters):
    shown = reuse.with_columns(reuse.listing(filters))
    return {row["serial"]: row for row in pages.page(shown, reuse.ORDER).rows}


@pytest.mark.usefixtures("db")
def test_the_worklist_by_state_data_and_batch():
    free, taken = waiting(DeviceState.TO_RECYCLE), waiting(DeviceState.TO_RECYCLE)
    aside = waiting(DeviceState.IN_REPAIR, pupil=make_pupil(make_school()))
    make_device(make_school())
    batch = batch_of(BatchKind.RECYCLE, [taken])
    assert reuse.counts() == {"to_recycle": 2, "in_repair": 1}
    everything = found(WaitingFilter())
    assert {free.serial, taken.serial, aside.serial} == set(everything)
    assert everything[taken.serial]["batch_id"] == batch.id
    assert [bool(everything[each.serial]["promised"]) for each in (free, aside)] == [False, True]
    assert set(found(WaitingFilter(state="to_recycle", batch="no"))) == {free.serial}
    assert set(found(WaitingFilter(q=free.serial[:-1].lower(), batch="yes"))) <= {taken.serial}
    assert [row.id for row in queries.addable(BatchKind.RECYCLE)] == [free.id]


@pytest.mark.usefixtures("db")
def test_the_query_says_of_data_what_the_rule_says():
    school = make_school()
    pupil = make_pupil(school)
    for lent_at in (None, NOW):
        for erased_at in (None, NOW - timedelta(1), NOW, NOW + timedelta(1)):
            device = waiting()
            if lent_at:
                Loan.create(
                    device=device, pupil=pupil, school=school, school_year=2026, kind="laptop", started_at=lent_at,
                    ended_at=lent_at,
                )  # fmt: skip
            Device.update(erased_at=erased_at).where(Device.id == device.id).execute()
    rows = found(WaitingFilter())
    lent = reuse.last_lent([row["id"] for row in rows.values()])
    for device in Device.select():
        expected = is_erased(device.erased_at, lent.get(device.id))
        assert bool(rows[device.serial]["erased"]) is expected
        assert (device.serial in found(WaitingFilter(erased="yes"))) is expected


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("ended_by", "is_listed"), [("returned", True), ("undone", False)])
def test_stock_waits_until_its_data_are_erased_but_for_the_pupil_whose_they_are(ended_by, is_listed):
    school = make_school()
    pupil = make_pupil(school)
    device, kept = waiting(DeviceState.IN_STOCK), waiting(DeviceState.IN_STOCK, pupil=pupil)
    for each in (device, kept):
        Loan.create(
            device=each, pupil=pupil, school=school, school_year=2026, kind="laptop", started_at=NOW, ended_at=NOW,
            end_reason=ended_by,
        )  # fmt: skip
    listed = {device.serial} if is_listed else set()
    assert (set(found(WaitingFilter())), set(found(WaitingFilter(state="in_stock")))) == (listed, listed)
    Device.update(erased_at=NOW).execute()
    assert found(WaitingFilter()) == {}


@pytest.mark.usefixtures("db")
def test_the_years_figures_are_those_of_the_year_here():
    last_of_2026 = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    who = actor("logistics")
    batch = batch_of(BatchKind.REFURBISH, 2, sent=True)
    one, two = inside(batch)
    batch_outcomes.record(
        batch.id, {one: Told(BatchOutcome.REFURBISHED, Grade.A)}, actor=who, now=last_of_2026
    )  # fmt: skip
    next_year = last_of_2026 + timedelta(minutes=1)
    batch_outcomes.record(batch.id, {two: Told(BatchOutcome.NOT_REPAIRABLE)}, actor=who, now=next_year)
    prove(batch)
    batches.note_proof(batch.id, Figures("R", date(2026, 12, 31), 5200, 2), actor=who, now=next_year)
    batches.close(batch.id, actor=who, now=next_year)
    triage([waiting().id], NextPlace.STOCK, reason="as new", actor=who, now=NOW)
    assert {each.way: each.laptops for each in reuse.became(2026) if each.laptops} == {"stock": 1, "refurbished_A": 1}
    assert {each.way: each.laptops for each in reuse.became(2027) if each.laptops} == {"not_repairable": 1}
    assert [each.weight for each in reuse.weighed(2026)] == [0, 0, 0]
    assert [(each.kind, each.batches, each.devices, each.weight) for each in reuse.weighed(2027)][1] == (
        "refurbish", 1, 2, 5200,
    )  # fmt: skip
    assert reuse.first_year() == 2026
    assert [row.id for row in queries.listing(BatchFilter(year=2027))] == [batch.id]
    assert queries.newest_outcome(one)["grade"] == "A"


def of_2026():
    """What became of laptops, without the zeros."""
    return {each.way: each.laptops for each in reuse.became(2026) if each.laptops}


def taken_back(device, campaign, *, again=False):
    """Into stock by the desk of the warehouse; the record of the return."""
    about = Request(device.id, None, uuid.uuid4(), look=Look(Condition.GOOD), again=again,
                    reason=ReturnReason.DEPARTURE)  # fmt: skip
    return take_back(about, campaign=campaign, actor=actor("logistics", user=make_user()), now=NOW).record_id


@pytest.mark.usefixtures("db")
def test_a_return_that_was_a_mistake_and_a_second_look_leave_the_years_figures_as_they_were():
    campaign, school = make_campaign(), make_school()
    mistaken, kept = make_device(school), make_device(school)
    for each in (mistaken, kept):
        lend(each, make_pupil(school), school)
    record = taken_back(mistaken, campaign)
    taken_back(kept, campaign)
    assert of_2026() == {"stock": 2}
    undo_return(record, action_id=uuid.uuid4(), actor=actor("admin", user=make_user()), now=NOW)
    assert of_2026() == {"stock": 1}
    taken_back(kept, campaign, again=True)
    assert of_2026() == {"stock": 1}


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("where", ["warehouse", "partner", "batch"])
def test_what_a_case_says_is_repaired_counts_as_repaired_once_and_not_as_put_back_as_it_was(where):
    make_campaign()
    who, pupil = actor("logistics", user=make_user()), make_pupil(make_school())
    device = waiting(DeviceState.IN_REPAIR, pupil=pupil)
    if where == "partner":
        away = Custody(DeviceState.IN_REPAIR, Holder.REPAIRER, allocated_to=pupil.id)
        custody.append(device, Movement.SENT_TO_REPAIR, away, actor=who, now=NOW)
    elif where == "batch":
        batch_of(devices=[device], sent=True)
    case = make_case(device, pupil=pupil, state="in_repair", outcome="repaired")
    case_decisions.repaired(case.id, actor=who, now=NOW)
    assert of_2026() == {"repaired": 1}


@pytest.mark.usefixtures("db")
def test_what_a_partner_repaired_and_still_had_data_counts_as_repaired_alone():
    make_campaign()
    who, school = actor("logistics", user=make_user()), make_school()
    device = waiting(DeviceState.IN_REPAIR)
    Loan.create(device=device, pupil=make_pupil(school), school=school, school_year=2026, kind="laptop",
                started_at=NOW, ended_at=NOW)  # fmt: skip
    batch = batch_of(devices=[device], sent=True)
    batch_outcomes.record(batch.id, {device.id: Told(BatchOutcome.REPAIRED)}, actor=who, now=NOW)
    assert Device.get_by_id(device.id).state == "returned"
    say_erased([device.id], actor=who, now=NOW)
    triage([device.id], NextPlace.STOCK, reason="erased", actor=who, now=NOW)
    assert of_2026() == {"repaired": 1}


@pytest.mark.usefixtures("db")
def test_the_first_year_of_the_report_is_that_of_the_first_return():
    campaign, school = make_campaign(), make_school()
    device = make_device(school)
    lend(device, make_pupil(school), school)
    assert reuse.first_year() is None
    taken_back(device, campaign)
    assert reuse.first_year() == 2026


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.integers(1, 2**31 - 1))
def test_a_code_leads_to_its_batch_and_to_no_other(sqlite_db, number):
    Batch.delete().execute()
    batch = Batch.create(id=number, kind="repair", state="open", partner="A", opened_at=NOW)
    assert batch_of_code(code_of(number)) == batch
    assert batch_of_code(code_of(number - 1)) is None
