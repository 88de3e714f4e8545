"""What a hand-over means for a case: the owed device is in the pupil's hands, or a loaner bridges the time (R1)."""

from datetime import datetime

from tracker.models.cases import DeviceCase
from tracker.operations.allocations import open_devices
from tracker.operations.case_steps import advance
from tracker.operations.cases import end
from tracker.rules.access import Actor
from tracker.rules.cases import CaseOutcome, CaseState
from tracker.rules.refusals import Refused


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


def note_hand_over_undone(device_id: int, pupil_id: int, *, done_at: datetime, actor: Actor, now: datetime) -> None:
    """The hand-over of `done_at` was a mistake: the case that it closed is open again, the loaner is none.

    After the allocations are as before: what is set aside for the pupil again is what they are owed.
    """
    theirs = DeviceCase.pupil == pupil_id
    lent = theirs & (DeviceCase.loaner == device_id) & DeviceCase.closed_at.is_null()
    DeviceCase.update(loaner=None).where(lent).execute()
    granted = DeviceCase.outcome.in_([CaseOutcome.REPAIRED, CaseOutcome.REPLACED])
    closed = (DeviceCase.state == CaseState.CLOSED) & (DeviceCase.closed_at == done_at)
    about = (DeviceCase.device == device_id) | (DeviceCase.replacement == device_id)
    case = DeviceCase.select().where(theirs, about, granted, closed).first()
    if case is None:
        return
    another = DeviceCase.get_or_none(DeviceCase.device == case.device_id, DeviceCase.closed_at.is_null())
    if another:  # what had been lost was found, and has a case of its own by now
        raise Refused("undo_has_case", rule="R1", at=another.opened_at)
    if case.replacement_id == device_id:
        case.replacement = next(iter(open_devices(pupil_id, case.device.kind)), None)
        case.save(only=(DeviceCase.replacement,))
    advance(case, CaseState.OWED, actor=actor, now=now)
