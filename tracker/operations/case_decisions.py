"""What is decided for a case: repair, another device, which one, and its way to the pupil (R1 to R3, D8)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

import peewee

from tracker.models.attachments import Attachment
from tracker.models.cases import DeviceCase
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.models.pupils import Enrolment
from tracker.models.reuse import Batch, BatchDevice
from tracker.models.rosters import Departure
from tracker.operations import allocations, custody, parcels
from tracker.operations.case_holding import Held, hold, open_loan
from tracker.operations.case_steps import advance
from tracker.operations.cases import await_loaner, end
from tracker.operations.custody import Circumstances
from tracker.operations.departures import close_when_nothing_is_left
from tracker.operations.expected_returns import stop_expecting
from tracker.queries.campaigns import settings_in_force
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.cases import MISSING, CaseKind, CaseOutcome, CaseState, DocumentKind, Step
from tracker.rules.custody import DeviceState, Holder, Movement
from tracker.rules.departures import GONE_FOR_GOOD
from tracker.rules.parcels import ParcelKind
from tracker.rules.quotas import Earlier, declaration_refusal, quota_refusal
from tracker.rules.refusals import Refused
from tracker.rules.reuse import BatchOutcome, BatchState


def repair(case_id: int, *, actor: Actor, now: datetime, override_reason: str = "") -> DeviceCase:
    """Rule R1. The device is repaired; that uses the pupil's quota. Raises Refused: quota_used among them."""
    with database.atomic():
        held = hold(case_id, Step.REPAIR, actor)
        _grant(held.case, CaseOutcome.REPAIRED, override_reason, actor, now)
        advance(held.case, CaseState.IN_REPAIR, actor=actor, now=now, note=override_reason)
    return held.case


def grant_replacement(case_id: int, *, actor: Actor, now: datetime, override_reason: str = "") -> DeviceCase:
    """Rule R1. An identical device instead: the broken one is the pupil's no more. Raises Refused."""
    with database.atomic():
        held = hold(case_id, Step.REPLACE, actor)
        _grant(held.case, CaseOutcome.REPLACED, override_reason, actor, now)
        allocations.free(held.device, Circumstances(rule="R1"), actor, now)
        _owe(held.case, override_reason, actor, now)
    return held.case


def accept(case_id: int, *, actor: Actor, now: datetime, override_reason: str = "") -> DeviceCase:
    """Rule R2. The theft or loss is accepted on its declaration: the loan ends, another device is owed.

    Raises Refused: declaration_missing, quota_used among them.
    """
    with database.atomic():
        held = hold(case_id, Step.ACCEPT, actor)
        against = declaration_refusal(held.kind, on_file=has_declaration(held.case.id))
        if against:
            raise against
        _grant(held.case, CaseOutcome.REPLACED, override_reason, actor, now)
        _end_loan(held, actor, now)
        allocations.free(held.device, Circumstances(rule="R2"), actor, now)
        _owe(held.case, override_reason, actor, now)
    return held.case


def has_declaration(case_id: int) -> bool:
    """Rule R2. Whether the declaration to police or gendarmerie is on file."""
    theirs = (Attachment.case == case_id) & (Attachment.kind == DocumentKind.DECLARATION)
    return Attachment.select().where(theirs).exists()


def _grant(case: DeviceCase, outcome: CaseOutcome, override_reason: str, actor: Actor, now: datetime) -> None:
    """Rule R3. The quota is asked once for each case: a repair that fails may become a replacement."""
    granted_before = case.outcome in (CaseOutcome.REPAIRED, CaseOutcome.REPLACED)
    shared = bool(settings_in_force(local_date(now))["shared_quota"])
    against = None if granted_before else quota_refusal(CaseKind(case.kind), earlier_cases(case), shared=shared)
    if against and not (actor.may(Permission.OVERRIDE) and override_reason.strip()):
        raise against
    if against:
        case.quota_case = against.facts["case_id"]
    case.outcome, case.decided_by, case.decided_at = outcome, actor.user_id, now
    case.save()


def earlier_cases(case: DeviceCase) -> Iterable[Earlier]:
    """The other cases of the same pupil about the same kind of device. One query."""
    if case.pupil_id is None:
        return []
    rows = DeviceCase.select().join(Device, on=(Device.id == DeviceCase.device)).where(
        DeviceCase.pupil == case.pupil_id, DeviceCase.id != case.id, Device.kind == case.device.kind
    )  # fmt: skip
    return [
        Earlier(
            row.id, CaseKind(row.kind), CaseOutcome(row.outcome) if row.outcome else None, local_date(row.opened_at)
        )
        for row in rows
    ]


def _end_loan(held: Held, actor: Actor, now: datetime) -> None:
    """Rule R2. Nobody answers for the missing device any more: the declaration does; and nobody waits for it."""
    if open_loan(held.device.id) is None:
        return
    after = replace(custody.custody_of(held.head), answerable=None)
    around = Circumstances(rule="R2")
    custody.append(held.device, Movement.LOAN_ENDED, after, actor=actor, now=now, circumstances=around, head=held.head)
    ended = {"ended_at": now, "end_reason": held.case.kind}
    Loan.update(ended).where(Loan.device == held.device.id, Loan.ended_at.is_null()).execute()
    stop_expecting(held.device.id, came_back=False, actor=actor, now=now)
    close_when_nothing_is_left(held.head.answerable, actor=actor, now=now)


def _owe(case: DeviceCase, note: str, actor: Actor, now: datetime) -> None:
    """A device is owed from now on, or nothing; the loaner that bridged the time is to come back."""
    if _is_owed(case, local_date(now)):
        advance(case, CaseState.OWED, actor=actor, now=now, note=note)
    else:
        end(case, CaseOutcome(case.outcome), note, actor=actor, now=now)
    await_loaner(case, actor=actor, now=now)


def _is_owed(case: DeviceCase, today: date) -> bool:
    """Not for a device that was with nobody, not to a pupil who died, is gone (L2, L4, L5) or has another one (E4).

    Nor for a loaner: the case that it was lent for owes one.
    """
    if case.pupil_id is None or case.pupil.deceased or _is_gone_for_good(case.pupil_id, today):
        return False
    bridged = (DeviceCase.pupil == case.pupil_id) & (DeviceCase.loaner == case.device_id)
    another = (Loan.pupil == case.pupil_id) & (Loan.kind == case.device.kind) & Loan.ended_at.is_null()
    has_one = Loan.select().where(another, Loan.device != (case.loaner_id or 0)).exists()
    return not (has_one or DeviceCase.select().where(bridged).exists())


def _is_gone_for_good(pupil_id: int, today: date) -> bool:
    """Rules L2, L4. Whether the pupil has left for where no device goes along."""
    gone = (Departure.left_on <= today) & Departure.destination.in_(sorted(GONE_FOR_GOOD))
    return Departure.select().where(Departure.enrolment == _newest_enrolment(pupil_id, Enrolment.id), gone).exists()


def repaired(case_id: int, *, actor: Actor, now: datetime) -> DeviceCase:
    """Rule R1. The device works again and goes back to its pupil. Raises Refused."""
    with database.atomic():
        held = hold(case_id, Step.REPAIRED, actor)
        _back_in_order(held, actor, now)
        _owe(held.case, "", actor, now)
    return held.case


def note_repaired(device_id: int, *, actor: Actor, now: datetime) -> DeviceCase | None:
    """Rule R1. A repairer brought the device back in order: its case goes on, if it has one in repair.

    Within the caller's transaction, after the device's own event.
    """
    waiting = (DeviceCase.device == device_id) & (DeviceCase.state == CaseState.IN_REPAIR)
    case = DeviceCase.get_or_none(waiting)
    if case:
        _owe(case, "", actor, now)
    return case


def _back_in_order(held: Held, actor: Actor, now: datetime) -> None:
    before = custody.custody_of(held.head)
    _leave_batch(held.device.id, now)
    if before.state is DeviceState.IN_STOCK:
        return
    if before.holder not in (Holder.REPAIRER, Holder.WAREHOUSE, Holder.SCHOOL):
        raise Refused("case_device_away", rule="R1", state=before.state, holder=before.holder)
    away = before.holder is Holder.REPAIRER
    movement = Movement.CAME_FROM_PARTNER if away else Movement.TRIAGED
    place = {"holder": Holder.WAREHOUSE, "school_id": None} if away else {}
    after = replace(before, state=DeviceState.IN_STOCK, **place)  # type: ignore[arg-type]
    around = Circumstances(rule="R1")
    custody.append(held.device, movement, after, actor=actor, now=now, circumstances=around, head=held.head)


def _leave_batch(device_id: int, now: datetime) -> None:
    """Rule U1. Its batch knows what became of it; one that has not left goes without it."""
    inside = (BatchDevice.device == device_id) & BatchDevice.outcome.is_null()
    waiting = Batch.select(Batch.id).where(Batch.state == BatchState.OPEN)
    BatchDevice.delete().where(inside, BatchDevice.batch.in_(waiting)).execute()
    BatchDevice.update(outcome=BatchOutcome.REPAIRED, outcome_at=now).where(inside).execute()


def assign(case_id: int, device_id: int, *, actor: Actor, now: datetime) -> DeviceCase:
    """Rules R1, R2. This device is the owed one: it is set aside for the pupil.

    Raises Refused: replacement_other_kind, device_not_in_stock, device_allocated, pupil_has_allocation.
    """
    with database.atomic():
        held = hold(case_id, Step.ASSIGN, actor, also=(device_id,))
        device = custody.lock(device_id)
        if device.kind != held.device.kind or device.id == held.device.id:
            raise Refused("replacement_other_kind", rule="R1")
        head = custody.chain_head(device.id)
        if head.state != DeviceState.IN_STOCK or head.holder not in (Holder.WAREHOUSE, Holder.SCHOOL):
            raise Refused("device_not_in_stock", rule="E4", state=head.state, holder=head.holder)
        if head.allocated_to not in (None, held.case.pupil_id):
            raise Refused("device_allocated", rule="D4", allocated_to=head.allocated_to)
        if head.allocated_to is None:
            _make_room(held.case, device, actor, now)
            around = Circumstances(rule="R2" if held.kind in MISSING else "R1")
            allocations.set_aside(device, held.case.pupil_id, head, around, actor, now)
        held.case.replacement = device
        held.case.save(only=(DeviceCase.replacement,))
        advance(held.case, CaseState.OWED, actor=actor, now=now, note=device.serial)
    return held.case


def _make_room(case: DeviceCase, device: Device, actor: Actor, now: datetime) -> None:
    """Rule E4. What else of this kind is set aside for the pupil is so no more."""
    others = allocations.open_devices(case.pupil_id, device.kind)
    for other in others:
        allocations.free(custody.lock(other), Circumstances(rule="E4"), actor, now)


def send(case_id: int, *, actor: Actor, now: datetime) -> Parcel:
    """Rules R1, D8. The owed device goes to the pupil's school in a parcel that bears their name.

    Raises Refused; case_device_there: it is at that school already.
    """
    with database.atomic():
        case = hold(case_id, Step.SEND, actor).case
        device_id, school_id = case.replacement_id or case.device_id, _school_of(case)
        head = custody.chain_head(device_id)
        if head.holder == Holder.SCHOOL and head.school_id == school_id:
            raise Refused("case_device_there", rule="D8")
        return parcels.prepare(
            ParcelKind.NAMED, [device_id], school_id=school_id, pupil_id=case.pupil_id, actor=actor, now=now
        )


def give_up(case_id: int, note: str, *, actor: Actor, now: datetime) -> DeviceCase:
    """Rules R1, R2, L5. Nobody is owed a device any more: the pupil left, or died. Their quota is as before.

    The device that was set aside is free again. Raises Refused; device_in_parcel: that parcel is cancelled first.
    """
    with database.atomic():
        case = hold(case_id, Step.GIVE_UP, actor).case
        owed = case.replacement_id or (case.device_id if case.outcome == CaseOutcome.REPAIRED else None)
        if owed:
            device, head = custody.lock(owed), custody.chain_head(owed)
            if head.holder == Holder.PARCEL:
                raise Refused("device_in_parcel", rule="D8", reference=_parcel_with(owed).reference)
            if head.allocated_to == case.pupil_id:
                allocations.free(device, Circumstances(rule="R1"), actor, now)
        case.replacement = None
        case.save(only=(DeviceCase.replacement,))
        end(case, CaseOutcome.WITHDRAWN, note, actor=actor, now=now)
    return case


def _parcel_with(device_id: int) -> Parcel:
    holding = Parcel.select().join(ParcelDevice).where(ParcelDevice.device == device_id)
    return holding.order_by(Parcel.id.desc()).first()


def _school_of(case: DeviceCase) -> int:
    """Where the pupil is now (L1), else where the case began."""
    return _newest_enrolment(case.pupil_id, Enrolment.school).scalar() or case.school_id


def _newest_enrolment(pupil_id: int | None, column: peewee.Field) -> peewee.ModelSelect:
    newest = (Enrolment.school_year.desc(), Enrolment.left_on.is_null().desc(), Enrolment.id.desc())
    return Enrolment.select(column).where(Enrolment.pupil == pupil_id).order_by(*newest).limit(1)
