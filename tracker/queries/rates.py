"""The signature rate (A6): of schools, levels and classes, and over time; each from one grouped query."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import peewee
from peewee import SQL, Case, fn

from tracker.models.agreements import Agreement
from tracker.models.database import is_postgres
from tracker.models.pupils import Enrolment
from tracker.models.schools import School
from tracker.queries.agreements import counted
from tracker.queries.pupils import Year
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState
from tracker.rules.calendar import local_date
from tracker.rules.signature_rate import Rate

_HOUR = len("2026-10-05 09")


@dataclass(frozen=True)
class RateRow:
    """The rate of one school, level or class; `key` is the school's id, the level or the class."""

    key: Any
    name: str
    rate: Rate


def total_rate(scope: Scope, year: Year, *, school_id: int | None = None) -> Rate:
    """Rule A6. The rate of everything in scope, or of one school. One query."""
    return next((Rate(*row) for row in _counts(scope, year, school_id).tuples()), Rate(0, 0))


def rates_by_school(scope: Scope, year: Year) -> list[RateRow]:
    """Rule A6. The rate of each school that has somebody eligible, by name. One query."""
    return _rows(_counts(scope, year, None, School.id, School.name).order_by(fn.MIN(School.name_key)))


def rates_by_level(scope: Scope, year: Year, *, school_id: int | None = None) -> list[RateRow]:
    """Rule A6. The rate of each level. One query."""
    return _rows(_counts(scope, year, school_id, Enrolment.level, Enrolment.level).order_by(Enrolment.level))


def rates_by_class(scope: Scope, year: Year, school_id: int) -> list[RateRow]:
    """Rule A6. The rate of each class of a school. One query."""
    column = Enrolment.class_name
    return _rows(_counts(scope, year, school_id, column, column).order_by(column))


def signed_over_time(
    scope: Scope, year: Year, *, school_id: int | None = None, by_week: bool = False
) -> list[tuple[date, Rate]]:
    """Rule A6. The rate at the end of each local day (or week, named by its Monday) on which somebody signed.

    Among the pupils who are eligible and schooled today. Two queries.
    """
    query = counted(scope, year).where(Agreement.state == AgreementState.VALIDATED.value)
    if school_id is not None:
        query = query.where(Enrolment.school == school_id)
    hours = query.select(_hour(), fn.COUNT(SQL("*"))).group_by(SQL("1")).tuples()
    days: Counter[date] = Counter()
    for hour, number in hours:
        days[_day(hour, by_week)] += number
    eligible = total_rate(scope, year, school_id=school_id).eligible
    found, signed = [], 0
    for day in sorted(days):
        signed += days[day]
        found.append((day, Rate(signed, eligible)))
    return found


def _counts(scope: Scope, year: Year, school_id: int | None, *by: peewee.Field) -> peewee.ModelSelect:
    """Per group: what it is by, how many have a validated agreement, how many are counted."""
    validated = Case(None, [(Agreement.state == AgreementState.VALIDATED.value, 1)], 0)
    figures = fn.COALESCE(fn.SUM(validated), 0), fn.COUNT(SQL("*"))
    named = [column.alias(f"by{number}") for number, column in enumerate(by)]
    query = counted(scope, year).select(*named, *figures)
    if school_id is not None:
        query = query.where(Enrolment.school == school_id)
    return query.group_by(*by) if by else query


def _rows(query: peewee.ModelSelect) -> list[RateRow]:
    return [RateRow(key, str(name), Rate(signed, eligible)) for key, name, signed, eligible in query.tuples()]


def _hour() -> peewee.Node:
    """The UTC hour: a local day is made of whole ones, and no database needs to know our summer time."""
    if is_postgres():
        return fn.to_char(Agreement.validated_at, "YYYY-MM-DD HH24").coerce(False)
    return fn.substr(Agreement.validated_at, 1, _HOUR).coerce(False)


def _day(hour: str, by_week: bool) -> date:
    day = local_date(datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC))
    return day - timedelta(days=day.weekday()) if by_week else day
