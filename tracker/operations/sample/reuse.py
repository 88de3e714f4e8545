"""A second life for a few devices of the sample's warehouse: what waits, a batch of each kind, one that is back."""

from datetime import datetime, timedelta

from tracker.models.devices import Device
from tracker.models.loans import Allocation
from tracker.operations import batch_outcomes, batches, reuse
from tracker.operations.batch_outcomes import Told
from tracker.rules.access import SYSTEM
from tracker.rules.custody import DeviceKind, DeviceState, Holder
from tracker.rules.returns import NextPlace
from tracker.rules.reuse import BatchKind, BatchOutcome, Grade

_SORTED = (
    (NextPlace.REFURBISHER, "Traces d’usure, batterie faible", 9),
    (NextPlace.REPAIR, "Clavier : deux touches ne répondent plus", 6),
    (NextPlace.RECYCLING, "Carte mère hors service", 5),
    (NextPlace.QUARANTINE, "Chargeur manquant", 3),
)
_GRADES = (Grade.A, Grade.B, Grade.B, Grade.C)


def give_second_lives(now: datetime) -> None:
    """Rule U1. Sorted, sent, and what the refurbisher made of it."""
    earlier = now - timedelta(days=20)
    sorted_out = _sort(earlier)
    batch = _send(BatchKind.REFURBISH, "Atelier du Bocage", sorted_out[NextPlace.REFURBISHER][:5], earlier)
    told = dict(zip(sorted_out[NextPlace.REFURBISHER], (Told(BatchOutcome.REFURBISHED, each) for each in _GRADES),
                    strict=False))  # fmt: skip
    batch_outcomes.record(batch, told, actor=SYSTEM, now=now - timedelta(days=3))
    _send(BatchKind.REPAIR, "Répar’Ouest", sorted_out[NextPlace.REPAIR][:3], earlier)
    recycled = batches.open_batch(BatchKind.RECYCLE, "Éco-organisme Normandie", actor=SYSTEM, now=now)
    batches.add_devices(recycled.id, sorted_out[NextPlace.RECYCLING][:2], actor=SYSTEM, now=now)


def _sort(now: datetime) -> dict[NextPlace, list[int]]:
    free = Device.select(Device.id).where(
        Device.holder == Holder.WAREHOUSE, Device.state == DeviceState.IN_STOCK, Device.kind == DeviceKind.LAPTOP,
        ~Device.refurbished, Device.id.not_in(Allocation.select(Allocation.device)),
    )  # fmt: skip
    ids = [row.id for row in free.order_by(Device.id.desc()).limit(sum(count for _place, _why, count in _SORTED))]
    found = {}
    for place, reason, count in _SORTED:
        found[place], ids = ids[:count], ids[count:]
        reuse.triage(found[place], place, reason=reason, actor=SYSTEM, now=now)
    return found


def _send(kind: BatchKind, partner: str, device_ids: list[int], now: datetime) -> int:
    batch = batches.open_batch(kind, partner, actor=SYSTEM, now=now)
    batches.add_devices(batch.id, device_ids, actor=SYSTEM, now=now)
    batches.send(batch.id, actor=SYSTEM, now=now)
    return batch.id
