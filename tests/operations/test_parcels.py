"""Parcels from packing to the pupil's hands, on both engines."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tests.parcels import addressed_school, outbound, prepared, set_to, with_return_address
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import Allocation
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.operations import custody, ledger, parcels, taking_back
from tracker.operations.departures import declare_departure
from tracker.operations.return_undo import undo_return
from tracker.operations.scans import Answer
from tracker.operations.undo import undo_hand_over
from tracker.rules.custody import DeviceState, Holder, Movement
from tracker.rules.departures import Destination
from tracker.rules.parcels import ParcelKind, ParcelState
from tracker.rules.refusals import Refused
from tracker.rules.returns import Condition, ReturnReason
from tracker.rules.sscc import parse_sscc

pytestmark = pytest.mark.usefixtures("db")
BOSS = actor("admin")


class World:
    """A school with an address, one of its pupils, a place that devices come back to."""

    def __init__(self) -> None:
        self.campaign = make_campaign()
        with_return_address()
        self.school = addressed_school()
        self.pupil = make_pupil(self.school)
        self.here = actor("school", [self.school], make_user("school", [self.school]))


@pytest.fixture
def world(db):
    """The ledger of each story is whole at its end, and agrees with the rows."""
    yield World()
    assert ledger.verify().broken is None
    assert not list(ledger.differences())


def where(device) -> tuple[str, int | None]:
    found = Device.get_by_id(device.id)
    return found.holder, found.school_id


def state(parcel) -> str:
    return Parcel.get_by_id(parcel.id).state


def test_stock_for_a_school_is_in_the_parcel_at_once_and_at_the_school_when_it_was_opened_there(world):
    device, other = make_device(), make_device()
    parcel = outbound(world.school, device, other)
    assert parse_sscc(parcel.reference) == parcel.reference
    assert where(device) == where(other) == (Holder.PARCEL, world.school.id)
    parcels.ship([parcel.id], actor=BOSS, now=NOW)
    parcels.receive(parcel.id, device_ids={device.id}, actor=world.here, now=NOW)
    assert (where(device)[0], where(other)[0]) == (Holder.SCHOOL, Holder.PARCEL)
    parcels.receive(parcel.id, actor=world.here, now=NOW)
    assert where(other) == (Holder.SCHOOL, world.school.id)
    assert state(parcel) == ParcelState.RECEIVED


def test_a_named_parcel_is_closed_by_the_hand_over_and_opened_again_by_its_undo(world):
    device = make_device()
    parcel = prepared(ParcelKind.NAMED, world.school, device, pupil_id=world.pupil.id)
    assert Allocation.get(Allocation.device == device.id).pupil_id == world.pupil.id
    parcels.receive(parcel.id, actor=world.here, now=NOW)
    who = actor(user=make_user())
    answer = lend(Device.get_by_id(device.id), world.pupil, world.school, who=who)
    assert state(parcel) == ParcelState.CLOSED
    undo_hand_over(answer.event_id, action_id=uuid.uuid4(), actor=who, now=NOW)
    assert state(parcel) == ParcelState.RECEIVED
    lend(Device.get_by_id(device.id), world.pupil, world.school, who=who)
    assert state(parcel) == ParcelState.CLOSED


def test_a_parcel_of_several_waits_for_the_last_hand_over(world):
    devices = [make_device(), make_device()]
    parcel = outbound(world.school, *devices)
    parcels.receive(parcel.id, actor=world.here, now=NOW)
    lend(devices[0], world.pupil, world.school)
    assert state(parcel) == ParcelState.RECEIVED
    lend(devices[1], make_pupil(world.school), world.school)
    assert state(parcel) == ParcelState.CLOSED


def test_a_return_leaves_its_device_with_the_pupil_until_it_is_given_to_the_carrier(world):
    device = make_device(world.school)
    lend(device, world.pupil, world.school)
    parcel = prepared(ParcelKind.RETURN, world.school, device, pupil_id=world.pupil.id, actor=world.here)
    assert where(device)[0] == Holder.PUPIL
    assert parcel.recipient["city"] == "Caen"
    parcels.ship([parcel.id], actor=world.here, now=NOW)
    event = CustodyEvent.select().order_by(CustodyEvent.id.desc()).first()
    assert (event.holder, event.answerable, event.state) == (Holder.PARCEL, world.pupil.id, DeviceState.LENT)
    parcels.note_arrival(device.id, actor=BOSS, now=NOW)
    assert state(parcel) == ParcelState.RECEIVED
    parcels.note_arrival_undone(device.id)
    assert state(parcel) == ParcelState.SHIPPED


def test_a_return_of_several_is_received_with_its_last_device_and_one_collected_at_the_school_still_travels(world):
    devices = [make_device(world.school), make_device(world.school)]
    parcel = prepared(ParcelKind.RETURN, world.school, *devices)
    assert parcels.note_arrival(devices[0].id, actor=BOSS, now=NOW) is None
    parcels.ship([parcel.id], actor=BOSS, now=NOW)
    parcels.note_arrival(devices[0].id, actor=BOSS, now=NOW)
    assert state(parcel) == ParcelState.SHIPPED
    parcels.note_arrival(devices[1].id, actor=BOSS, now=NOW)
    assert state(parcel) == ParcelState.RECEIVED
    assert parcels.note_arrival(make_device().id, actor=BOSS, now=NOW) is None


def test_a_cancelled_parcel_leaves_its_devices_where_they_were(world):
    stock, lent = make_device(), make_device(world.school)
    lend(lent, world.pupil, world.school)
    sent = outbound(world.school, stock)
    back = prepared(ParcelKind.RETURN, world.school, lent)
    parcels.ship([back.id], actor=BOSS, now=NOW)
    parcels.take_back(back.id, actor=BOSS, now=NOW)
    assert (state(back), where(lent)[0]) == (ParcelState.PREPARED, Holder.PUPIL)
    parcels.cancel(sent.id, actor=BOSS, now=NOW)
    parcels.cancel(back.id, actor=BOSS, now=NOW)
    assert (where(stock), where(lent)[0]) == ((Holder.WAREHOUSE, None), Holder.PUPIL)
    assert Device.get_by_id(lent.id).pupil_id == world.pupil.id
    outbound(world.school, stock)


def test_a_device_is_in_one_parcel_at_a_time(world):
    device = make_device(world.school)
    prepared(ParcelKind.RETURN, world.school, device)
    with pytest.raises(Refused, match="device_in_parcel"):
        prepared(ParcelKind.RETURN, world.school, device)


@pytest.mark.parametrize("kind", [ParcelKind.OUTBOUND, ParcelKind.RETURN])
def test_a_stolen_device_is_packed_for_nobody(world, kind):
    with pytest.raises(Refused, match="device_stolen"):
        prepared(kind, world.school, make_device(state=DeviceState.STOLEN))
    assert not Parcel.select().exists()


def test_a_named_parcel_is_for_a_pupil_of_the_school_who_has_no_other_device_set_aside(world):
    with pytest.raises(Refused, match="parcel_pupil_elsewhere"):
        prepared(ParcelKind.NAMED, world.school, make_device(), pupil_id=make_pupil(make_school()).id)
    with pytest.raises(Refused, match="parcel_pupil_elsewhere"):
        prepared(ParcelKind.NAMED, world.school, make_device(), pupil_id=make_pupil(world.school, deceased=True).id)
    prepared(ParcelKind.NAMED, world.school, make_device(), pupil_id=world.pupil.id)
    with pytest.raises(Refused, match="pupil_has_allocation"):
        prepared(ParcelKind.NAMED, world.school, make_device(), pupil_id=world.pupil.id)


def test_an_address_that_is_not_whole_refuses_the_parcel_before_anything_is_written(world):
    with pytest.raises(Refused, match="address_incomplete"):
        outbound(make_school())
    set_to("sscc_prefix", "1234567")
    assert outbound(world.school).reference[1:8] == "1234567"
    assert Parcel.select().count() == 1


def test_a_school_sends_its_own_returns_and_nothing_else(world):
    with pytest.raises(Refused, match="not_allowed"):
        outbound(world.school, actor=world.here)
    with pytest.raises(Refused, match="not_found"):
        prepared(ParcelKind.RETURN, world.school, make_device(make_school()), actor=world.here)
    elsewhere = addressed_school()
    with pytest.raises(Refused, match="school_not_found"):
        prepared(ParcelKind.RETURN, elsewhere, make_device(elsewhere), actor=world.here)
    parcel = outbound(elsewhere)
    for act in (parcels.receive, parcels.cancel):
        with pytest.raises(Refused, match="not_found"):
            act(parcel.id, actor=world.here, now=NOW)


def test_what_is_over_does_not_move_any_more(world):
    parcel = outbound(world.school)
    parcels.receive(parcel.id, actor=BOSS, now=NOW)
    for act in (parcels.cancel, parcels.take_back):
        with pytest.raises(Refused, match="parcel_state"):
            act(parcel.id, actor=BOSS, now=NOW + timedelta(hours=1))
    with pytest.raises(Refused, match="parcel_state"):
        parcels.ship([parcel.id], actor=BOSS, now=NOW)


def test_a_device_that_was_not_received_is_handed_over_to_nobody(world):
    device = make_device()
    parcel = prepared(ParcelKind.NAMED, world.school, device, pupil_id=world.pupil.id)
    with pytest.raises(Refused, match="device_in_transit"):
        lend(device, world.pupil, world.school)
    parcels.receive(parcel.id, actor=world.here, now=NOW)
    assert lend(device, world.pupil, world.school).outcome == "done"


def test_a_cancelled_parcel_leaves_alone_what_arrived_from_it_and_is_in_the_next_one(world):
    devices = [make_device(world.school), make_device(world.school)]
    back = prepared(ParcelKind.RETURN, world.school, *devices)
    parcels.ship([back.id], actor=BOSS, now=NOW)
    take_back(devices[0], world)
    outbound(world.school, Device.get_by_id(devices[0].id))
    parcels.cancel(back.id, actor=BOSS, now=NOW)
    assert [where(device)[0] for device in devices] == [Holder.PARCEL, Holder.SCHOOL]


def take_back(device, world) -> Answer:
    """At the warehouse, in good state."""
    look = taking_back.Look(Condition.GOOD)
    request = taking_back.Request(device.id, None, uuid.uuid4(), reason=ReturnReason.OTHER, look=look)
    return taking_back.take_back(
        request, campaign=world.campaign, actor=actor("logistics", user=make_user("logistics")), now=NOW
    )


def test_after_an_undone_arrival_the_device_goes_back_to_whom_it_came_from(world):
    device = make_device(world.school)
    lend(device, world.pupil, world.school)
    back = prepared(ParcelKind.RETURN, world.school, device, pupil_id=world.pupil.id)
    parcels.ship([back.id], actor=BOSS, now=NOW)
    arrived = take_back(device, world)
    undo_return(arrived.record_id, action_id=uuid.uuid4(), actor=actor(user=make_user()), now=NOW)
    parcels.take_back(back.id, actor=BOSS, now=NOW)
    assert (where(device), state(back)) == ((Holder.PUPIL, world.school.id), ParcelState.PREPARED)


def test_a_device_that_comes_out_of_its_return_is_where_its_loan_went_meanwhile(world):
    device, other = make_device(world.school), addressed_school()
    lend(device, world.pupil, world.school)
    back = prepared(ParcelKind.RETURN, world.school, device, pupil_id=world.pupil.id)
    parcels.ship([back.id], actor=BOSS, now=NOW)
    declare_departure(
        world.pupil.id, TODAY, Destination.MEMBER_SCHOOL, to_school_id=other.id, actor=world.here, now=NOW
    )
    parcels.cancel(back.id, actor=BOSS, now=NOW)
    assert where(device) == (Holder.PUPIL, other.id)


def test_a_hand_over_whose_device_is_on_its_way_back_is_not_undone_before_that_is_cancelled(world):
    device, who = make_device(world.school), actor(user=make_user())
    answer = lend(device, world.pupil, world.school, who=who)
    back = prepared(ParcelKind.RETURN, world.school, device, pupil_id=world.pupil.id)
    undo = {"action_id": uuid.uuid4(), "actor": who, "now": NOW}
    with pytest.raises(Refused, match="device_in_parcel"):
        undo_hand_over(answer.event_id, **undo)
    parcels.cancel(back.id, actor=BOSS, now=NOW)
    assert undo_hand_over(answer.event_id, **undo).outcome == "undone"


def test_a_stolen_device_that_turns_up_is_in_no_parcel_any_more(world):
    device = make_device()
    sent = outbound(world.school, device, make_device())
    head = custody.chain_head(device.id)
    gone = replace(custody.custody_of(head), state=DeviceState.STOLEN, holder=Holder.UNKNOWN)
    custody.append(device, Movement.DECLARED_STOLEN, gone, actor=BOSS, now=NOW)
    assert take_back(device, world).outcome == "found"
    assert ParcelDevice.select().where(ParcelDevice.parcel == sent).count() == 1


def test_who_has_a_laptop_or_has_left_gets_no_named_parcel(world):
    device = make_device(world.school)
    lend(device, world.pupil, world.school)
    with pytest.raises(Refused, match="pupil_has_laptop"):
        prepared(ParcelKind.NAMED, world.school, make_device(), pupil_id=world.pupil.id)
    gone, declared = make_pupil(world.school, left_on=TODAY), make_pupil(world.school)
    declare_departure(declared.id, TODAY, Destination.CFA, actor=BOSS, now=NOW)
    for pupil in (gone, declared):
        with pytest.raises(Refused, match="parcel_pupil_elsewhere"):
            prepared(ParcelKind.NAMED, world.school, make_device(), pupil_id=pupil.id)
