"""A few pupils of the sample who leave with a device: to a CFA, to another school, nobody knows where."""

from datetime import datetime, timedelta

from tracker.models.loans import Loan
from tracker.models.rosters import Departure
from tracker.models.schools import School
from tracker.operations.departures import declare_departure, open_departure_from_desk
from tracker.rules.access import SYSTEM
from tracker.rules.calendar import local_date
from tracker.rules.departures import Destination


def let_some_leave(schools: list[School], now: datetime) -> None:
    """In the first two schools three pupils each; who moves goes from one of the two to the other."""
    ways = (Destination.TO_QUALIFY, Destination.CFA, Destination.MEMBER_SCHOOL)
    leaving = [(_some_who_hold(school, len(ways)), other) for school, other in _pairs(schools)]
    for pupils, other in leaving:
        for pupil_id, to in zip(pupils, ways, strict=False):
            _leave(pupil_id, to, other, now)


def _pairs(schools: list[School]) -> tuple[tuple[School, School], ...]:
    return (schools[0], schools[1]), (schools[1], schools[0])


def _some_who_hold(school: School, count: int) -> list[int]:
    departed = Departure.select(Departure.pupil)
    held = Loan.select(Loan.pupil).where(Loan.school == school, Loan.ended_at.is_null(), Loan.pupil.not_in(departed))
    return [loan.pupil_id for loan in held.order_by(Loan.id).limit(count)]


def _leave(pupil_id: int, to: Destination, other: School, now: datetime) -> None:
    if to is Destination.TO_QUALIFY:
        open_departure_from_desk(pupil_id, actor=SYSTEM, now=now)
        return
    left_on = local_date(now - timedelta(days=2))
    to_school_id = other.id if to is Destination.MEMBER_SCHOOL else None
    declare_departure(pupil_id, left_on, to, to_school_id=to_school_id, actor=SYSTEM, now=now)
