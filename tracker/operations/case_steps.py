"""The one writer of a case's state: each step is kept with when, who and why."""

from datetime import datetime

from tracker.models.cases import CaseStep, DeviceCase
from tracker.rules.access import Actor
from tracker.rules.cases import CaseState

_ENDS = (CaseState.CLOSED, CaseState.REFUSED)


def advance(case: DeviceCase, state: CaseState, *, actor: Actor, now: datetime, note: str = "") -> None:
    """The case comes into a state, within the caller's transaction; its time in the former one is over."""
    case.state, case.state_since = state, now
    case.closed_at = now if state in _ENDS else None
    case.save(only=(DeviceCase.state, DeviceCase.state_since, DeviceCase.closed_at))
    CaseStep.create(case=case, state=state, at=now, actor_id=actor.user_id, note=note)
