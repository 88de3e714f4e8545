"""Scan-out and reception as operations: once and only once, by whom, undone; on both engines."""

import uuid
from dataclasses import replace

import pytest

from tests.factories import NOW, actor, make_campaign, make_device, make_pupil, make_user
from tests.lending import lend
from tests.meanwhile import refused_meanwhile
from tests.parcels import addressed_school, outbound, prepared, with_return_address
from tracker.models.cases import DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.parcels import Manifest, Parcel
from tracker.operations import batches, custody, ledger, parcels, reception, scan_out
from tracker.rules.custody import Holder, Movement
from tracker.rules.parcels import ParcelKind, ParcelState
from tracker.rules.refusals import Refused
from tracker.rules.reuse import BatchKind

pytestmark = pytest.mark.usefixtures("db")


class World:
    """A parcel with two devices for a school, somebody of logistics, somebody of the school."""

    def __init__(self) -> None:
        make_campaign()
        with_return_address()
        self.school = addressed_school()
        self.devices = [make_device(), make_device()]
        self.parcel = outbound(self.school, *self.devices)
        self.logistics = actor("logistics", user=make_user("logistics"))
        self.here = actor("school", [self.school], make_user("school", [self.school]))

    def take_in(self, device, **changes):
        values = {"school_id": self.school.id, "action_id": uuid.uuid4(), "actor": self.here, "now": NOW} | changes
        return reception.take_in(device.id, **values)

    def scan_out(self, parcel, manifest, **changes):
        values = {"action_id": uuid.uuid4(), "actor": self.logistics, "now": NOW} | changes
        return scan_out.scan_out(parcel.id, manifest.id, **values)


@pytest.fixture
def world(db):
    yield World()
    assert ledger.verify().broken is None
    assert not list(ledger.differences())


def test_a_repeated_scan_gives_the_first_answer_and_writes_nothing(world):
    manifest = scan_out.open_manifest("own", actor=world.logistics, now=NOW)
    action = uuid.uuid4()
    first = world.scan_out(world.parcel, manifest, action_id=action)
    assert (first.outcome, world.scan_out(world.parcel, manifest, action_id=action).repeated) == ("done", True)
    taken = world.take_in(world.devices[0], action_id=(action := uuid.uuid4()))
    events = CustodyEvent.select().count()
    assert world.take_in(world.devices[0], action_id=action).event_id == taken.event_id
    assert world.take_in(world.devices[0]).outcome == "already"
    assert CustodyEvent.select().count() == events


def test_the_manifest_of_a_person_is_gone_on_with_until_it_is_closed(world):
    manifest = scan_out.open_manifest("own", actor=world.logistics, now=NOW)
    with pytest.raises(Refused, match="manifest_empty"):
        scan_out.close_manifest(manifest.id, actor=world.logistics, now=NOW)
    world.scan_out(world.parcel, manifest)
    assert scan_out.open_manifest("own", actor=world.logistics, now=NOW) == manifest
    scan_out.close_manifest(manifest.id, actor=world.logistics, now=NOW)
    assert scan_out.open_manifest("own", actor=world.logistics, now=NOW) != manifest
    with pytest.raises(Refused, match="manifest_closed"):
        parcels.take_back(world.parcel.id, actor=world.logistics, now=NOW)
    assert Manifest.select().count() == 2


def test_a_reception_is_undone_and_the_parcel_is_on_its_way_again(world):
    parcels.ship([world.parcel.id], actor=world.logistics, now=NOW)
    answers = [world.take_in(device) for device in world.devices]
    assert Parcel.get_by_id(world.parcel.id).state == ParcelState.RECEIVED
    action = {"action_id": uuid.uuid4(), "actor": world.here, "now": NOW}
    assert reception.undo_reception(answers[1].event_id, **action).outcome == "undone"
    assert reception.undo_reception(answers[1].event_id, **action).repeated
    assert Parcel.get_by_id(world.parcel.id).state == ParcelState.SHIPPED
    assert Device.get_by_id(world.devices[1].id).holder == Holder.PARCEL
    assert world.take_in(world.devices[1]).outcome == "done"


def test_a_reception_that_something_followed_is_not_undone(world):
    answer = world.take_in(world.devices[0])
    lend(world.devices[0], make_pupil(world.school), world.school)
    with pytest.raises(Refused, match="reception_over"):
        reception.undo_reception(answer.event_id, action_id=uuid.uuid4(), actor=world.here, now=NOW)


def test_each_desk_is_for_who_may_and_for_its_own_parcels(world):
    with pytest.raises(Refused, match="not_allowed"):
        scan_out.open_manifest("own", actor=world.here, now=NOW)
    with pytest.raises(Refused, match="not_allowed"):
        world.take_in(world.devices[0], actor=actor("staff"))
    other = addressed_school()
    with pytest.raises(Refused, match="parcel_other_school"):
        world.take_in(world.devices[0], school_id=other.id, actor=world.logistics)
    with pytest.raises(Refused, match="school_not_found"):
        world.take_in(world.devices[0], school_id=other.id)
    back = make_device(world.school)
    prepared(ParcelKind.RETURN, world.school, back)
    with pytest.raises(Refused, match="device_in_no_parcel"):
        world.take_in(back)


def test_a_reception_is_not_undone_into_a_cancelled_parcel_nor_out_of_the_next_one(world):
    parcels.ship([world.parcel.id], actor=world.logistics, now=NOW)
    first, second = (world.take_in(device) for device in world.devices)
    undo = {"actor": world.here, "now": NOW}
    prepared(ParcelKind.RETURN, world.school, Device.get_by_id(world.devices[0].id))
    with pytest.raises(Refused, match="device_in_parcel"):
        reception.undo_reception(first.event_id, action_id=uuid.uuid4(), **undo)
    reception.undo_reception(second.event_id, action_id=uuid.uuid4(), **undo)
    parcels.cancel(world.parcel.id, actor=world.logistics, now=NOW)
    assert Device.get_by_id(world.devices[1].id).holder == Holder.WAREHOUSE


def test_a_reception_from_a_parcel_that_was_cancelled_since_stays(world):
    parcels.ship([world.parcel.id], actor=world.logistics, now=NOW)
    answer = world.take_in(world.devices[0])
    parcels.cancel(world.parcel.id, actor=world.logistics, now=NOW)
    with pytest.raises(Refused, match="parcel_state"):
        reception.undo_reception(answer.event_id, action_id=uuid.uuid4(), actor=world.here, now=NOW)


def test_nothing_comes_onto_a_manifest_or_is_closed_that_is_not_there(world):
    for act in (
        lambda: scan_out.close_manifest(99, actor=world.logistics, now=NOW),
        lambda: world.scan_out(world.parcel, Manifest(id=99)),
        lambda: world.scan_out(Parcel(id=99), scan_out.open_manifest("own", actor=world.logistics, now=NOW)),
    ):
        with pytest.raises(Refused, match="not_found"):
            act()


def test_a_parcel_scanned_while_its_manifest_is_closed_waits_and_is_not_on_it(world):
    manifest = scan_out.open_manifest("own", actor=world.logistics, now=NOW)
    world.scan_out(outbound(world.school), manifest)
    said = refused_meanwhile(
        lambda: scan_out.close_manifest(manifest.id, actor=world.logistics, now=NOW),
        lambda: world.scan_out(world.parcel, manifest),
    )
    assert (said, Parcel.get_by_id(world.parcel.id).state) == (["manifest_closed"], ParcelState.PREPARED)


@pytest.mark.parametrize("where", ["reception", "batch"])
def test_a_stolen_device_raises_its_alarm_at_every_desk_and_is_on_record(world, where):
    device = world.devices[0]
    head = custody.chain_head(device.id)
    gone = replace(custody.custody_of(head), state="stolen", holder=Holder.UNKNOWN)
    custody.append(device, Movement.DECLARED_STOLEN, gone, actor=world.logistics, now=NOW)
    batch = batches.open_batch(BatchKind.RECYCLE, "Atelier", actor=world.logistics, now=NOW)
    scan = {"action_id": uuid.uuid4(), "actor": world.logistics, "now": NOW}
    desks = {
        "reception": lambda: reception.take_in(device.id, school_id=world.school.id, **scan),
        "batch": lambda: batches.add_device(batch.id, device.id, **scan),
    }
    with pytest.raises(Refused, match="device_stolen") as found:
        desks[where]()
    assert (found.value.rule, found.value.facts["since"]) == ("R4", NOW)
    assert (DeviceCase.get().kind, DeviceCase.get().device_id) == ("sighting", device.id)
