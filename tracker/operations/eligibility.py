"""Eligibility worked out anew where a day, a setting or an answer changes it without any roster (E1 to E3)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import structlog

from tracker.models.database import among, database, take_turn
from tracker.models.pupils import Enrolment
from tracker.models.schools import Campaign
from tracker.operations.rosters.imports import TURN
from tracker.queries.campaigns import current_campaign, settings_of
from tracker.queries.candidates import eligibility_of
from tracker.queries.eligibility import enrolments_to_judge
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.eligibility import ThreeYearCap
from tracker.rules.refusals import Refused
from tracker.rules.rosters import school_year_of

log = structlog.get_logger()


def school_year_on(today: date) -> int:
    """The school year whose enrolments answers and settings of this day are about."""
    campaign = current_campaign(today)
    return campaign.school_year if campaign else school_year_of(today)


def answer_arrival(pupil_id: int, arrived: bool, *, actor: Actor, now: datetime) -> None:
    """Rule E2. Say of a pupil whether they came into a Norman school in the course of their studies.

    Asked where the roster does not say where the pupil was last year; the answer stays until a roster says otherwise.
    Raises Refused: not_allowed, arrival_not_asked.
    """
    if not actor.may(Permission.MANAGE_CAMPAIGN):
        raise Refused("not_allowed")
    today = local_date(now)
    year = school_year_on(today)
    asked = (Enrolment.pupil == pupil_id) & (Enrolment.school_year == year) & Enrolment.arrived_mid_course.is_null()
    with database.atomic():
        take_turn(TURN)
        if not Enrolment.update(arrived_mid_course=arrived).where(asked).execute():
            raise Refused("arrival_not_asked", rule="E2")
        recompute_eligibility(year, today, pupil_id=pupil_id)
    log.info("arrival answered", pupil=pupil_id, arrived=arrived, by=actor.user_id)


def recompute_eligibility(
    school_year: int, today: date, *, mef: str = "", pupil_id: int | None = None, school_id: int | None = None
) -> int:
    """Rules E1 to E3. Judge the enrolments of a school year, or of one level code, pupil or school; how many changed.

    One query for each different answer that is new to somebody, however many pupils get it.
    """
    with database.atomic():
        take_turn(TURN)
        changed = _changed(school_year, today, enrolments_to_judge(school_year, mef, pupil_id, school_id))
        for (verdict, reason), ids in changed.items():
            answer = {"eligible": verdict, "eligible_reason": reason}
            Enrolment.update(answer).where(among(Enrolment.id, ids)).execute()
    count = sum(len(ids) for ids in changed.values())
    log.info("eligibility judged anew", school_year=school_year, changed=count)
    return count


def _changed(school_year: int, today: date, rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[int]]:
    """Those of the enrolments whose answer is another one than what their row says, by answer."""
    three_year_cap = _three_year_cap(school_year, today)
    changed: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        answer = eligibility_of(row, today, three_year_cap)
        if (row["eligible"], row["eligible_reason"]) != (answer.verdict, answer.reason):
            changed[answer.verdict.value, answer.reason].append(row["id"])
    return changed


def _three_year_cap(school_year: int, today: date) -> ThreeYearCap:
    campaign = Campaign.get_or_none(Campaign.school_year == school_year)
    return ThreeYearCap(settings_of(campaign, today)["three_year_cap"])
