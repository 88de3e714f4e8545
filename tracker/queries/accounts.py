"""Accounts as the sign-in, the session and the list of users need them."""

from dataclasses import dataclass

import peewee

from tracker.models.schools import School
from tracker.models.users import SchoolMembership, User
from tracker.rules.access import Actor, Role, Scope


@dataclass(frozen=True)
class Account:
    """One person who may sign in; `school_names` of a school user, by name."""

    id: int
    name: str
    email: str
    role: Role
    locale: str
    session_key: str
    scope: Scope
    school_names: tuple[str, ...]


def session_account(user_id: int, session_key: str) -> Account | None:
    """The account that a session names, or None: closed, or its password changed since. One query."""
    return _account((User.id == user_id) & (User.session_key == session_key))


def actor_of(user_id: int) -> Actor | None:
    """The person as long work acts for them later, with the rights of that moment; None: the account is closed."""
    account = _account(User.id == user_id)
    return Actor(account.id, account.role, account.scope) if account else None


def _account(condition: peewee.Expression) -> Account | None:
    rows = list(
        User.select(User, School.id.alias("school_id"), School.name.alias("school_name"))
        .left_outer_join(SchoolMembership)
        .left_outer_join(School)
        .where(condition, User.active)
        .order_by(School.name)
        .objects()
    )
    if not rows:
        return None
    user = rows[0]
    schools = {row.school_id: row.school_name for row in rows if row.school_id is not None}
    return Account(
        id=user.id,
        name=user.name,
        email=user.email,
        role=Role(user.role),
        locale=user.locale,
        session_key=user.session_key,
        scope=_scope(Role(user.role), schools),
        school_names=tuple(schools.values()),
    )


def _scope(role: Role, schools: dict[int, str]) -> Scope:
    return Scope(frozenset(schools)) if role is Role.SCHOOL else Scope()
