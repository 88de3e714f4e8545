"""Taking a return back when it was a mistake: a compensating event, and everything that had ended goes on."""

import uuid
from datetime import datetime

from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.database import locked
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.parcels import ParcelDevice
from tracker.models.returns import ExpectedReturn, ReturnRecord
from tracker.models.rosters import Departure
from tracker.operations import case_steps, custody, scans
from tracker.operations.custody import Circumstances
from tracker.operations.parcel_arrivals import note_arrival_undone
from tracker.operations.scans import Answer
from tracker.operations.taking_back import check_desk
from tracker.queries.batches import batch_codes
from tracker.rules.access import Actor, Permission
from tracker.rules.cases import CaseState
from tracker.rules.custody import Custody, Movement
from tracker.rules.departures import DepartureOrigin
from tracker.rules.loans import may_still_undo
from tracker.rules.refusals import Refused


def undo_return(record_id: int, *, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    """The device is again where it was before the return: loan, allocation, expectation, departure and case go on.

    Raises Refused: not_found, undo_not_yours, undo_too_late, return_nothing_to_undo, undo_pupil_equipped.
    """
    return scans.until_not_overtaken(lambda: _undo(record_id, action_id, actor, now))


def _undo(record_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    found = ReturnRecord.get_or_none(ReturnRecord.id == record_id)
    if found is None:
        raise Refused("not_found")
    _check_place(found, actor)
    device = custody.lock(found.device_id) if found.device_id else None
    record = locked(ReturnRecord.select().where(ReturnRecord.id == record_id)).get()
    earlier = scans.earlier_answer(action_id, actor, record_id=record.id, outcome="undone")
    if earlier:
        return earlier
    _check_undo(record, actor, now)
    event_id = _take_back_the_event(record, device, action_id, actor, now) if device else None
    ReturnRecord.update(undone_at=now).where(ReturnRecord.id == record.id).execute()
    done = Answer("undone", record.device_id, record.pupil_id, event_id, record_id=record.id)
    return scans.remember(done, action_id, actor=actor, now=now)


def _check_place(record: ReturnRecord, actor: Actor) -> None:
    try:
        check_desk(record.school_id, actor)
    except Refused:
        raise Refused("not_found") from None


def _check_undo(record: ReturnRecord, actor: Actor, now: datetime) -> None:
    if record.undone_at is not None or record.settled_at is not None:
        raise Refused("return_nothing_to_undo")
    if record.received_by != actor.user_id and not actor.may(Permission.UNDO_ANY):
        raise Refused("undo_not_yours")
    if not may_still_undo(record.received_at, now):
        raise Refused("undo_too_late", at=record.received_at)


def _take_back_the_event(
    record: ReturnRecord, device: Device, action_id: uuid.UUID, actor: Actor, now: datetime
) -> int:
    head = custody.chain_head(device.id)
    if head.id != record.event_id or batch_codes([device.id]):
        raise Refused("return_nothing_to_undo")
    now = max(now, head.at)
    before = custody.custody_of(
        CustodyEvent.get(CustodyEvent.device == device.id, CustodyEvent.sequence == head.sequence - 1)
    )
    _check_pupil(device, before, record)
    _check_case(device, record)
    around = Circumstances(action_id=action_id, undoes=head.id, desk_school_id=record.school_id)
    undone = custody.append(
        device, Movement.RETURN_UNDONE, before, actor=actor, now=now, circumstances=around, head=head
    )
    _go_on(device, before, custody.custody_of(head))
    _reopen(record, actor, now)
    if _was_in_a_parcel(record):
        note_arrival_undone(device.id)
    return undone.id


def _check_pupil(device: Device, before: Custody, record: ReturnRecord) -> None:
    """Rule E4. Who got another device meanwhile cannot answer for this one too."""
    whose = (before.answerable, before.allocated_to)
    for table, pupil_id in zip((Loan, Allocation), whose, strict=True):
        others = (table.pupil == pupil_id) & (table.kind == device.kind) & (table.device != device.id)
        if pupil_id and table.select().where(others, table.ended_at.is_null()).exists():
            raise Refused("undo_pupil_equipped", rule="E4")


def _check_case(device: Device, record: ReturnRecord) -> None:
    """Rules R1, R2. Whose case has gone on with the device in hand does not have it back."""
    case = DeviceCase.get_or_none(DeviceCase.device == device, DeviceCase.closed_at.is_null())
    if case is None or case.state in (CaseState.OPEN, CaseState.AWAITING_DEVICE):
        return
    if case.id != record.case_id or case.state != CaseState.DIAGNOSIS:
        raise Refused("undo_has_case", rule="R1", at=case.opened_at)


def _go_on(device: Device, before: Custody, after: Custody) -> None:
    """The rows that the return ended are open again: the loan and the allocation are the same ones, not new ones."""
    for table, was, became in (
        (Loan, before.answerable, after.answerable),
        (Allocation, before.allocated_to, after.allocated_to),
    ):
        if was is None or was == became:
            continue
        last = table.select().where(table.device == device.id, table.pupil == was).order_by(table.id.desc()).get()
        ended = {"ended_at": None} | ({"end_reason": ""} if table is Loan else {})
        table.update(**ended).where(table.id == last.id).execute()


def _reopen(record: ReturnRecord, actor: Actor, now: datetime) -> None:
    """What the arrival had closed: the expectation (L7), the departure (L5), the wait of the case (R1)."""
    nobody = {"closed_at": None, "closed_by": None}
    if record.expected_id:
        ExpectedReturn.update(**nobody, came_back=False).where(ExpectedReturn.id == record.expected_id).execute()
    told_here = (Departure.pupil == record.pupil_id) & (Departure.origin == DepartureOrigin.DESK)
    Departure.delete().where(told_here, Departure.noticed_at == record.received_at).execute()
    if record.departures:
        Departure.update(**nobody).where(Departure.id.in_(record.departures)).execute()
    if record.case_id:
        _wait_again(DeviceCase.get_by_id(record.case_id), actor, now)


def _was_in_a_parcel(record: ReturnRecord) -> bool:
    here = (ParcelDevice.device == record.device_id) & (ParcelDevice.arrived_at == record.received_at)
    return ParcelDevice.select().where(here).exists()


def _wait_again(case: DeviceCase, actor: Actor, now: datetime) -> None:
    """Unless it was refused meanwhile."""
    if case.state != CaseState.DIAGNOSIS:
        return
    steps = CaseStep.select().where(CaseStep.case == case, CaseStep.state != CaseState.DIAGNOSIS)
    last = steps.order_by(CaseStep.id.desc()).first()
    case_steps.advance(case, CaseState(last.state) if last else CaseState.AWAITING_DEVICE, actor=actor, now=now)
