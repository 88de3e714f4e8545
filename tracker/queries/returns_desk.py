"""What the returns desk knows of a device: who holds it, why it is expected, its case; the last ten, the counter."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee
from peewee import JOIN, fn

from tracker.models.cases import DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Loan
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn, ReturnRecord
from tracker.queries.custody import custody_now
from tracker.queries.parcels import contents_under_way
from tracker.queries.pupils import visible
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.calendar import local_date
from tracker.rules.cases import CaseKind
from tracker.rules.custody import Custody, DeviceKind
from tracker.rules.loans import may_still_undo
from tracker.rules.parcels import ParcelKind
from tracker.rules.returns import Accessory, Condition, ReturnReason, Way, way_of
from tracker.rules.triage import Findings, years_between

LAST = 10
TO_DIAGNOSE = (CaseKind.BREAKDOWN, CaseKind.DAMAGE)
MISSING = (CaseKind.THEFT, CaseKind.LOSS, CaseKind.SIGHTING)


@dataclass(frozen=True)
class Place:
    """Where a returns desk stands: the warehouse (`school_id` None) or the hall of a school, for one class perhaps."""

    school_id: int | None
    school_year: int
    class_name: str = ""

    @property
    def is_warehouse(self) -> bool:
        """Whether devices are looked at here, and not only collected."""
        return self.school_id is None


@dataclass(frozen=True)
class Arrived:
    """What is known of the device on the desk. `pupil_id`: who answers for it, or did until it was collected."""

    device_id: int
    serial: str
    model: str
    kind: DeviceKind
    refurbished: bool
    received_on: date
    custody: Custody
    pupil_id: int | None
    deceased: bool
    expected_id: int | None
    reason: ReturnReason | None
    due_on: date | None
    case_id: int | None
    case_kind: str | None
    case_state: str | None
    by_parcel: bool

    def way(self, *, at_warehouse: bool) -> Way:
        """What it means that it lies there."""
        return way_of(self.custody, at_warehouse=at_warehouse, by_parcel=self.by_parcel)

    @property
    def has_case(self) -> bool:
        """Rule R1. Whether a breakdown or damage waits for this device: it stays the pupil's."""
        return self.case_kind in TO_DIAGNOSE

    def findings(
        self,
        condition: Condition,
        missing: frozenset[Accessory],
        *,
        reason: ReturnReason | None,
        old_from: int,
        today: date,
    ) -> Findings:
        """What the rule of the next place is asked with; `reason`: said at the desk."""
        return Findings(
            condition, missing, self.kind, years_between(self.received_on, today), old_from,
            refurbished=self.refurbished, reason=self.reason or reason, has_case=self.has_case,
            was_missing=self.case_kind in MISSING,
        )  # fmt: skip


def arrived(device_id: int) -> Arrived | None:
    """Everything at once, in three queries; None where there is no such device."""
    row = _with_expectation(device_id).objects().first()
    if row is None:
        return None
    custody = custody_now(device_id)
    pupil_id, deceased, reason = _whose(device_id, custody)
    return Arrived(
        row.id, row.serial, f"{row.maker} {row.name}", DeviceKind(row.kind), row.refurbished,
        local_date(row.created_at), custody, pupil_id, deceased, row.expected_id,
        ReturnReason(row.reason) if row.reason else reason, row.due_on, row.case_id, row.case_kind, row.case_state,
        bool(row.by_parcel),
    )  # fmt: skip


def _with_expectation(device_id: int) -> Any:
    expected = (ExpectedReturn.device == Device.id) & ExpectedReturn.closed_at.is_null()
    case = (DeviceCase.device == Device.id) & DeviceCase.closed_at.is_null()
    return (
        Device.select(
            Device, DeviceModel.maker, DeviceModel.name, ExpectedReturn.id.alias("expected_id"), ExpectedReturn.reason,
            ExpectedReturn.due_on, DeviceCase.id.alias("case_id"), DeviceCase.kind.alias("case_kind"),
            DeviceCase.state.alias("case_state"), fn.EXISTS(_return_parcel()).alias("by_parcel"),
        )
        .join(DeviceModel)
        .join(ExpectedReturn, JOIN.LEFT_OUTER, on=expected, src=Device)
        .join(DeviceCase, JOIN.LEFT_OUTER, on=case, src=Device)
        .where(Device.id == device_id)
    )  # fmt: skip


def _return_parcel() -> peewee.ModelSelect:
    """The return that the device is in, or is to go into, and has not come out of."""
    return contents_under_way().where(ParcelDevice.device == Device.id, Parcel.kind == ParcelKind.RETURN)


def _whose(device_id: int, custody: Custody) -> tuple[int | None, bool, ReturnReason | None]:
    """Who answers for the device; of one that was collected, who did, and why it came. One query."""
    if custody.answerable:
        deceased = Pupil.select(Pupil.deceased).where(Pupil.id == custody.answerable).scalar()
        return custody.answerable, bool(deceased), None
    query = (
        ReturnRecord.select(ReturnRecord.pupil.alias("whose"), ReturnRecord.reason, Pupil.deceased)
        .join(Pupil, JOIN.LEFT_OUTER)
        .where(ReturnRecord.device == device_id, ReturnRecord.undone_at.is_null(), ReturnRecord.condition.is_null())
        .order_by(ReturnRecord.id.desc())
    )
    row = query.objects().first()
    return (
        (row.whose, bool(row.deceased), ReturnReason(row.reason) if row.reason else None)
        if row
        else (None, False, None)
    )


def held_by(pupil_ids: tuple[int, ...], scope: Scope) -> tuple[int, ...]:
    """The devices that these pupils answer for, as far as the pupils may be seen."""
    theirs = (Loan.pupil.in_(pupil_ids) & Loan.ended_at.is_null(), visible(scope))
    query = Loan.select(Loan.device).join(Pupil).where(*theirs).order_by(Loan.kind.desc(), Loan.id)
    return tuple(row.device_id for row in query)


@dataclass(frozen=True)
class Counter:
    """Returns of this day at this place, and how many are still expected there."""

    back: int
    expected: int


def counter(place: Place, since: datetime) -> Counter:
    """Two queries, each over an index."""
    back = ReturnRecord.select(fn.COUNT(ReturnRecord.id)).where(
        _at(place), ReturnRecord.received_at >= since, ReturnRecord.undone_at.is_null(), _of_class(ReturnRecord, place)
    )
    open_ones = ExpectedReturn.select(fn.COUNT(ExpectedReturn.id)).where(ExpectedReturn.closed_at.is_null())
    if place.school_id:
        open_ones = open_ones.where(ExpectedReturn.school == place.school_id, _of_class(ExpectedReturn, place))
    return Counter(back.scalar() or 0, open_ones.scalar() or 0)


def _at(place: Place) -> peewee.Expression:
    return ReturnRecord.school.is_null() if place.is_warehouse else ReturnRecord.school == place.school_id


def _of_class(table: Any, place: Place) -> Any:
    """The class chosen at this desk; everything where none is."""
    if not place.class_name:
        return peewee.Value(1) == 1
    classmates = Enrolment.select(Enrolment.pupil).where(
        Enrolment.school == place.school_id,
        Enrolment.school_year == place.school_year,
        Enrolment.class_name == place.class_name,
    )
    return table.pupil.in_(classmates)


@dataclass(frozen=True)
class Recent:
    """One of the last returns of a desk."""

    record_id: int
    at: datetime
    serial: str
    pupil: str
    next_place: str | None
    stranger: str | None
    undone: bool
    can_undo: bool


def last_ten(user_id: int, place: Place, scope: Scope, now: datetime) -> list[Recent]:
    """This person's last returns at this place, newest first, each with whether it can be undone. One query."""
    after, event = CustodyEvent.alias(), CustodyEvent
    query = (
        ReturnRecord.select(
            ReturnRecord, Pupil.last_name, Pupil.first_name, visible(scope).alias("visible"),
            after.id.alias("next_event"),
        )
        .join(Pupil, JOIN.LEFT_OUTER)
        .join(event, JOIN.LEFT_OUTER, on=(event.id == ReturnRecord.event_id), src=ReturnRecord)
        .join(after, JOIN.LEFT_OUTER, on=(after.device == event.device) & (after.sequence == event.sequence + 1))
        .where(ReturnRecord.received_by == user_id, _at(place))
        .order_by(ReturnRecord.received_at.desc(), ReturnRecord.id.desc())
        .limit(LAST)
    )  # fmt: skip
    return [_recent(row, now) for row in query.objects()]


def _recent(row: Any, now: datetime) -> Recent:
    named = row.last_name and row.visible
    return Recent(
        row.id, row.received_at, row.serial, f"{row.last_name} {row.first_name}" if named else "",
        row.next_place, row.stranger, row.undone_at is not None,
        _is_last_word(row) and may_still_undo(row.received_at, now),
    )  # fmt: skip


def _is_last_word(row: Any) -> bool:
    """Whether nothing came after this return: no undo, no movement of the device, no word of what became of it."""
    return row.undone_at is None and row.next_event is None and row.settled_at is None


def at_desks(scope: Scope, *, warehouse: bool) -> peewee.Expression:
    """The records of the desks that a person may see: of their schools, and of the warehouse who works there."""
    here = within(scope, ReturnRecord.school)
    return here if warehouse else here & ReturnRecord.school.is_null(False)


def record_of(record_id: int, scope: Scope, *, warehouse: bool) -> ReturnRecord | None:
    """The record of a return with its device, where the person may see that desk's returns.

    With its pupil too, where the person may see the pupil.
    """
    query = (
        ReturnRecord.select(ReturnRecord, Device, DeviceModel, Pupil, visible(scope).alias("pupil_is_visible"))
        .join(Device, JOIN.LEFT_OUTER)
        .join(DeviceModel, JOIN.LEFT_OUTER)
        .join(Pupil, JOIN.LEFT_OUTER, src=ReturnRecord)
        .where(ReturnRecord.id == record_id)
    )
    found = query.where(at_desks(scope, warehouse=warehouse)).first()
    if found and not found.pupil_is_visible:
        found.pupil = None
    return found
