"""What a desk shows: the counter, the last ten with what can be undone, and the names behind a verdict."""

from dataclasses import dataclass
from datetime import date, datetime

import peewee
from peewee import JOIN, fn

from tracker.models.agreements import Agreement
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.queries.pupils import Year, schooled
from tracker.queries.scanned import Place
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState
from tracker.rules.custody import DeviceKind, Movement
from tracker.rules.eligibility import Eligible
from tracker.rules.loans import may_still_undo

LAST = 10


@dataclass(frozen=True)
class Counter:
    """Laptops handed over, of those expected: eligible pupils schooled there whose agreement is validated (D4)."""

    done: int
    expected: int


@dataclass(frozen=True)
class Recent:
    """One of the last hand-overs of a desk."""

    event_id: int
    at: datetime
    serial: str
    pupil: str
    class_name: str
    undone: bool
    can_undo: bool
    overridden: str


def school_of(school_id: int, scope: Scope) -> School | None:
    """The school, or None where it is not within the scope."""
    return School.get_or_none(School.id == school_id, within(scope, School.id))


def schools_of(scope: Scope, today: date) -> list[School]:
    """The member schools that a person may hand over at, by name."""
    is_member = (School.member_from <= today) & (School.member_until.is_null() | (School.member_until >= today))
    return list(School.select().where(is_member, within(scope, School.id)).order_by(School.name_key))


def classes_of(school_id: int, year: Year) -> list[tuple[str, int]]:
    """The classes of a school with the number of eligible pupils schooled there."""
    query = (
        Enrolment.select(Enrolment.class_name, fn.COUNT(Enrolment.id).alias("pupils"))
        .where(*_expected_here(Place(school_id, year.school_year), year.today))
        .group_by(Enrolment.class_name)
        .order_by(Enrolment.class_name)
    )
    return [(row.class_name, row.pupils) for row in query]


def counter(place: Place, today: date) -> Counter:
    """Handed over and expected on this day, in one query."""
    validated = Agreement.state == AgreementState.VALIDATED.value
    query = (
        Enrolment.select(
            fn.COUNT(Loan.id).alias("done"),
            fn.SUM(peewee.Case(None, [(validated | Loan.id.is_null(False), 1)], 0)).alias("expected"),
        )
        .join(
            Agreement,
            JOIN.LEFT_OUTER,
            on=(Agreement.pupil == Enrolment.pupil) & (Agreement.school_year == Enrolment.school_year),
        )
        .join(Loan, JOIN.LEFT_OUTER, on=_open_laptop_loan(), src=Enrolment)
        .where(*_expected_here(place, today))
    )
    row = query.objects().get()
    return Counter(row.done, row.expected or 0)


def _expected_here(place: Place, today: date) -> tuple[peewee.Expression, ...]:
    here = (
        Enrolment.school == place.school_id,
        Enrolment.eligible == Eligible.YES.value,
        schooled(Year(place.school_year, today)),
    )
    return (*here, Enrolment.class_name == place.class_name) if place.class_name else here


def _open_laptop_loan() -> peewee.Expression:
    return (Loan.pupil == Enrolment.pupil) & (Loan.kind == DeviceKind.LAPTOP.value) & Loan.ended_at.is_null()


def last_ten(user_id: int, place: Place, now: datetime) -> list[Recent]:
    """This person's last hand-overs at this school, newest first, each with whether it can be undone."""
    after = CustodyEvent.alias()
    query = (
        CustodyEvent.select(
            CustodyEvent.id,
            CustodyEvent.at,
            CustodyEvent.overridden,
            Device.serial,
            Pupil.last_name,
            Pupil.first_name,
            Enrolment.class_name,
            after.movement.alias("next_movement"),
        )
        .join(Device, on=(Device.id == CustodyEvent.device))
        .join(Pupil, on=(Pupil.id == CustodyEvent.pupil_id))
        .join(Enrolment, JOIN.LEFT_OUTER, on=_enrolled_here(place))
        .join(
            after,
            JOIN.LEFT_OUTER,
            on=(after.device == CustodyEvent.device) & (after.sequence == CustodyEvent.sequence + 1),
        )
        .where(
            CustodyEvent.actor_id == user_id,
            CustodyEvent.desk_school_id == place.school_id,
            CustodyEvent.movement == Movement.HANDED_OVER.value,
        )
        .order_by(CustodyEvent.at.desc(), CustodyEvent.id.desc())
        .limit(LAST)
    )
    return [_recent(row, now) for row in query.objects()]


def _enrolled_here(place: Place) -> peewee.Expression:
    return (
        (Enrolment.pupil == Pupil.id)
        & (Enrolment.school == place.school_id)
        & (Enrolment.school_year == place.school_year)
    )


def _recent(row: CustodyEvent, now: datetime) -> Recent:
    return Recent(
        event_id=row.id,
        at=row.at,
        serial=row.serial,
        pupil=f"{row.last_name} {row.first_name}",
        class_name=row.class_name or "",
        undone=row.next_movement == Movement.HAND_OVER_UNDONE,
        can_undo=row.next_movement is None and may_still_undo(row.at, now),
        overridden=row.overridden,
    )


@dataclass(frozen=True)
class DeviceNames:
    """A device as a desk names it."""

    id: int
    serial: str
    model: str
    kind: str
    refurbished: bool = False
    grade: str | None = None


@dataclass(frozen=True)
class PupilNames:
    """A pupil as a desk names it: the minimum that helpers see."""

    id: int
    name: str
    class_name: str
    school_id: int | None
    school: str


def device_names(device_ids: tuple[int, ...]) -> list[DeviceNames]:
    """The devices by id. One query."""
    if not device_ids:
        return []
    rows = Device.select(Device, DeviceModel).join(DeviceModel).where(Device.id.in_(device_ids)).order_by(Device.serial)
    return [DeviceNames(row.id, row.serial, row.model.label, row.kind, row.refurbished, row.grade) for row in rows]


def pupil_names(pupil_ids: tuple[int, ...], school_year: int, scope: Scope) -> list[PupilNames]:
    """Those of the pupils who may be seen, with their class and school of the year within the scope. One query."""
    if not pupil_ids:
        return []
    query = (
        Pupil.select(
            Pupil.id,
            Pupil.last_name,
            Pupil.first_name,
            Enrolment.class_name,
            Enrolment.school,
            School.name.alias("school_name"),
        )
        .join(Enrolment, JOIN.LEFT_OUTER, on=(Enrolment.pupil == Pupil.id) & (Enrolment.school_year == school_year))
        .join(School, JOIN.LEFT_OUTER, on=(School.id == Enrolment.school))
        .where(Pupil.id.in_(pupil_ids), within(scope, Enrolment.school))
        .order_by(Pupil.name_key, Enrolment.left_on.is_null(False), Enrolment.id)
    )
    found = {
        row.id: PupilNames(
            row.id, f"{row.last_name} {row.first_name}", row.class_name or "", row.school, row.school_name or ""
        )
        for row in reversed(list(query.objects()))
    }
    return list(found.values())[::-1]
