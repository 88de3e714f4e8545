"""Setting a device aside for a pupil: whose it is to be, wherever it is."""

from dataclasses import replace
from datetime import datetime

from tracker.models.custody import CustodyEvent
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.models.loans import Allocation
from tracker.operations import custody
from tracker.operations.custody import Circumstances
from tracker.queries.custody import unavailable_since
from tracker.rules.access import Actor
from tracker.rules.custody import DeviceState, Movement
from tracker.rules.refusals import Refused


def allocate(device_id: int, pupil_id: int, *, actor: Actor, now: datetime) -> Allocation:
    """Set a device in stock aside for the pupil.

    Raises Refused: device_not_in_stock, device_allocated (to anybody), pupil_has_allocation (of the same kind).
    """
    with database.atomic():
        device, head = custody.lock(device_id), custody.chain_head(device_id)
        before = custody.custody_of(head)
        if before.state is not DeviceState.IN_STOCK:
            since = unavailable_since(device_id, before.state)
            raise Refused("device_not_in_stock", rule="E4", state=before.state, holder=before.holder, since=since)
        if before.allocated_to is not None:
            raise Refused("device_allocated", rule="D4", allocated_to=before.allocated_to)
        _check_pupil(device, pupil_id)
        after = replace(before, allocated_to=pupil_id)
        custody.append(device, Movement.ALLOCATED, after, actor=actor, now=now, head=head)
        return Allocation.create(device=device_id, pupil=pupil_id, kind=device.kind, started_at=now)


def _check_pupil(device: Device, pupil_id: int) -> None:
    theirs = (Allocation.pupil == pupil_id) & (Allocation.kind == device.kind) & Allocation.ended_at.is_null()
    if Allocation.select().where(theirs).exists():
        raise Refused("pupil_has_allocation", rule="E4")


def set_aside(
    device: Device, pupil_id: int | None, head: CustodyEvent, around: Circumstances, actor: Actor, now: datetime
) -> None:
    """The device is to be this pupil's from now on, or nobody's; in the ledger and among the allocations.

    Within a transaction that holds the device; `head`: the last event of its chain.
    """
    situation = replace(custody.custody_of(head), allocated_to=pupil_id)
    movement = Movement.ALLOCATED if pupil_id else Movement.UNALLOCATED
    custody.append(device, movement, situation, actor=actor, now=now, circumstances=around, head=head)
    replace_open(device, pupil_id, now)


def free(device: Device, around: Circumstances, actor: Actor, now: datetime) -> None:
    """The device is to be nobody's any more, if it was anybody's. Within a transaction that holds the device."""
    head = custody.chain_head(device.id)
    if head.allocated_to is not None:
        set_aside(device, None, head, around, actor, now)


def replace_open(device: Device, pupil_id: int | None, now: datetime) -> None:
    """The open allocation of the device ends; the pupil's begins, if there is one. The ledger is the caller's."""
    Allocation.update(ended_at=now).where(Allocation.device == device.id, Allocation.ended_at.is_null()).execute()
    if pupil_id:
        Allocation.insert(device=device.id, pupil=pupil_id, kind=device.kind, started_at=now).execute()


def open_devices(pupil_id: int, kind: str) -> list[int]:
    """The devices of this kind that are set aside for the pupil: none, or one."""
    theirs = (Allocation.pupil == pupil_id) & (Allocation.kind == kind) & Allocation.ended_at.is_null()
    return [row.device_id for row in Allocation.select(Allocation.device).where(theirs)]
