"""Stocktakes as their list, their page, their desk and their record show them, within the schools of who asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import peewee
from peewee import JOIN, SQL, Case, fn

from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.models.users import User
from tracker.queries.pages import Order
from tracker.queries.pupils import Year, schooled, visible
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.codes import OwnKind, parse_own_code
from tracker.rules.custody import Holder
from tracker.rules.stocktakes import DIFFERENCES, Finding, Place, StocktakePlace, StocktakeState

ORDER = Order(Stocktake.id, Stocktake.id, newest_first=True)
LINES = Order(StocktakeLine.code, StocktakeLine.id)
LAST = 10
_MOST_ID = 2**31 - 1

_SEEN = StocktakeLine.seen_at.is_null(False)
_NOWHERE = StocktakeLine.holder.is_null() | (StocktakeLine.holder == Holder.UNKNOWN.value)
FINDING = Case(
    None,
    [
        (StocktakeLine.device.is_null(), SQL(f"'{Finding.UNKNOWN}'")),
        (StocktakeLine.expected & _SEEN, SQL(f"'{Finding.FOUND}'")),
        (StocktakeLine.expected, SQL(f"'{Finding.MISSING}'")),
        (_NOWHERE, SQL(f"'{Finding.UNEXPECTED}'")),
    ],
    SQL(f"'{Finding.ELSEWHERE}'"),
)
"""`rules.stocktakes.finding` in SQL."""


@dataclass(frozen=True)
class Counts:
    """How many lines of each finding; `seen` of all, `open`: differences that nobody has settled."""

    found: int = 0
    missing: int = 0
    elsewhere: int = 0
    unexpected: int = 0
    unknown: int = 0
    open: int = 0

    @property
    def expected(self) -> int:
        """What should be there."""
        return self.found + self.missing

    @property
    def seen(self) -> int:
        """What was scanned, each thing once."""
        return self.found + self.elsewhere + self.unexpected + self.unknown

    @property
    def differences(self) -> int:
        """Everything but what was expected and found."""
        return self.missing + self.elsewhere + self.unexpected + self.unknown


@dataclass(frozen=True)
class StocktakeFilter:
    """What the list is narrowed to; empty: every stocktake. `state`: a state."""

    school: int | None = None
    state: str = ""


@dataclass(frozen=True)
class LineFilter:
    """What the lines are narrowed to: a finding, or every difference; `settled`: yes or no."""

    finding: str = ""
    settled: str = ""


def devices_here(place: Place, year: Year) -> peewee.ModelSelect:
    """The devices that should be found at the place now, by id: held there, or owed by the pupils of the class."""
    if place.kind is StocktakePlace.WAREHOUSE:
        return Device.select(Device.id).where(Device.holder == Holder.WAREHOUSE)
    if place.kind is StocktakePlace.SCHOOL:
        return Device.select(Device.id).where(Device.holder == Holder.SCHOOL, Device.school == place.school_id)
    return (
        Device.select(Device.id)
        .join(Loan, on=(Loan.device == Device.id) & Loan.ended_at.is_null())
        .join(Enrolment, on=(Enrolment.pupil == Loan.pupil))
        .where(Enrolment.school == place.school_id, Enrolment.class_name == place.class_name, schooled(year))
    )


def place_of(row: Any) -> Place:
    """The place of a stocktake's row."""
    return Place(StocktakePlace(row.place), row.school_id, row.class_name)


def listing(filters: StocktakeFilter, scope: Scope) -> peewee.ModelSelect:
    """The stocktakes that match; a school sees its own, never the warehouse's."""
    conditions = [within(scope, Stocktake.school)]
    if filters.school:
        conditions.append(Stocktake.school == filters.school)
    if filters.state:
        conditions.append(Stocktake.state == filters.state)
    return Stocktake.select(Stocktake.id).where(*conditions)


def with_columns(query: peewee.ModelSelect) -> peewee.ModelSelect:
    """The same stocktakes with what the list shows of each."""
    closer = User.alias()
    return (
        query.join_from(Stocktake, School, JOIN.LEFT_OUTER, on=(School.id == Stocktake.school))
        .join_from(Stocktake, User, JOIN.LEFT_OUTER, on=(User.id == Stocktake.started_by))
        .join_from(Stocktake, closer, JOIN.LEFT_OUTER, on=(closer.id == Stocktake.closed_by))
        .select(
            Stocktake.id, Stocktake.place, Stocktake.class_name, Stocktake.state, Stocktake.started_at,
            Stocktake.closed_at, Stocktake.reason, Stocktake.record, Stocktake.school.alias("school_id"),
            School.name.alias("school"), School.uai, School.city,
            User.name.alias("starter"), closer.name.alias("closer"),
            *(_number(condition).alias(name) for name, condition in _LISTED.items()),
        )
    )  # fmt: skip


def _number(condition: peewee.Expression) -> peewee.ModelSelect:
    return StocktakeLine.select(fn.COUNT(SQL("1"))).where(StocktakeLine.stocktake == Stocktake.id, condition)


_LISTED = {
    "expected": StocktakeLine.expected,
    "found": StocktakeLine.expected & _SEEN,
    "open": StocktakeLine.resolution.is_null() & ~(StocktakeLine.expected & _SEEN),
}


def stocktake_page(stocktake_id: int, scope: Scope) -> dict[str, Any] | None:
    """One stocktake as its page shows it. One query."""
    own = Stocktake.select(Stocktake.id).where(Stocktake.id == stocktake_id, within(scope, Stocktake.school))
    return with_columns(own).dicts().first()


def open_at(place: Place) -> int | None:
    """The stocktake of this very place that is not closed yet. One query."""
    at = Stocktake.school.is_null() if place.school_id is None else Stocktake.school == place.school_id
    same = (Stocktake.place == place.kind) & (Stocktake.class_name == place.class_name) & at
    return Stocktake.select(Stocktake.id).where(same, Stocktake.state != StocktakeState.CLOSED.value).scalar()


def counts(stocktake_id: int) -> Counts:
    """The lines of a stocktake by finding. One query."""
    unsettled = Case(None, [(StocktakeLine.resolution.is_null(), 1)], 0)
    rows = (
        StocktakeLine.select(FINDING.alias("finding"), fn.COUNT(SQL("1")), fn.SUM(unsettled))
        .where(StocktakeLine.stocktake == stocktake_id)
        .group_by(SQL("finding"))
        .tuples()
    )
    by_finding = {finding: (number, unsettled) for finding, number, unsettled in rows}
    still_open = sum(by_finding.get(each, (0, 0))[1] for each in DIFFERENCES)
    return Counts(**{finding: number for finding, (number, _) in by_finding.items()}, open=still_open)


def lines(stocktake_id: int, filters: LineFilter) -> peewee.ModelSelect:
    """The lines of a stocktake that match: the worklist of differences, or one finding."""
    conditions = [StocktakeLine.stocktake == stocktake_id]
    conditions.append(filters.finding == FINDING if filters.finding else ~(StocktakeLine.expected & _SEEN))
    if filters.settled:
        conditions.append(StocktakeLine.resolution.is_null(filters.settled == "no"))
    return StocktakeLine.select(StocktakeLine.id).where(*conditions)


def with_facts(query: peewee.ModelSelect, scope: Scope) -> peewee.ModelSelect:
    """The same lines with what is shown of each; who answers for a device only to those who may see that pupil.

    `holder`, `holder_school`: where it stood on record when it was seen; `now_holder`, `now_school`: where it does now;
    `answerable`: the id of the pupil who answers for it.
    """
    then, resolver = School.alias(), User.alias()
    return (
        query.join_from(StocktakeLine, Device, JOIN.LEFT_OUTER, on=(Device.id == StocktakeLine.device))
        .join_from(Device, DeviceModel, JOIN.LEFT_OUTER, on=(DeviceModel.id == Device.model))
        .join_from(Device, School, JOIN.LEFT_OUTER, on=(School.id == Device.school))
        .join_from(StocktakeLine, then, JOIN.LEFT_OUTER, on=(then.id == StocktakeLine.holder_school))
        .join_from(Device, Loan, JOIN.LEFT_OUTER, on=(Loan.device == Device.id) & Loan.ended_at.is_null())
        .join_from(Loan, Pupil, JOIN.LEFT_OUTER, on=(Pupil.id == Loan.pupil) & visible(scope))
        .join_from(StocktakeLine, User, JOIN.LEFT_OUTER, on=(User.id == StocktakeLine.seen_by))
        .join_from(StocktakeLine, resolver, JOIN.LEFT_OUTER, on=(resolver.id == StocktakeLine.resolved_by))
        .select(
            StocktakeLine.id, StocktakeLine.code, StocktakeLine.expected, StocktakeLine.seen_at,
            StocktakeLine.resolution, StocktakeLine.reason, StocktakeLine.resolved_at, StocktakeLine.holder,
            StocktakeLine.device.alias("device_id"), FINDING.alias("finding"), then.name.alias("holder_school"),
            User.name.alias("seen_by"), resolver.name.alias("resolved_by"),
            Device.state, Device.holder.alias("now_holder"), School.name.alias("now_school"),
            Device.school.alias("now_school_id"), DeviceModel.maker, DeviceModel.name.alias("model"),
            Loan.pupil.alias("answerable"), Pupil.last_name, Pupil.first_name,
        )
    )  # fmt: skip


def line_shown(line_id: int, scope: Scope) -> dict[str, Any] | None:
    """One line with its facts. One query."""
    return with_facts(StocktakeLine.select(StocktakeLine.id).where(StocktakeLine.id == line_id), scope).dicts().first()


def last_seen(stocktake_id: int, user_id: int) -> list[dict[str, Any]]:
    """What this person scanned last in this stocktake, newest first. One query."""
    return list(
        StocktakeLine.select(
            StocktakeLine.id, StocktakeLine.code, StocktakeLine.seen_at, StocktakeLine.resolution,
            FINDING.alias("finding"), DeviceModel.maker, DeviceModel.name.alias("model"), Device.state,
        )
        .join(Device, JOIN.LEFT_OUTER)
        .join(DeviceModel, JOIN.LEFT_OUTER)
        .where(StocktakeLine.stocktake == stocktake_id, _SEEN, StocktakeLine.seen_by == user_id)
        .order_by(StocktakeLine.seen_at.desc(), StocktakeLine.id.desc())
        .limit(LAST)
        .dicts()
    )  # fmt: skip


def classes_with_devices(school_id: int, year: Year) -> list[tuple[str, int]]:
    """The classes of a school whose pupils answer for devices, each with how many. One query."""
    query = (
        Enrolment.select(Enrolment.class_name, fn.COUNT(Loan.id))
        .join(Loan, on=(Loan.pupil == Enrolment.pupil) & Loan.ended_at.is_null())
        .where(Enrolment.school == school_id, schooled(year))
        .group_by(Enrolment.class_name)
        .order_by(Enrolment.class_name)
    )
    return list(query.tuples())


def of_codes(values: Iterable[str], scope: Scope) -> list[int]:
    """The stocktakes whose record bears one of the codes. No query where none is such a code, else one."""
    codes = [code for value in values if (code := parse_own_code(value)) and code.kind is OwnKind.STOCKTAKE]
    numbers = {code.number for code in codes if code.number <= _MOST_ID}
    if not numbers:
        return []
    own = Stocktake.select(Stocktake.id).where(Stocktake.id.in_(numbers), within(scope, Stocktake.school))
    return [number for (number,) in own.tuples()]


def codes_found(stocktake_id: int) -> list[str]:
    """The serials of what was expected and found, in order. One query."""
    found = StocktakeLine.select(StocktakeLine.code).where(StocktakeLine.stocktake == stocktake_id, FINDING == "found")
    return [code for (code,) in found.order_by(StocktakeLine.code).tuples()]
