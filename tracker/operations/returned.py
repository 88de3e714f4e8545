"""What ends with the arrival of a device: the pupil's departure, the journey of its parcel, the wait of its case."""

from datetime import datetime

from tracker.models.cases import DeviceCase
from tracker.operations import case_steps
from tracker.operations.departures import close_when_nothing_is_left
from tracker.operations.parcel_arrivals import note_arrival
from tracker.queries.returns_desk import Arrived
from tracker.rules.access import Actor
from tracker.rules.cases import CaseState

_BEFORE_DIAGNOSIS = (CaseState.OPEN, CaseState.AWAITING_DEVICE)


def leave_nothing_open(device_id: int, pupil_id: int | None, *, actor: Actor, now: datetime) -> list[int]:
    """Rules L5, L7. Its parcel has arrived; the departures that this return closed."""
    note_arrival(device_id, actor=actor, now=now)
    return close_when_nothing_is_left(pupil_id, actor=actor, now=now) if pupil_id else []


def case_into_diagnosis(known: Arrived, *, actor: Actor, now: datetime) -> int | None:
    """Rule R1. The device that the case waited for is at the warehouse; the case, None where none waited."""
    if not known.has_case or known.case_state not in _BEFORE_DIAGNOSIS:
        return None
    case_steps.advance(DeviceCase.get_by_id(known.case_id), CaseState.DIAGNOSIS, actor=actor, now=now)
    return known.case_id
