"""Schools as filters and facts name them."""

from tracker.models.schools import School
from tracker.queries.scope import within
from tracker.rules.access import Scope


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
