"""What ends with the arrival of a device: the pupil's departure, the journey of its parcel, the wait of its case."""

from datetime import datetime

from tracker.models.cases import DeviceCase
from tracker.models.loans import Loan
from tracker.models.rosters import Departure
from tracker.operations import case_steps
from tracker.operations.parcel_arrivals import note_arrival
from tracker.queries.returns_desk import Arrived
from tracker.rules.access import Actor
from tracker.rules.cases import CaseState

_BEFORE_DIAGNOSIS = (CaseState.OPEN, CaseState.AWAITING_DEVICE)


def leave_nothing_open(device_id: int, pupil_id: int | None, *, actor: Actor, now: datetime) -> int | None:
    """Rule L7. Its parcel has arrived; the departure that this return closed, None where it closed none."""
    note_arrival(device_id, actor=actor, now=now)
    return close_when_nothing_is_left(pupil_id, actor=actor, now=now) if pupil_id else None


def close_when_nothing_is_left(pupil_id: int, *, actor: Actor, now: datetime) -> int | None:
    """Rule L5. The departure of a pupil who holds nothing any more is closed."""
    if Loan.select().where(Loan.pupil == pupil_id, Loan.ended_at.is_null()).exists():
        return None
    found = Departure.get_or_none(Departure.pupil == pupil_id, Departure.closed_at.is_null())
    if found:
        found.closed_at, found.closed_by = now, actor.user_id
        found.save(only=(Departure.closed_at, Departure.closed_by))
    return found.id if found else None


def case_into_diagnosis(known: Arrived, *, actor: Actor, now: datetime) -> int | None:
    """Rule R1. The device that the case waited for is at the warehouse; the case, None where none waited."""
    if not known.has_case or known.case_state not in _BEFORE_DIAGNOSIS:
        return None
    case_steps.advance(DeviceCase.get_by_id(known.case_id), CaseState.DIAGNOSIS, actor=actor, now=now)
    return known.case_id
