"""Taking a hand-over back when it was a mistake: compensating events, never an edit."""

import uuid
from dataclasses import replace
from datetime import datetime

from tracker.models.cases import DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import UNDONE, Allocation, Loan
from tracker.operations import allocations, case_hand_over, custody, parcel_arrivals, scans
from tracker.operations.custody import Circumstances
from tracker.operations.departures import close_when_nothing_is_left
from tracker.operations.expected_returns import stop_expecting
from tracker.operations.scans import Answer
from tracker.queries import candidates
from tracker.rules.access import Actor, Permission
from tracker.rules.custody import Custody, DeviceState, Movement
from tracker.rules.loans import may_still_undo
from tracker.rules.refusals import Refused


def undo_hand_over(event_id: int, *, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    """Take back a hand-over that was a mistake: a compensating event, never an edit. Raises Refused."""
    return scans.until_not_overtaken(lambda: _undo(event_id, action_id, actor, now))


def _undo(event_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    event = CustodyEvent.get_or_none(CustodyEvent.id == event_id)
    if event is None or not actor.scope.covers(event.desk_school_id):
        raise Refused("not_found")
    now = max(now, event.at)  # a clock that was set back: what happened after the hand-over is not dated before it
    other = _released_by(event)
    devices = {each: custody.lock(each) for each in sorted({event.device_id, *([other.device_id] if other else [])})}
    device = devices[event.device_id]
    earlier = scans.earlier_answer(action_id, actor, device_id=device.id, outcome="undone")
    if earlier:
        return earlier
    _check_undo(event, custody.chain_head(device.id), actor, now)
    _check_rests(device.id)
    before = _before(event, device, swapped=other is not None and other.movement == Movement.ALLOCATED)
    around = Circumstances(action_id=action_id, undoes=event.id, desk_school_id=event.desk_school_id)
    undone = custody.append(
        device, Movement.HAND_OVER_UNDONE, before, actor=actor, now=now, circumstances=around, head=event
    )
    Loan.update(ended_at=now, end_reason=UNDONE).where(Loan.device == device.id, Loan.ended_at.is_null()).execute()
    stop_expecting(device.id, came_back=False, actor=actor, now=now)
    close_when_nothing_is_left(event.pupil_id, actor=actor, now=now)
    parcel_arrivals.note_hand_over_undone(device.id, done_at=event.at, actor=actor, now=now)
    if before.allocated_to != event.pupil_id:
        allocations.replace_open(device, before.allocated_to, now)
    if other and before.allocated_to != event.pupil_id:
        _give_back(devices[other.device_id], other, event.pupil_id, replace(around, undoes=None), actor, now)
    case_hand_over.note_hand_over_undone(device.id, event.pupil_id, done_at=event.at, actor=actor, now=now)
    return scans.remember(Answer("undone", device.id, event.pupil_id, undone.id), action_id, actor=actor, now=now)


def _released_by(event: CustodyEvent) -> CustodyEvent | None:
    """What the same hand-over did to the device that had been set aside for its pupil, if there was one."""
    theirs = Allocation.select(Allocation.device).where(Allocation.pupil == event.pupil_id)
    return CustodyEvent.get_or_none(
        CustodyEvent.device.in_(theirs),
        CustodyEvent.device != event.device_id,
        CustodyEvent.action_id == event.action_id,
    )


def _check_undo(event: CustodyEvent, head: CustodyEvent, actor: Actor, now: datetime) -> None:
    if head.id != event.id or event.movement != Movement.HANDED_OVER:
        raise Refused("nothing_to_undo")
    if event.actor_id != actor.user_id and not actor.may(Permission.UNDO_ANY):
        raise Refused("undo_not_yours")
    if not may_still_undo(event.at, now):
        raise Refused("undo_too_late", at=event.at)


def _check_rests(device_id: int) -> None:
    """What was begun because the pupil has the device holds the hand-over in its place: its case, its way back."""
    case = DeviceCase.get_or_none(DeviceCase.device == device_id, DeviceCase.closed_at.is_null())
    if case:
        raise Refused("undo_has_case", rule="R1", at=case.opened_at)
    parcel = parcel_arrivals.parcel_under_way(device_id)
    if parcel:
        raise Refused("device_in_parcel", rule="D8", reference=parcel.reference)


def _before(event: CustodyEvent, device: Device, *, swapped: bool) -> Custody:
    """The situation before the hand-over.

    After a swap of two devices each stays with its new pupil; where there was nothing to swap, the device is again
    that of the pupil it was taken from, unless that pupil has another by now.
    """
    earlier = CustodyEvent.get(CustodyEvent.device == event.device_id, CustodyEvent.sequence == event.sequence - 1)
    before = custody.custody_of(earlier)
    if before.allocated_to in (None, event.pupil_id):
        return before
    if swapped:
        return replace(before, allocated_to=event.pupil_id)
    provided = candidates.allocated_device(before.allocated_to, device.id)
    return replace(before, allocated_to=None) if provided else before


def _give_back(
    device: Device, released: CustodyEvent, pupil_id: int, around: Circumstances, actor: Actor, now: datetime
) -> None:
    """The device that the hand-over had made nobody's is the pupil's again, if nothing became of it meanwhile."""
    head = custody.chain_head(device.id)
    untouched = head.id == released.id or head.state == DeviceState.IN_STOCK
    if untouched and head.allocated_to is None:
        allocations.set_aside(device, pupil_id, head, around, actor, now)
