"""The people of the sample data: one of each role and more, with passwords made on the spot."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from tracker.models.schools import School
from tracker.models.users import User
from tracker.operations.users import create_user
from tracker.rules.access import SYSTEM, Role

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_PEOPLE: tuple[tuple[str, str, Role, tuple[str, ...]], ...] = (
    ("region@example.org", "Hélène Vasseur", Role.ADMIN, ()),
    ("logistique@example.org", "Karim Belkacem", Role.LOGISTICS, ()),
    ("equipe@example.org", "Maël Letellier", Role.STAFF, ()),
    ("caen@example.org", "Solène Marie", Role.SCHOOL, ("0142131R",)),
    ("cherbourg@example.org", "Yann Le Goff", Role.SCHOOL, ("0500017X",)),
    ("deux-lycees@example.org", "Inès Gonçalves", Role.SCHOOL, ("0140018U", "0140013N")),
)


@dataclass(frozen=True)
class SampleAccount:
    """Somebody who can sign in; the password is kept nowhere but in the file that the terminal writes."""

    user: User
    email: str
    password: str
    role: Role
    schools: tuple[str, ...]


def open_accounts(schools: dict[str, School], now: datetime) -> list[SampleAccount]:
    """Make the accounts; `schools` by UAI."""
    return [_open(person, schools, now) for person in _PEOPLE]


def _open(person: tuple[str, str, Role, tuple[str, ...]], schools: dict[str, School], now: datetime) -> SampleAccount:
    email, name, role, uais = person
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    theirs = [schools[uai] for uai in uais]
    user = create_user(
        email=email, name=name, role=role, school_ids=[school.id for school in theirs], password=password,
        actor=SYSTEM, now=now,
    )  # fmt: skip
    return SampleAccount(user, email, password, role, tuple(school.name for school in theirs))
