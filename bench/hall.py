"""A school on its distribution day, as large as asked for: pupils who may have a laptop, laptops, people at desks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

import peewee

from tracker.models.agreements import Agreement
from tracker.models.devices import Device, DeviceModel
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import Campaign, School
from tracker.operations import custody
from tracker.operations.custody import Received
from tracker.operations.users import create_user
from tracker.rules.access import SYSTEM
from tracker.rules.calendar import local_date
from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.rules.custody import Holder
from tracker.rules.names import search_key

PASSWORD = "cheval-agrafe-9-correct"
AT_ONCE = 500


@dataclass(frozen=True)
class Pair:
    """A pupil and the laptop that goes into their hands."""

    pupil_id: int
    slip: str
    device_id: int
    tag: str


@dataclass(frozen=True)
class Hall:
    """The school, the school year, who stands at the desks, and what is to be handed over."""

    school_id: int
    campaign: Campaign
    staff: list[tuple[int, str]]
    pairs: list[Pair]


def fill(count: int, *, now: datetime, people: int = 1) -> Hall:
    """Write the hall into the migrated, empty database that is open."""
    today, dice = local_date(now), Random(17)
    year = today.year if today.month >= 8 else today.year - 1
    campaign = Campaign.create(school_year=year, starts_on=date(year, 9, 1), ends_on=date(year + 1, 7, 31))
    school = School.create(
        uai="0140013N", name="Lycée Malherbe", name_key="lycee malherbe", city="Caen", member_from=date(2021, 9, 1)
    )
    staff = [_person(number, now) for number in range(people)]
    bodies = dice.sample(range(BODIES), 2 * count)
    slips = [own_code(OwnKind.PUPIL_SLIP, body) for body in bodies[:count]]
    tags = [own_code(OwnKind.DEVICE_TAG, body) for body in bodies[count:]]
    pupils = _pupils(slips, school, year, now)
    devices = _devices(tags, school, now)
    pairs = [Pair(pupils[slip], slip, devices[tag], tag) for slip, tag in zip(slips, tags, strict=True)]
    return Hall(school.id, campaign, staff, pairs)


def _person(number: int, now: datetime) -> tuple[int, str]:
    email = f"desk{number}@example.org"
    name = f"Desk {number}"
    return create_user(email=email, name=name, role="staff", password=PASSWORD, actor=SYSTEM, now=now).id, email


def _pupils(slips: list[str], school: School, year: int, now: datetime) -> dict[str, int]:
    names = [f"Martin{number}" for number in range(len(slips))]
    _insert(Pupil, [_pupil(name, slip, now) for name, slip in zip(names, slips, strict=True)])
    ids = dict(Pupil.select(Pupil.slip_code, Pupil.id).tuples())
    eligible = {"level": "seconde_gt", "eligible": "yes", "eligible_reason": "entry_level"}
    schooling = eligible | {"school": school, "school_year": year}
    rows = [
        schooling | {"pupil": ids[slip], "class_name": f"2GT{number // 30 + 1}"} for number, slip in enumerate(slips)
    ]
    _insert(Enrolment, rows)
    agreed = {"school_year": year, "state": "validated", "validated_at": now}
    _insert(Agreement, [agreed | {"pupil": ids[slip]} for slip in slips])
    return ids


def _pupil(name: str, slip: str, now: datetime) -> dict:
    keys = {"name_key": search_key(f"{name} Léa"), "first_name_key": search_key(f"Léa {name}")}
    return {"last_name": name, "first_name": "Léa", "slip_code": slip, "created_at": now} | keys


def _devices(tags: list[str], school: School, now: datetime) -> dict[str, int]:
    model = DeviceModel.create(maker="Lenovo", name="300w", kind="laptop")
    pallet = [
        Received(serial=f"PF{number:06X}", model=model, tag=tag, at=Holder.SCHOOL, school_id=school.id)
        for number, tag in enumerate(tags)
    ]
    custody.receive_many(pallet, actor=SYSTEM, now=now - timedelta(days=3))
    return dict(Device.select(Device.tag, Device.id).tuples())


def _insert(table: type[peewee.Model], rows: list[dict]) -> None:
    for some in peewee.chunked(rows, AT_ONCE):
        table.insert_many(some).execute()
