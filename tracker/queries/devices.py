"""Devices as their list, their page and their export show them, within the schools of the person who asks."""

import functools
import operator
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import peewee

from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Allocation, Loan
from tracker.models.pupils import Pupil
from tracker.models.schools import School
from tracker.queries.pages import Order
from tracker.queries.prefix import starts_with
from tracker.queries.pupils import visible
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.codes import OwnKind
from tracker.rules.custody import DeviceState, Holder

ORDER = Order(Device.serial, Device.id)
IMEI_DIGITS = 15
PROBLEM = "problem"
"""The value of the state filter for every state that somebody has to follow up."""

PROBLEM_STATES = (DeviceState.LOST, DeviceState.STOLEN, DeviceState.IN_REPAIR)


@dataclass(frozen=True)
class DeviceFilter:
    """What the list is narrowed to; empty: everything. `answerable` yes: somebody must give it back (an open loan)."""

    q: str = ""
    state: str = ""
    kind: str = ""
    maker: str = ""
    school: int | None = None
    holder: str = ""
    answerable: str = ""


def bears(values: Collection[str]) -> peewee.Expression:
    """The devices that have one of these values as serial, tag, IMEI or ICCID.

    Look-ups put together, each by its own unique index: one condition over four columns can end in a full scan. The
    form of a value tells where it may stand; a serial may have any.
    """
    places = {
        Device.serial: values,
        Device.tag: [value for value in values if value.startswith(OwnKind.DEVICE_TAG)],
        Device.imei: [value for value in values if value.isdigit() and len(value) == IMEI_DIGITS],
        Device.iccid: [value for value in values if value.isdigit() and len(value) > IMEI_DIGITS],
    }
    found = [Device.select(Device.id).where(column.in_(listed)) for column, listed in places.items() if listed]
    return Device.id.in_(functools.reduce(operator.or_, found))


def seen_within(scope: Scope) -> peewee.Expression:
    """The devices that a person with this scope may see; what the warehouse holds is no school's."""
    if scope.school_ids is None:
        return within(scope, Device.school)
    return within(scope, Device.school) & (Device.holder != Holder.WAREHOUSE)


def listing(filters: DeviceFilter, scope: Scope) -> peewee.ModelSelect:
    """The devices that match, to be ordered and cut by queries.pages."""
    return (
        Device.select(Device.id)
        .join(DeviceModel, on=(DeviceModel.id == Device.model))
        .where(seen_within(scope), *_conditions(filters))
    )


def with_columns(query: peewee.ModelSelect, scope: Scope, *, name_pupils: bool) -> peewee.ModelSelect:
    """The same devices with what the list shows of each; a pupil's name only to those who may see that pupil."""
    may_name = visible(scope) if name_pupils else peewee.SQL("1 = 0")
    return (
        query.join_from(Device, School, peewee.JOIN.LEFT_OUTER, on=(School.id == Device.school))
        .join_from(Device, Pupil, peewee.JOIN.LEFT_OUTER, on=(Pupil.id == Device.pupil) & may_name)
        .select(
            Device.id, Device.serial, Device.tag, Device.kind, Device.state, Device.holder, Device.refurbished,
            Device.imei, Device.iccid, DeviceModel.maker, DeviceModel.name.alias("model"),
            School.name.alias("school"), School.uai,
            Pupil.id.alias("pupil_id"), Pupil.last_name, Pupil.first_name,
        )
    )  # fmt: skip


def _conditions(filters: DeviceFilter) -> list[peewee.Expression]:
    equal = {Device.kind: filters.kind, Device.holder: filters.holder, DeviceModel.maker: filters.maker}
    conditions = [column == value for column, value in equal.items() if value]
    if filters.q:
        conditions.append(starts_with(Device.serial, filters.q.strip().upper()))
    if filters.school:
        conditions.append(Device.school == filters.school)
    if filters.state:
        states = PROBLEM_STATES if filters.state == PROBLEM else (filters.state,)
        conditions.append(Device.state.in_(states))
    if filters.answerable:
        lent = peewee.fn.EXISTS(_open_loan())
        conditions.append(lent if filters.answerable == "yes" else ~lent)
    return conditions


def _open_loan() -> peewee.ModelSelect:
    return Loan.select(peewee.SQL("1")).where(Loan.device == Device.id, Loan.ended_at.is_null())


def makers() -> list[str]:
    """The makers of the programme's models, in order."""
    return [row[0] for row in DeviceModel.select(DeviceModel.maker).distinct().order_by(DeviceModel.maker).tuples()]


def device_page(device_id: int, scope: Scope) -> dict[str, Any] | None:
    """One device with its model, place and the ids of whom it is set aside for and who answers for it. One query."""
    return (
        Device.select(
            Device, DeviceModel.maker, DeviceModel.name.alias("model_name"),
            School.name.alias("school_name"), School.city.alias("school_city"),
            Allocation.pupil.alias("allocated_to"), Loan.pupil.alias("answerable"),
        )
        .join(DeviceModel, on=(DeviceModel.id == Device.model))
        .join_from(Device, School, peewee.JOIN.LEFT_OUTER, on=(School.id == Device.school))
        .join_from(
            Device, Allocation, peewee.JOIN.LEFT_OUTER,
            on=(Allocation.device == Device.id) & Allocation.ended_at.is_null(),
        )
        .join_from(Device, Loan, peewee.JOIN.LEFT_OUTER, on=(Loan.device == Device.id) & Loan.ended_at.is_null())
        .where(Device.id == device_id, seen_within(scope))
        .dicts()
        .first()
    )  # fmt: skip
