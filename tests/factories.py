"""Rows for tests: each function makes one valid row, its keyword arguments change what the test is about."""

import itertools
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from tracker.models.agreements import Agreement
from tracker.models.devices import Device, DeviceModel
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import Campaign, School
from tracker.models.users import SchoolMembership, User
from tracker.operations import custody
from tracker.rules.access import Actor, Role, Scope
from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder, Movement
from tracker.rules.eligibility import Eligible, Level
from tracker.rules.names import search_key

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
TODAY = date(2026, 10, 5)
SCHOOL_YEAR = 2026

_numbers = itertools.count(1)


def make_campaign(**changes: Any) -> Campaign:
    """The school year in force on TODAY, made once."""
    year = changes.pop("school_year", SCHOOL_YEAR)
    values = {"starts_on": date(year, 9, 1), "ends_on": date(year + 1, 7, 31)} | changes
    return Campaign.get_or_create(school_year=year, defaults=values)[0]


def make_school(**changes: Any) -> School:
    """A member school."""
    number = 140000 + next(_numbers)
    name = changes.pop("name", f"Lycée {number}")
    uai = f"0{number:06d}" + "ABCDEFGHJKLMNPRSTUVWXYZ"[number % 23]
    values = {"uai": uai, "name": name, "name_key": search_key(name), "city": "Caen", "member_from": date(2021, 9, 1)}
    return School.create(**(values | changes))


def make_pupil(school: School, *, agreement: str | None = "validated", **changes: Any) -> Pupil:
    """A pupil in seconde, enrolled and with a validated agreement."""
    number = next(_numbers)
    last, first = changes.pop("last_name", f"Martin{number}"), changes.pop("first_name", "Léa")
    enrolment = {key: changes.pop(key) for key in list(changes) if key in Enrolment._meta.fields}
    pupil = Pupil.create(
        last_name=last,
        first_name=first,
        name_key=search_key(f"{last} {first}"),
        first_name_key=search_key(f"{first} {last}"),
        slip_code=own_code(OwnKind.PUPIL_SLIP, secrets.randbelow(BODIES)),
        created_at=NOW,
        **({"birth_date": date(2011, 3, 14)} | changes),
    )
    values = {"level": Level.SECONDE_GT, "class_name": "2GT1", "eligible": Eligible.YES}
    values |= {"eligible_reason": "entry_level", "school_year": SCHOOL_YEAR} | enrolment
    Enrolment.create(pupil=pupil, school=school, **values)
    if agreement:
        Agreement.create(pupil=pupil, school_year=SCHOOL_YEAR, state=agreement, validated_at=NOW)
    return pupil


def make_model(**changes: Any) -> DeviceModel:
    """A laptop model."""
    values = {"maker": "Lenovo", "name": f"300e {next(_numbers)}", "kind": DeviceKind.LAPTOP} | changes
    return DeviceModel.create(**values)


def make_device(school: School | None = None, **changes: Any) -> Device:
    """A laptop in stock, at `school` or in the warehouse, with the first event of its ledger."""
    kind = changes.pop("kind", DeviceKind.LAPTOP)
    state = changes.pop("state", DeviceState.IN_STOCK)
    values = {"serial": f"PF{next(_numbers):06d}", "tag": own_code(OwnKind.DEVICE_TAG, secrets.randbelow(BODIES))}
    model = changes.pop("model", None) or make_model(kind=kind)
    device = custody.receive(
        **(values | changes), model=model, refurbished=False, at=Holder.SCHOOL if school else Holder.WAREHOUSE,
        school_id=school.id if school else None, actor=actor(), now=NOW,
    )  # fmt: skip
    if state is not DeviceState.IN_STOCK:
        movements = {DeviceState.LOST: Movement.DECLARED_LOST, DeviceState.STOLEN: Movement.DECLARED_STOLEN}
        place = Custody(state=state, holder=Holder.UNKNOWN, school_id=school.id if school else None)
        movement = movements.get(state, Movement.SENT_TO_REPAIR)
        custody.append(device, movement, place, actor=actor(), now=NOW)
    return device


def make_user(role: str = "admin", schools: Iterable[School] = (), **changes: Any) -> User:
    """An account that nobody knows the password of (operations.accounts sets real ones)."""
    number = next(_numbers)
    values = {
        "email": f"person{number}@example.org",
        "name": f"Person {number}",
        "role": role,
        "password_hash": "!",
        "session_key": secrets.token_hex(16),
        "created_at": NOW,
    }
    user = User.create(**(values | changes))
    for school in schools:
        SchoolMembership.create(user=user, school=school)
    return user


def actor(role: str = "admin", schools: Iterable[School] | None = None, user: User | None = None) -> Actor:
    """Somebody who acts."""
    scope = Scope(None if schools is None else frozenset(school.id for school in schools))
    return Actor(user.id if user else None, Role(role), scope)
