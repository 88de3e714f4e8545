"""Whole classes that leave: the classes of a school, and who of them holds what."""

from collections.abc import Collection
from dataclasses import dataclass

import peewee
from peewee import JOIN, fn

from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.rules.custody import DeviceState
from tracker.rules.departures import Destination

_IS_SOMEWHERE = Device.state.not_in([DeviceState.LOST.value, DeviceState.STOLEN.value])


@dataclass(frozen=True)
class Holding:
    """A device that a pupil of the classes holds. `expected_id`: it is expected back already."""

    pupil_id: int
    last_name: str
    first_name: str
    class_name: str
    enrolment_id: int
    school_id: int
    device_id: int
    serial: str
    kind: str
    departure_id: int | None
    destination: str | None
    is_over: bool
    expected_id: int | None

    @property
    def came_back(self) -> bool:
        """The departure of this enrolment is history."""
        return self.destination == Destination.CAME_BACK

    @property
    def may_end(self) -> bool:
        """Nobody has said that the pupil goes elsewhere, keeps it, or died."""
        return self.destination in (
            None, Destination.CAME_BACK, Destination.TO_QUALIFY, Destination.END_OF_SCHOOLING,
            Destination.APPRENTICE_HERE,
        )  # fmt: skip


def holdings(school_id: int, school_year: int, classes: Collection[str]) -> list[Holding]:
    """What the pupils of these classes hold, by name; lost and stolen devices are cases, not returns. One query."""
    rows = (
        Enrolment.select(
            Pupil.id, Pupil.last_name, Pupil.first_name, Enrolment.class_name, Enrolment.id, Enrolment.school_id,
            Device.id, Device.serial, Device.kind, Departure.id, Departure.destination,
            Departure.closed_at.is_null(False), ExpectedReturn.id,
        )
        .join(Pupil)
        .join_from(Pupil, Loan, on=(Loan.pupil == Pupil.id) & Loan.ended_at.is_null())
        .join_from(Loan, Device)
        .join_from(Enrolment, Departure, JOIN.LEFT_OUTER, on=(Departure.enrolment == Enrolment.id))
        .join_from(
            Device, ExpectedReturn, JOIN.LEFT_OUTER,
            on=(ExpectedReturn.device == Device.id) & ExpectedReturn.closed_at.is_null(),
        )
        .where(_of(school_id, school_year), Enrolment.class_name.in_(list(classes)))
        .where(Loan.school == school_id, ~Pupil.deceased, _IS_SOMEWHERE)
        .order_by(Enrolment.class_name, Pupil.name_key, Pupil.id, Device.kind.desc())
    )  # fmt: skip
    return [Holding(*row) for row in rows.tuples()]


def class_sizes(school_id: int, school_year: int) -> list[tuple[str, str, int]]:
    """The classes of a school: name, level of most, and how many devices `holdings` would list. One query."""
    lent = (Loan.pupil == Pupil.id) & Loan.ended_at.is_null() & (Loan.school == school_id) & ~Pupil.deceased
    rows = (
        Enrolment.select(Enrolment.class_name, fn.MIN(Enrolment.level), fn.COUNT(Device.id))
        .join(Pupil)
        .join_from(Pupil, Loan, JOIN.LEFT_OUTER, on=lent)
        .join_from(Loan, Device, JOIN.LEFT_OUTER, on=(Device.id == Loan.device) & _IS_SOMEWHERE)
        .where(_of(school_id, school_year), Enrolment.class_name != "")
        .group_by(Enrolment.class_name)
        .order_by(Enrolment.class_name)
    )
    return list(rows.tuples())


def _of(school_id: int, school_year: int) -> peewee.Expression:
    return (Enrolment.school == school_id) & (Enrolment.school_year == school_year)
