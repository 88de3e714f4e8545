"""Signing in, locking out, and choosing a new password."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from tracker.models.database import database, locked
from tracker.models.users import User
from tracker.operations import mail, passwords
from tracker.rules.access import Actor
from tracker.rules.refusals import Refused

log = structlog.get_logger()

Letter = Callable[[User, str], tuple[str, str]]
"""Writes subject and body for an account and a token, in the language of the account."""


@dataclass(frozen=True)
class LockPolicy:
    """After how many wrong passwords in a row an account is locked, and for how long."""

    after_failures: int
    minutes: int


def sign_in(email: str, password: str, *, policy: LockPolicy, now: datetime) -> User:
    """The account, when address and password belong together. Raises Refused: wrong_credentials or account_locked.

    The attempt is counted before the password is looked at: however many come at the same time, no more than
    `policy.after_failures` are looked at.
    """
    user = _count_attempt(email, policy, now)
    is_right = passwords.is_password(user.password_hash if user else None, password)
    if user is None or not is_right:
        log.info("sign-in refused", user=user.id if user else None)
        if user and user.locked_at(now):
            raise Refused("account_locked", until=user.locked_until)
        raise Refused("wrong_credentials")
    return _welcome(user, password, now)


def normal_email(email: str) -> str:
    """The address as accounts keep it."""
    return email.strip().lower()


def _count_attempt(email: str, policy: LockPolicy, now: datetime) -> User | None:
    """The open account of this address, with one more attempt; raises Refused when it is locked."""
    with database.atomic():
        user = locked(User.select().where(User.email == normal_email(email), User.active)).first()
        if user is None:
            return None
        if user.locked_at(now):
            raise Refused("account_locked", until=user.locked_until)
        user.failures = 1 if user.locked_until else user.failures + 1
        is_last = user.failures >= policy.after_failures
        user.locked_until = now + timedelta(minutes=policy.minutes) if is_last else None
        user.save(only=(User.failures, User.locked_until))
        return user


def _welcome(user: User, password: str, now: datetime) -> User:
    user.failures, user.locked_until, user.last_sign_in = 0, None, now
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hasher.hash(password)
    user.save(only=(User.failures, User.locked_until, User.last_sign_in, User.password_hash))
    return user


def ask_reset(email: str, *, letter: Letter, key: str, now: datetime) -> bool:
    """Post a link to choose a new password; whether the address has an account is for the caller alone."""
    with database.atomic():
        user = User.get_or_none(User.email == normal_email(email), User.active)
        if user:
            post_link(user, letter=letter, key=key, expires_at=now + passwords.RESET_WITHIN, now=now)
    return user is not None


def post_link(user: User, *, letter: Letter, key: str, expires_at: datetime, now: datetime) -> None:
    """Post the mail with the link; call it inside the operation's transaction."""
    subject, body = letter(user, passwords.token_for(user, key=key, expires_at=expires_at))
    mail.post(user.email, subject, body, now)


def account_of_link(token: str, *, key: str, now: datetime) -> User:
    """The account whose password the link may change. Raises Refused link_dead: too old, used, or not ours."""
    link = passwords.read_token(token, key=key)
    user = User.get_or_none(User.id == link.user_id, User.active) if link else None
    if link is None or user is None or link.expires_at < now or link.fingerprint != passwords.fingerprint(user):
        raise Refused("link_dead")
    return user


def reset_password(token: str, password: str, *, key: str, now: datetime) -> User:
    """Set the password of the link's account; every session of it ends and a lock is lifted. Raises Refused."""
    user = account_of_link(token, key=key, now=now)
    new_hash = passwords.checked_hash(password, email=user.email, name=user.name)
    with database.atomic():
        locked(User.select().where(User.id == user.id)).get()
        user = account_of_link(token, key=key, now=now)  # of two at the same time the second finds its link used
        return _set_hash(user, new_hash)


def change_password(present: str, wanted: str, *, actor: Actor, policy: LockPolicy, now: datetime) -> User:
    """Change one's own password; every other session ends. Raises Refused."""
    user = User.get_by_id(actor.user_id)
    try:
        sign_in(user.email, present, policy=policy, now=now)
    except Refused as refused:
        raise Refused("wrong_password") if refused.code == "wrong_credentials" else refused from None
    new_hash = passwords.checked_hash(wanted, email=user.email, name=user.name)
    with database.atomic():
        return _set_hash(locked(User.select().where(User.id == user.id)).get(), new_hash)


def _set_hash(user: User, new_hash: str) -> User:
    user.password_hash, user.session_key = new_hash, passwords.new_session_key()
    user.failures, user.locked_until = 0, None
    user.save(only=(User.password_hash, User.session_key, User.failures, User.locked_until))
    log.info("password set", user=user.id)
    return user


def choose_language(locale: str, *, actor: Actor) -> None:
    """Keep the language that the person reads."""
    User.update(locale=locale).where(User.id == actor.user_id).execute()
