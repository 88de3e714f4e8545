"""One departure as its page shows it, within the asker's schools: the pupil, what they hold, every answer."""

from typing import Any

from peewee import JOIN, Case

from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Loan
from tracker.models.parcels import Parcel
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure, DepartureAnswer
from tracker.models.schools import School
from tracker.models.users import User
from tracker.queries.pupils import visible
from tracker.queries.scope import within
from tracker.rules.access import Scope


def departure_page(departure_id: int, scope: Scope) -> dict[str, Any] | None:
    """The departure with its pupil; `seen`: the pupil's page opens for this person. One query."""
    rows = (
        Departure.select(
            Departure.id, Departure.left_on, Departure.noticed_at, Departure.destination, Departure.closed_at,
            Departure.origin, Departure.school.alias("school_id"), Pupil.id.alias("pupil_id"), Pupil.last_name,
            Pupil.first_name, Pupil.deceased, Enrolment.class_name, School.name.alias("school"),
            Case(None, [(visible(scope), 1)], 0).alias("seen"),
        )
        .join_from(Departure, Pupil, on=(Pupil.id == Departure.pupil))
        .join_from(Departure, Enrolment, on=(Enrolment.id == Departure.enrolment))
        .join_from(Departure, School, on=(School.id == Departure.school))
    )  # fmt: skip
    return rows.where(Departure.id == departure_id, within(scope, Departure.school)).dicts().first()


def still_held(pupil_id: int) -> list[dict[str, Any]]:
    """What the pupil answers for, with the day by which it is expected and how far its parcel is. One query."""
    rows = (
        Loan.select(
            Loan.started_at, Loan.kind, Loan.school.alias("loan_school"), Device.id.alias("device_id"), Device.serial,
            Device.state, Device.school.alias("device_school"), DeviceModel.maker, DeviceModel.name.alias("model"),
            ExpectedReturn.id.alias("expected_id"), ExpectedReturn.due_on,
            ExpectedReturn.reason.alias("expected_reason"), Parcel.state.alias("parcel_state"),
        )
        .join_from(Loan, Device)
        .join_from(Device, DeviceModel)
        .join_from(
            Device, ExpectedReturn, JOIN.LEFT_OUTER,
            on=(ExpectedReturn.device == Device.id) & ExpectedReturn.closed_at.is_null(),
        )
        .join_from(ExpectedReturn, Parcel, JOIN.LEFT_OUTER, on=(Parcel.id == ExpectedReturn.parcel))
    )  # fmt: skip
    return list(rows.where(Loan.pupil == pupil_id, Loan.ended_at.is_null()).order_by(Loan.kind.desc()).dicts())


def answers_of(departure_id: int) -> list[dict[str, Any]]:
    """Every answer, the newest first; `who` empty: the program. One query."""
    rows = (
        DepartureAnswer.select(
            DepartureAnswer.destination, DepartureAnswer.note, DepartureAnswer.answered_at, User.name.alias("who"),
            School.name.alias("school"), DepartureAnswer.done,
        )
        .join_from(DepartureAnswer, School, JOIN.LEFT_OUTER, on=(School.id == DepartureAnswer.school))
        .join_from(DepartureAnswer, User, JOIN.LEFT_OUTER, on=(User.id == DepartureAnswer.answered_by))
    )  # fmt: skip
    return list(rows.where(DepartureAnswer.departure == departure_id).order_by(DepartureAnswer.id.desc()).dicts())
