"""A parcel with its devices, held by the transaction that moves them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.models.database import locked
from tracker.models.devices import Device
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.operations import custody
from tracker.rules.access import Actor, Permission
from tracker.rules.parcels import ParcelKind, ParcelState, refusal_to_move
from tracker.rules.refusals import Refused


@dataclass(frozen=True)
class Held:
    """One parcel and its contents, each device with its row."""

    parcel: Parcel
    contents: list[ParcelDevice]
    devices: dict[int, Device]

    def each(self) -> Iterator[tuple[ParcelDevice, Device]]:
        """The contents, device by device."""
        return ((content, self.devices[content.device_id]) for content in self.contents)


def hold(parcel_id: int, actor: Actor) -> Held:
    """The devices first, then the parcel: a desk that has a device in hand comes the same way. Raises not_found."""
    found = Parcel.get_or_none(Parcel.id == parcel_id)
    if found is None or not actor.scope.covers(found.school_id):
        raise Refused("not_found")
    contents = list(ParcelDevice.select().where(ParcelDevice.parcel == parcel_id).order_by(ParcelDevice.device))
    devices = {content.device_id: custody.lock(content.device_id) for content in contents}
    parcel = locked(Parcel.select().where(Parcel.id == parcel_id)).get()
    return Held(parcel, contents, devices)


def check_may_send(kind: str, actor: Actor) -> None:
    """A school sends returns itself (L6); everything else is logistics'. Raises Refused not_allowed."""
    needed = Permission.SEND_RETURNS if kind == ParcelKind.RETURN else Permission.MANAGE_PARCELS
    if not (actor.may(needed) or actor.may(Permission.MANAGE_PARCELS)):
        raise Refused("not_allowed")


def move(parcel: Parcel, to: ParcelState, *, actor: Actor, now: datetime) -> None:
    """The parcel comes into the state, with when and who. Raises Refused parcel_state."""
    against = refusal_to_move(ParcelState(parcel.state), to, parcel.reference)
    if against:
        raise against
    parcel.state = to
    if to is ParcelState.PREPARED:
        parcel.shipped_at = parcel.shipped_by = parcel.manifest_id = None
    if to is ParcelState.SHIPPED:
        parcel.shipped_at, parcel.shipped_by = now, actor.user_id
    if to is ParcelState.RECEIVED and parcel.received_at is None:
        parcel.received_at, parcel.received_by = now, actor.user_id
    parcel.closed_at = now if to in (ParcelState.CLOSED, ParcelState.CANCELLED) else None
    parcel.save()
