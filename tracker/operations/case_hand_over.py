"""What a hand-over means for a case: the owed device is in the pupil's hands, or a loaner bridges the time (R1)."""

from datetime import datetime

from tracker.models.cases import DeviceCase
from tracker.operations.case_steps import advance
from tracker.operations.cases import end
from tracker.rules.access import Actor
from tracker.rules.cases import CaseOutcome, CaseState


def note_hand_over(case_id: int, device_id: int, *, loaner: bool, actor: Actor, now: datetime) -> None:
    """Rules R1, D8. Within the transaction of the hand-over that the case let pass."""
    case = DeviceCase.get_by_id(case_id)
    if loaner:
        case.loaner = device_id
        case.save(only=(DeviceCase.loaner,))
    elif case.state == CaseState.OWED:
        if case.outcome == CaseOutcome.REPLACED:
            case.replacement = device_id
            case.save(only=(DeviceCase.replacement,))
        end(case, CaseOutcome(case.outcome), "", actor=actor, now=now)


def note_hand_over_undone(device_id: int, pupil_id: int, *, actor: Actor, now: datetime) -> None:
    """The hand-over was a mistake: the case that it closed is open again, the loaner is none."""
    theirs = DeviceCase.pupil == pupil_id
    lent = theirs & (DeviceCase.loaner == device_id) & DeviceCase.closed_at.is_null()
    DeviceCase.update(loaner=None).where(lent).execute()
    owed = (DeviceCase.replacement == device_id) | ((DeviceCase.device == device_id) & DeviceCase.replacement.is_null())
    granted = DeviceCase.outcome.in_([CaseOutcome.REPAIRED, CaseOutcome.REPLACED])
    case = DeviceCase.select().where(theirs, owed, granted).order_by(DeviceCase.id.desc()).first()
    if case and case.state == CaseState.CLOSED:
        advance(case, CaseState.OWED, actor=actor, now=now)
