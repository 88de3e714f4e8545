"""The one writer of a case's state and story: each step is kept with when, who and why."""

from datetime import datetime

from tracker.models.cases import CaseStep, DeviceCase
from tracker.rules.access import Actor
from tracker.rules.cases import ENDED, CaseState


def advance(case: DeviceCase, state: CaseState, *, actor: Actor, now: datetime, note: str = "") -> None:
    """The case comes into a state, within the caller's transaction; its time in the former one is over."""
    case.state, case.state_since = state, now
    case.closed_at = now if state in ENDED else None
    case.save(only=(DeviceCase.state, DeviceCase.state_since, DeviceCase.closed_at))
    CaseStep.create(case=case, state=state, at=now, actor_id=actor.user_id, note=note)


def note(case: DeviceCase, *, seen_at: int | None, actor: Actor, now: datetime) -> None:
    """Rule R4. The missing device was scanned at this school, or at the warehouse (None); the state stays."""
    CaseStep.create(case=case, state=case.state, at=now, actor_id=actor.user_id, seen=True, school=seen_at)
