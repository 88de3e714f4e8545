"""Password hashes (argon2id) and the signed links that let a person choose a new password."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tracker.models.users import User
from tracker.operations import tokens
from tracker.rules.passwords import password_problem
from tracker.rules.refusals import Refused

RESET_WITHIN = timedelta(hours=1)
INVITED_FOR = timedelta(days=7)
_SALT = "choose-password"

# OWASP's parameters for argon2id: 19 MiB for each sign-in, so that a small machine bears many at the same time.
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
NO_PASSWORD = "!"  # noqa: S105 - no hash is ever equal to it: the account waits for its first password
_SOMEBODY = hasher.hash(secrets.token_hex(16))


@dataclass(frozen=True)
class Link:
    """What a link's token says, once its signature is checked."""

    user_id: int
    fingerprint: str
    expires_at: datetime


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one of the hash; takes as long when there is no account or no password yet."""
    try:
        return hasher.verify(_comparable(password_hash), password) and _comparable(password_hash) == password_hash
    except (VerificationError, InvalidHashError):
        return False


def _comparable(password_hash: str | None) -> str:
    return password_hash if password_hash and password_hash != NO_PASSWORD else _SOMEBODY


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(password_hash)


def checked_hash(password: str, *, email: str, name: str) -> str:
    """The hash of a password that is good enough; Refused says why it is not."""
    problem = password_problem(password, email=email, name=name)
    if problem:
        raise Refused(problem)
    return hasher.hash(password)


def new_session_key() -> str:
    """What every session of the account must carry from now on: those that carry the former one have ended."""
    return secrets.token_hex(16)


def token_for(user: User, *, key: str, expires_at: datetime) -> str:
    """A signed token that lets the person choose a password, once: it dies with the present password."""
    payload = [user.id, fingerprint(user), int(expires_at.timestamp())]
    return tokens.sign(payload, purpose=_SALT, key=key)


def read_token(token: str, *, key: str) -> Link | None:
    """What the token says, or None when this program did not sign it."""
    try:
        user_id, print_, expires = tokens.read(token, purpose=_SALT, key=key)
        return Link(int(user_id), str(print_), datetime.fromtimestamp(expires, tz=UTC))
    except (TypeError, ValueError):
        return None


def fingerprint(user: User) -> str:
    """Changes with the password and with the end of the sessions, says nothing about either."""
    return hashlib.sha256(f"{user.password_hash}{user.session_key}".encode()).hexdigest()[:20]
