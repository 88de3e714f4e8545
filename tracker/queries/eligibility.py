"""Enrolments with all that their eligibility rests on (E1 to E3), for judging many at once."""

from collections.abc import Iterator
from typing import Any

from peewee import JOIN

from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment
from tracker.models.schools import School
from tracker.queries.roster_codes import compared_mef
from tracker.rules.custody import DeviceKind


def enrolments_to_judge(
    school_year: int, mef: str = "", pupil_id: int | None = None, school_id: int | None = None
) -> Iterator[dict[str, Any]]:
    """The enrolments of a school year as candidates.eligibility_of asks: all, or of one level code, pupil or school.

    One query, its rows one after the other.
    """
    laptop = (Loan.pupil == Enrolment.pupil) & (Loan.kind == DeviceKind.LAPTOP.value) & Loan.ended_at.is_null()
    rows = (
        Enrolment.select(
            Enrolment.id, Enrolment.school_year, Enrolment.level, Enrolment.mef, Enrolment.class_name,
            Enrolment.entered_on, Enrolment.left_on, Enrolment.repeats_year, Enrolment.arrived_mid_course,
            Enrolment.eligible, Enrolment.eligible_reason, School.member_from, School.member_until,
            Loan.id.alias("laptop"), Loan.school_year.alias("laptop_year"),
        )
        .join(School, on=(School.id == Enrolment.school))
        .join_from(Enrolment, Loan, JOIN.LEFT_OUTER, on=laptop)
        .where(Enrolment.school_year == school_year)
    )  # fmt: skip
    rows = rows.where(compared_mef == mef) if mef else rows
    rows = rows.where(Enrolment.pupil == pupil_id) if pupil_id else rows
    rows = rows.where(Enrolment.school == school_id) if school_id else rows
    yield from rows.dicts().iterator()
