"""Devices that wait in the warehouse, and batches of them, for tests about reuse."""

import uuid

from tests.factories import NOW, actor, make_device, make_user
from tracker.models.attachments import Attachment
from tracker.models.devices import Device
from tracker.models.loans import Allocation
from tracker.models.reuse import Batch
from tracker.operations import allocations, batches, custody
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.reuse import WAYS, BatchKind


def waiting(state=DeviceState.RETURNED, *, pupil=None, **changes) -> Device:
    """A device in the warehouse in this state, set aside for `pupil`."""
    device = make_device(**changes)
    if pupil:
        allocations.allocate(device.id, pupil.id, actor=actor(), now=NOW)
    whose = Allocation.select(Allocation.pupil).where(Allocation.device == device.id).scalar()
    place = Custody(state, Holder.WAREHOUSE, allocated_to=whose)
    custody.append(device, Movement.TRIAGED, place, actor=actor(), now=NOW)
    return device


def batch_of(kind=BatchKind.REPAIR, devices=2, *, sent=False, now=NOW, who=None, **changes) -> Batch:
    """A batch with as many devices that waited for one of its kind, or with those given."""
    who = who or actor(user=make_user())
    batch = batches.open_batch(kind, "Atelier du Bocage", actor=who, now=now)
    inside = [waiting(WAYS[kind].takes) for _ in range(devices)] if isinstance(devices, int) else devices
    for device in inside:
        batches.add_device(batch.id, device.id, action_id=uuid.uuid4(), actor=who, now=now)
    return batches.send(batch.id, actor=who, now=now, **changes) if sent else batch


def inside(batch) -> list[int]:
    """The ids of a batch's devices, in the order in which they came."""
    return [row.device_id for row in batch.contents.order_by(batch.contents.model.id)]


def prove(batch, kind="proof") -> Attachment:
    """A paper on file for the batch."""
    return Attachment.create(
        batch=batch, kind=kind, file_name="bordereau.pdf", file=f"proofs/{uuid.uuid4().hex}", size=8,
        media_type="application/pdf", digest="0" * 64, added_at=NOW,
    )  # fmt: skip
