"""Lending: a device into a pupil's hands (`undo.py` takes that back)."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.schools import Campaign
from tracker.operations import allocations, case_hand_over, custody, parcel_arrivals, scans
from tracker.operations.custody import Circumstances
from tracker.operations.scans import Answer, Overtaken
from tracker.queries import candidates
from tracker.rules.access import Actor, Permission, Role
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.loans import HandOver, already_done, refusals
from tracker.rules.refusals import Refused

LONGEST_REASON = 300
"""Characters of the reason of an override."""


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
    return scans.until_not_overtaken(lambda: _hand_over(request, campaign, actor, now))


def _check_desk(request: Request, actor: Actor) -> None:
    if not actor.may(Permission.HAND_OVER):
        raise Refused("not_allowed")
    if not actor.scope.covers(request.school_id):
        raise Refused("school_not_found")
    if len(request.override_reason.strip()) > LONGEST_REASON:
        raise Refused("reason_too_long", overridable_by=Role.ADMIN, most=LONGEST_REASON)


def _hand_over(request: Request, campaign: Campaign, actor: Actor, now: datetime) -> Answer:
    released = candidates.allocated_device(request.pupil_id, request.device_id)
    devices = {each: custody.lock(each) for each in sorted({request.device_id, *released})}
    asked = {"outcome": "done", "device_id": request.device_id, "pupil_id": request.pupil_id}
    earlier = scans.earlier_answer(request.action_id, actor, **asked)
    if earlier:
        return earlier
    heads = {each: custody.chain_head(each) for each in devices}
    if any(heads[each].allocated_to != request.pupil_id for each in released):
        raise Overtaken
    device, head = devices[request.device_id], heads[request.device_id]
    facts = candidates.hand_over_facts(device, custody.custody_of(head), request, campaign, now, actor.scope)
    facts = replace(facts, swap_possible=any(heads[each].state == DeviceState.IN_STOCK for each in released))
    if already_done(facts):
        return Answer("already", device.id, request.pupil_id)
    circumstances = _circumstances(request, _settled(facts, request, actor))
    for each in () if facts.loaner else released:
        _release(device, devices[each], heads[each], _swapped_to(facts, request), circumstances, actor, now)
    event = custody.append(
        device, Movement.HANDED_OVER, _in_hands(facts), actor=actor, now=now, circumstances=circumstances, head=head
    )
    if not facts.loaner:
        allocations.replace_open(device, request.pupil_id, now)
    _open_loan(device, request, campaign, now)
    parcel_arrivals.note_hand_over(device.id, actor=actor, now=now)
    if facts.case_id:
        case_hand_over.note_hand_over(facts.case_id, device.id, loaner=facts.loaner, actor=actor, now=now)
    done = Answer("done", device.id, request.pupil_id, event.id)
    return scans.remember(done, request.action_id, actor=actor, now=now)


def _settled(facts: HandOver, request: Request, actor: Actor) -> list[Refused]:
    """What was overridden, once every reason against is answered for; raises the first that is not.

    Who may override swaps first and decides afterwards; to anybody else a swap is offered only where nothing else
    stands against the hand-over.
    """
    agreed = request.swap and facts.swap_possible
    against = [found for found in refusals(facts) if not (agreed and found.code == "device_allocated")]
    if not actor.may(Permission.OVERRIDE):
        final = against
    else:
        final = [found for found in against if found.overridable_by is None or not request.override_reason.strip()]
        final.sort(key=lambda found: found.overridable_by is not None)
    if final and final[0].overridable_by and actor.may(Permission.OVERRIDE):
        final[0].facts["also"] = tuple(final[1:])  # a reason answers for all of them: all of them are read first
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
        allocated_to=None if facts.loaner else facts.pupil_id, answerable=facts.pupil_id,
    )  # fmt: skip


def _swapped_to(facts: HandOver, request: Request) -> int | None:
    """Who gets, in a swap, the device that was set aside for this pupil; None: nobody."""
    return facts.custody.allocated_to if request.swap and facts.swap_possible else None


def _release(
    device: Device,
    other: Device,
    head: CustodyEvent,
    pupil_id: int | None,
    circumstances: Circumstances,
    actor: Actor,
    now: datetime,
) -> None:
    """`other` was set aside for the pupil who now gets `device`: it goes to the other pupil of a swap, or to nobody."""
    allocations.replace_open(device, None, now)
    around = Circumstances(action_id=circumstances.action_id, desk_school_id=circumstances.desk_school_id)
    allocations.set_aside(other, pupil_id, head, around, actor, now)


def _open_loan(device: Device, request: Request, campaign: Campaign, now: datetime) -> None:
    Loan.insert(
        device=device.id, pupil=request.pupil_id, school=request.school_id, school_year=campaign.school_year,
        kind=device.kind, started_at=now,
    ).execute()  # fmt: skip
