"""A lost or stolen device turned up (R4): its open case hears of it, or a case is opened."""

from datetime import datetime

from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.loans import Loan
from tracker.operations import case_steps
from tracker.rules.access import Actor
from tracker.rules.calendar import local_date
from tracker.rules.cases import CaseKind, CaseState


def note_sighting(device_id: int, *, where_school_id: int | None, actor: Actor, now: datetime) -> DeviceCase:
    """Rule R4. Within the caller's transaction; the case that tells of it."""
    found = DeviceCase.get_or_none(DeviceCase.device == device_id, DeviceCase.closed_at.is_null())
    if found:
        CaseStep.create(case=found, state=found.state, at=now, actor_id=actor.user_id, note="sighted")
        return found
    today = local_date(now)
    last = Loan.select().where(Loan.device == device_id).order_by(Loan.id.desc()).first()
    case = DeviceCase.create(
        kind=CaseKind.SIGHTING, state=CaseState.OPEN, device=device_id, pupil=last and last.pupil_id,
        school=where_school_id, school_year=today.year if today.month >= 8 else today.year - 1,
        opened_by=actor.user_id, opened_at=now, state_since=now,
    )  # fmt: skip
    case_steps.advance(case, CaseState.OPEN, actor=actor, now=now)
    return case
