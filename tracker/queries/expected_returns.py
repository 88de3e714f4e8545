"""Devices that must come back as their list, its figures and a device's page show them, within the asker's schools."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import peewee
from peewee import JOIN, SQL, Case, fn

from tracker.models.devices import Device, DeviceModel
from tracker.models.family_links import FamilyLink
from tracker.models.loans import Loan
from tracker.models.parcels import Parcel
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.schools import School
from tracker.models.users import User
from tracker.queries.pages import Order
from tracker.queries.pupils import visible
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.expected_returns import MOST_AT_ONCE, Standing
from tracker.rules.families import LinkPurpose
from tracker.rules.parcels import UNDER_WAY, ParcelState

ORDER = Order(ExpectedReturn.due_on, ExpectedReturn.id, dated=True)
"""What is due for longest comes first."""


@dataclass(frozen=True)
class ReturnFilter:
    """What the list is narrowed to; empty: everything that is expected."""

    school: int | None = None
    class_name: str = ""
    standing: str = ""
    reason: str = ""


def listing(filters: ReturnFilter, scope: Scope, today: date) -> peewee.ModelSelect:
    """Rule L7. The returns that match, to be ordered and cut by queries.pages."""
    conditions = [within(scope, ExpectedReturn.school), _stands(filters.standing, today)]
    if filters.school:
        conditions.append(ExpectedReturn.school == filters.school)
    if filters.reason:
        conditions.append(ExpectedReturn.reason == filters.reason)
    if filters.class_name:
        conditions.append(_class_name() == filters.class_name)
    return ExpectedReturn.select(ExpectedReturn.id).where(*conditions)


def _stands(standing: str, today: date) -> peewee.Expression:
    if standing == Standing.CLOSED:
        return ExpectedReturn.closed_at.is_null(False)
    is_open = ExpectedReturn.closed_at.is_null()
    if standing == Standing.OVERDUE:
        return is_open & (ExpectedReturn.due_on < today)
    return is_open & ExpectedReturn.handed_in_at.is_null(False) if standing == Standing.HANDED_IN else is_open


def with_columns(query: peewee.ModelSelect, scope: Scope) -> peewee.ModelSelect:
    """The same returns with what the list shows of each; `seen`: the pupil's page opens for this person."""
    return (
        query.join_from(ExpectedReturn, Device, on=(Device.id == ExpectedReturn.device))
        .join_from(Device, DeviceModel, on=(DeviceModel.id == Device.model))
        .join_from(ExpectedReturn, School, on=(School.id == ExpectedReturn.school))
        .join_from(ExpectedReturn, Pupil, JOIN.LEFT_OUTER, on=(Pupil.id == ExpectedReturn.pupil))
        .join_from(ExpectedReturn, Parcel, JOIN.LEFT_OUTER, on=(Parcel.id == ExpectedReturn.parcel))
        .join_from(ExpectedReturn, FamilyLink, JOIN.LEFT_OUTER, on=(FamilyLink.id == _last_link()))
        .select(
            ExpectedReturn.id, Device.id.alias("device_id"), Device.serial, Device.kind, DeviceModel.maker,
            DeviceModel.name.alias("model"), Pupil.id.alias("pupil_id"), Pupil.last_name, Pupil.first_name,
            Pupil.deceased, School.name.alias("school"),
            ExpectedReturn.school.alias("school_id"), School.uai, _class_name().alias("class_name"),
            ExpectedReturn.reason, ExpectedReturn.due_on, ExpectedReturn.handed_in_at, ExpectedReturn.closed_at,
            ExpectedReturn.came_back, ExpectedReturn.closed_because, Parcel.state.alias("parcel_state"),
            Parcel.reference, FamilyLink.created_at.alias("written_at"),
            Case(None, [(visible(scope), 1)], 0).alias("seen"),
        )
    )  # fmt: skip


def _class_name() -> peewee.ModelSelect:
    """The pupil's last class at this school."""
    last = Enrolment.alias()
    here = (last.pupil == ExpectedReturn.pupil) & (last.school == ExpectedReturn.school)
    return last.select(last.class_name).where(here).order_by(last.school_year.desc(), last.id.desc()).limit(1)


def _last_link() -> peewee.ModelSelect:
    """The last link that the family was sent since it is expected."""
    link = FamilyLink.alias()
    about = (link.pupil == ExpectedReturn.pupil) & (link.purpose == LinkPurpose.RETURN)
    return link.select(fn.MAX(link.id)).where(about, link.created_at >= ExpectedReturn.opened_at)


def figures(scope: Scope, today: date) -> dict[str, int]:
    """Rule L7. How many devices are expected, overdue, and at the school as the family says. One query."""
    counts = {
        Standing.OPEN: fn.COUNT(ExpectedReturn.id),
        Standing.OVERDUE: fn.SUM(Case(None, [(ExpectedReturn.due_on < today, 1)], 0)),
        Standing.HANDED_IN: fn.COUNT(ExpectedReturn.handed_in_at),
    }
    is_open = ExpectedReturn.closed_at.is_null() & within(scope, ExpectedReturn.school)
    row = ExpectedReturn.select(*counts.values()).where(is_open).tuples().get()
    return {name.value: int(count or 0) for name, count in zip(counts, row, strict=True)}


def selected(filters: ReturnFilter, scope: Scope, today: date, *, still_out: bool = False) -> list[int]:
    """The ids of all that match, one more than may be acted on at once. One query.

    `still_out`: without those whose family says that the school has it.
    """
    query = listing(filters, scope, today).order_by(ExpectedReturn.due_on, ExpectedReturn.id)
    if still_out:
        query = query.where(ExpectedReturn.handed_in_at.is_null())
    return [row for (row,) in query.limit(MOST_AT_ONCE + 1).tuples()]


def classes_of(school_id: int, scope: Scope) -> list[str]:
    """The classes of one school, as the list shows them, that have something to send back. One query."""
    class_name = _class_name().alias("class_name")
    query = ExpectedReturn.select(class_name).where(
        ExpectedReturn.closed_at.is_null(), ExpectedReturn.school == school_id, within(scope, ExpectedReturn.school)
    )
    return sorted(name for (name,) in query.distinct().tuples() if name)


def return_of_device(device_id: int, scope: Scope) -> dict[str, Any] | None:
    """What is expected of a device now, with who asked for it; None where nothing is, or elsewhere. One query."""
    query = ExpectedReturn.select(ExpectedReturn.id).where(
        ExpectedReturn.device == device_id, ExpectedReturn.closed_at.is_null(), within(scope, ExpectedReturn.school)
    )
    opener = User.id == ExpectedReturn.opened_by
    found = with_columns(query, scope).join_from(ExpectedReturn, User, JOIN.LEFT_OUTER, on=opener)
    more = ExpectedReturn.opened_at, User.name.alias("opener"), Parcel.id.alias("parcel_id")
    return found.select_extend(*more).dicts().first()


def device_of(expected_id: int, scope: Scope) -> int | None:
    """The device of an expected return, open or closed; None where it is elsewhere."""
    query = ExpectedReturn.select(ExpectedReturn.device).where(
        ExpectedReturn.id == expected_id, within(scope, ExpectedReturn.school)
    )
    return query.scalar()


def parcel_of(expected_id: int, scope: Scope) -> Parcel | None:
    """The parcel of an expected return while its label is good; None where there is none, or elsewhere."""
    return (
        Parcel.select()
        .join(ExpectedReturn, on=(ExpectedReturn.parcel == Parcel.id))
        .where(ExpectedReturn.id == expected_id, within(scope, ExpectedReturn.school))
        .where(Parcel.state.in_(UNDER_WAY))
        .first()
    )


def may_ask_back(device_id: int, scope: Scope) -> bool:
    """Whether a pupil of these schools answers for the device."""
    lent = Loan.select(SQL("1")).where(Loan.device == device_id, Loan.ended_at.is_null(), within(scope, Loan.school))
    return lent.exists()


def parcels_of_family(pupil_id: int) -> list[Parcel]:
    """The return parcels of a pupil whose labels are made and which did not leave. One query."""
    of_pupil = ExpectedReturn.select(ExpectedReturn.parcel).where(
        ExpectedReturn.pupil == pupil_id, ExpectedReturn.closed_at.is_null()
    )
    query = Parcel.select().where(Parcel.id.in_(of_pupil), Parcel.state == ParcelState.PREPARED)
    return list(query.order_by(Parcel.id))


def family_page(pupil_id: int) -> list[dict[str, Any]]:
    """What a family must send back, with how far it is. One query."""
    query = (
        ExpectedReturn.select(
            ExpectedReturn.id, ExpectedReturn.reason, ExpectedReturn.due_on, ExpectedReturn.handed_in_at, Device.serial,
            Device.kind, DeviceModel.maker, DeviceModel.name.alias("model"), School.name.alias("school"),
            Parcel.id.alias("parcel_id"), Parcel.state.alias("parcel_state"), Parcel.reference, Parcel.tracking,
        )
        .join(Device, on=(Device.id == ExpectedReturn.device))
        .join(DeviceModel, on=(DeviceModel.id == Device.model))
        .join_from(ExpectedReturn, School, on=(School.id == ExpectedReturn.school))
        .join_from(ExpectedReturn, Parcel, JOIN.LEFT_OUTER, on=(Parcel.id == ExpectedReturn.parcel))
        .where(ExpectedReturn.pupil == pupil_id, ExpectedReturn.closed_at.is_null())
    )  # fmt: skip
    return list(query.order_by(ExpectedReturn.due_on, ExpectedReturn.id).dicts())
