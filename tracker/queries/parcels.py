"""Parcels as their list, their page, their labels and the pages of devices and pupils show them, within the schools."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee
from peewee import JOIN, Case, fn

from tracker.models.devices import Device, DeviceModel
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.models.users import User
from tracker.queries.pages import Order
from tracker.queries.pupils import visible
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.parcels import UNDER_WAY, UNFINISHED, ParcelState
from tracker.rules.sscc import parse_sscc

ORDER = Order(Parcel.id, Parcel.id, newest_first=True)
OVERDUE = "overdue"
"""The value of the state filter for parcels that are on their way for too long."""


@dataclass(frozen=True)
class ParcelFilter:
    """What the list is narrowed to; empty: everything. `q`: a reference or a tracking number."""

    q: str = ""
    kind: str = ""
    state: str = ""
    school: int | None = None
    carrier: str = ""


@dataclass(frozen=True)
class Patience:
    """From which moment of shipping on a parcel is overdue: the setting, on this day."""

    now: datetime
    days: int

    @property
    def since(self) -> datetime:
        """Shipped before this, and not received."""
        return self.now - timedelta(days=self.days)


def listing(filters: ParcelFilter, scope: Scope, patience: Patience) -> peewee.ModelSelect:
    """The parcels that match, to be ordered and cut by queries.pages."""
    return Parcel.select(Parcel.id).where(within(scope, Parcel.school), *_conditions(filters, patience))


def contents_under_way() -> peewee.ModelSelect:
    """What is in a parcel, or is to go into one, and has not come out of it: ParcelDevice, with its Parcel."""
    inside = ParcelDevice.select(ParcelDevice, Parcel).join(Parcel)
    return inside.where(ParcelDevice.arrived_at.is_null(), Parcel.state.in_(UNDER_WAY))


def in_each_state(scope: Scope) -> dict[str, int]:
    """How many parcels stand in each state before the last. One query."""
    rows = Parcel.select(Parcel.state, fn.COUNT(Parcel.id)).where(
        within(scope, Parcel.school), Parcel.state.in_([each.value for each in UNFINISHED])
    )
    return dict(rows.group_by(Parcel.state).tuples())


def with_columns(query: peewee.ModelSelect, scope: Scope, *, name_pupils: bool) -> peewee.ModelSelect:
    """The same parcels with what the list shows of each."""
    may_name = visible(scope) if name_pupils else peewee.SQL("1 = 0")
    devices = ParcelDevice.select(fn.COUNT(ParcelDevice.id)).where(ParcelDevice.parcel == Parcel.id)
    return (
        query.join_from(Parcel, School, JOIN.LEFT_OUTER)
        .join_from(Parcel, Pupil, JOIN.LEFT_OUTER, on=(Pupil.id == Parcel.pupil) & may_name)
        .select(
            Parcel.id, Parcel.reference, Parcel.kind, Parcel.state, Parcel.carrier, Parcel.tracking,
            Parcel.created_at, Parcel.shipped_at, Parcel.received_at, Parcel.school,
            School.name.alias("school_name"), School.uai,
            Pupil.id.alias("pupil_id"), Pupil.last_name, Pupil.first_name, devices.alias("devices"),
        )
    )  # fmt: skip


def _conditions(filters: ParcelFilter, patience: Patience) -> list[peewee.Expression]:
    equal = {Parcel.kind: filters.kind, Parcel.school: filters.school, Parcel.carrier: filters.carrier}
    conditions = [column == value for column, value in equal.items() if value]
    if filters.q:
        conditions.append(numbered([filters.q]))
    if filters.state == OVERDUE:
        conditions.append((Parcel.state == ParcelState.SHIPPED) & (Parcel.shipped_at < patience.since))
    elif filters.state:
        conditions.append(Parcel.state == filters.state)
    return conditions


def numbered(texts: Collection[str]) -> peewee.Expression:
    """The parcels whose reference or tracking number is one of these texts."""
    references = [found for text in texts if (found := parse_sscc(text))]
    bare = ["".join(text.split()).upper() for text in texts if text.strip()]
    by_reference = Parcel.select(Parcel.id).where(Parcel.reference.in_(references))
    by_tracking = Parcel.select(Parcel.id).where(Parcel.tracking.in_([text for text in bare if text]))
    return Parcel.id.in_(by_reference | by_tracking)


def by_number(texts: Sequence[str], scope: Scope) -> list[Parcel]:
    """The parcels that one of these texts names exactly, two at most. One query.

    A number whose first parcel was cancelled names the one that took its label over.
    """
    is_cancelled = Case(None, [(Parcel.state == ParcelState.CANCELLED, 1)], 0)
    query = Parcel.select().where(numbered(texts), within(scope, Parcel.school)).order_by(is_cancelled, Parcel.id)
    found = list(query.limit(2))
    return found[:1] if [each.state == ParcelState.CANCELLED for each in found] == [False, True] else found


def parcel_page(parcel_id: int, scope: Scope, *, name_pupils: bool) -> dict[str, Any] | None:
    """One parcel with its school, its pupil and who did what. One query."""
    packer, sender, receiver = User.alias(), User.alias(), User.alias()
    may_name = visible(scope) if name_pupils else peewee.SQL("1 = 0")
    return (
        Parcel.select(
            Parcel, School.name.alias("school_name"), School.city.alias("school_city"), Pupil.last_name,
            Pupil.first_name, Pupil.id.alias("pupil_id"), packer.name.alias("packed_by"), sender.name.alias("sent_by"),
            receiver.name.alias("opened_by"),
        )
        .join(School, JOIN.LEFT_OUTER)
        .join_from(Parcel, Pupil, JOIN.LEFT_OUTER, on=(Pupil.id == Parcel.pupil) & may_name)
        .join_from(Parcel, packer, JOIN.LEFT_OUTER, on=packer.id == Parcel.created_by)
        .join_from(Parcel, sender, JOIN.LEFT_OUTER, on=sender.id == Parcel.shipped_by)
        .join_from(Parcel, receiver, JOIN.LEFT_OUTER, on=receiver.id == Parcel.received_by)
        .where(Parcel.id == parcel_id, within(scope, Parcel.school))
        .dicts()
        .first()
    )  # fmt: skip


def contents_of(parcel_id: int) -> list[dict[str, Any]]:
    """The devices of a parcel, in the order of their serials. One query."""
    return list(
        ParcelDevice.select(
            ParcelDevice.arrived_at, ParcelDevice.handed_over_at, Device.id, Device.serial, Device.state,
            Device.holder, Device.kind, Device.school.alias("device_school"), DeviceModel.maker,
            DeviceModel.name.alias("model"),
        )
        .join(Device)
        .join(DeviceModel)
        .where(ParcelDevice.parcel == parcel_id)
        .order_by(Device.serial)
        .dicts()
    )  # fmt: skip


def of_device(device_id: int, scope: Scope) -> list[dict[str, Any]]:
    """The parcels of a device that are not over yet, the newest first. One query."""
    found = Parcel.select(Parcel.id, Parcel.reference, Parcel.kind, Parcel.state).join(ParcelDevice)
    return _newest(found.where(ParcelDevice.device == device_id, Parcel.state.in_(UNFINISHED)), scope)


def of_pupil(pupil_id: int, scope: Scope) -> list[dict[str, Any]]:
    """The parcels for or from a pupil, the newest first. One query."""
    found = Parcel.select(Parcel.id, Parcel.reference, Parcel.kind, Parcel.state)
    return _newest(found.where(Parcel.pupil == pupil_id), scope)


def _newest(query: peewee.ModelSelect, scope: Scope) -> list[dict[str, Any]]:
    return list(query.where(within(scope, Parcel.school)).order_by(Parcel.id.desc()).limit(10).dicts())


def labels_of(condition: peewee.Expression, scope: Scope, school_year: int | None, most: int) -> list[dict[str, Any]]:
    """What the labels of these parcels say, in the order of their numbers, `most` at most. One query."""
    devices = ParcelDevice.select(fn.COUNT(ParcelDevice.id)).where(ParcelDevice.parcel == Parcel.id)
    here = (Enrolment.pupil == Parcel.pupil) & (Enrolment.school == Parcel.school)
    return list(
        Parcel.select(
            Parcel.id, Parcel.reference, Parcel.kind, Parcel.carrier, Parcel.tracking, Parcel.sender, Parcel.recipient,
            Pupil.last_name, Pupil.first_name, Enrolment.class_name, devices.alias("devices"),
        )
        .join(Pupil, JOIN.LEFT_OUTER, on=Pupil.id == Parcel.pupil)
        .join_from(Parcel, Enrolment, JOIN.LEFT_OUTER, on=here & (Enrolment.school_year == school_year))
        .where(condition, within(scope, Parcel.school), Parcel.state != ParcelState.CANCELLED)
        .order_by(Parcel.id)
        .limit(most)
        .dicts()
    )  # fmt: skip


def inside_of(parcel_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """The kind of each device in each parcel, by its serial number in their order. One query."""
    query = ParcelDevice.select(ParcelDevice.parcel, Device.serial, Device.kind).join(Device)
    inside = query.where(ParcelDevice.parcel.in_(list(parcel_ids))).order_by(Device.serial)
    found: dict[int, dict[str, str]] = {parcel_id: {} for parcel_id in parcel_ids}
    for parcel_id, serial, kind in inside.tuples():
        found[parcel_id][serial] = kind
    return found
