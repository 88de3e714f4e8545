"""The end of a parcel's way: received at the school, arrived at the warehouse, handed over."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import peewee

from tracker.models.custody import CustodyEvent
from tracker.models.database import database, locked
from tracker.models.devices import Device
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.operations import custody
from tracker.operations.custody import Circumstances
from tracker.operations.parcel_holding import Held, hold, move
from tracker.queries.parcels import contents_under_way
from tracker.rules.access import Actor, Permission
from tracker.rules.custody import Holder, Movement
from tracker.rules.parcels import UNFINISHED, ParcelKind, ParcelState
from tracker.rules.refusals import Refused


def parcel_under_way(device_id: int) -> Parcel | None:
    """The one parcel, made and not at its end, that this device is in or is to go into."""
    content = contents_under_way().where(ParcelDevice.device == device_id).first()
    return content.parcel if content else None


def receive(parcel_id: int, *, actor: Actor, now: datetime, device_ids: Collection[int] | None = None) -> Parcel:
    """Rule D8. The parcel is opened at the school: these devices (None: all of them) are there, with no pupil yet.

    The first reception makes the parcel received; what was missing may be received later. Raises Refused: not_found,
    not_allowed, parcel_state, parcel_is_return, device_not_in_parcel.
    """
    with database.atomic():
        held = hold(parcel_id, actor)
        _check_reception(held, device_ids, actor)
        for content, device in held.each():
            wanted = device_ids is None or content.device_id in device_ids
            if wanted and content.arrived_at is None:
                arrive(held.parcel, content, device, actor, now, around_of(held.parcel))
        if held.parcel.state != ParcelState.RECEIVED:
            move(held.parcel, ParcelState.RECEIVED, actor=actor, now=now)
    return held.parcel


def around_of(parcel: Parcel) -> Circumstances:
    """The label that was scanned, and where."""
    return Circumstances(scanned=parcel.reference, desk_school_id=parcel.school_id)


def _check_reception(held: Held, device_ids: Collection[int] | None, actor: Actor) -> None:
    if not actor.may(Permission.RECEIVE_PARCELS):
        raise Refused("not_allowed")
    if held.parcel.kind == ParcelKind.RETURN:
        raise Refused("parcel_is_return", rule="L7", reference=held.parcel.reference)
    if set(device_ids or ()) - set(held.devices):
        raise Refused("device_not_in_parcel", rule="D8", reference=held.parcel.reference)


def arrive(
    parcel: Parcel, content: ParcelDevice, device: Device, actor: Actor, now: datetime, around: Circumstances
) -> CustodyEvent | None:
    """Rule D8. A device is out of its parcel and at the school; the event, None where it was there already."""
    content.arrived_at = now
    content.save()
    head = custody.chain_head(device.id)
    if head.holder != Holder.PARCEL:
        return None
    after = replace(custody.custody_of(head), holder=Holder.SCHOOL, school_id=parcel.school_id)
    return custody.append(device, Movement.ARRIVED, after, actor=actor, now=now, circumstances=around, head=head)


def note_arrival(device_id: int, *, actor: Actor, now: datetime) -> Parcel | None:
    """Rule L7. A device of a return parcel is here: received when the last of them is; the parcel, if there was one.

    Within the caller's transaction, after the device's own event. A device that a school collects before its parcel
    left travels in it still: nothing is noted then.
    """
    content = _open_return(device_id)
    if content is None:
        return None
    parcel = locked(Parcel.select().where(Parcel.id == content.parcel_id)).get()
    at_school = Device.select().where(Device.id == device_id, Device.holder == Holder.SCHOOL).exists()
    if at_school and parcel.state == ParcelState.PREPARED:
        return None
    content.arrived_at = now
    content.save()
    if not _contents(parcel.id).where(ParcelDevice.arrived_at.is_null()).exists():
        move(parcel, ParcelState.RECEIVED, actor=actor, now=now)
    return parcel


def note_found(device_id: int) -> None:
    """Rule R4. A missing device is here: it is no longer in the parcel in which it was sent out.

    Within the caller's transaction, which holds the device.
    """
    sent = Parcel.select(Parcel.id).where(Parcel.kind != ParcelKind.RETURN, Parcel.state.in_(UNFINISHED))
    inside = (ParcelDevice.device == device_id) & ParcelDevice.arrived_at.is_null()
    ParcelDevice.delete().where(inside, ParcelDevice.parcel.in_(sent)).execute()


def _open_return(device_id: int) -> ParcelDevice | None:
    return contents_under_way().where(ParcelDevice.device == device_id, Parcel.kind == ParcelKind.RETURN).first()


def note_arrival_undone(device_id: int) -> Parcel | None:
    """The arrival of a device was a mistake: its return parcel is on its way again.

    Within the caller's transaction, after the device's own event.
    """
    content = (
        ParcelDevice.select().join(Parcel)
        .where(
            ParcelDevice.device == device_id, ParcelDevice.arrived_at.is_null(False), Parcel.kind == ParcelKind.RETURN,
            Parcel.state.in_(UNFINISHED),
        )
        .order_by(ParcelDevice.arrived_at.desc())
        .first()
    )  # fmt: skip
    if content is None:
        return None
    ParcelDevice.update(arrived_at=None).where(ParcelDevice.id == content.id).execute()
    parcel = locked(Parcel.select().where(Parcel.id == content.parcel_id)).get()
    if parcel.state == ParcelState.RECEIVED:
        parcel.state = ParcelState.SHIPPED if parcel.shipped_at else ParcelState.PREPARED
        parcel.received_at = parcel.received_by = None
        parcel.save()
    return parcel


def note_hand_over(device_id: int, *, actor: Actor, now: datetime) -> Parcel | None:
    """Rule D8. A device of a received parcel is in a pupil's hands: the parcel is closed when the last of them is.

    Within the caller's transaction, which holds the device.
    """
    content = _received(device_id, ParcelDevice.handed_over_at.is_null())
    if content is None:
        return None
    content.handed_over_at = now
    content.save()
    parcel = locked(Parcel.select().where(Parcel.id == content.parcel_id)).get()
    waiting = _contents(parcel.id).where(ParcelDevice.handed_over_at.is_null())
    if parcel.state == ParcelState.RECEIVED and not waiting.exists():
        move(parcel, ParcelState.CLOSED, actor=actor, now=now)
    return parcel


def note_hand_over_undone(device_id: int, *, done_at: datetime, actor: Actor, now: datetime) -> Parcel | None:
    """Rule D8. The hand-over of `done_at` was a mistake: device and parcel wait at the school again."""
    content = _received(device_id, ParcelDevice.handed_over_at == done_at)
    if content is None:
        return None
    content.handed_over_at = None
    content.save()
    parcel = locked(Parcel.select().where(Parcel.id == content.parcel_id)).get()
    if parcel.state == ParcelState.CLOSED:
        move(parcel, ParcelState.RECEIVED, actor=actor, now=now)
    return parcel


def _received(device_id: int, condition: peewee.Expression) -> ParcelDevice | None:
    """The last parcel that brought the device to a school, where the condition holds of it."""
    newest = (
        ParcelDevice.select().join(Parcel)
        .where(
            ParcelDevice.device == device_id, ParcelDevice.arrived_at.is_null(False), Parcel.kind != ParcelKind.RETURN,
            Parcel.state.in_((ParcelState.RECEIVED, ParcelState.CLOSED)),
        )
        .order_by(ParcelDevice.arrived_at.desc(), ParcelDevice.id.desc())
        .limit(1)
    )  # fmt: skip
    return ParcelDevice.select().where(ParcelDevice.id.in_([each.id for each in newest]), condition).first()


def _contents(parcel_id: int) -> peewee.ModelSelect:
    return ParcelDevice.select().where(ParcelDevice.parcel == parcel_id)
