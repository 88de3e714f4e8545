"""Pupils as their list, their page and their export show them, within the schools of the person who asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_
from typing import Any

import peewee
from peewee import JOIN, SQL, fn

from tracker.models.agreements import Agreement
from tracker.models.database import is_postgres
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Allocation, Loan
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.models.schools import Campaign, School
from tracker.queries.pages import Order
from tracker.queries.prefix import starts_with
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState
from tracker.rules.custody import DeviceKind
from tracker.rules.departures import STAYING
from tracker.rules.eligibility import Eligible
from tracker.rules.names import search_key

ORDER = Order(Pupil.name_key, Enrolment.id, by_bytes=True)
NO_AGREEMENT = "none"


@dataclass(frozen=True)
class Year:
    """The school year that is looked at, and the day on which it is: both decide who is schooled (E3)."""

    school_year: int
    today: date

    @classmethod
    def of(cls, campaign: Campaign | None, today: date) -> "Year":
        """The campaign's, on this day; without a campaign a year that no enrolment is of."""
        return cls(campaign.school_year if campaign else 0, today)


@dataclass(frozen=True)
class PupilFilter:
    """What the list is narrowed to; empty: every enrolment of the year.

    `class_name`: exact, or a beginning followed by `*`. `equipped`: yes or no, with an open loan of a laptop;
    any, with one of any device. `left`: no, schooled today (E3); yes, gone and schooled nowhere else; any, the last
    enrolment of each pupil, of earlier years too.
    """

    q: str = ""
    school: int | None = None
    class_name: str = ""
    level: str = ""
    eligible: str = ""
    agreement: str = ""
    equipped: str = ""
    left: str = ""


def visible(scope: Scope) -> peewee.Expression:
    """The pupils that a person with this scope may see: those whose newest school year was at one of the schools."""
    if scope.school_ids is None:
        return SQL("1 = 1")
    own, newer = Enrolment.alias(), Enrolment.alias()
    later = newer.select(SQL("1")).where(newer.pupil == Pupil.id, newer.school_year > own.school_year)
    return fn.EXISTS(own.select(SQL("1")).where(own.pupil == Pupil.id, within(scope, own.school), ~fn.EXISTS(later)))


def of_the_year(year: Year) -> peewee.Expression:
    """The enrolments of the year, those that ended during it too."""
    return Enrolment.school_year == year.school_year


def schooled(year: Year, enrolment: Any = Enrolment) -> peewee.Expression:
    """Rules E3, L5. Enrolled this year, in a class, with no exit up to and including today, by roster or by word."""
    stays = ~(roster_says_left(enrolment, year.today) | declared_gone(enrolment, year.today))
    return (enrolment.school_year == year.school_year) & (enrolment.class_name != "") & stays


def roster_says_left(enrolment: Any, today: date) -> peewee.Expression:
    """Rule E3. The roster says that the pupil has left."""
    return enrolment.left_on.is_null(False) & (enrolment.left_on <= today)


def declared_gone(enrolment: Any, today: date) -> peewee.Expression:
    """Rule L5. People said that the pupil has left, whether or not a roster has said so yet."""
    theirs = Departure.alias()
    said = (theirs.enrolment == enrolment.id) & (theirs.left_on <= today) & theirs.destination.not_in(sorted(STAYING))
    return fn.EXISTS(theirs.select(SQL("1")).where(said))


def last_known(_year: Year) -> peewee.Expression:
    """The last enrolment of each pupil, of whatever year: one row a pupil."""
    newer = Enrolment.alias()
    after = (newer.school_year > Enrolment.school_year) | (
        (newer.school_year == Enrolment.school_year) & (newer.id > Enrolment.id)
    )
    return ~fn.EXISTS(newer.select(SQL("1")).where(newer.pupil == Enrolment.pupil, after))


def gone(year: Year) -> peewee.Expression:
    """Rule L5. The pupil's last enrolment has ended, or was in an earlier year, and none is in force anywhere."""
    present = Enrolment.alias()
    elsewhere = fn.EXISTS(present.select(SQL("1")).where(present.pupil == Enrolment.pupil, schooled(year, present)))
    left = roster_says_left(Enrolment, year.today) | declared_gone(Enrolment, year.today)
    ended = left | (Enrolment.school_year < year.school_year)
    return ended & last_known(year) & ~elsewhere


_PRESENCE: dict[str, Callable[[Year], peewee.Expression]] = {"no": schooled, "yes": gone, "any": last_known}


def listing(filters: PupilFilter, scope: Scope, year: Year) -> peewee.ModelSelect:
    """The enrolments that match, to be ordered and cut by queries.pages."""
    return Enrolment.select(Enrolment.id).where(within(scope, Enrolment.school), *_conditions(filters, year))


def with_columns(filters: PupilFilter, scope: Scope, year: Year) -> peewee.ModelSelect:
    """The same enrolments with what the list shows of each."""
    return (
        listing(filters, scope, year)
        .join_from(Enrolment, Pupil, on=(_pupil_id(filters, scope) == Enrolment.pupil))
        .join_from(Enrolment, School, on=(School.id == Enrolment.school))
        .join_from(Enrolment, Agreement, JOIN.LEFT_OUTER, on=_agreement_of(year))
        .join_from(
            Enrolment, Loan, JOIN.LEFT_OUTER,
            on=(Loan.pupil == Enrolment.pupil) & (Loan.kind == DeviceKind.LAPTOP.value) & Loan.ended_at.is_null(),
        )
        .join_from(Loan, Device, JOIN.LEFT_OUTER, on=(Device.id == Loan.device))
        .select(
            Pupil.id, Pupil.last_name, Pupil.first_name, Enrolment.class_name, Enrolment.level, Enrolment.eligible,
            Enrolment.eligible_reason, Enrolment.school_year, Enrolment.left_on, School.name.alias("school"),
            School.uai, Agreement.state.alias("agreement"), Device.serial.alias("laptop"),
        )
    )  # fmt: skip


def _pupil_id(filters: PupilFilter, scope: Scope) -> peewee.Node:
    """The pupil's id for the join. A long list is walked by name: without statistics SQLite would sort all of it."""
    is_short = scope.school_ids is not None or filters.school or filters.q or filters.left == "yes"
    if is_short or filters.eligible == Eligible.CHECK or is_postgres():
        return Pupil.id
    return peewee.Expression(Pupil.id, "+", peewee.SQL("0"))  # an expression is no key: the pupil comes first


def _agreement_of(year: Year) -> peewee.Expression:
    return (Agreement.pupil == Enrolment.pupil) & (Agreement.school_year == year.school_year)


def counts(several: Sequence[PupilFilter], scope: Scope, year: Year) -> list[int]:
    """How many enrolments each of the filters matches, which all have the same `left`. One query, one pass."""
    (left,) = {each.left for each in several}
    matches = [reduce(and_, _narrowing(each, year)) for each in several]
    sums = [fn.SUM(peewee.Case(None, [(condition, 1)], 0)) for condition in matches]
    rows = Enrolment.select(*sums).where(within(scope, Enrolment.school), _presence(left, year))
    return [number or 0 for number in rows.tuples().get()]


def _conditions(filters: PupilFilter, year: Year) -> list[peewee.Expression]:
    return [_presence(filters.left, year), *_narrowing(filters, year)]


def _presence(left: str, year: Year) -> peewee.Expression:
    return _PRESENCE.get(left, of_the_year)(year)


def _narrowing(filters: PupilFilter, year: Year) -> list[peewee.Expression]:
    equal = {Enrolment.school: filters.school, Enrolment.level: filters.level, Enrolment.eligible: filters.eligible}
    conditions = [column == value for column, value in equal.items() if value]
    if filters.q:
        conditions.append(Enrolment.pupil.in_(Pupil.select(Pupil.id).where(named(filters.q))))
    if filters.class_name:
        conditions.append(_in_class(filters.class_name.strip()))
    if filters.agreement:
        conditions.append(_agreement_is(filters.agreement, year))
    if filters.equipped:
        conditions.append(_equipped(filters.equipped))
    return conditions


def named(text: str) -> peewee.Expression:
    """The pupils whose name begins with the text, family name first or given name first."""
    key = search_key(text)
    if not key:
        return SQL("1 = 0")
    return starts_with(Pupil.name_key, key) | starts_with(Pupil.first_name_key, key)


def _in_class(text: str) -> peewee.Expression:
    if text.endswith("*"):
        return starts_with(Enrolment.class_name, text[:-1])
    return Enrolment.class_name == text


def _agreement_is(state: str, year: Year) -> peewee.Expression:
    agreements = Agreement.select(SQL("1")).where(_agreement_of(year))
    if state == NO_AGREEMENT:
        return ~fn.EXISTS(agreements)
    return fn.EXISTS(agreements.where(Agreement.state == state))


def _equipped(answer: str) -> peewee.Expression:
    loans = Loan.select(SQL("1")).where(Loan.pupil == Enrolment.pupil, Loan.ended_at.is_null())
    if answer == "any":
        return fn.EXISTS(loans)
    with_laptop = fn.EXISTS(loans.where(Loan.kind == DeviceKind.LAPTOP.value))
    return with_laptop if answer == "yes" else ~with_laptop


def pupil_page(pupil_id: int, scope: Scope, campaign: Campaign | None) -> dict[str, Any] | None:
    """The pupil with the newest enrolment that the person may see, its agreement and the laptop in hand. One query."""
    year = campaign.school_year if campaign else 0
    return (
        Pupil.select(
            Pupil, Enrolment.id.alias("enrolment_id"), Enrolment.school, Enrolment.school_year, Enrolment.level,
            Enrolment.mef, Enrolment.class_name, Enrolment.regime, Enrolment.entered_on, Enrolment.left_on,
            Enrolment.repeats_year, Enrolment.arrived_mid_course, School.name.alias("school_name"),
            School.city.alias("school_city"), School.member_from, School.member_until,
            Agreement.state.alias("agreement"), Agreement.sent_at, Agreement.signed_at, Agreement.validated_at,
            Device.serial.alias("laptop"), Loan.school_year.alias("laptop_year"),
        )
        .join(Enrolment, on=(Enrolment.pupil == Pupil.id))
        .join(School, on=(School.id == Enrolment.school))
        .join_from(
            Pupil, Agreement, JOIN.LEFT_OUTER, on=(Agreement.pupil == Pupil.id) & (Agreement.school_year == year)
        )
        .join_from(
            Pupil, Loan, JOIN.LEFT_OUTER,
            on=(Loan.pupil == Pupil.id) & (Loan.kind == DeviceKind.LAPTOP.value) & Loan.ended_at.is_null(),
        )
        .join_from(Loan, Device, JOIN.LEFT_OUTER, on=(Device.id == Loan.device))
        .where(Pupil.id == pupil_id, visible(scope), within(scope, Enrolment.school))
        .order_by(Enrolment.school_year.desc(), Enrolment.left_on.is_null(False), Enrolment.id.desc())
        .limit(1)
        .dicts()
        .first()
    )  # fmt: skip


def loans_of(pupil_id: int) -> list[dict[str, Any]]:
    """The pupil's loans, the newest first, each with its device and the day by which it is expected back."""
    awaited = Loan.ended_at.is_null() & (ExpectedReturn.device == Loan.device) & ExpectedReturn.closed_at.is_null()
    return list(
        Loan.select(
            Loan.started_at, Loan.ended_at, Loan.end_reason, Loan.kind, Device.id.alias("device_id"), Device.serial,
            Device.state, Device.holder, Device.school.alias("device_school"), DeviceModel.maker,
            DeviceModel.name.alias("model"), ExpectedReturn.due_on,
        )
        .join(Device, on=(Device.id == Loan.device))
        .join(DeviceModel, on=(DeviceModel.id == Device.model))
        .join_from(Loan, ExpectedReturn, JOIN.LEFT_OUTER, on=awaited)
        .where(Loan.pupil == pupil_id)
        .order_by(Loan.started_at.desc(), Loan.id.desc())
        .dicts()
    )  # fmt: skip


def set_aside_for(pupil_id: int) -> list[dict[str, Any]]:
    """The devices that are set aside for the pupil and not in the pupil's hands."""
    return list(
        Allocation.select(
            Device.id.alias("device_id"), Device.serial, Device.state, Device.holder,
            Device.school.alias("device_school"), DeviceModel.maker, DeviceModel.name.alias("model"),
        )
        .join(Device, on=(Device.id == Allocation.device))
        .join(DeviceModel, on=(DeviceModel.id == Device.model))
        .where(
            Allocation.pupil == pupil_id, Allocation.ended_at.is_null(),
            Device.pupil.is_null() | (Device.pupil != pupil_id),
        )
        .dicts()
    )  # fmt: skip


def guardians_of(pupil_id: int) -> list[Guardian]:
    """The pupil's guardians, those who sign first."""
    return list(Guardian.select().where(Guardian.pupil == pupil_id).order_by(Guardian.legal.desc(), Guardian.rank))


def agreement_states() -> tuple[str, ...]:
    """The values of the agreement filter: every state, and none at all."""
    return (NO_AGREEMENT, *(state.value for state in AgreementState))
