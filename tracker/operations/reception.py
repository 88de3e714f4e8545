"""The reception of parcels at a school: each device by its scan, a whole parcel at one key, and its undo."""

import uuid
from dataclasses import replace
from datetime import datetime

from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.operations import custody, scans
from tracker.operations.custody import Circumstances
from tracker.operations.parcel_arrivals import around_of, arrive, parcel_under_way, receive
from tracker.operations.parcel_holding import Held, hold, move
from tracker.operations.scans import Answer
from tracker.operations.sightings import refuse_missing
from tracker.rules.access import Actor, Permission
from tracker.rules.custody import Holder, Movement
from tracker.rules.parcels import UNFINISHED, ParcelKind, ParcelState
from tracker.rules.refusals import Refused


def take_in(device_id: int, *, school_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    """Rule D8. A device comes out of its parcel at this school; the parcel is received with its last device.

    The same action again gives the first answer. Raises Refused: device_in_no_parcel, parcel_other_school, not_allowed,
    device_lost, device_stolen (R4).
    """
    _check_may(school_id, actor)
    refuse_missing(device_id, where_school_id=school_id, actor=actor, now=now)
    return scans.until_not_overtaken(lambda: _take_in(device_id, school_id, action_id, actor, now))


def _take_in(device_id: int, school_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    earlier = scans.earlier_answer(action_id, actor, device_id=device_id)
    if earlier:
        return earlier
    content = _content(device_id)
    check_place(content.parcel, school_id)
    held = hold(content.parcel_id, actor)
    content = next(each for each in held.contents if each.device_id == device_id)
    found = Answer("already", device_id, held.parcel.pupil_id, record_id=held.parcel.id)
    if content.arrived_at is not None:
        return found
    around = replace(around_of(held.parcel), action_id=action_id)
    event = arrive(held.parcel, content, held.devices[device_id], actor, now, around)
    if all(each.arrived_at for each in held.contents) and held.parcel.state != ParcelState.RECEIVED:
        move(held.parcel, ParcelState.RECEIVED, actor=actor, now=now)
    done = replace(found, outcome="done", event_id=event.id if event else None)
    return scans.remember(done, action_id, actor=actor, now=now)


def _content(device_id: int) -> ParcelDevice:
    """The device's place in the parcel that is to be opened, else in the last one. Raises device_in_no_parcel."""
    found = (
        ParcelDevice.select(ParcelDevice, Parcel).join(Parcel)
        .where(ParcelDevice.device == device_id, Parcel.kind != ParcelKind.RETURN, Parcel.state.in_(UNFINISHED))
        .order_by(Parcel.id.desc())
        .first()
    )  # fmt: skip
    if found is None:
        raise Refused("device_in_no_parcel", rule="D8")
    return found


def check_place(parcel: Parcel, school_id: int) -> None:
    """Whether the parcel is opened here. Raises Refused: parcel_is_return, parcel_other_school, parcel_state."""
    if parcel.kind == ParcelKind.RETURN:
        raise Refused("parcel_is_return", rule="L7", reference=parcel.reference)
    if parcel.school_id != school_id:
        raise Refused("parcel_other_school", rule="D8", reference=parcel.reference)
    if parcel.state == ParcelState.CANCELLED:
        raise Refused("parcel_state", rule="D8", state=parcel.state, reference=parcel.reference)


def _check_may(school_id: int | None, actor: Actor) -> None:
    if not actor.may(Permission.RECEIVE_PARCELS):
        raise Refused("not_allowed")
    if not actor.scope.covers(school_id):
        raise Refused("school_not_found")


def take_in_whole(parcel_id: int, *, school_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    """Rule D8. The parcel was opened, and everything is there. Raises Refused."""
    _check_may(school_id, actor)
    return scans.until_not_overtaken(lambda: _take_in_whole(parcel_id, school_id, action_id, actor, now))


def _take_in_whole(parcel_id: int, school_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    earlier = scans.earlier_answer(action_id, actor, record_id=parcel_id)
    if earlier:
        return earlier
    held = hold(parcel_id, actor)
    check_place(held.parcel, school_id)
    found = Answer("already", None, held.parcel.pupil_id, record_id=parcel_id)
    if all(content.arrived_at for content in held.contents):
        return found
    receive(parcel_id, actor=actor, now=now)
    return scans.remember(replace(found, outcome="received"), action_id, actor=actor, now=now)


def undo_reception(event_id: int, *, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    """A device was scanned by mistake: it is in its parcel again, by a further event. Raises Refused."""
    return scans.until_not_overtaken(lambda: _undo(event_id, action_id, actor, now))


def _undo(event_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    event = CustodyEvent.get_or_none(CustodyEvent.id == event_id, CustodyEvent.movement == Movement.ARRIVED)
    if event is None or not actor.scope.covers(event.desk_school_id):
        raise Refused("not_found")
    earlier = scans.earlier_answer(action_id, actor, outcome="undone", device_id=event.device_id)
    if earlier:
        return earlier
    held = _held_with(event, actor)
    _check_undo(event, custody.chain_head(event.device_id), actor)
    _check_parcel(held.parcel, event.device_id)
    _put_back(held, event, action_id, actor, max(now, event.at))
    done = Answer("undone", event.device_id, held.parcel.pupil_id, record_id=held.parcel.id)
    return scans.remember(done, action_id, actor=actor, now=now)


def _held_with(event: CustodyEvent, actor: Actor) -> Held:
    parcel = Parcel.get_or_none(Parcel.reference == event.scanned)
    if parcel is None:
        raise Refused("not_found")
    return hold(parcel.id, actor)


def _check_undo(event: CustodyEvent, head: CustodyEvent, actor: Actor) -> None:
    if head.id != event.id:
        raise Refused("reception_over", rule="D8")
    if event.actor_id != actor.user_id and not actor.may(Permission.UNDO_ANY):
        raise Refused("undo_not_yours")


def _check_parcel(parcel: Parcel, device_id: int) -> None:
    """The parcel still goes somewhere, and nobody has put the device into the next one."""
    if parcel.state == ParcelState.CANCELLED:
        raise Refused("parcel_state", rule="D8", state=parcel.state, reference=parcel.reference)
    other = parcel_under_way(device_id)
    if other:
        raise Refused("device_in_parcel", rule="D8", reference=other.reference)


def _put_back(held: Held, event: CustodyEvent, action_id: uuid.UUID, actor: Actor, now: datetime) -> None:
    device: Device = held.devices[event.device_id]
    ParcelDevice.update(arrived_at=None).where(
        ParcelDevice.parcel == held.parcel, ParcelDevice.device == device
    ).execute()
    packed = replace(custody.custody_of(event), holder=Holder.PARCEL)
    around = Circumstances(action_id=action_id, scanned=held.parcel.reference)
    custody.append(device, Movement.PACKED, packed, actor=actor, now=now, circumstances=around, head=event)
    if held.parcel.state == ParcelState.RECEIVED:
        held.parcel.state = ParcelState.SHIPPED if held.parcel.shipped_at else ParcelState.PREPARED
        held.parcel.received_at = held.parcel.received_by = None
        held.parcel.save()
