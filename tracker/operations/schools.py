"""Schools of the programme: who is a member, and from when until when (E1)."""

from datetime import date, datetime

import structlog

from tracker.models.database import database, locked
from tracker.models.schools import School
from tracker.operations.eligibility import recompute_eligibility, school_year_on
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.identifiers import is_uai
from tracker.rules.names import search_key
from tracker.rules.refusals import Refused

log = structlog.get_logger()


def add_school(uai: str, name: str, city: str, *, member_from: date, actor: Actor) -> School:
    """Rule E1. A school, member of the programme from that day on.

    Raises Refused: not_allowed, uai_form, school_nameless, school_known.
    """
    _check_allowed(actor)
    uai = uai.strip().upper()
    if not is_uai(uai):
        raise Refused("uai_form", uai=uai)
    named = _named(name, city)
    with database.atomic():
        known = School.get_or_none(School.uai == uai)
        if known:
            raise Refused("school_known", uai=uai, name=known.name)
        made = School.create(uai=uai, member_from=member_from, **named)
    log.info("school added", school=made.id, uai=uai, by=actor.user_id)
    return made


def change_school(
    school_id: int, name: str, city: str, *, member_from: date | None, member_until: date | None,
    actor: Actor, now: datetime,
) -> School:  # fmt: skip
    """Rule E1. Its name, its town, its first and last day in the programme; its pupils are judged anew at once.

    Raises Refused: not_found, not_allowed, school_nameless, membership_reversed.
    """
    _check_allowed(actor)
    named = _named(name, city)
    if member_until and (member_from is None or member_until < member_from):
        raise Refused("membership_reversed", rule="E1")
    with database.atomic():
        school = locked(School.select().where(School.id == school_id)).first()
        if school is None:
            raise Refused("not_found")
        School.update(member_from=member_from, member_until=member_until, **named).where(
            School.id == school_id
        ).execute()
        today = local_date(now)
        recompute_eligibility(school_year_on(today), today, school_id=school_id)
    log.info("school changed", school=school_id, by=actor.user_id)
    return School.get_by_id(school_id)


def _check_allowed(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_CAMPAIGN):
        raise Refused("not_allowed")


def _named(name: str, city: str) -> dict[str, str]:
    name, city = " ".join(name.split()), " ".join(city.split())
    if not name or not city:
        raise Refused("school_nameless")
    return {"name": name, "name_key": search_key(name), "city": city}
