"""Accounts made and changed by an administrator."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from email_validator import EmailNotValidError, validate_email

from tracker.models.database import database, locked
from tracker.models.schools import School
from tracker.models.users import SchoolMembership, User
from tracker.operations import accounts, passwords
from tracker.rules.access import Actor, Permission, Role
from tracker.rules.refusals import Refused

log = structlog.get_logger()


@dataclass(frozen=True)
class Profile:
    """What an administrator decides about an account."""

    name: str
    role: Role
    school_ids: frozenset[int] = field(default_factory=frozenset)
    active: bool = True


def create_user(
    *,
    email: str,
    name: str,
    role: Role | str,
    school_ids: Iterable[int] = (),
    password: str | None = None,
    locale: str = "fr",
    actor: Actor,
    now: datetime,
) -> User:
    """A new account; without a password nobody can sign in until `invite` has sent a link. Raises Refused."""
    _check_may(actor)
    address = checked_email(email)
    profile = _checked(Profile(name.strip(), Role(role), frozenset(school_ids)))
    has_password = password is not None
    secret = passwords.checked_hash(password or "", email=address, name=name) if has_password else passwords.NO_PASSWORD
    with database.atomic():
        if User.select().where(User.email == address).exists():
            raise Refused("email_taken")
        user = User.create(
            email=address, name=profile.name, role=profile.role, password_hash=secret, locale=locale,
            session_key=passwords.new_session_key(), created_at=now,
        )  # fmt: skip
        _join_schools(user, profile)
    log.info("account created", user=user.id, role=profile.role, by=actor.user_id)
    return user


def invite(user_id: int, *, letter: accounts.Letter, key: str, actor: Actor, now: datetime) -> User:
    """Post a link with which the person chooses a password, good for a week. Raises Refused."""
    _check_may(actor)
    with database.atomic():
        user = _held(user_id)
        if not user.active:
            raise Refused("account_closed")
        accounts.post_link(user, letter=letter, key=key, expires_at=now + passwords.INVITED_FOR, now=now)
    return user


def change_user(user_id: int, profile: Profile, *, actor: Actor) -> User:
    """Change name, role, schools, or close and reopen the account. Raises Refused.

    Closing ends every session. The last administrator who can sign in stays one.
    """
    _check_may(actor)
    profile = _checked(profile)
    with database.atomic():
        _keep_an_administrator(user_id, profile)
        user = _held(user_id)
        user.name, user.role, user.active = profile.name, profile.role, profile.active
        if not profile.active:
            user.session_key = passwords.new_session_key()
        user.save(only=(User.name, User.role, User.active, User.session_key))
        _join_schools(user, profile)
    log.info("account changed", user=user.id, role=profile.role, active=profile.active, by=actor.user_id)
    return user


def end_sessions(user_id: int, *, actor: Actor) -> User:
    """Sign the person out everywhere; links that were sent before die too. Raises Refused."""
    _check_may(actor)
    with database.atomic():
        user = _held(user_id)
        user.session_key = passwords.new_session_key()
        user.save(only=(User.session_key,))
    return user


def checked_email(email: str) -> str:
    """The address as accounts keep it. Raises Refused when it is none."""
    try:
        # A school's own network may use a domain that the rest of the world does not know.
        found = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Refused("email_invalid") from None
    return accounts.normal_email(found.normalized)


def _check_may(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_USERS):
        raise Refused("not_allowed")


def _checked(profile: Profile) -> Profile:
    if not profile.name:
        raise Refused("name_missing")
    if profile.role is not Role.SCHOOL:
        return Profile(profile.name, profile.role, active=profile.active)
    if not profile.school_ids:
        raise Refused("schools_missing")
    if School.select().where(School.id.in_(sorted(profile.school_ids))).count() < len(profile.school_ids):
        raise Refused("school_not_found")
    return profile


def _held(user_id: int) -> User:
    user = locked(User.select().where(User.id == user_id)).first()
    if user is None:
        raise Refused("not_found")
    return user


def _join_schools(user: User, profile: Profile) -> None:
    present = {row.school_id for row in SchoolMembership.select().where(SchoolMembership.user == user)}
    left = sorted(present - profile.school_ids)
    SchoolMembership.delete().where(SchoolMembership.user == user, SchoolMembership.school.in_(left)).execute()
    for school_id in sorted(profile.school_ids - present):
        SchoolMembership.create(user=user, school=school_id)


def _keep_an_administrator(user_id: int, profile: Profile) -> None:
    """All administrators are held, in one order: two who demote each other at the same time cannot both succeed."""
    if profile.active and profile.role is Role.ADMIN:
        return
    admins = locked(User.select().where(User.role == Role.ADMIN, User.active).order_by(User.id))
    if [admin.id for admin in admins] == [user_id]:
        raise Refused("last_administrator")
