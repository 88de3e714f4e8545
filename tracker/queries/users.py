"""Accounts as an administrator sees them, and schools found by typing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_

import peewee

from tracker.models.schools import School
from tracker.models.users import SchoolMembership, User
from tracker.queries.pages import Order
from tracker.queries.prefix import starts_with
from tracker.rules.names import search_key

ORDER = Order(User.name, User.id)
MOST_SUGGESTED = 12


@dataclass(frozen=True)
class UserFilter:
    """What the list is narrowed to; empty: everybody who may sign in."""

    q: str = ""
    role: str = ""
    closed: bool = False


def listing(filters: UserFilter) -> peewee.ModelSelect:
    """The accounts that match, to be ordered and cut by queries.pages."""
    conditions = [User.active == (not filters.closed)]
    if filters.role:
        conditions.append(User.role == filters.role)
    for word in filters.q.split():
        conditions.append(User.name.contains(word) | User.email.contains(word))
    return User.select(User.id, User.name, User.email, User.role, User.last_sign_in, User.locked_until).where(
        *conditions
    )


def schools_of_users(user_ids: Iterable[int]) -> dict[int, list[str]]:
    """The names of the schools that each of these users acts for. One query."""
    rows = (
        SchoolMembership.select(SchoolMembership.user.alias("user_id"), School.name)
        .join(School)
        .where(SchoolMembership.user.in_(list(user_ids)))
        .order_by(School.name)
        .tuples()
    )
    names: dict[int, list[str]] = defaultdict(list)
    for user_id, name in rows:
        names[user_id].append(name)
    return names


def user_of(user_id: int) -> User | None:
    """The account, or None."""
    return User.get_or_none(User.id == user_id)


def school_ids_of(user_id: int) -> list[int]:
    """The schools that the user acts for."""
    rows = SchoolMembership.select(SchoolMembership.school).where(SchoolMembership.user == user_id).tuples()
    return [school_id for (school_id,) in rows]


def schools_named(school_ids: Iterable[int]) -> list[School]:
    """These schools, by name."""
    return list(School.select().where(School.id.in_(sorted(school_ids))).order_by(School.name))


def schools_like(text: str) -> list[School]:
    """The schools that what was typed may mean: the beginning of the UAI, words of name or city. By name."""
    words = search_key(text).split()
    if not words:
        return []
    by_words = [School.name_key.contains(word) | School.city.contains(word) for word in words]
    is_meant = starts_with(School.uai, text.strip().upper()) | reduce(and_, by_words)
    return list(School.select().where(is_meant).order_by(School.name).limit(MOST_SUGGESTED))


def schools_of_uais(uais: Iterable[str]) -> dict[str, int]:
    """The ids of the schools with these UAIs, by UAI; an unknown one is left out."""
    wanted = [uai.upper() for uai in uais]
    return dict(School.select(School.uai, School.id).where(School.uai.in_(wanted)).tuples())
