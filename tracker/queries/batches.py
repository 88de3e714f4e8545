"""Batches as their list, their page and their desk show them (U1); they are of the warehouse, no school's."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import peewee
from peewee import JOIN, SQL, Case, fn

from tracker.models.attachments import Attachment
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Allocation
from tracker.models.reuse import Batch, BatchDevice
from tracker.models.users import User
from tracker.queries.pages import Order
from tracker.queries.reuse import bounds, is_erased
from tracker.rules.cases import DocumentKind
from tracker.rules.codes import BODIES, OwnKind, number_of, own_code, parse_own_code
from tracker.rules.custody import Holder
from tracker.rules.reuse import WAYS, BatchKind, BatchState, Proof

ORDER = Order(Batch.id, Batch.id, newest_first=True)
LAST = 10
_MOST_ID = 2**31 - 1


@dataclass(frozen=True)
class BatchFilter:
    """What the list is narrowed to; `year`: of those that were sent or closed in it, or still are open."""

    kind: str = ""
    state: str = ""
    year: int | None = None


_SPREAD = 0x9E3779B1
"""Odd, so that each number modulo BODIES comes from one id: the codes of neighbours look nothing alike."""


def code_of(batch_id: int) -> str:
    """The code on a batch's slip."""
    return own_code(OwnKind.BATCH, batch_id * _SPREAD % BODIES)


def batch_of_code(text: str) -> Batch | None:
    """The batch whose slip bears this code. At most one query."""
    own = parse_own_code(text)
    if not own or own.kind is not OwnKind.BATCH:
        return None
    batch_id = number_of(own) * pow(_SPREAD, -1, BODIES) % BODIES
    return Batch.get_or_none(Batch.id == batch_id) if batch_id <= _MOST_ID else None


def batch_codes(device_ids: Iterable[int]) -> dict[int, str]:
    """The code of the batch that each device is in and that has not told its outcome. One query."""
    rows = BatchDevice.select(BatchDevice.device, BatchDevice.batch)
    rows = rows.where(BatchDevice.device.in_(list(device_ids)), BatchDevice.outcome.is_null())
    return {row.device_id: code_of(row.batch_id) for row in rows}


def listing(filters: BatchFilter) -> peewee.ModelSelect:
    """The batches that match, to be ordered and cut by queries.pages."""
    equal = {Batch.kind: filters.kind, Batch.state: filters.state}
    conditions = [column == value for column, value in equal.items() if value]
    if filters.year:
        begin, end = bounds(filters.year)
        conditions.append((Batch.closed_at >= begin) & (Batch.closed_at < end))
    rows = Batch.select(Batch.id)
    return rows.where(*conditions) if conditions else rows


def with_columns(query: peewee.ModelSelect) -> peewee.ModelSelect:
    """The same batches with what the list shows of each."""
    inside = BatchDevice.select(fn.COUNT(BatchDevice.id)).where(BatchDevice.batch == Batch.id)
    papers = Attachment.select(fn.COUNT(Attachment.id)).where(Attachment.batch == Batch.id)
    return query.select(
        Batch.id, Batch.kind, Batch.state, Batch.partner, Batch.reference, Batch.weight, Batch.counted, Batch.proof_on,
        Batch.opened_at, Batch.sent_at, Batch.closed_at, Batch.reason, inside.alias("devices"),
        inside.where(BatchDevice.outcome.is_null(False)).alias("told"), papers.alias("papers"),
    )  # fmt: skip


def batch_page(batch_id: int) -> dict[str, Any] | None:
    """One batch with the names of who opened, sent and closed it. One query."""
    people = {name: User.alias() for name in ("opened_by", "sent_by", "closed_by")}
    query = Batch.select(Batch, *(person.name.alias(f"{name}_name") for name, person in people.items()))
    for name, person in people.items():
        query = query.join_from(Batch, person, JOIN.LEFT_OUTER, on=(person.id == getattr(Batch, name)))
    return query.where(Batch.id == batch_id).dicts().first()


def contents(batch_id: int) -> list[dict[str, Any]]:
    """The devices of a batch by serial, each with its outcome and whether its data are gone. One query."""
    promised = (Allocation.device == Device.id) & Allocation.ended_at.is_null()
    return list(
        BatchDevice.select(
            BatchDevice.id, BatchDevice.outcome, BatchDevice.grade, BatchDevice.outcome_at,
            Device.id.alias("device_id"), Device.serial, Device.tag, Device.kind, DeviceModel.maker,
            DeviceModel.name.alias("model"),
            Allocation.id.is_null(False).alias("promised"), Case(None, [(is_erased(), 1)], 0).alias("erased"),
        )
        .join(Device)
        .join(DeviceModel)
        .join_from(Device, Allocation, JOIN.LEFT_OUTER, on=promised)
        .where(BatchDevice.batch == batch_id)
        .order_by(Device.serial)
        .dicts()
    )  # fmt: skip


def papers(batch_id: int) -> list[Attachment]:
    """The kept files of a batch, in the order in which they came. One query."""
    return list(Attachment.select().where(Attachment.batch == batch_id).order_by(Attachment.id))


def proof_of(batch: Batch, kept: Iterable[Attachment]) -> Proof:
    """What is on file for a batch. An erasure certificate is no proof of what became of the devices."""
    kinds = {each.kind for each in kept}
    return Proof(
        DocumentKind.PROOF in kinds, DocumentKind.ERASURE in kinds, batch.proof_on, batch.weight, batch.counted
    )  # fmt: skip


def addable(kind: BatchKind) -> peewee.ModelSelect:
    """The devices that wait in the warehouse for a batch of this kind."""
    taken = BatchDevice.select(SQL("1")).where(BatchDevice.device == Device.id, BatchDevice.outcome.is_null())
    waits = (Device.state == WAYS[kind].takes.value) & (Device.holder == Holder.WAREHOUSE.value)
    return Device.select(Device.id).where(waits, ~fn.EXISTS(taken))


def open_batches(kind: str = "") -> list[Batch]:
    """Batches that still take devices, the newest first. One query."""
    rows = Batch.select().where(Batch.state == BatchState.OPEN.value)
    return list((rows.where(Batch.kind == kind) if kind else rows).order_by(Batch.id.desc()).limit(50))


def partners() -> list[str]:
    """The partners that batches went to, by name. One query."""
    return [row[0] for row in Batch.select(Batch.partner).distinct().order_by(Batch.partner).limit(100).tuples()]


def last_added(batch_id: int, user_id: int) -> list[dict[str, Any]]:
    """The last ten devices that this person put into the batch, the newest first. One query."""
    mine = (BatchDevice.batch == batch_id) & (BatchDevice.added_by == user_id)
    rows = BatchDevice.select(
        BatchDevice.added_at, Device.id.alias("device_id"), Device.serial, DeviceModel.maker, DeviceModel.name,
    ).join(Device).join(DeviceModel).where(mine)  # fmt: skip
    return list(rows.order_by(BatchDevice.added_at.desc(), BatchDevice.id.desc()).limit(LAST).dicts())


def desk_counts(batch: Batch) -> tuple[int, int]:
    """How many devices are in the batch, and how many still wait for one of its kind. Two queries."""
    inside = BatchDevice.select().where(BatchDevice.batch == batch.id).count()
    return inside, addable(BatchKind(batch.kind)).count()


def newest_outcome(device_id: int) -> dict[str, Any] | None:
    """The last batch of a device, with what became of it there. One query."""
    rows = BatchDevice.select(BatchDevice.outcome, BatchDevice.grade, Batch.id, Batch.kind, Batch.state, Batch.partner)
    return rows.join(Batch).where(BatchDevice.device == device_id).order_by(BatchDevice.id.desc()).dicts().first()
