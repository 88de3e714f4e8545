"""Schools as filters and facts name them."""

from datetime import date

from peewee import fn

from tracker.models.schools import School
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.names import search_key


def school_choices(scope: Scope) -> list[tuple[int, str]]:
    """The schools that a person may see, by name: id and name with the town where it adds something."""
    rows = School.select(School.id, School.name, School.city).where(within(scope, School.id)).order_by(School.name_key)
    return [(row.id, _name(row)) for row in rows]


def _name(school: School) -> str:
    known = not school.city or school.city.lower() in school.name.lower()
    return school.name if known else f"{school.name} · {school.city}"


def addresses(scope: Scope) -> list[School]:
    """The schools with their addresses, those without a street first, then by name. One query."""
    return list(School.select().where(within(scope, School.id)).order_by(School.street != "", School.name_key))


def registered() -> list[School]:
    """Every school that ever was a member, by UAI. One query."""
    return list(School.select().order_by(School.uai))


def members_named(text: str, today: date, *, most: int = 12) -> list[tuple[int, str]]:
    """The member schools that typed words may mean: by UAI, else by name or town; id and name. Whole programme."""
    member = (School.member_from <= today) & (School.member_until.is_null() | (School.member_until >= today))
    rows = School.select(School.id, School.name, School.city).where(member).order_by(School.name_key)
    typed = text.strip()
    if not typed:
        return []
    by_uai = list(rows.where(School.uai == typed.upper()))
    if by_uai:
        return [(row.id, _name(row)) for row in by_uai]
    for word in search_key(typed).split():
        rows = rows.where(School.name_key.contains(word) | (fn.LOWER(School.city).contains(word)))
    return [(row.id, _name(row)) for row in rows.limit(most)]
