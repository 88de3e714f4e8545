"""Cases as their list, their page and a device's or pupil's page show them, within the schools of the asker."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee
from peewee import JOIN, Case, fn

from tracker.models.attachments import Attachment
from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Allocation, Loan
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.models.pupils import Pupil
from tracker.models.schools import School
from tracker.models.users import User
from tracker.queries.pages import Order
from tracker.queries.pupils import visible
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.cases import BROKEN, MISSING
from tracker.rules.custody import DeviceKind, DeviceState, Holder
from tracker.rules.parcels import ParcelKind, ParcelState

OVERDUE, OVER = "overdue", "over"
"""Values of the state filter beside the states themselves: too long in one state; closed or refused."""

MOST_SUGGESTED = 5


@dataclass(frozen=True)
class CaseFilter:
    """What the list is narrowed to; empty: every open case."""

    school: int | None = None
    kind: str = ""
    state: str = ""

    @property
    def order(self) -> Order:
        """What waits for longest comes first; of what is over the newest."""
        over = self.state == OVER
        return Order(DeviceCase.state_since, DeviceCase.id, dated=True, newest_first=over)


def listing(filters: CaseFilter, scope: Scope, late_before: datetime) -> peewee.ModelSelect:
    """The cases that match, to be ordered and cut by queries.pages; overdue: in their state since before then."""
    conditions = [within(scope, DeviceCase.school), _stands(filters.state, late_before)]
    if filters.school:
        conditions.append(DeviceCase.school == filters.school)
    if filters.kind:
        conditions.append(DeviceCase.kind == filters.kind)
    return DeviceCase.select(DeviceCase.id).where(*conditions)


def open_ones(scope: Scope) -> peewee.ModelSelect:
    """The cases that are not over."""
    return DeviceCase.select(DeviceCase.id).where(within(scope, DeviceCase.school), DeviceCase.closed_at.is_null())


def _stands(state: str, late_before: datetime) -> peewee.Expression:
    is_open = DeviceCase.closed_at.is_null()
    if state == OVERDUE:
        return is_open & (DeviceCase.state_since < late_before)
    if state == OVER:
        return DeviceCase.closed_at.is_null(False)
    return DeviceCase.state == state if state else is_open


def with_columns(query: peewee.ModelSelect, scope: Scope) -> peewee.ModelSelect:
    """The same cases with what the list shows of each; a pupil's name only to those who may see that pupil."""
    return (
        query.join_from(DeviceCase, Device, on=(Device.id == DeviceCase.device))
        .join_from(Device, DeviceModel, on=(DeviceModel.id == Device.model))
        .join_from(DeviceCase, School, JOIN.LEFT_OUTER, on=(School.id == DeviceCase.school))
        .join_from(DeviceCase, Pupil, JOIN.LEFT_OUTER, on=(Pupil.id == DeviceCase.pupil) & visible(scope))
        .select(
            DeviceCase.id, DeviceCase.kind, DeviceCase.state, DeviceCase.outcome, DeviceCase.opened_at,
            DeviceCase.state_since, DeviceCase.closed_at, Device.id.alias("device_id"), Device.serial,
            Device.kind.alias("device_kind"), DeviceModel.maker, DeviceModel.name.alias("model"),
            Pupil.id.alias("pupil_id"), Pupil.last_name, Pupil.first_name, School.name.alias("school"), School.uai,
        )
    )  # fmt: skip


def figures(scope: Scope, late_before: datetime) -> dict[str, int]:
    """How many open cases stand in each state, in all ("all") and too long in theirs. One query."""
    late = fn.SUM(Case(None, [(DeviceCase.state_since < late_before, 1)], 0))
    rows = DeviceCase.select(DeviceCase.state, fn.COUNT(DeviceCase.id), late).where(
        within(scope, DeviceCase.school), DeviceCase.closed_at.is_null()
    )
    counted = list(rows.group_by(DeviceCase.state).tuples())
    found = {state: count for state, count, _late in counted}
    return found | {"all": sum(found.values()), OVERDUE: sum(int(late) for _state, _count, late in counted)}


def case_of(case_id: int, scope: Scope) -> DeviceCase | None:
    """The case, where the scope covers its school."""
    return DeviceCase.get_or_none(DeviceCase.id == case_id, within(scope, DeviceCase.school))


def around(case: DeviceCase, scope: Scope) -> dict[str, Any]:
    """The names around a case: device, pupil (for who may see that pupil), school, people, devices lent instead.

    One query.
    """
    opener, decider, instead, loaner = User.alias(), User.alias(), Device.alias(), Device.alias()
    return (
        DeviceCase.select(
            Device.serial, Device.kind.alias("device_kind"), Device.state.alias("device_state"), Device.holder,
            Device.school.alias("device_school"), Device.model, DeviceModel.maker, DeviceModel.name.alias("model_name"),
            Pupil.id.alias("pupil_id"), Pupil.last_name, Pupil.first_name, Pupil.deceased,
            School.name.alias("school_name"), opener.name.alias("opener"), decider.name.alias("decider"),
            instead.serial.alias("instead_serial"), instead.holder.alias("instead_holder"),
            instead.school.alias("instead_school"), loaner.serial.alias("loaner_serial"),
        )
        .join(Device, on=(Device.id == DeviceCase.device))
        .join(DeviceModel, on=(DeviceModel.id == Device.model))
        .join_from(DeviceCase, Pupil, JOIN.LEFT_OUTER, on=(Pupil.id == DeviceCase.pupil) & visible(scope))
        .join_from(DeviceCase, School, JOIN.LEFT_OUTER, on=(School.id == DeviceCase.school))
        .join_from(DeviceCase, opener, JOIN.LEFT_OUTER, on=(opener.id == DeviceCase.opened_by))
        .join_from(DeviceCase, decider, JOIN.LEFT_OUTER, on=(decider.id == DeviceCase.decided_by))
        .join_from(DeviceCase, instead, JOIN.LEFT_OUTER, on=(instead.id == DeviceCase.replacement))
        .join_from(DeviceCase, loaner, JOIN.LEFT_OUTER, on=(loaner.id == DeviceCase.loaner))
        .where(DeviceCase.id == case.id)
        .dicts()
        .get()
    )  # fmt: skip


def story(case_id: int) -> list[dict[str, Any]]:
    """The steps of a case, the first one first, with who took them and where the device was seen. One query."""
    query = (
        CaseStep.select(CaseStep, User.name.alias("person"), School.name.alias("school_name"))
        .join_from(CaseStep, User, JOIN.LEFT_OUTER, on=(User.id == CaseStep.actor_id))
        .join_from(CaseStep, School, JOIN.LEFT_OUTER, on=(School.id == CaseStep.school))
        .where(CaseStep.case == case_id)
    )
    return list(query.order_by(CaseStep.at, CaseStep.id).dicts())


def files_of(case_id: int) -> list[dict[str, Any]]:
    """The files of a case, as they came. One query."""
    query = (
        Attachment.select(Attachment, User.name.alias("person"))
        .join_from(Attachment, User, JOIN.LEFT_OUTER, on=(User.id == Attachment.added_by))
        .where(Attachment.case == case_id)
    )
    return list(query.order_by(Attachment.id).dicts())


def file_of(case_id: int, attachment_id: int, scope: Scope) -> Attachment | None:
    """One file of one case, where the scope covers the case's school."""
    query = Attachment.select().join(DeviceCase, on=(DeviceCase.id == Attachment.case))
    this = (Attachment.id == attachment_id) & (DeviceCase.id == case_id)
    return query.where(this, within(scope, DeviceCase.school)).first()


def _told(where: peewee.Expression) -> list[dict[str, Any]]:
    """Cases with what another page says of each, the newest first. One query."""
    query = (
        DeviceCase.select(
            DeviceCase.id, DeviceCase.kind, DeviceCase.state, DeviceCase.outcome, DeviceCase.opened_at,
            DeviceCase.state_since, DeviceCase.closed_at, DeviceCase.school, Device.serial,
            Device.kind.alias("device_kind"),
        )
        .join(Device, on=(Device.id == DeviceCase.device))
        .where(where)
    )  # fmt: skip
    return list(query.order_by(DeviceCase.id.desc()).dicts())


def cases_of_device(device_id: int, scope: Scope) -> list[dict[str, Any]]:
    """The cases about a device, and that for which it was lent, within the scope."""
    about = (DeviceCase.device == device_id) | (DeviceCase.replacement == device_id) | (DeviceCase.loaner == device_id)
    return _told(about & within(scope, DeviceCase.school))


def cases_of_pupil(pupil_id: int) -> list[dict[str, Any]]:
    """Rule R3. All cases of a pupil, wherever they began: the quota goes with the pupil."""
    return _told(DeviceCase.pupil == pupil_id)


def cases_beside(case: DeviceCase, scope: Scope) -> list[dict[str, Any]]:
    """Rule R3. The pupil's other cases, which the quota goes by: earlier ones wherever they began, later ones here."""
    told = (DeviceCase.id < case.id) | within(scope, DeviceCase.school)
    return _told((DeviceCase.pupil == case.pupil_id) & (DeviceCase.id != case.id) & told)


def spare_devices(model_id: int) -> list[dict[str, Any]]:
    """Rule R1. Devices of this model in the warehouse that are free to be lent instead, the first few. One query."""
    taken = Allocation.select(Allocation.device).where(Allocation.ended_at.is_null())
    is_spare = (Device.state == DeviceState.IN_STOCK) & (Device.holder == Holder.WAREHOUSE) & Device.id.not_in(taken)
    query = Device.select(Device.id, Device.serial, Device.refurbished).where(Device.model == model_id, is_spare)
    return list(query.order_by(Device.serial).limit(MOST_SUGGESTED).dicts())


def parcel_of(case: DeviceCase) -> Parcel | None:
    """Rule D8. The parcel by which the owed device goes to the pupil's school, not one from before the case."""
    device_id = case.replacement_id or case.device_id
    named = (Parcel.kind == ParcelKind.NAMED) & (Parcel.pupil == case.pupil_id)
    since = (Parcel.created_at >= case.opened_at) & (Parcel.state != ParcelState.CANCELLED)
    query = Parcel.select().join(ParcelDevice, on=(ParcelDevice.parcel == Parcel.id))
    return query.where(ParcelDevice.device == device_id, named, since).order_by(Parcel.id.desc()).first()


def hotspots_without_device(scope: Scope) -> list[dict[str, Any]]:
    """Rules R1, R2. The hotspots that nobody can use now, with their open case: whose data plan is to be looked at.

    Lost and stolen ones, and those whose case of a breakdown or damage is open. One query.
    """
    is_gone = Device.state.in_([DeviceState.LOST, DeviceState.STOLEN])
    about = (DeviceCase.device == Device.id) & DeviceCase.closed_at.is_null()
    is_broken = DeviceCase.kind.in_(sorted(BROKEN | MISSING)) & DeviceCase.id.is_null(False)
    query = (
        Device.select(
            Device.id.alias("device_id"), Device.serial, Device.imei, Device.iccid, Device.state,
            DeviceCase.id.alias("case_id"), DeviceCase.kind.alias("case_kind"), DeviceCase.state.alias("case_state"),
            DeviceCase.pupil.alias("pupil_id"), DeviceCase.opened_at,
        )
        .join(DeviceCase, JOIN.LEFT_OUTER, on=about)
        .where(Device.kind == DeviceKind.HOTSPOT, within(scope, Device.school), is_gone | is_broken)
    )  # fmt: skip
    return list(query.order_by(Device.serial).dicts())


def family_devices(pupil_id: int) -> list[dict[str, Any]]:
    """What a pupil answers for, each with its open case if there is one, for the family's own page. One query."""
    about = (DeviceCase.device == Device.id) & DeviceCase.closed_at.is_null() & (DeviceCase.pupil == pupil_id)
    query = (
        Device.select(
            Device.id, Device.serial, Device.kind, DeviceModel.maker, DeviceModel.name.alias("model"),
            School.name.alias("school"), DeviceCase.id.alias("case_id"), DeviceCase.kind.alias("case_kind"),
        )
        .join(DeviceModel, on=(DeviceModel.id == Device.model))
        .join_from(Device, Loan, on=(Loan.device == Device.id) & Loan.ended_at.is_null())
        .join_from(Loan, School, on=(School.id == Loan.school))
        .join_from(Device, DeviceCase, JOIN.LEFT_OUTER, on=about)
        .where(Loan.pupil == pupil_id)
    )  # fmt: skip
    return list(query.order_by(Device.id).dicts())


def family_cases(pupil_id: int) -> list[DeviceCase]:
    """The pupil's cases of theft, loss, breakdown and damage, the newest first, with their devices. One query."""
    reported = DeviceCase.kind.in_(sorted(BROKEN | MISSING))
    query = DeviceCase.select(DeviceCase, Device, DeviceModel).join(Device, on=(Device.id == DeviceCase.device))
    query = query.join(DeviceModel, on=(DeviceModel.id == Device.model))
    return list(query.where(DeviceCase.pupil == pupil_id, reported).order_by(DeviceCase.id.desc()))
