"""Where the post finds a school: rosters do not say it, so it is written down by hand."""

from datetime import datetime

import structlog

from tracker.models.database import database, locked
from tracker.models.schools import School
from tracker.rules.access import Actor, Permission
from tracker.rules.addresses import Address, printed_lines
from tracker.rules.refusals import Refused

log = structlog.get_logger()


def set_school_address(school_id: int, *, street: str, postcode: str, city: str, actor: Actor, now: datetime) -> School:
    """Keep the address of a school, which must print whole. Raises Refused: not_found, not_allowed, address_…"""
    if not actor.may(Permission.MANAGE_PARCELS):
        raise Refused("not_allowed")
    with database.atomic():
        school = locked(School.select().where(School.id == school_id)).first()
        if school is None or not actor.scope.covers(school_id):
            raise Refused("not_found")
        given = Address(school.name, " ".join(street.split()), postcode.strip(), " ".join(city.split()))
        printed_lines(given)
        school.street, school.postcode, school.city = given.street, given.postcode, given.city
        school.save(only=(School.street, School.postcode, School.city))
    log.info("school address written", school=school_id, by=actor.user_id, at=now.isoformat())
    return school
