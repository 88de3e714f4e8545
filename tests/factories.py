"""Rows for tests: each function makes one valid row, its keyword arguments change what the test is about."""

import itertools
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tracker.models.agreements import Agreement, AgreementText, Invitation
from tracker.models.devices import Device, DeviceModel
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import Campaign, School
from tracker.models.users import SchoolMembership, User
from tracker.operations import custody, mail
from tracker.operations.links import new_nonce
from tracker.rules.access import Actor, Role, Scope
from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder, Movement
from tracker.rules.eligibility import Eligible, Level
from tracker.rules.names import search_key

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
TODAY = date(2026, 10, 5)
SCHOOL_YEAR = 2026

_numbers = itertools.count(1)


def start_numbering() -> None:
    """Number the rows from 1 again: what a test makes does not depend on the tests before it."""
    global _numbers
    _numbers = itertools.count(1)


def _code(kind: OwnKind, number: int) -> str:
    """The code of the row of this number: as spread out as those drawn at random, the same in each run."""
    return own_code(kind, number * 1_000_000_007 % BODIES)


def make_campaign(**changes: Any) -> Campaign:
    """The school year in force on TODAY, made once."""
    year = changes.pop("school_year", SCHOOL_YEAR)
    values = {"starts_on": date(year, 9, 1), "ends_on": date(year + 1, 7, 31)} | changes
    return Campaign.get_or_create(school_year=year, defaults=values)[0]


def make_school(**changes: Any) -> School:
    """A member school."""
    number = 145000 + next(_numbers)  # UAIs that no test writes by hand
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
        slip_code=_code(OwnKind.PUPIL_SLIP, number),
        created_at=NOW,
        **({"birth_date": date(2011, 3, 14)} | changes),
    )
    values = {"level": Level.SECONDE_GT, "class_name": "2GT1", "eligible": Eligible.YES}
    values |= {"eligible_reason": "entry_level", "school_year": SCHOOL_YEAR} | enrolment
    Enrolment.create(pupil=pupil, school=school, **values)
    if agreement:
        Agreement.create(pupil=pupil, school_year=SCHOOL_YEAR, state=agreement, validated_at=NOW)
    return pupil


def make_guardian(pupil: Pupil, email: str | None = None, **changes: Any) -> Guardian:
    """A legal guardian with an address."""
    number = next(_numbers)
    values = {"last_name": pupil.last_name, "first_name": "Camille", "legal": True, "rank": 1} | changes
    return Guardian.create(pupil=pupil, email=f"parent{number}@example.org" if email is None else email, **values)


def make_text(**changes: Any) -> AgreementText:
    """The agreement's text, in its next version."""
    version = AgreementText.select().count() + 1
    values = {"version": version, "french": f"Texte {version}.", "english": f"Text {version}.", "digest": "0" * 64}
    return AgreementText.create(**(values | {"pages": 1, "published_at": NOW} | changes))


def make_invitation(pupil: Pupil, guardian: Guardian | None = None, *, sent_at: datetime = NOW, **changes: Any) -> Any:
    """An agreement that was sent, by a mail that was delivered: to the guardian, else to the pupil of age."""
    agreement, _ = Agreement.get_or_create(
        pupil=pupil, school_year=SCHOOL_YEAR, defaults={"state": "sent", "sent_at": sent_at}
    )
    recipient = changes.pop("recipient", guardian.email if guardian else pupil.email)
    posted = mail.post(recipient, "To sign", "Your link", sent_at)
    posted.sent_at = sent_at
    posted.save()
    values = {"created_at": sent_at, "expires_at": sent_at + timedelta(days=45), "nonce": new_nonce()} | changes
    return Invitation.create(agreement=agreement, guardian=guardian, recipient=recipient, mail=posted, **values)


def make_model(**changes: Any) -> DeviceModel:
    """A laptop model."""
    values = {"maker": "Lenovo", "name": f"300e {next(_numbers)}", "kind": DeviceKind.LAPTOP} | changes
    return DeviceModel.create(**values)


def make_device(school: School | None = None, **changes: Any) -> Device:
    """A laptop in stock, at `school` or in the warehouse, with the first event of its ledger."""
    kind = changes.pop("kind", DeviceKind.LAPTOP)
    state = changes.pop("state", DeviceState.IN_STOCK)
    number = next(_numbers)
    values = {"serial": f"PF{number:06d}", "tag": _code(OwnKind.DEVICE_TAG, number)}
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
