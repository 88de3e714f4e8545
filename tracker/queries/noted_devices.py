"""Devices that a returns desk noted and that are nobody's on record: their list, and the one of a serial number."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import peewee
from peewee import JOIN, fn

from tracker.models.devices import Device
from tracker.models.returns import ReturnRecord
from tracker.models.schools import School
from tracker.models.users import User
from tracker.queries.devices import seen_within
from tracker.queries.pages import Order
from tracker.queries.prefix import starts_with
from tracker.queries.returns_desk import at_desks
from tracker.rules.access import Scope

ORDER = Order(ReturnRecord.received_at, ReturnRecord.id, newest_first=True, dated=True)
SETTLED, ALL = "settled", "all"
"""The values of the state filter besides none: what nobody has settled yet."""


@dataclass(frozen=True)
class NotedFilter:
    """What the list is narrowed to; empty: all that waits to be settled. `q`: the beginning of the serial number."""

    q: str = ""
    school: int | None = None
    state: str = ""


@dataclass(frozen=True)
class Desks:
    """Whose notes a person sees: those of the desks of their schools, and of the warehouse who works there."""

    scope: Scope
    warehouse: bool


def listing(filters: NotedFilter, desks: Desks) -> peewee.ModelSelect:
    """The noted devices that match, to be ordered and cut by queries.pages."""
    conditions = [_noted(desks), starts_with(ReturnRecord.serial, filters.q.upper())]
    if filters.school:
        conditions.append(ReturnRecord.school == filters.school)
    if filters.state != ALL:
        conditions.append(ReturnRecord.settled_at.is_null(filters.state != SETTLED))
    return ReturnRecord.select(ReturnRecord.id).where(*conditions)


def _noted(desks: Desks) -> peewee.Expression:
    """What was noted at these desks and not undone; a device of the programme is none of it."""
    is_noted = ReturnRecord.stranger.is_null(False) & ReturnRecord.undone_at.is_null()
    return is_noted & at_desks(desks.scope, warehouse=desks.warehouse)


def with_columns(query: peewee.ModelSelect, scope: Scope) -> peewee.ModelSelect:
    """The same with what the list shows of each; `device_id`: one that is on record under this serial number by now."""
    settler = User.alias()
    is_same = (Device.serial == ReturnRecord.serial) & seen_within(scope)
    return (
        query.join_from(ReturnRecord, School, JOIN.LEFT_OUTER, on=(School.id == ReturnRecord.school))
        .join_from(ReturnRecord, User, JOIN.LEFT_OUTER, on=(User.id == ReturnRecord.received_by))
        .join_from(ReturnRecord, settler, JOIN.LEFT_OUTER, on=(settler.id == ReturnRecord.settled_by))
        .join_from(ReturnRecord, Device, JOIN.LEFT_OUTER, on=is_same)
        .select(
            ReturnRecord.id, ReturnRecord.serial, ReturnRecord.stranger, ReturnRecord.note, ReturnRecord.received_at,
            ReturnRecord.outcome, ReturnRecord.settled_at, School.name.alias("school"), School.uai,
            User.name.alias("noted_by"), settler.name.alias("settled_by"), Device.id.alias("device_id"),
        )
    )  # fmt: skip


def waiting(desks: Desks) -> int:
    """How many wait to be settled. One query."""
    open_ones = ReturnRecord.settled_at.is_null()
    return ReturnRecord.select(fn.COUNT(ReturnRecord.id)).where(_noted(desks), open_ones).scalar() or 0


def noted(record_id: int, desks: Desks) -> dict[str, Any] | None:
    """One of them with its columns; None where it is none, or of another desk. One query."""
    query = ReturnRecord.select(ReturnRecord.id).where(ReturnRecord.id == record_id, _noted(desks))
    return with_columns(query, desks.scope).dicts().first()


def open_note(serial: str, desks: Desks) -> dict[str, Any] | None:
    """The newest note of this serial number that nobody has settled, with its columns. One query."""
    query = ReturnRecord.select(ReturnRecord.id).where(_open([serial], desks))
    return with_columns(query, desks.scope).order_by(*ORDER.terms(backwards=False)).dicts().first()


def of_serials(serials: Collection[str], desks: Desks) -> list[int]:
    """What waits to be settled under these serial numbers, two at most. One query."""
    found = ReturnRecord.select(ReturnRecord.id).where(_open(serials, desks)).order_by(ReturnRecord.id.desc()).limit(2)
    return [record_id for (record_id,) in found.tuples()]


def _open(serials: Collection[str], desks: Desks) -> peewee.Expression:
    return _noted(desks) & ReturnRecord.settled_at.is_null() & ReturnRecord.serial.in_(list(serials))
