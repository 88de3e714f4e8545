"""Departures opened and ended: by the school's word, by a device at a desk, by everything being back (L5)."""

from datetime import date, datetime, timedelta
from typing import Any

import structlog

from tracker.models.database import database, take_turn
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment
from tracker.models.rosters import Departure
from tracker.operations.departure_answers import Answered, checked, hold_devices, settle
from tracker.operations.rosters.imports import TURN
from tracker.queries.scope import within
from tracker.rules.access import EVERYWHERE, Actor, Permission, Scope
from tracker.rules.calendar import local_date
from tracker.rules.departures import DepartureOrigin, Destination
from tracker.rules.refusals import Refused

log = structlog.get_logger()

FURTHEST = timedelta(days=366)
"""A departure is declared for a day within a year, before or after: another day is a slip of the pen."""


def declare_departure(
    pupil_id: int,
    left_on: date,
    destination: Destination,
    *,
    to_school_id: int | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Answered:
    """Rule L5. The school says that a pupil leaves, on which day and where to; what that means is done at once.

    Raises Refused: not_allowed, pupil_not_enrolled, departure_exists, left_on_far, and what an answer raises.
    """
    if not actor.may(Permission.QUALIFY_DEPARTURES):
        raise Refused("not_allowed")
    with database.atomic():
        take_turn(TURN)
        enrolment = _last_enrolment(pupil_id, actor.scope)
        if enrolment is None:
            raise Refused("pupil_not_enrolled", rule="L5")
        if abs(left_on - local_date(now)) > FURTHEST:
            raise Refused("left_on_far", rule="L5")
        if known := departure_of(enrolment.id):
            raise Refused("departure_exists", rule="L5", departure_id=known.id)
        hold_devices(pupil_id)
        departure = open_departure(enrolment, DepartureOrigin.SCHOOL, left_on, now)
        answer = checked(departure, destination, to_school_id, note, now)
        answered = settle(departure, answer, actor=actor, now=now)
    log.info("departure declared", departure=departure.id, destination=destination.value, by=actor.user_id)
    return answered


def _last_enrolment(pupil_id: int, scope: Scope) -> Enrolment | None:
    """The pupil's newest enrolment; of the schools in scope, and none where a newer one is elsewhere."""
    rows = Enrolment.select().where(Enrolment.pupil == pupil_id)
    newest = rows.order_by(Enrolment.school_year.desc(), Enrolment.left_on.is_null().desc(), Enrolment.id.desc())
    found = newest.where(within(scope, Enrolment.school)).first()
    last = newest.first()
    return found if found and found.school_year == last.school_year else None


def departure_of(enrolment_id: int) -> Departure | None:
    """The departure that this enrolment ended with; one whose pupil came back is history."""
    theirs = (Departure.enrolment == enrolment_id) & (Departure.destination != Destination.CAME_BACK)
    return Departure.get_or_none(theirs)


def open_departure(enrolment: Enrolment, origin: DepartureOrigin, left_on: date, now: datetime) -> Departure:
    """An enrolment has one departure: who came back and leaves again has the same one anew."""
    values: dict[str, Any] = {
        "pupil": enrolment.pupil_id, "school": enrolment.school_id, "noticed_at": now, "left_on": left_on,
        "destination": Destination.TO_QUALIFY, "origin": origin, "closed_at": None, "closed_by": None,
    }  # fmt: skip
    departure = Departure.get_or_none(Departure.enrolment == enrolment.id) or Departure(enrolment=enrolment)
    for name, value in values.items():
        setattr(departure, name, value)
    departure.save()
    return departure


def open_departure_from_desk(pupil_id: int, *, actor: Actor, now: datetime) -> Departure:
    """Rule L5. A device was brought to a desk because its pupil leaves: the departure that is to be qualified.

    The open one where there is one, never a second. Within the caller's transaction. Raises Refused: not_allowed,
    pupil_not_enrolled.
    """
    if not actor.may(Permission.TAKE_BACK):
        raise Refused("not_allowed")
    enrolment = _last_enrolment(pupil_id, EVERYWHERE)
    if enrolment is None:
        raise Refused("pupil_not_enrolled", rule="L5")
    known = departure_of(enrolment.id)
    if known and known.closed_at is None:
        return known
    left_on = known.left_on if known else local_date(now)
    return open_departure(enrolment, DepartureOrigin(known.origin) if known else DepartureOrigin.DESK, left_on, now)


def close_when_nothing_is_left(pupil_id: int, *, actor: Actor, now: datetime) -> list[int]:
    """Rules L2, L4, L5. The open departures of a pupil who holds nothing any more are over; their ids.

    Within the caller's transaction, after the loan of the last device has ended.
    """
    if Loan.select().where(Loan.pupil == pupil_id, Loan.ended_at.is_null()).exists():
        return []
    theirs = (Departure.pupil == pupil_id) & Departure.closed_at.is_null()
    closed = [row.id for row in Departure.select(Departure.id).where(theirs).order_by(Departure.id)]
    Departure.update(closed_at=now, closed_by=actor.user_id).where(Departure.id.in_(closed)).execute()
    return closed
