"""Whether a device may go into a pupil's hands (rules E1 to E4, A4, C3, D4, R4), and how long it can be undone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.rules.access import Role
from tracker.rules.agreements import AgreementState, lets_hand_over
from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder
from tracker.rules.eligibility import Eligibility, Eligible, Level
from tracker.rules.refusals import Refused

UNDO_WITHIN = timedelta(days=1)


def may_still_undo(handed_over_at: datetime, now: datetime) -> bool:
    """Whether a hand-over is young enough to be taken back as a mistake."""
    return now - handed_over_at <= UNDO_WITHIN


@dataclass(frozen=True)
class HandOver:
    """Everything that the verdict rests on; `school_id` is the school at whose desk it happens.

    `eligibility`: the answer for this kind of device. `swap_possible`: another device of this kind is set aside for
    the pupil and in stock. `unavailable_since`: since when the device is in its state, where that is not in stock.
    `case_id`: the open case that gives this device to this pupil, `loaner`: only to bridge the time (R1, R2);
    `loaner_serial`: the loaner that the pupil still has. `device_case_at`, `pupil_case_at`: since when another case is
    open about this device, or one of the pupil's that gives another device; `refused_at`: when the pupil's case about
    a broken one was refused, and none was theirs since. `agreement_on`: when the agreement came into its state.
    `pupil_left_on`: by the roster or by people's word, whichever is earlier. `member_from`, `member_until`: of the
    pupil's school.
    """

    pupil_id: int
    school_id: int
    pupil_school_id: int
    pupil_left_on: date | None
    eligibility: Eligibility
    agreement_state: AgreementState | None
    pupil_laptop_serial: str | None
    kind: DeviceKind
    custody: Custody
    deceased: bool = False
    pupil_hotspot_serial: str | None = None
    swap_possible: bool = False
    unavailable_since: datetime | None = None
    level: Level | None = None
    member_from: date | None = None
    member_until: date | None = None
    agreement_on: datetime | None = None
    case_id: int | None = None
    loaner: bool = False
    loaner_serial: str | None = None
    device_case_at: datetime | None = None
    pupil_case_at: datetime | None = None
    refused_at: datetime | None = None


def already_done(request: HandOver) -> bool:
    """Whether this very device is already in this very pupil's hands: an answer, not a refusal."""
    return request.custody.answerable == request.pupil_id and request.custody.holder is Holder.PUPIL


def refusals(request: HandOver) -> list[Refused]:
    """Every reason against this hand-over, hardest first: what an override has to answer for, all at once.

    What no one may override comes before what an administrator may, so that an override never hides it.
    """
    return [found for guard in _GUARDS if (found := guard(request))]


def raises_alarm(state: DeviceState) -> bool:
    """Rule R4. Whether a device in this state raises an alarm wherever it is scanned."""
    return state in (DeviceState.LOST, DeviceState.STOLEN)


def device_refusal(custody: Custody, since: datetime | None = None) -> Refused | None:
    """Rules E4, R4: why a device may go to nobody at all, whoever is in front of the desk.

    A lost or stolen device raises an alarm; one that is lent or away is not to be had. `since`: when that began.
    """
    state = custody.state
    if raises_alarm(state):
        return Refused(f"device_{state}", rule="R4", since=since)
    if state is DeviceState.LENT:
        return Refused("device_lent", rule="E4", holder_id=custody.answerable, since=since)
    if state is DeviceState.IN_STOCK and custody.holder is Holder.PARCEL:
        return Refused("device_in_transit", rule="D8", since=since)
    if state is not DeviceState.IN_STOCK or custody.holder not in (Holder.WAREHOUSE, Holder.SCHOOL):
        return Refused("device_not_in_stock", rule="E4", state=state, holder=custody.holder, since=since)
    return None


def _pupil_lives(request: HandOver) -> Refused | None:
    """Rule L5."""
    return Refused("pupil_deceased", rule="L5") if request.deceased else None


def _pupil_has_none(request: HandOver) -> Refused | None:
    """Rule E4: one laptop per pupil at a time; one hotspot too, as a line is paid for each (C4).

    Rule R1. A loaner comes back before the repaired or replaced device goes out.
    """
    if request.loaner_serial and not request.loaner:
        return Refused("loaner_first", rule="R1", serial=request.loaner_serial)
    if request.kind is DeviceKind.LAPTOP and request.pupil_laptop_serial:
        return Refused("pupil_has_laptop", rule="E4", serial=request.pupil_laptop_serial)
    if request.kind is DeviceKind.HOTSPOT and request.pupil_hotspot_serial:
        return Refused("pupil_has_hotspot", rule="C4", serial=request.pupil_hotspot_serial)
    return None


def _device_has_no_case(request: HandOver) -> Refused | None:
    """Rules R1, R4: what a case is open about is lent to nobody but whom that case gives it to."""
    if request.device_case_at:
        return Refused("device_has_case", rule="R1", at=request.device_case_at)
    return None


def _case_gives_this(request: HandOver) -> Refused | None:
    """Rules R1 to R3: once only. Whose case gives another device, or was refused, gets none besides."""
    if request.pupil_case_at:
        return Refused("case_gives_another", rule="R1", overridable_by=Role.ADMIN, at=request.pupil_case_at)
    if request.refused_at:
        return Refused("case_was_refused", rule="R1", overridable_by=Role.ADMIN, at=request.refused_at)
    return None


def _pupil_is_here(request: HandOver) -> Refused | None:
    if request.pupil_school_id != request.school_id:
        facts = {"pupil_school_id": request.pupil_school_id}
        return Refused("pupil_other_school", rule="E3", overridable_by=Role.ADMIN, **facts)
    return None


def _device_is_here(request: HandOver) -> Refused | None:
    custody = request.custody
    if custody.holder is Holder.SCHOOL and custody.school_id != request.school_id:
        return Refused("device_other_school", rule="D8", overridable_by=Role.ADMIN, school_id=custody.school_id)
    return None


def _pupil_is_eligible(request: HandOver) -> Refused | None:
    """Rules E1, E2, E3."""
    answer = request.eligibility
    if answer.verdict is Eligible.YES:
        return None
    return Refused(
        answer.reason, rule=answer.rule, overridable_by=Role.ADMIN, left_on=request.pupil_left_on, level=request.level,
        member_from=request.member_from, member_until=request.member_until,
    )  # fmt: skip


def _agreement_is_validated(request: HandOver) -> Refused | None:
    """Rule A4."""
    if lets_hand_over(request.agreement_state):
        return None
    facts = {"state": request.agreement_state or "none", "agreement_on": request.agreement_on}
    return Refused("agreement_missing", rule="A4", overridable_by=Role.ADMIN, **facts)


def _coverage_is_checked(request: HandOver) -> Refused | None:
    """Rule C3: no 4G check on file, no hotspot. No check can be on file before the connection desk exists."""
    if request.kind is DeviceKind.HOTSPOT:
        return Refused("coverage_unchecked", rule="C3", overridable_by=Role.ADMIN)
    return None


def _device_is_not_promised(request: HandOver) -> Refused | None:
    """Rule D4: a device allocated to another pupil.

    Where the two pupils' devices can be swapped nobody needs to override; else an administrator may take this one.
    """
    allocated_to = request.custody.allocated_to
    if allocated_to in (None, request.pupil_id):
        return None
    facts = {"allocated_to": allocated_to, "swap_possible": request.swap_possible}
    overridable_by = None if request.swap_possible else Role.ADMIN
    return Refused("device_allocated", rule="D4", overridable_by=overridable_by, **facts)


_GUARDS: tuple[Callable[[HandOver], Refused | None], ...] = (
    lambda request: device_refusal(request.custody, request.unavailable_since),
    _pupil_lives,
    _pupil_has_none,
    _device_has_no_case,
    _device_is_here,
    _pupil_is_here,
    _pupil_is_eligible,
    _case_gives_this,
    _agreement_is_validated,
    _coverage_is_checked,
    _device_is_not_promised,
)
