"""Devices come back: every way over a returns desk, undone, repeated, by two desks at once; the ledger stays whole."""

import uuid
from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tests.parcels import prepared, with_return_address
from tests.reuse import batch_of
from tracker.models.attachments import Attachment
from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.loans import Allocation, Loan
from tracker.models.parcels import Parcel
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn, ReturnRecord
from tracker.models.rosters import Departure
from tracker.models.schools import School
from tracker.operations import case_decisions, custody, ledger, parcels
from tracker.operations.case_steps import advance
from tracker.operations.cases import Report, open_case
from tracker.operations.expected_returns import expect_return
from tracker.operations.noted_devices import note_stranger
from tracker.operations.return_undo import undo_return
from tracker.operations.taking_back import Look, Request, take_back
from tracker.queries.custody import custody_now
from tracker.rules.cases import CaseKind, CaseState
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.departures import Destination
from tracker.rules.parcels import ParcelKind
from tracker.rules.refusals import Refused
from tracker.rules.returns import Accessory, Condition, NextPlace, ReturnReason, Stranger
from tracker.rules.reuse import BatchKind

LATER = NOW + timedelta(hours=2)
GOOD = Look(Condition.GOOD)


class Desk:
    """A school with a pupil who has a laptop, and somebody of logistics."""

    def __init__(self):
        self.campaign, self.school = make_campaign(), make_school()
        self.who = actor("logistics", user=make_user("logistics"))
        self.pupil, self.device = make_pupil(self.school), make_device(self.school)
        lend(self.device, self.pupil, self.school)

    @property
    def loan(self):
        return Loan.get(Loan.device == self.device)

    def expect(self, reason=ReturnReason.DEPARTURE, **more):
        return expect_return(self.loan, reason, due_on=TODAY, actor=self.who, now=NOW, **more)

    def take(self, school=None, *, who=None, now=LATER, device=None, action=None, **changes):
        school_id = school.id if school else None
        request = Request((device or self.device).id, school_id, action or uuid.uuid4(), **changes)
        return take_back(request, campaign=self.campaign, actor=who or self.who, now=now)

    def undo(self, answer, *, now=LATER, who=None):
        return undo_return(answer.record_id, action_id=uuid.uuid4(), actor=who or self.who, now=now)

    def custody(self):
        return custody_now(self.device.id)


@pytest.fixture
def desk(db):
    made = Desk()
    yield made
    proof = ledger.verify()
    assert proof.broken is None, proof.broken
    assert list(ledger.differences()) == []


def departed(desk):
    enrolment = Enrolment.get(Enrolment.pupil == desk.pupil)
    return Departure.create(
        pupil=desk.pupil, enrolment=enrolment, school=desk.school, noticed_at=NOW, left_on=TODAY,
        destination=Destination.TO_QUALIFY,
    )  # fmt: skip


def broken_down(desk):
    case = DeviceCase.create(
        kind=CaseKind.BREAKDOWN, state=CaseState.OPEN, device=desk.device, pupil=desk.pupil, school=desk.school,
        school_year=2026, opened_at=NOW, state_since=NOW,
    )  # fmt: skip
    advance(case, CaseState.AWAITING_DEVICE, actor=desk.who, now=NOW)
    return case


def refused(code, act, **facts):
    with pytest.raises(Refused) as found:
        act(**facts)
    assert found.value.code == code


def test_an_expected_device_in_good_state_is_back_in_stock_and_nothing_waits_any_more(desk):
    departure = departed(desk)
    desk.expect(departure_id=departure.id)
    answer = desk.take(look=GOOD, scanned="TAG")
    assert answer.outcome == "returned"
    assert desk.custody() == Custody(DeviceState.IN_STOCK, Holder.WAREHOUSE)
    assert (desk.loan.end_reason, desk.loan.ended_at) == ("returned", LATER)
    assert ExpectedReturn.get().came_back
    assert Departure.get().closed_at == LATER
    record = ReturnRecord.get()
    assert (record.reason, record.condition, record.next_place) == ("departure", "good", "stock")
    assert CustodyEvent.get_by_id(record.event_id).scanned == "TAG"


def test_a_person_may_choose_another_place_than_the_rule(desk):
    desk.expect()
    desk.take(look=Look(Condition.GOOD, (Accessory.CHARGER,), NextPlace.RECYCLING, "écran jauni"))
    assert desk.custody().state is DeviceState.TO_RECYCLE
    assert (ReturnRecord.get().missing, ReturnRecord.get().note) == (["charger"], "écran jauni")


def test_nobody_waited_for_it_so_the_desk_asks_why(desk):
    refused("return_reason_missing", desk.take, look=GOOD)
    assert desk.take(look=GOOD, reason=ReturnReason.OTHER).outcome == "returned"
    assert ReturnRecord.get().reason == "other"


def test_a_breakdown_stays_the_pupils_and_its_case_goes_on(desk):
    case = broken_down(desk)
    desk.expect(ReturnReason.BREAKDOWN, case_id=case.id)
    answer = desk.take(look=GOOD)
    assert desk.custody() == Custody(DeviceState.IN_REPAIR, Holder.WAREHOUSE, allocated_to=desk.pupil.id)
    assert desk.loan.end_reason == "repair"
    assert DeviceCase.get().state == CaseState.DIAGNOSIS
    desk.undo(answer)
    assert DeviceCase.get().state == CaseState.AWAITING_DEVICE
    assert [step.state for step in CaseStep.select().order_by(CaseStep.id)][-2:] == ["diagnosis", "awaiting_device"]


def test_collected_in_the_hall_and_looked_at_when_it_arrives(desk):
    desk.expect(ReturnReason.END_OF_YEAR)
    hall = actor("school", [desk.school], make_user("school"))
    assert desk.take(desk.school, who=hall).outcome == "returned"
    assert desk.custody() == Custody(DeviceState.RETURNED, Holder.SCHOOL, desk.school.id)
    assert ReturnRecord.get().condition is None
    assert desk.take(desk.school, who=hall).outcome == "already"
    refused("condition_missing", desk.take)
    arrived = desk.take(look=Look(Condition.DAMAGED))
    assert arrived.outcome == "looked_at"
    assert desk.custody() == Custody(DeviceState.IN_REPAIR, Holder.WAREHOUSE)
    assert ReturnRecord.select().order_by(ReturnRecord.id.desc()).get().reason == "end_of_year"
    desk.undo(arrived)
    assert desk.custody() == Custody(DeviceState.RETURNED, Holder.SCHOOL, desk.school.id)
    assert desk.take(look=GOOD).outcome == "looked_at"


def test_a_stolen_device_is_really_here_kept_apart_and_its_case_hears_of_it(desk):
    missing = Custody(DeviceState.STOLEN, Holder.UNKNOWN, None, None, desk.pupil.id, desk.pupil.id)
    custody.append(desk.device, Movement.DECLARED_STOLEN, missing, actor=desk.who, now=NOW)
    answer = desk.take(desk.school)
    assert answer.outcome == "found"
    assert desk.custody() == Custody(DeviceState.QUARANTINED, Holder.SCHOOL, desk.school.id)
    assert (desk.loan.end_reason, DeviceCase.get().kind) == ("found", CaseKind.SIGHTING)
    assert desk.take(look=GOOD).outcome == "looked_at"
    assert desk.custody() == Custody(DeviceState.QUARANTINED, Holder.WAREHOUSE)


def test_what_is_in_stock_is_back_already_unless_the_warehouse_decides_anew(desk):
    device = make_device()
    assert desk.take(device=device, look=GOOD).outcome == "already"
    assert desk.take(device=device, look=Look(Condition.BROKEN), again=True).outcome == "looked_at"
    assert custody_now(device.id).state is DeviceState.IN_REPAIR


def test_a_device_that_is_not_on_record_is_noted_and_the_note_undone(desk):
    action = uuid.uuid4()
    note = {"school_id": None, "action_id": action, "actor": desk.who, "now": LATER}
    first = note_stranger(" 5cd0 ", Stranger.OTHER_OWNER, **note)
    assert note_stranger("5cd0", Stranger.OTHER_OWNER, **note).record_id == first.record_id
    record = ReturnRecord.get()
    assert (record.serial, record.stranger, record.device_id) == ("5CD0", "other_owner", None)
    desk.undo(first)
    assert ReturnRecord.get().undone_at == LATER


def test_an_undone_return_leaves_everything_as_it_was(desk):
    before, departure = desk.custody(), departed(desk)
    desk.expect(departure_id=departure.id)
    desk.undo(desk.take(look=GOOD))
    assert desk.custody() == before
    assert (desk.loan.ended_at, desk.loan.end_reason) == (None, "")
    assert Allocation.select().where(Allocation.ended_at.is_null()).count() == 1
    assert (ExpectedReturn.get().closed_at, ExpectedReturn.get().came_back) == (None, False)
    assert Departure.get().closed_at is None
    assert desk.take(look=GOOD).outcome == "returned"


def test_an_undo_comes_too_late_from_the_wrong_person_twice_or_after_another_laptop(desk):
    desk.expect()
    answer = desk.take(look=GOOD)
    refused("undo_too_late", desk.undo, answer=answer, now=LATER + timedelta(days=2))
    other = actor("staff", user=make_user("staff"))
    refused("not_found", desk.undo, answer=answer, who=other)
    lend(make_device(desk.school), desk.pupil, desk.school, now=LATER)
    refused("undo_pupil_equipped", desk.undo, answer=answer)
    second = desk.take(device=make_device(), look=Look(Condition.WORN), again=True)
    desk.undo(second)
    refused("return_nothing_to_undo", desk.undo, answer=second)


def test_the_same_action_again_gets_the_first_answer(desk):
    desk.expect()
    action = uuid.uuid4()
    first = desk.take(look=GOOD, action=action)
    again = desk.take(look=GOOD, action=action)
    assert (again.event_id, again.repeated) == (first.event_id, True)
    assert ReturnRecord.select().count() == 1


def test_a_school_takes_back_at_its_own_desk_only(desk):
    desk.expect()
    hall = actor("school", [desk.school], make_user("school"))
    refused("not_allowed", desk.take, who=hall, look=GOOD)
    refused("school_not_found", desk.take, school=make_school(), who=hall)


def test_of_a_pupil_who_died_the_device_comes_back_like_any_other(desk):
    Pupil.update(deceased=True).execute()
    desk.expect()
    assert desk.take(look=GOOD).outcome == "returned"


def test_what_comes_by_parcel_has_arrived_and_an_undone_return_is_on_its_way_again(desk):
    School.update(street="3 rue du Port", postcode="14000").execute()
    with_return_address()
    desk.expect()
    parcel = prepared(ParcelKind.RETURN, School.get_by_id(desk.school.id), desk.device, pupil_id=desk.pupil.id)
    answer = desk.take(look=GOOD)
    assert Parcel.get_by_id(parcel.id).state == "received"
    desk.undo(answer)
    assert Parcel.get_by_id(parcel.id).state == "prepared"


def test_a_device_that_a_leaver_brings_opens_the_departure_that_no_roster_told_and_its_undo_takes_it_back(desk):
    answer = desk.take(desk.school, reason=ReturnReason.DEPARTURE)
    departure = Departure.get()
    assert (departure.origin, departure.destination, departure.closed_at) == ("desk", "to_qualify", None)
    desk.undo(answer)
    assert Departure.select().count() == 0


def test_what_comes_back_for_another_reason_opens_no_departure(desk):
    desk.take(desk.school, reason=ReturnReason.OTHER)
    assert Departure.select().count() == 0


@pytest.mark.parametrize("left", [True, False])
def test_stock_that_a_school_sends_back_arrives_by_its_scan(desk, left):
    School.update(street="3 rue du Port", postcode="14000").execute()
    with_return_address()
    stock = make_device(desk.school)
    parcel = prepared(ParcelKind.RETURN, School.get_by_id(desk.school.id), stock)
    if left:
        parcels.ship([parcel.id], actor=desk.who, now=NOW)
    assert desk.take(device=stock, look=GOOD).outcome == "looked_at"
    assert custody_now(stock.id) == Custody(DeviceState.IN_STOCK, Holder.WAREHOUSE)
    assert Parcel.get_by_id(parcel.id).state == "received"


def test_a_return_is_not_undone_once_its_case_has_gone_on(desk):
    case = broken_down(desk)
    desk.expect(ReturnReason.BREAKDOWN, case_id=case.id)
    answer = desk.take(look=GOOD)
    case_decisions.repair(case.id, actor=desk.who, now=LATER)
    refused("undo_has_case", desk.undo, answer=answer)


def test_a_find_is_not_undone_once_another_device_is_owed(desk):
    case = open_case(Report(desk.device.id, CaseKind.THEFT, "Volé"), actor=desk.who, now=NOW)
    Attachment.create(
        case=case, kind="declaration", file_name="p.pdf", file="k", media_type="application/pdf", digest="0" * 64,
        size=1, added_at=NOW,
    )  # fmt: skip
    answer = desk.take(look=GOOD)
    case_decisions.accept(case.id, actor=desk.who, now=LATER)
    refused("undo_has_case", desk.undo, answer=answer)


def test_what_lies_in_a_batch_is_neither_decided_anew_nor_given_back(desk):
    desk.expect()
    answer = desk.take(look=Look(Condition.BROKEN))
    batch_of(BatchKind.REPAIR, [desk.device], who=desk.who, now=LATER)
    refused("triage_in_batch", desk.take, look=GOOD, again=True)
    refused("return_nothing_to_undo", desk.undo, answer=answer)
