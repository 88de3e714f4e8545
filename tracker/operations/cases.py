"""Cases of breakdown, damage, theft and loss: opened, sent back for, taken back, refused (R1, R2)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from tracker.models.cases import DeviceCase
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.operations import allocations, custody
from tracker.operations.case_holding import Held, hold, open_loan
from tracker.operations.case_steps import advance
from tracker.operations.custody import Circumstances
from tracker.operations.expected_returns import expect_return, stop_waiting_for_case
from tracker.queries.campaigns import settings_in_force
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.cases import BROKEN, MISSING, REPORTED, CaseKind, CaseOutcome, CaseState, Step, missing_state
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.loans import raises_alarm
from tracker.rules.refusals import Refused
from tracker.rules.returns import ReturnReason
from tracker.rules.rosters import school_year_of

log = structlog.get_logger()
LONGEST_TEXT = 2000
LONGEST_REASON = 300


@dataclass(frozen=True)
class Report:
    """What is said of a device. `confirmed`: by the school or logistics; a family's own word is looked at first."""

    device_id: int
    kind: CaseKind
    description: str
    confirmed: bool = True


def open_case(report: Report, *, actor: Actor, now: datetime) -> DeviceCase:
    """Rules R1, R2, R4. A case opens; a missing device raises its alarm from now on, a broken one is to come back.

    The loan goes on: of a broken device until it arrives, of a missing one until the case is accepted. Raises
    Refused: not_found, not_allowed, case_kind, case_without_words, case_open, case_device_gone.
    """
    _check_report(report, actor)
    with database.atomic():
        device = custody.lock(report.device_id)
        head = custody.chain_head(device.id)
        loan = open_loan(device.id)
        school_id = loan.school_id if loan else head.school_id
        if not actor.scope.covers(school_id):
            raise Refused("not_found")
        _check_device(report, device)
        case = DeviceCase.create(
            kind=report.kind, state=CaseState.OPEN, device=device, pupil=head.answerable, school=school_id,
            school_year=school_year_of(local_date(now)), description=report.description.strip(),
            opened_by=actor.user_id, opened_at=now, state_since=now,
        )  # fmt: skip
        advance(case, CaseState.OPEN, actor=actor, now=now)
        if report.kind in MISSING:
            _declare_missing(Held(case, device, head), actor, now)
        elif report.confirmed:
            _await(case, loan, actor, now)
    log.info("case opened", case=case.id, kind=case.kind, by=actor.user_id)
    return case


def _check_report(report: Report, actor: Actor) -> None:
    if not actor.may(Permission.OPEN_CASES):
        raise Refused("not_allowed")
    if report.kind not in REPORTED:
        raise Refused("case_kind")
    if not 0 < len(report.description.strip()) <= LONGEST_TEXT:
        raise Refused("case_without_words", most=LONGEST_TEXT)


def _check_device(report: Report, device: Device) -> None:
    already = DeviceCase.get_or_none(DeviceCase.device == device, DeviceCase.closed_at.is_null())
    if already:
        raise Refused("case_open", case_id=already.id, at=already.opened_at)
    if device.state in (DeviceState.LOST, DeviceState.STOLEN, DeviceState.RETIRED):
        raise Refused("case_device_gone", state=device.state)


def _declare_missing(held: Held, actor: Actor, now: datetime) -> None:
    state = missing_state(held.kind)
    movement = Movement.DECLARED_STOLEN if state is DeviceState.STOLEN else Movement.DECLARED_LOST
    before = custody.custody_of(held.head)
    gone = replace(before, state=state, holder=Holder.UNKNOWN, pupil_id=None)
    around = Circumstances(rule="R2")
    custody.append(held.device, movement, gone, actor=actor, now=now, circumstances=around, head=held.head)


def _await(case: DeviceCase, loan: Loan | None, actor: Actor, now: datetime) -> None:
    """Rule R1. The device travels back; one that is with nobody can be looked at where it is."""
    if loan is None:
        advance(case, CaseState.DIAGNOSIS, actor=actor, now=now)
        return
    due_on = local_date(now) + timedelta(days=settings_in_force(local_date(now))["return_days"])
    expect_return(loan, ReturnReason.BREAKDOWN, due_on=due_on, case_id=case.id, actor=actor, now=now)
    advance(case, CaseState.AWAITING_DEVICE, actor=actor, now=now)


def send_back(case_id: int, *, actor: Actor, now: datetime) -> DeviceCase:
    """Rule R1. What the family reported needs a look: the device is to come back. Raises Refused."""
    with database.atomic():
        held = hold(case_id, Step.SEND_BACK, actor)
        _await(held.case, open_loan(held.device.id), actor, now)
    return held.case


def withdraw(case_id: int, note: str, *, actor: Actor, now: datetime) -> DeviceCase:
    """The device works, or was reported by mistake: nobody waits for it any more. Raises Refused."""
    with database.atomic():
        held = hold(case_id, Step.WITHDRAW, actor)
        stop_waiting_for_case(case_id, actor=actor, now=now)
        end(held.case, CaseOutcome.WITHDRAWN, note, actor=actor, now=now)
    return held.case


def found(case_id: int, note: str, *, actor: Actor, now: datetime) -> DeviceCase:
    """Rules R2, R4. The pupil has the missing device again: it is in their hands as before. Raises Refused.

    One that came back over a returns desk stays where it is; one that nobody answers for comes back there first.
    """
    with database.atomic():
        held = hold(case_id, Step.FOUND, actor)
        if raises_alarm(DeviceState(held.device.state)):
            _in_hand_again(held, actor, now)
        end(held.case, CaseOutcome.FOUND, note, actor=actor, now=now)
    return held.case


def _in_hand_again(held: Held, actor: Actor, now: datetime) -> None:
    pupil_id = held.head.answerable
    if pupil_id is None:
        raise Refused("case_found_elsewhere", rule="R4")
    before, loan = custody.custody_of(held.head), open_loan(held.device.id)
    school_id = loan.school_id if loan else before.school_id  # where the loan is by now (L1)
    again = Custody(DeviceState.LENT, Holder.PUPIL, school_id, pupil_id, before.allocated_to, pupil_id)
    custody.append(held.device, Movement.FOUND, again, actor=actor, now=now, head=held.head)


def refuse(case_id: int, reason: str, *, actor: Actor, now: datetime) -> DeviceCase:
    """Rules R1, R2. No repair and no other device, for a reason that the school reads. Raises Refused.

    A broken device that is here is the pupil's no more; a missing one stays missing, and the pupil answerable.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Refused("case_reason", most=LONGEST_REASON)
    with database.atomic():
        held = hold(case_id, Step.REFUSE, actor)
        if held.kind in BROKEN:
            _give_nothing(held, actor, now)
        held.case.refusal, held.case.outcome = reason, CaseOutcome.REFUSED
        held.case.decided_by, held.case.decided_at = actor.user_id, now
        held.case.save()
        advance(held.case, CaseState.REFUSED, actor=actor, now=now, note=reason)
    return held.case


def _give_nothing(held: Held, actor: Actor, now: datetime) -> None:
    """Rule R1. The device is asked for no more; one that is back is nobody's, and so is its loaner."""
    stop_waiting_for_case(held.case.id, actor=actor, now=now)
    await_loaner(held.case, actor=actor, now=now)
    if open_loan(held.device.id) is None:
        allocations.free(held.device, Circumstances(rule="R1"), actor, now)


def await_loaner(case: DeviceCase, *, actor: Actor, now: datetime) -> None:
    """Rule R1. The loaner that bridged the time is to come back, if there is one. Within the caller's transaction."""
    loan = open_loan(case.loaner_id) if case.loaner_id else None
    if loan and loan.pupil_id == case.pupil_id:
        due_on = local_date(now) + timedelta(days=settings_in_force(local_date(now))["return_days"])
        expect_return(loan, ReturnReason.LOANER, due_on=due_on, case_id=case.id, actor=actor, now=now)


def close(case_id: int, note: str, *, actor: Actor, now: datetime) -> DeviceCase:
    """Rule R4. The sighting was looked after. Raises Refused."""
    with database.atomic():
        held = hold(case_id, Step.CLOSE, actor)
        end(held.case, CaseOutcome.FOUND, note, actor=actor, now=now)
    return held.case


def end(case: DeviceCase, outcome: CaseOutcome, note: str, *, actor: Actor, now: datetime) -> None:
    """The case is closed with this outcome, within the caller's transaction."""
    case.outcome = outcome
    case.save(only=(DeviceCase.outcome,))
    advance(case, CaseState.CLOSED, actor=actor, now=now, note=note.strip()[:LONGEST_REASON])
