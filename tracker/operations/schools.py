"""Schools of the programme: who is a member, and from when (E1)."""

from datetime import date

import structlog

from tracker.models.database import database
from tracker.models.schools import School
from tracker.rules.access import Actor, Permission
from tracker.rules.identifiers import is_uai
from tracker.rules.names import search_key
from tracker.rules.refusals import Refused

log = structlog.get_logger()


def add_school(uai: str, name: str, city: str, *, member_from: date, actor: Actor) -> School:
    """Rule E1. A school, member of the programme from that day on.

    Raises Refused: not_allowed, uai_form, school_nameless, school_known.
    """
    if not actor.may(Permission.MANAGE_CAMPAIGN):
        raise Refused("not_allowed")
    uai, name, city = uai.strip().upper(), " ".join(name.split()), " ".join(city.split())
    if not is_uai(uai):
        raise Refused("uai_form", uai=uai)
    if not name or not city:
        raise Refused("school_nameless")
    with database.atomic():
        known = School.get_or_none(School.uai == uai)
        if known:
            raise Refused("school_known", uai=uai, name=known.name)
        made = School.create(uai=uai, name=name, name_key=search_key(name), city=city, member_from=member_from)
    log.info("school added", school=made.id, uai=uai, by=actor.user_id)
    return made
