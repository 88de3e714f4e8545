"""Facts for a verdict: what is known of a device, a pupil and the school at the moment of a hand-over."""

from dataclasses import replace
from datetime import date, datetime
from enum import Enum, auto
from typing import Any, Protocol

import peewee

from tracker.models.agreements import Agreement
from tracker.models.cases import DeviceCase
from tracker.models.database import is_postgres
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.rosters import Departure
from tracker.models.schools import Campaign, School
from tracker.queries.campaigns import settings_of
from tracker.queries.custody import unavailable_since
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState
from tracker.rules.calendar import local_date
from tracker.rules.cases import BROKEN, OWING, CaseOutcome, CaseState
from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder
from tracker.rules.departures import STAYING
from tracker.rules.eligibility import Eligibility, Level, Schooling, ThreeYearCap, eligibility, is_member, presence
from tracker.rules.loans import HandOver, refusals
from tracker.rules.refusals import Refused


class Asked(Protocol):
    """What a hand-over asks for."""

    @property
    def pupil_id(self) -> int: ...
    @property
    def school_id(self) -> int: ...


def allocated_device(pupil_id: int, device_id: int) -> tuple[int, ...]:
    """The other device of the same kind that is set aside for the pupil: none or one id."""
    kind = Device.select(Device.kind).where(Device.id == device_id)
    rows = Allocation.select(Allocation.device).where(
        Allocation.pupil == pupil_id,
        Allocation.kind.in_(kind),
        Allocation.ended_at.is_null(),
        Allocation.device != device_id,
    )
    return tuple(row.device_id for row in rows)


def hand_over_facts(
    device: Device, custody: Custody, asked: Asked, campaign: Campaign, now: datetime, scope: Scope
) -> HandOver:
    """What rules.loans asks of device and pupil; the transaction holds the pupil's row. `swap_possible` is not asked.

    One query; one more for a hotspot, and for a device that is not in stock.
    """
    kind = DeviceKind(device.kind)
    row = _pupil_row(asked, campaign, scope, kind, hold=True, device_id=device.id)
    part = _part_of_case(row, device.id, custody, campaign, local_date(now))
    facts = _facts(row, kind, custody, asked, campaign, now, part)
    return replace(facts, unavailable_since=unavailable_since(device.id, custody.state))


def pupil_refusals(asked: Asked, campaign: Campaign, now: datetime, scope: Scope) -> list[Refused]:
    """What stands against this pupil getting any laptop at this desk: known before a device is scanned."""
    row = _pupil_row(asked, campaign, scope, DeviceKind.LAPTOP, hold=False)
    any_laptop = Custody(DeviceState.IN_STOCK, Holder.SCHOOL, asked.school_id)
    part = Part.OWED if row["case_id"] else Part.NONE
    return refusals(_facts(row, DeviceKind.LAPTOP, any_laptop, asked, campaign, now, part))


class Part(Enum):
    """What a device is in the pupil's open case: nothing, the owed one, or a loaner (R1, R2)."""

    NONE = auto()
    OWED = auto()
    LOANER = auto()


def _part_of_case(row: dict[str, Any], device_id: int, custody: Custody, campaign: Campaign, today: date) -> Part:
    """Rules R1, R2. Any device of the kind fulfils an owed replacement, whichever was chosen, as all are alike.

    Unless it is a loaner until the chosen one comes.
    """
    if not row["case_id"]:
        return Part.NONE
    chosen = row["case_replacement"] or (row["case_device"] if row["case_outcome"] == CaseOutcome.REPAIRED else None)
    if row["case_state"] == CaseState.OWED and chosen in (None, device_id):
        return Part.OWED
    spare = custody.allocated_to is None and device_id not in (row["case_device"], chosen)
    if spare and settings_of(campaign, today)["loaners"]:
        return Part.LOANER
    is_another = row["case_outcome"] == CaseOutcome.REPLACED and device_id != row["case_device"]
    return Part.OWED if row["case_state"] == CaseState.OWED and is_another else Part.NONE


def _facts(
    row: dict[str, Any],
    kind: DeviceKind,
    custody: Custody,
    asked: Asked,
    campaign: Campaign,
    now: datetime,
    part: Part,
) -> HandOver:
    given = part is not Part.NONE
    agreement = AgreementState.VALIDATED if given and row["agreed_before"] else row["agreement"]
    return HandOver(
        pupil_id=asked.pupil_id,
        school_id=asked.school_id,
        pupil_school_id=row["school_id"],
        pupil_left_on=row["left_on"],
        eligibility=eligibility_on(row, campaign, local_date(now), kind, given=given),
        deceased=row["deceased"],
        agreement_state=AgreementState(agreement) if agreement else None,
        agreement_on=row[f"{row['agreement']}_at"] if row["agreement"] in _DATED else None,
        level=Level(row["level"]),
        member_from=row["member_from"],
        member_until=row["member_until"],
        pupil_laptop_serial=row["laptop"],
        kind=kind,
        custody=custody,
        pupil_hotspot_serial=_hotspot_of(asked.pupil_id) if kind is DeviceKind.HOTSPOT else None,
        case_id=row["case_id"] if given else None,
        loaner=part is Part.LOANER,
        loaner_serial=row["laptop"] if row["laptop_id"] and row["laptop_id"] == row["case_loaner"] else None,
        device_case_at=None if part is Part.OWED and row["device_case"] == row["case_id"] else row["device_case_at"],
        pupil_case_at=None if given else row["case_at"],
        refused_at=None if given else row["refused_at"],
    )


_DATED = {AgreementState.SENT, AgreementState.SIGNED}
"""The states that an agreement keeps a date of, other than the one that lets a device be handed over."""


def _hotspot_of(pupil_id: int) -> str | None:
    """The serial of the hotspot that the pupil answers for."""
    theirs = (Loan.pupil == pupil_id) & (Loan.kind == DeviceKind.HOTSPOT.value) & Loan.ended_at.is_null()
    return Device.select(Device.serial).join(Loan, on=(Loan.device == Device.id)).where(theirs).scalar()


def _pupil_row(
    asked: Asked, campaign: Campaign, scope: Scope, kind: DeviceKind, *, hold: bool, device_id: int = 0
) -> dict[str, Any]:
    """The pupil's enrolment of the year, at the desk's school if there is one there, with agreement, laptop and case.

    `agreed_before`: an agreement of any year is validated, which serves for what a case gives (E5). `device_case`: the
    open one about the device itself.
    """
    laptop, about = Device.alias(), DeviceCase.alias()
    here_first = peewee.Case(None, [(Enrolment.school == asked.school_id, 0)], 1)
    query = (
        Pupil.select(
            Pupil.id,
            Enrolment,
            Pupil.deceased,
            Departure.left_on.alias("gone_on"),
            School.member_from,
            School.member_until,
            Agreement.state.alias("agreement"),
            Agreement.sent_at,
            Agreement.signed_at,
            laptop.serial.alias("laptop"),
            Loan.school_year.alias("laptop_year"),
            laptop.id.alias("laptop_id"),
            DeviceCase.id.alias("case_id"),
            DeviceCase.state.alias("case_state"),
            DeviceCase.outcome.alias("case_outcome"),
            DeviceCase.device.alias("case_device"),
            DeviceCase.replacement.alias("case_replacement"),
            DeviceCase.loaner.alias("case_loaner"),
            DeviceCase.opened_at.alias("case_at"),
            about.id.alias("device_case"),
            about.opened_at.alias("device_case_at"),
            _refused_at(kind).alias("refused_at"),
            peewee.fn.EXISTS(_any_agreement()).alias("agreed_before"),
        )
        .join(Enrolment, on=(Enrolment.pupil == Pupil.id))
        .join(School, on=(Enrolment.school == School.id))
        .join(Agreement, peewee.JOIN.LEFT_OUTER, on=_agreement_of(campaign))
        .join(Loan, peewee.JOIN.LEFT_OUTER, on=_open_laptop_loan())
        .join(laptop, peewee.JOIN.LEFT_OUTER, on=(laptop.id == Loan.device))
        .join_from(Enrolment, Departure, peewee.JOIN.LEFT_OUTER, on=_left_by())
        .join_from(Pupil, DeviceCase, peewee.JOIN.LEFT_OUTER, on=_owing_case(kind))
        .join_from(Pupil, about, peewee.JOIN.LEFT_OUTER, on=(about.device == device_id) & about.closed_at.is_null())
        .where(
            Pupil.id == asked.pupil_id, Enrolment.school_year == campaign.school_year, within(scope, Enrolment.school)
        )
        .order_by(here_first, Enrolment.left_on.is_null(False), Enrolment.id.desc(), DeviceCase.id)
        .limit(1)
    )
    if hold and is_postgres():
        query = query.for_update(of=Pupil)
    row = query.dicts().first()
    if row is None:
        raise Refused("not_found")
    exits = [day for day in (row["left_on"], row["gone_on"]) if day]
    return row | {"school_id": row["school"], "left_on": min(exits, default=None)}


def _left_by() -> peewee.Expression:
    """Rule L5. The departure that the enrolment ends with: people may know of it before any roster."""
    return (Departure.enrolment == Enrolment.id) & Departure.destination.not_in(sorted(STAYING))


def _agreement_of(campaign: Campaign) -> peewee.Expression:
    return (Agreement.pupil == Pupil.id) & (Agreement.school_year == campaign.school_year)


def _owing_case(kind: DeviceKind) -> peewee.Expression:
    """Rules R1, R2. The pupil's open case about a device of this kind that they have given up."""
    same_kind = Device.select(Device.id).where(Device.id == DeviceCase.device, Device.kind == kind.value)
    return (DeviceCase.pupil == Pupil.id) & DeviceCase.state.in_(sorted(OWING)) & peewee.fn.EXISTS(same_kind)


def _refused_at(kind: DeviceKind) -> peewee.Function:
    """Rule R1. When the pupil's last case about a broken device of this kind was refused; none was theirs since."""
    case, later = DeviceCase.alias(), Loan.alias()
    lent_since = later.select(peewee.SQL("1")).where(
        later.pupil == case.pupil, later.kind == kind.value,
        later.ended_at.is_null() | (later.ended_at > case.closed_at),
    )  # fmt: skip
    refused = (case.pupil == Pupil.id) & (case.state == CaseState.REFUSED.value) & case.kind.in_(sorted(BROKEN))
    found = case.select(peewee.fn.MAX(case.closed_at)).join(Device).where(
        refused, Device.kind == kind.value, ~peewee.fn.EXISTS(lent_since)
    )  # fmt: skip
    return peewee.fn.COALESCE(found, None).converter(DeviceCase.closed_at.python_value)


def _any_agreement() -> peewee.ModelSelect:
    earlier = Agreement.alias()
    return earlier.select(peewee.SQL("1")).where(
        earlier.pupil == Pupil.id, earlier.state == AgreementState.VALIDATED.value
    )


def _open_laptop_loan() -> peewee.Expression:
    return (Loan.pupil == Pupil.id) & (Loan.kind == DeviceKind.LAPTOP.value) & Loan.ended_at.is_null()


def eligibility_on(
    row: dict[str, Any],
    campaign: Campaign,
    today: date,
    kind: DeviceKind = DeviceKind.LAPTOP,
    *,
    given: bool = False,
) -> Eligibility:
    """Rules E1 to E3 on this day, from a row with enrolment, membership, the laptop in hand and the year of its loan.

    A hotspot goes to whoever is schooled in a member school: level and laptop are no question. Nor are they where a
    case gives the device (`given`): it is lent for the whole time at the lycée (E5).
    """
    answer = ThreeYearCap.TO_BE_SETTLED
    if row["level"] == Level.CAP_OF_3:
        answer = ThreeYearCap(settings_of(campaign, today)["three_year_cap"])
    return eligibility_of(row, today, answer, by_level=kind is DeviceKind.LAPTOP and not given)


def eligibility_of(
    row: dict[str, Any], today: date, three_year_cap: ThreeYearCap, *, by_level: bool = True
) -> Eligibility:
    """The same where the answer on three-year CAP is known already. Asks the database nothing."""
    schooling = Schooling(
        level=Level(row["level"]),
        # E3: schooled takes a level code too; who was entered by hand has a level without one.
        has_class=bool(row["class_name"]) and bool(row["mef"] or row["level"] != Level.UNKNOWN),
        entered_on=row["entered_on"],
        left_on=row["left_on"],
        school_is_member=is_member(row["member_from"], row["member_until"], today),
        repeats_year=row["repeats_year"],
        arrived_mid_course=row["arrived_mid_course"],
    )
    if not by_level:
        return presence(schooling, today)
    had_laptop = bool(row["laptop"]) and row["laptop_year"] < row["school_year"]
    return eligibility(schooling, today, had_laptop=had_laptop, three_year_cap=three_year_cap)
