"""A few cases of the sample: awaited, in repair, a theft without its declaration, one that was over at once."""

from dataclasses import replace
from datetime import datetime, timedelta

from tracker.models.cases import DeviceCase
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.schools import School
from tracker.models.users import User
from tracker.operations import case_decisions, cases, custody
from tracker.operations.case_steps import advance
from tracker.operations.cases import Report
from tracker.operations.expected_returns import stop_expecting
from tracker.rules.access import Actor, Role
from tracker.rules.cases import CaseKind, CaseState
from tracker.rules.custody import DeviceState, Holder, Movement

_AWAITED = (CaseKind.BREAKDOWN, "L’ordinateur ne s’allume plus, même branché.")
_REPAIRED = (CaseKind.DAMAGE, "Écran fendu après une chute dans l’escalier.")
_STOLEN = (CaseKind.THEFT, "Sac volé dans le bus jeudi soir.")
_WORKS = (CaseKind.BREAKDOWN, "Le clavier ne répondait plus ; il répond de nouveau après redémarrage.")
_OLD_AGE = timedelta(days=14)


def happen(schools: list[School], now: datetime) -> int:
    """At each of the first schools one case of each kind, about the newest loans; how many in all."""
    made = 0
    for school in schools[:3]:
        loans = Loan.select().where(Loan.school == school, Loan.ended_at.is_null(), Loan.kind == "laptop")
        listed = list(loans.order_by(Loan.id.desc()).limit(4))
        for loan, story in zip(listed, (_await, _repair, _steal, _withdraw), strict=False):
            story(loan.device_id, now)
            made += 1
    return made + _forget_one(now)


def _logistics() -> Actor:
    return Actor(User.get(User.role == Role.LOGISTICS).id, Role.LOGISTICS)


def _open(device_id: int, what: tuple[CaseKind, str], at: datetime) -> DeviceCase:
    kind, description = what
    return cases.open_case(Report(device_id, kind, description), actor=_logistics(), now=at)


def _await(device_id: int, now: datetime) -> None:
    _open(device_id, _AWAITED, now)


def _steal(device_id: int, now: datetime) -> None:
    _open(device_id, _STOLEN, now)


def _withdraw(device_id: int, now: datetime) -> None:
    cases.withdraw(_open(device_id, _WORKS, now).id, "Il fonctionne.", actor=_logistics(), now=now)


def _repair(device_id: int, now: datetime) -> None:
    """It came back, was looked at, and is being repaired."""
    case = _open(device_id, _REPAIRED, now)
    device, head = custody.lock(device_id), custody.chain_head(device_id)
    here = replace(
        custody.custody_of(head), state=DeviceState.IN_REPAIR, holder=Holder.WAREHOUSE, school_id=None, pupil_id=None,
        answerable=None,
    )  # fmt: skip
    custody.append(device, Movement.RETURNED, here, actor=_logistics(), now=now, head=head)
    Loan.update(ended_at=now, end_reason="repair").where(Loan.device == device, Loan.ended_at.is_null()).execute()
    stop_expecting(device_id, came_back=True, actor=_logistics(), now=now)
    advance(case, CaseState.DIAGNOSIS, actor=_logistics(), now=now)
    case_decisions.repair(case.id, actor=_logistics(), now=now)


def _forget_one(now: datetime) -> int:
    """A device of the warehouse that has been looked at for too long."""
    known = DeviceCase.select(DeviceCase.device).where(DeviceCase.closed_at.is_null())
    forgotten = (Device.state == DeviceState.IN_REPAIR) & Device.school.is_null() & Device.id.not_in(known)
    device = Device.select().where(forgotten).order_by(Device.id).first()
    if device:
        _open(device.id, (CaseKind.BREAKDOWN, "Batterie gonflée, signalée au déballage."), now - _OLD_AGE)
    return 1 if device else 0
