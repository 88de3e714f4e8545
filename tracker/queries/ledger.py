"""The ledger read from end to end in pages, so that its size does not matter."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import peewee

from tracker.models.custody import CustodyEvent, LedgerCheckpoint
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan

PAGE = 2000


def events() -> Iterator[dict[str, Any]]:
    """Every event as a row, device by device, each chain in its order."""
    device_id, sequence = 0, 0
    while True:
        page = _events_after(device_id, sequence)
        yield from page
        if len(page) < PAGE:
            return
        device_id, sequence = page[-1]["device_id"], page[-1]["sequence"]


def _events_after(device_id: int, sequence: int) -> list[dict[str, Any]]:
    place = peewee.Tuple(CustodyEvent.device, CustodyEvent.sequence)
    columns = [
        field.alias("device_id") if field is CustodyEvent.device else field
        for field in CustodyEvent._meta.sorted_fields
    ]
    chains = CustodyEvent.select(*columns).where(place > peewee.Tuple(device_id, sequence))
    rows: Any = chains.order_by(CustodyEvent.device, CustodyEvent.sequence).limit(PAGE).dicts()
    return list(rows)


def checkpoints() -> list[LedgerCheckpoint]:
    """Every checkpoint, oldest first."""
    return list(LedgerCheckpoint.select().order_by(LedgerCheckpoint.day))


def last_event_id() -> int:
    """The id of the newest event of all chains; 0 when there is none."""
    return CustodyEvent.select(peewee.fn.MAX(CustodyEvent.id)).scalar() or 0


def device_without_chain() -> Device | None:
    """A device whose chain has no event at all: there may be none."""
    return (
        Device.select(Device.id)
        .join(CustodyEvent, peewee.JOIN.LEFT_OUTER)
        .where(CustodyEvent.id.is_null())
        .order_by(Device.id)
        .first()
    )


def serial_of(device_id: int) -> str:
    """The serial number of a device, for a sentence."""
    return Device.select(Device.serial).where(Device.id == device_id).scalar() or f"#{device_id}"


def heads(up_to: int | None = None) -> Iterator[dict[str, Any]]:
    """The last event of each chain in the order of device ids: all events, or those not after the id `up_to`."""
    after = 0
    while True:
        rows: Any = _heads_after(after, up_to).dicts()
        page: list[dict[str, Any]] = list(rows)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]["device_id"]


def _heads_after(after: int, up_to: int | None) -> Any:
    newest = CustodyEvent.alias()
    ends = newest.select(newest.device, peewee.fn.MAX(newest.sequence).alias("last")).where(newest.device > after)
    if up_to is not None:
        ends = ends.where(newest.id <= up_to)
    ends = ends.group_by(newest.device).order_by(newest.device).limit(PAGE).alias("ends")
    return (
        CustodyEvent.select(CustodyEvent, CustodyEvent.device.alias("device_id"))
        .join(ends, on=((CustodyEvent.device == ends.c.device_id) & (CustodyEvent.sequence == ends.c.last)))
        .order_by(CustodyEvent.device)
    )


@dataclass(frozen=True)
class Projected:
    """A device's situation as the tables beside the ledger have it; `loan`, `allocation`: the pupil, while open."""

    device_id: int
    serial: str
    kind: str
    state: str
    holder: str
    school_id: int | None
    pupil_id: int | None
    allocation: int | None
    loan: int | None


def projection() -> Iterator[Projected]:
    """Every device with its open allocation and loan, in the order of ids."""
    after = 0
    while True:
        page = list(_projection_after(after))
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].device_id


def _projection_after(after: int) -> Iterator[Projected]:
    columns = (Device.id, Device.serial, Device.kind, Device.state, Device.holder, Device.school, Device.pupil)
    rows: Any = (
        Device.select(*columns, Allocation.pupil, Loan.pupil)
        .join(Allocation, peewee.JOIN.LEFT_OUTER, on=_open(Allocation))
        .switch(Device)
        .join(Loan, peewee.JOIN.LEFT_OUTER, on=_open(Loan))
        .where(Device.id > after)
        .order_by(Device.id)
        .limit(PAGE)
        .tuples()
    )
    return (Projected(*row) for row in rows)


def _open(table: type[Allocation] | type[Loan]) -> peewee.Expression:
    return (table.device == Device.id) & table.ended_at.is_null()


def opening(device_id: int, column: str, pupil_id: int) -> CustodyEvent:
    """The event since which `column` (allocated_to, answerable) of the device's chain names this pupil."""
    field = getattr(CustodyEvent, column)
    chain = CustodyEvent.select().where(CustodyEvent.device == device_id)
    other = chain.where(field.is_null() | (field != pupil_id)).order_by(CustodyEvent.sequence.desc()).first()
    since = chain.where(CustodyEvent.sequence > (other.sequence if other else 0))
    return since.order_by(CustodyEvent.sequence).get()
