"""Devices in the warehouse that wait for a decision or a partner, and what became of those of a year (U1)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import peewee
from peewee import JOIN, SQL, Case, fn

from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import UNDONE, Allocation, Loan
from tracker.models.reuse import Batch, BatchDevice
from tracker.queries.pages import Order
from tracker.queries.prefix import starts_with
from tracker.rules.calendar import TIME_ZONE
from tracker.rules.custody import DeviceState, Holder, Movement
from tracker.rules.reuse import WAITING, BatchKind, BatchOutcome

ORDER = Order(Device.serial, Device.id)


@dataclass(frozen=True)
class WaitingFilter:
    """What the worklist is narrowed to. `erased` no: data may still be there; `batch` no: in no batch yet."""

    state: str = ""
    kind: str = ""
    maker: str = ""
    erased: str = ""
    batch: str = ""
    q: str = ""


def last_lent(device_ids: Iterable[int]) -> dict[int, datetime]:
    """When the last loan of each device began, mistakes aside; one never lent is not in it. One query."""
    theirs = Loan.device.in_(list(device_ids)) & (Loan.end_reason != UNDONE)
    begun = Loan.select(Loan.device, fn.MAX(Loan.started_at).alias("at")).where(theirs)
    return {row.device_id: _moment(row.at) for row in begun.group_by(Loan.device)}


def _moment(value: Any) -> datetime:
    """An aggregate comes back as its engine keeps it."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_erased() -> peewee.Expression:
    """Rule U1. The devices without data: never lent, or erased since their last loan began (`rules/reuse.py`)."""
    later = Loan.alias()
    began_since = later.select(SQL("1")).where(
        later.device == Device.id, later.end_reason != UNDONE,
        Device.erased_at.is_null() | (later.started_at > Device.erased_at),
    )  # fmt: skip
    return ~fn.EXISTS(began_since)


def waiting() -> peewee.Expression:
    """What waits in the warehouse; of the stock, what came back with data and may go to anybody."""
    promised = Allocation.select(SQL("1")).where(Allocation.device == Device.id, Allocation.ended_at.is_null())
    to_erase = (Device.state == DeviceState.IN_STOCK.value) & ~is_erased() & ~fn.EXISTS(promised)
    return (Device.holder == Holder.WAREHOUSE.value) & (Device.state.in_([each.value for each in WAITING]) | to_erase)


def in_batch() -> peewee.Expression:
    """The devices of a batch that has not told their outcome yet."""
    return fn.EXISTS(BatchDevice.select(SQL("1")).where(BatchDevice.device == Device.id, BatchDevice.outcome.is_null()))


def counts() -> dict[str, int]:
    """How many devices wait in each state. One query."""
    rows = Device.select(Device.state, fn.COUNT(Device.id).alias("count")).where(waiting()).group_by(Device.state)
    return {row.state: row.count for row in rows.objects()}


def listing(filters: WaitingFilter) -> peewee.ModelSelect:
    """The waiting devices that match, to be ordered and cut by queries.pages."""
    equal = {Device.state: filters.state, Device.kind: filters.kind, DeviceModel.maker: filters.maker}
    conditions = [column == value for column, value in equal.items() if value]
    for value, condition in ((filters.erased, is_erased()), (filters.batch, in_batch())):
        if value:
            conditions.append(condition if value == "yes" else ~condition)
    if filters.q:
        conditions.append(starts_with(Device.serial, filters.q.upper()))
    return Device.select(Device.id).join(DeviceModel).where(waiting(), *conditions)


def with_columns(query: peewee.ModelSelect) -> peewee.ModelSelect:
    """The same devices with what the worklist shows: since when, why, erased or not, for whom, in which batch."""
    head, later = CustodyEvent.alias(), CustodyEvent.alias()
    newest = later.select(fn.MAX(later.sequence)).where(later.device == Device.id)
    return (
        query.join_from(Device, head, on=(head.device == Device.id) & (head.sequence == newest))
        .join_from(
            Device, BatchDevice, JOIN.LEFT_OUTER, on=(BatchDevice.device == Device.id) & BatchDevice.outcome.is_null()
        )
        .join_from(Device, Allocation, JOIN.LEFT_OUTER,
                   on=(Allocation.device == Device.id) & Allocation.ended_at.is_null())
        .select(
            Device.id, Device.serial, Device.kind, Device.state, Device.refurbished, Device.grade, DeviceModel.maker,
            DeviceModel.name.alias("model"), head.at.alias("since"), head.reason, BatchDevice.batch.alias("batch_id"),
            Allocation.id.is_null(False).alias("promised"), Case(None, [(is_erased(), 1)], 0).alias("erased"),
        )
    )  # fmt: skip


def selected(query: peewee.ModelSelect, most: int) -> list[int]:
    """The ids of everything that matches, at most `most` + 1."""
    return [row.id for row in query.order_by(Device.id).limit(most + 1)]


@dataclass(frozen=True)
class Weighed:
    """What the proofs of the year's closed batches of one kind say; `weight` in grams."""

    kind: str
    batches: int
    devices: int
    weight: int


@dataclass(frozen=True)
class Became:
    """What became of devices in one year, by one way."""

    way: str
    laptops: int
    hotspots: int


def first_year() -> int | None:
    """The year in which the first device was taken back or triaged or the first batch opened. Two queries."""
    back = CustodyEvent.movement.in_([Movement.TRIAGED.value, Movement.RETURNED.value])
    moved = CustodyEvent.select(fn.MIN(CustodyEvent.at)).where(back)
    found = [each for each in (moved.scalar(), Batch.select(fn.MIN(Batch.opened_at)).scalar()) if each]
    return min(_moment(each).astimezone(TIME_ZONE).year for each in found) if found else None


def bounds(year: int) -> tuple[datetime, datetime]:
    """The moments at which a year begins here and the next one does."""
    begin, end = (datetime.combine(date(each, 1, 1), time(), TIME_ZONE) for each in (year, year + 1))
    return begin.astimezone(UTC), end.astimezone(UTC)


def became(year: int) -> list[Became]:
    """Rule U1. What became of devices in the year, each way with its count of laptops and hotspots. Three queries."""
    begin, end = bounds(year)
    kinds = [_of_kind(kind) for kind in _KINDS]
    told = (
        BatchDevice.select(BatchDevice.outcome, BatchDevice.grade, *kinds)
        .join(Device)
        .where(BatchDevice.outcome_at >= begin, BatchDevice.outcome_at < end)
        .group_by(BatchDevice.outcome, BatchDevice.grade)
        .objects()
    )
    found = Counter({(_way(row.outcome, row.grade), kind): getattr(row, kind) for row in told for kind in _KINDS})
    for way, said in (("stock", _as_it_was()), ("repaired", _repaired_by_a_case())):
        events = CustodyEvent.select(*kinds).join(Device).where(_into_stock(begin, end), said)
        found.update({(way, kind): number or 0 for kind, number in events.dicts().get().items()})
    return [Became(way, *(found[way, kind] for kind in _KINDS)) for way in WAYS_OF_A_YEAR]


def weighed(year: int) -> list[Weighed]:
    """Rule U1. The batches that were closed in the year, by kind, with devices and weights. One query."""
    begin, end = bounds(year)
    inside = BatchDevice.select(BatchDevice.batch, fn.COUNT(BatchDevice.id).alias("devices")).group_by(
        BatchDevice.batch
    )
    rows = (
        Batch.select(
            Batch.kind, fn.COUNT(Batch.id).alias("batches"), fn.SUM(inside.c.devices).alias("devices"),
            fn.SUM(Batch.weight).alias("weight"),
        )
        .join(inside, on=(inside.c.batch_id == Batch.id))
        .where(Batch.closed_at >= begin, Batch.closed_at < end)
        .group_by(Batch.kind)
    )  # fmt: skip
    found = {row["kind"]: row for row in rows.dicts()}
    return [_weighed(kind, found.get(kind, {})) for kind in BatchKind]


def _weighed(kind: str, row: dict[str, Any]) -> Weighed:
    return Weighed(kind, *(int(row.get(name) or 0) for name in ("batches", "devices", "weight")))


WAYS_OF_A_YEAR = ("stock", "repaired", "refurbished_A", "refurbished_B", "refurbished_C", "not_repairable", "recycled")
"""In the order of the report."""

_KINDS = ("laptop", "hotspot")


def _way(outcome: str, grade: str | None) -> str:
    return f"{outcome}_{grade}" if outcome == BatchOutcome.REFURBISHED else outcome


def _of_kind(kind: str) -> peewee.Node:
    return fn.SUM(Case(None, [(Device.kind == kind, 1)], 0)).alias(kind)


def _into_stock(begin: datetime, end: datetime) -> peewee.Expression:
    """What put a device into stock in this time and was not taken back as a mistake."""
    undo, there = CustodyEvent.alias(), CustodyEvent.state == DeviceState.IN_STOCK.value
    undone = undo.select(SQL("1")).where(_follows(CustodyEvent, undo), undo.undoes == CustodyEvent.id)
    return there & (CustodyEvent.at >= begin) & (CustodyEvent.at < end) & ~fn.EXISTS(undone)


def _follows(before: Any, after: Any) -> peewee.Expression:
    """One event of a device comes right after another: by the index of the chains."""
    return (after.device == before.device) & (after.sequence == before.sequence + 1)


def _as_it_was() -> peewee.Expression:
    """Without a repair: by triage, or at once by whoever took it back.

    Not what was in stock already and was looked at again, nor what a partner repaired and still had its data erased.
    """
    before = CustodyEvent.alias()
    repaired = (before.movement == Movement.CAME_FROM_PARTNER.value) & (before.state == DeviceState.RETURNED.value)
    counted = before.select(SQL("1")).where(
        _follows(before, CustodyEvent), (before.state == DeviceState.IN_STOCK.value) | repaired
    )
    moved = CustodyEvent.movement.in_([Movement.TRIAGED.value, Movement.RETURNED.value])
    return moved & (CustodyEvent.rule != "R1") & ~fn.EXISTS(counted)


def _repaired_by_a_case() -> peewee.Expression:
    """Rule R1. A case said that the device works again; where a batch heard of it too, the batch counts it."""
    told = BatchDevice.select(SQL("1")).where(
        BatchDevice.device == CustodyEvent.device, BatchDevice.outcome_at == CustodyEvent.at
    )
    moved = CustodyEvent.movement.in_([Movement.TRIAGED.value, Movement.CAME_FROM_PARTNER.value])
    return moved & (CustodyEvent.rule == "R1") & ~fn.EXISTS(told)
