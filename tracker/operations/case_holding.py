"""A case with its device, held by the transaction that does something with it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.models.cases import DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.database import locked
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.pupils import Pupil
from tracker.operations import custody
from tracker.rules.access import Actor, Permission
from tracker.rules.cases import BY_ANYBODY, CaseKind, CaseState, Step, steps
from tracker.rules.refusals import Refused


@dataclass(frozen=True)
class Held:
    """One case, its device and the head of the device's chain."""

    case: DeviceCase
    device: Device
    head: CustodyEvent

    @property
    def kind(self) -> CaseKind:
        """What happened."""
        return CaseKind(self.case.kind)


def hold(case_id: int, step: Step, actor: Actor, *, also: Iterable[int] = ()) -> Held:
    """The devices first, then the pupil, then the case, for one step that is possible now and that the actor may take.

    As a hand-over does; so two cases of one pupil are decided one after the other. `also`: another device of this step.

    Raises Refused: not_found, not_allowed, case_state.
    """
    found = DeviceCase.get_or_none(DeviceCase.id == case_id)
    if found is None or not actor.scope.covers(found.school_id):
        raise Refused("not_found")
    if not actor.may(Permission.OPEN_CASES if step in BY_ANYBODY else Permission.DECIDE_CASES):
        raise Refused("not_allowed")
    wanted = {found.device_id, found.replacement_id, *also} - {None}
    device = {each: custody.lock(each) for each in sorted(wanted)}[found.device_id]
    locked(Pupil.select(Pupil.id).where(Pupil.id == found.pupil_id)).first()
    case = locked(DeviceCase.select().where(DeviceCase.id == case_id)).get()
    if step not in possible_steps(case):
        raise Refused("case_state", state=case.state)
    return Held(case, device, custody.chain_head(device.id))


def possible_steps(case: DeviceCase) -> tuple[Step, ...]:
    """What may be done with the case now, the next step first."""
    assigned = case.outcome == "repaired" or case.replacement_id is not None
    return steps(CaseKind(case.kind), CaseState(case.state), assigned=assigned)


def open_loan(device_id: int) -> Loan | None:
    """The loan that somebody answers for, or None."""
    return Loan.get_or_none(Loan.device == device_id, Loan.ended_at.is_null())
