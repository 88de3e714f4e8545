"""The one writer of the ledger: each movement of a device is an event, and the device's row follows it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import peewee

from tracker.models.custody import CustodyEvent
from tracker.models.database import database, locked
from tracker.models.devices import Device, DeviceModel
from tracker.rules.access import Actor
from tracker.rules.custody import (
    GENESIS,
    Custody,
    DeviceState,
    Holder,
    Movement,
    custody_facts,
    event_hash,
)
from tracker.rules.refusals import Refused


@dataclass(frozen=True)
class Circumstances:
    """What surrounds a movement: the scan and the action it came from, why, and which rule was overridden."""

    action_id: uuid.UUID | None = None
    scanned: str = ""
    reason: str = ""
    rule: str = ""
    overridden: str = ""
    desk_school_id: int | None = None
    undoes: int | None = None


CHAINED = (
    "device_id", "sequence", "movement", "at", "actor_id",
    *(field.name for field in fields(Circumstances)),
    *(field.name for field in fields(Custody)),
)  # fmt: skip
"""The columns of an event that its hash covers."""

_NOTHING_ELSE = Circumstances()


def receive(
    *,
    serial: str,
    model: DeviceModel,
    tag: str,
    at: Holder,
    school_id: int | None,
    actor: Actor,
    now: datetime,
    refurbished: bool = False,
    **identifiers: Any,
) -> Device:
    """Record a new device, in stock at the warehouse or a school, with the first event of its chain."""
    place = Custody(DeviceState.IN_STOCK, at, school_id)
    with database.atomic():
        device = Device.create(
            serial=serial.upper(), model=model, kind=model.kind, tag=tag, refurbished=refurbished,
            state=place.state, holder=place.holder, school_id=school_id, created_at=now, **identifiers,
        )  # fmt: skip
        append(device, Movement.RECEIVED, place, actor=actor, now=now)
    return device


@dataclass(frozen=True)
class Received:
    """A new device of a pallet: `at` the warehouse or a school."""

    serial: str
    model: DeviceModel
    tag: str
    at: Holder = Holder.WAREHOUSE
    school_id: int | None = None
    refurbished: bool = False
    imei: str | None = None
    iccid: str | None = None


_AT_ONCE = 400
"""Rows of one INSERT: SQLite takes 32,766 values."""


def receive_many(pallet: Iterable[Received], *, actor: Actor, now: datetime) -> dict[str, int]:
    """`receive` for many devices, a few hundred at a time in one transaction; the ids by serial."""
    with database.atomic():
        return {
            serial: device_id
            for some in peewee.chunked(pallet, _AT_ONCE)
            for serial, device_id in _receive_some(some, actor, now).items()
        }


def _receive_some(some: list[Received], actor: Actor, now: datetime) -> dict[str, int]:
    Device.insert_many([_row(each, now) for each in some]).execute()
    found = Device.select(Device.serial, Device.id).where(Device.serial.in_([each.serial for each in some]))
    ids = dict(found.tuples())
    CustodyEvent.insert_many([_first_event(each, ids[each.serial], actor, now) for each in some]).execute()
    return ids


def _row(each: Received, now: datetime) -> dict[str, Any]:
    facts = {name: getattr(each, name) for name in ("serial", "model", "tag", "refurbished", "imei", "iccid")}
    place = {"state": DeviceState.IN_STOCK, "holder": each.at, "school": each.school_id, "pupil": None}
    return facts | place | {"kind": each.model.kind, "created_at": now}


def _first_event(each: Received, device_id: int, actor: Actor, now: datetime) -> dict[str, Any]:
    happened = {"device_id": device_id, "movement": Movement.RECEIVED, "at": now, "actor_id": actor.user_id}
    return _chained(happened, Custody(DeviceState.IN_STOCK, each.at, each.school_id), _NOTHING_ELSE, None)


def last_event(device_id: int) -> CustodyEvent | None:
    """The head of the device's chain; None where the device has none yet."""
    return (
        CustodyEvent.select()
        .where(CustodyEvent.device == device_id)
        .order_by(CustodyEvent.sequence.desc())
        .limit(1)
        .first()
    )


def chain_head(device_id: int) -> CustodyEvent:
    """The head of a chain that must be there. Raises Refused not_found."""
    head = last_event(device_id)
    if head is None:
        raise Refused("not_found")
    return head


def lock(device_id: int) -> Device:
    """The device's row, held by this transaction, so that its chain grows by one event at a time.

    Raises Refused not_found.
    """
    device = locked(Device.select().where(Device.id == device_id)).first()
    if device is None:
        raise Refused("not_found")
    return device


def append(
    device: Device,
    movement: Movement,
    custody: Custody,
    *,
    actor: Actor,
    now: datetime,
    circumstances: Circumstances = _NOTHING_ELSE,
    head: CustodyEvent | None = None,
) -> CustodyEvent:
    """Write the next event of the device's chain and bring the device's row to what it says.

    Within a transaction that holds the device (`lock`). `head`: the last event, where the caller has read it.
    """
    head = head or last_event(device.id)
    happened = {"device_id": device.id, "movement": movement, "at": now, "actor_id": actor.user_id}
    event = CustodyEvent.create(**_chained(happened, custody, circumstances, head))
    _project(device, custody)
    return event


def _chained(
    happened: dict[str, Any], custody: Custody, circumstances: Circumstances, head: CustodyEvent | None
) -> dict[str, Any]:
    """The row of the event that follows `head`."""
    around = {field.name: getattr(circumstances, field.name) for field in fields(circumstances)}
    values = {"sequence": head.sequence + 1 if head else 1, **happened, **around, **custody_facts(custody)}
    previous = head.hash if head else GENESIS
    return values | {"previous_hash": previous, "hash": event_hash(previous, hashed_facts(values))}


def hashed_facts(values: dict[str, Any]) -> dict[str, Any]:
    """The values of an event in the form that is hashed, the same from memory and from either database."""
    return {name: _plain(values[name]) for name in CHAINED}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return str(value) if isinstance(value, uuid.UUID | str) else value


def custody_of(event: CustodyEvent) -> Custody:
    """The situation that an event left the device in."""
    return Custody(
        DeviceState(event.state), Holder(event.holder), event.school_id, event.pupil_id, event.allocated_to,
        event.answerable,
    )  # fmt: skip


def _project(device: Device, custody: Custody) -> None:
    device.state, device.holder = custody.state, custody.holder
    device.school_id, device.pupil_id = custody.school_id, custody.pupil_id
    Device.update(state=custody.state, holder=custody.holder, school=custody.school_id, pupil=custody.pupil_id).where(
        Device.id == device.id
    ).execute()
