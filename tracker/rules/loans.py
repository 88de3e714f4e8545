"""Whether a device may go into a pupil's hands: rules E1 to E4, A4, C3, R4."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tracker.rules.access import Role
from tracker.rules.agreements import AgreementState, lets_hand_over
from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder
from tracker.rules.eligibility import Eligibility, Eligible
from tracker.rules.refusals import Refused


@dataclass(frozen=True)
class HandOver:
    """Everything that the verdict rests on; `school_id` is the school at whose desk it happens."""

    pupil_id: int
    school_id: int
    pupil_school_id: int
    pupil_left_on: date | None
    eligibility: Eligibility
    agreement_state: AgreementState | None
    pupil_laptop_serial: str | None
    kind: DeviceKind
    custody: Custody
    pupil_hotspot_serial: str | None = None


def already_done(request: HandOver) -> bool:
    """Whether this very device is already in this very pupil's hands: an answer, not a refusal."""
    return request.custody.answerable == request.pupil_id and request.custody.holder is Holder.PUPIL


def refusals(request: HandOver) -> list[Refused]:
    """Every reason against this hand-over, hardest first: what an override has to answer for, all at once.

    What no one may override comes before what an administrator may, so that an override never hides it.
    """
    return [found for guard in _GUARDS if (found := guard(request))]


def device_refusal(custody: Custody) -> Refused | None:
    """Rules E4, R4: why a device may go to nobody at all, whoever is in front of the desk."""
    return _device_is_free(custody)


def _device_is_free(custody: Custody) -> Refused | None:
    """A lost or stolen device raises an alarm; one that is lent or away is not to be had."""
    state = custody.state
    if state in (DeviceState.LOST, DeviceState.STOLEN):
        return Refused(f"device_{state}", rule="R4")
    if state is DeviceState.LENT:
        return Refused("device_lent", rule="E4", holder_id=custody.answerable)
    if state is not DeviceState.IN_STOCK or custody.holder not in (Holder.WAREHOUSE, Holder.SCHOOL):
        return Refused("device_not_in_stock", rule="E4", state=state, holder=custody.holder)
    return None


def _pupil_has_none(request: HandOver) -> Refused | None:
    """Rule E4: one laptop per pupil at a time; one hotspot too, as a line is paid for each (C4)."""
    if request.kind is DeviceKind.LAPTOP and request.pupil_laptop_serial:
        return Refused("pupil_has_laptop", rule="E4", serial=request.pupil_laptop_serial)
    if request.kind is DeviceKind.HOTSPOT and request.pupil_hotspot_serial:
        return Refused("pupil_has_hotspot", rule="C4", serial=request.pupil_hotspot_serial)
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
    return Refused(answer.reason, rule=answer.rule, overridable_by=Role.ADMIN, left_on=request.pupil_left_on)


def _agreement_is_validated(request: HandOver) -> Refused | None:
    """Rule A4."""
    if lets_hand_over(request.agreement_state):
        return None
    return Refused("agreement_missing", rule="A4", overridable_by=Role.ADMIN, state=request.agreement_state or "none")


def _coverage_is_checked(request: HandOver) -> Refused | None:
    """Rule C3: no 4G check on file, no hotspot. No check can be on file before the connection desk exists."""
    if request.kind is DeviceKind.HOTSPOT:
        return Refused("coverage_unchecked", rule="C3", overridable_by=Role.ADMIN)
    return None


def _device_is_not_promised(request: HandOver) -> Refused | None:
    """Rule D4: a device allocated to another pupil; the desk offers to swap the two allocations."""
    allocated_to = request.custody.allocated_to
    if allocated_to is not None and allocated_to != request.pupil_id:
        return Refused("device_allocated", rule="D4", allocated_to=allocated_to)
    return None


_GUARDS: tuple[Callable[[HandOver], Refused | None], ...] = (
    lambda request: _device_is_free(request.custody),
    _pupil_has_none,
    _device_is_here,
    _pupil_is_here,
    _pupil_is_eligible,
    _agreement_is_validated,
    _coverage_is_checked,
    _device_is_not_promised,
)
