"""Pupils off the roster as their list, their export and the pupil's page show them, within the asker's schools."""

from dataclasses import dataclass
from typing import Any

import peewee
from peewee import JOIN, SQL, Case, fn

from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.models.schools import School
from tracker.queries.pages import Order
from tracker.queries.pupils import visible
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.custody import DeviceKind
from tracker.rules.departures import Destination

_UNKNOWN_FIRST = Case(None, [(Departure.destination == Destination.TO_QUALIFY.value, SQL("'1'"))], SQL("'0'"))

ORDER = Order(_UNKNOWN_FIRST, Departure.id, newest_first=True)
"""Those whose destination nobody knows come first, then the newest."""


@dataclass(frozen=True)
class DepartureFilter:
    """What the list is narrowed to; empty: every open departure. `device` yes: something is still with the pupil."""

    school: int | None = None
    destination: str = ""
    device: str = ""


TO_QUALIFY = DepartureFilter(destination=Destination.TO_QUALIFY.value, device="yes")
"""Nobody has said where they went, and they hold something (L5)."""


def listing(filters: DepartureFilter, scope: Scope) -> peewee.ModelSelect:
    """Rule L5. The open departures that match, to be ordered and cut by queries.pages."""
    conditions = [Departure.closed_at.is_null(), within(scope, Departure.school)]
    if filters.school:
        conditions.append(Departure.school == filters.school)
    if filters.destination:
        conditions.append(Departure.destination == filters.destination)
    if filters.device in ("yes", "no"):
        conditions.append(fn.EXISTS(_open_loan()) if filters.device == "yes" else ~fn.EXISTS(_open_loan()))
    return Departure.select(Departure.id).where(*conditions)


def _open_loan() -> peewee.ModelSelect:
    return Loan.select(SQL("1")).where(Loan.pupil == Departure.pupil, Loan.ended_at.is_null())


def with_columns(filters: DepartureFilter, scope: Scope) -> peewee.ModelSelect:
    """The same departures with what the list shows of each; `seen`: the pupil's page opens for this person."""
    laptop, hotspot = Loan.alias(), Loan.alias()
    laptop_device, hotspot_device = Device.alias(), Device.alias()
    query = (
        listing(filters, scope)
        .join_from(Departure, Pupil, on=(Pupil.id == Departure.pupil))
        .join_from(Departure, Enrolment, on=(Enrolment.id == Departure.enrolment))
        .join_from(Departure, School, on=(School.id == Departure.school))
    )
    query = _with_device(query, laptop, laptop_device, DeviceKind.LAPTOP)
    query = _with_device(query, hotspot, hotspot_device, DeviceKind.HOTSPOT)
    return query.select(
        Departure.id.alias("departure_id"), Pupil.id.alias("pupil_id"), Pupil.last_name, Pupil.first_name,
        Departure.left_on, Departure.noticed_at,
        Departure.destination, Enrolment.class_name, School.name.alias("school"), School.uai,
        _due_on().alias("due_on"), laptop_device.serial.alias("laptop"), hotspot_device.serial.alias("hotspot"),
        Case(None, [(visible(scope), 1)], 0).alias("seen"),
    )  # fmt: skip


def _due_on() -> peewee.Function:
    """The first day on which something of the pupil is expected back."""
    theirs = (ExpectedReturn.pupil == Departure.pupil) & ExpectedReturn.closed_at.is_null()
    first = ExpectedReturn.select(fn.MIN(ExpectedReturn.due_on)).where(theirs)
    return fn.COALESCE(first, None).converter(ExpectedReturn.due_on.python_value)  # SQLite knows no dates


def _with_device(query: peewee.ModelSelect, loan: Any, device: Any, kind: DeviceKind) -> peewee.ModelSelect:
    is_open = (loan.pupil == Departure.pupil) & (loan.kind == kind.value) & loan.ended_at.is_null()
    return query.join_from(Departure, loan, JOIN.LEFT_OUTER, on=is_open).join_from(
        loan, device, JOIN.LEFT_OUTER, on=(device.id == loan.device)
    )


def awaited(scope: Scope) -> peewee.ModelSelect:
    """Rule L7. The devices that are expected back, within the schools in scope."""
    return ExpectedReturn.select(ExpectedReturn.id).where(
        ExpectedReturn.closed_at.is_null(), within(scope, ExpectedReturn.school)
    )


def departures_of(pupil_id: int) -> list[dict[str, Any]]:
    """The departures of one pupil who may be seen, open and closed, the newest first. One query."""
    rows = Departure.select(
        Departure.id, Departure.noticed_at, Departure.left_on, Departure.destination, Departure.closed_at,
        Departure.origin, Departure.enrolment.alias("enrolment_id"), Departure.school.alias("school_id"),
        School.name.alias("school"),
    )  # fmt: skip
    return list(rows.join(School).where(Departure.pupil == pupil_id).order_by(Departure.id.desc()).dicts())
