"""Lending: a device into a pupil's hands, and taking that back when it was a mistake."""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import peewee

from tracker.models.custody import CustodyEvent
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.schools import Campaign
from tracker.operations import custody, scans
from tracker.operations.custody import Circumstances
from tracker.queries import candidates
from tracker.rules.access import Actor, Permission
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.loans import HandOver, already_done, refusals
from tracker.rules.refusals import Refused

UNDO_WITHIN = timedelta(days=1)


class _Overtaken(Exception):
    """Another desk moved a device between the question which ones to lock and the lock."""


@dataclass(frozen=True)
class Answer:
    """What a scan got: `done` or `already`, and the event that holds the story (None for `already`)."""

    outcome: str
    device_id: int
    pupil_id: int
    event_id: int | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Request:
    """One hand-over as the desk asks for it.

    `swap`: the device is set aside for another pupil, exchange the two allocations. `override_reason`: an
    administrator goes on against what may be overridden.
    """

    device_id: int
    pupil_id: int
    school_id: int
    action_id: uuid.UUID
    scanned: str = ""
    swap: bool = False
    override_reason: str = ""


def hand_over(request: Request, *, campaign: Campaign, actor: Actor, now: datetime) -> Answer:
    """Rules E1 to E4, A4, C3, D4, R4. Lend the device to the pupil, at the desk of the school.

    The same action again gives the first answer and writes nothing. Raises Refused; then nothing is written.
    """
    _check_desk(request, actor)
    return _retried(lambda: _hand_over(request, campaign, actor, now))


def undo_hand_over(event_id: int, *, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    """Take back a hand-over that was a mistake: a compensating event, never an edit. Raises Refused."""
    return _retried(lambda: _undo(event_id, action_id, actor, now))


def _retried(work: Callable[[], Answer], more: int = 2) -> Answer:
    """Again when another desk was faster on the same rows: the next look sees what it wrote."""
    try:
        with database.atomic():
            return work()
    except (peewee.IntegrityError, peewee.OperationalError, _Overtaken):  # OperationalError: a deadlock was broken
        if not more:
            raise
    return _retried(work, more - 1)


def _check_desk(request: Request, actor: Actor) -> None:
    if not actor.may(Permission.HAND_OVER):
        raise Refused("not_allowed")
    if not actor.scope.covers(request.school_id):
        raise Refused("school_not_found")


def _hand_over(request: Request, campaign: Campaign, actor: Actor, now: datetime) -> Answer:
    released = candidates.allocated_device(request.pupil_id, request.device_id)
    devices = {each: custody.lock(each) for each in sorted({request.device_id, *released})}
    asked = {"outcome": "done", "device_id": request.device_id, "pupil_id": request.pupil_id}
    earlier = _earlier(request.action_id, actor, **asked)
    if earlier:
        return earlier
    device, head = devices[request.device_id], custody.last_event(request.device_id)
    facts = candidates.hand_over_facts(device, custody.custody_of(head), request, campaign, now, actor.scope)
    if already_done(facts):
        return Answer("already", device.id, request.pupil_id)
    circumstances = _circumstances(request, _settled(facts, request, actor))
    _release(devices, released, facts, request, actor, now)
    event = custody.append(
        device, Movement.HANDED_OVER, _in_hands(facts), actor=actor, now=now, circumstances=circumstances, head=head
    )
    _allocate(device, request.pupil_id, now)
    _open_loan(device, request, campaign, now)
    return _remember(Answer("done", device.id, request.pupil_id, event.id), request.action_id, actor, now)


def _earlier(action_id: uuid.UUID, actor: Actor, **asked: Any) -> Answer | None:
    """The answer that this action got before; an id that answered something else came from a page out of date."""
    kept = scans.earlier_answer(action_id, actor)
    if kept is None:
        return None
    if any(kept[name] != value for name, value in asked.items()):
        raise Refused("stale_page")
    return Answer(**kept | {"repeated": True})


def _settled(facts: HandOver, request: Request, actor: Actor) -> list[Refused]:
    """What was overridden, once every reason against is answered for; raises the first that is not.

    Who may override swaps first and decides afterwards; to anybody else a swap is offered only where nothing else
    stands against the hand-over.
    """
    against = [found for found in refusals(facts) if not (request.swap and found.code == "device_allocated")]
    if not actor.may(Permission.OVERRIDE):
        final = against
    else:
        final = [found for found in against if found.overridable_by is None or not request.override_reason.strip()]
        final.sort(key=lambda found: found.overridable_by is not None)
    if final:
        raise final[0]
    return against


def _circumstances(request: Request, overridden: list[Refused]) -> Circumstances:
    return Circumstances(
        action_id=request.action_id,
        scanned=request.scanned[:200],
        reason=request.override_reason.strip() if overridden else "",
        rule=", ".join(found.rule or "" for found in overridden),
        overridden=", ".join(found.code for found in overridden),
        desk_school_id=request.school_id,
    )


def _in_hands(facts: HandOver) -> Custody:
    return Custody(
        DeviceState.LENT, Holder.PUPIL, facts.school_id, facts.pupil_id,
        allocated_to=facts.pupil_id, answerable=facts.pupil_id,
    )  # fmt: skip


def _release(
    devices: dict[int, Device],
    released: tuple[int, ...],
    facts: HandOver,
    request: Request,
    actor: Actor,
    now: datetime,
) -> None:
    """The device that was set aside for this pupil goes to whom this one was set aside for (swap), or to nobody."""
    other_pupil = facts.custody.allocated_to
    _end_allocation(devices[request.device_id], now)
    for device_id in released:
        head = custody.last_event(device_id)
        if head is None or head.allocated_to != request.pupil_id:
            raise _Overtaken
        around = Circumstances(action_id=request.action_id, desk_school_id=request.school_id)
        _set_aside(devices[device_id], other_pupil, head, around, actor, now)


def _set_aside(
    device: Device, pupil_id: int | None, head: CustodyEvent, around: Circumstances, actor: Actor, now: datetime
) -> None:
    """The device is to be this pupil's from now on, or nobody's; in the ledger and among the allocations."""
    situation = replace(custody.custody_of(head), allocated_to=pupil_id)
    movement = Movement.ALLOCATED if pupil_id else Movement.UNALLOCATED
    custody.append(device, movement, situation, actor=actor, now=now, circumstances=around, head=head)
    _end_allocation(device, now)
    if pupil_id:
        _allocate(device, pupil_id, now)


def _end_allocation(device: Device, now: datetime) -> None:
    Allocation.update(ended_at=now).where(Allocation.device == device.id, Allocation.ended_at.is_null()).execute()


def _allocate(device: Device, pupil_id: int, now: datetime) -> None:
    Allocation.insert(device=device.id, pupil=pupil_id, kind=device.kind, started_at=now).execute()


def _open_loan(device: Device, request: Request, campaign: Campaign, now: datetime) -> None:
    Loan.insert(
        device=device.id, pupil=request.pupil_id, school=request.school_id, school_year=campaign.school_year,
        kind=device.kind, started_at=now,
    ).execute()  # fmt: skip


def _remember(answer: Answer, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    kept: dict[str, Any] = asdict(answer)
    scans.keep_answer(action_id, answer.outcome, kept, actor=actor, now=now)
    return answer


def _undo(event_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    event = CustodyEvent.get_or_none(CustodyEvent.id == event_id)
    if event is None or not actor.scope.covers(event.desk_school_id):
        raise Refused("not_found")
    other = _released_by(event)
    devices = {each: custody.lock(each) for each in sorted({event.device_id, *([other.device_id] if other else [])})}
    device = devices[event.device_id]
    earlier = _earlier(action_id, actor, device_id=device.id, outcome="undone")
    if earlier:
        return earlier
    _check_undo(event, custody.last_event(device.id), actor, now)
    before = _before(event, device, swapped=other is not None)
    around = Circumstances(action_id=action_id, undoes=event.id, desk_school_id=event.desk_school_id)
    undone = custody.append(
        device, Movement.HAND_OVER_UNDONE, before, actor=actor, now=now, circumstances=around, head=event
    )
    Loan.update(ended_at=now, end_reason="undone").where(Loan.device == device.id, Loan.ended_at.is_null()).execute()
    _allocation_back(device, before.allocated_to, event.pupil_id, now)
    if other and before.allocated_to is None:
        _give_back(devices[other.device_id], event.pupil_id, replace(around, undoes=None), actor, now)
    return _remember(Answer("undone", device.id, event.pupil_id, undone.id), action_id, actor, now)


def _released_by(event: CustodyEvent) -> CustodyEvent | None:
    """What the same hand-over did to the device that had been set aside for its pupil, if there was one."""
    theirs = Allocation.select(Allocation.device).where(Allocation.pupil == event.pupil_id)
    return CustodyEvent.get_or_none(
        CustodyEvent.device.in_(theirs),
        CustodyEvent.device != event.device_id,
        CustodyEvent.action_id == event.action_id,
    )


def _check_undo(event: CustodyEvent, head: CustodyEvent | None, actor: Actor, now: datetime) -> None:
    if head is None or head.id != event.id or event.movement != Movement.HANDED_OVER:
        raise Refused("nothing_to_undo")
    if event.actor_id != actor.user_id and not actor.may(Permission.UNDO_ANY):
        raise Refused("undo_not_yours")
    if now - event.at > UNDO_WITHIN:
        raise Refused("undo_too_late")


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


def _allocation_back(device: Device, pupil_id: int | None, lent_to: int, now: datetime) -> None:
    """The open allocation after an undo: still that of the pupil of the hand-over, another's, or none."""
    if pupil_id == lent_to:
        return
    _end_allocation(device, now)
    if pupil_id:
        _allocate(device, pupil_id, now)


def _give_back(device: Device, pupil_id: int, around: Circumstances, actor: Actor, now: datetime) -> None:
    """The device that the hand-over had made nobody's is the pupil's again, if nobody has taken it meanwhile."""
    head = custody.last_event(device.id)
    if head and head.state == DeviceState.IN_STOCK and head.allocated_to is None:
        _set_aside(device, pupil_id, head, around, actor, now)
