"""Sample data for an empty database: Norman schools, invented pupils, devices, people, a few days of hand-overs."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import peewee

from tracker.models.agreements import Agreement
from tracker.models.database import Table, database
from tracker.models.devices import Device, DeviceModel
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.rosters import CodeAnswer, Departure
from tracker.models.schools import Campaign, School
from tracker.models.users import User
from tracker.operations import custody, ledger
from tracker.operations.campaigns import create_campaign
from tracker.operations.custody import Received
from tracker.operations.sample import agreements, cases, hardware, returns, returns_desk
from tracker.operations.sample.accounts import SampleAccount, open_accounts
from tracker.operations.sample.days import Past
from tracker.operations.sample.departures import let_some_leave
from tracker.operations.sample.parcels import pack_parcels
from tracker.operations.sample.pupils import TO_CHECK_FORM, Invented, Inventor
from tracker.operations.sample.reuse import give_second_lives
from tracker.operations.sample.schools import MEMBER_SINCE, SCHOOLS
from tracker.operations.sample.stocktakes import count_a_cupboard
from tracker.rules.access import SYSTEM
from tracker.rules.calendar import local_date
from tracker.rules.codes import BODIES, OwnKind, own_code
from tracker.rules.custody import DeviceKind, Holder
from tracker.rules.departures import Destination
from tracker.rules.levels import mef_key
from tracker.rules.names import search_key
from tracker.rules.refusals import Refused
from tracker.rules.rosters import CodeKind

PALLET = 40
"""Laptops that wait at each school; the rest is in the warehouse."""

STREET = "1 rue de l’Exemple"
"""Nobody's: a label of the sample never reaches a real school."""

_AT_ONCE = 400


@dataclass(frozen=True)
class Loaded:
    """What was loaded, for the sentence of the terminal, and the accounts with their passwords."""

    schools: int
    pupils: int
    devices: int
    hand_overs: int
    accounts: list[SampleAccount]


def is_empty() -> bool:
    """Whether nobody has put anything into this database yet."""
    return not any(table.select().exists() for table in (School, Campaign, Pupil, Device, User))


def load(*, now: datetime, seed: int = 2021) -> Loaded:
    """Load everything in one transaction, the same data from the same seed. Refused("not_empty") otherwise.

    Passwords alone differ each time.
    """
    dice = Random(seed)  # noqa: S311 - invented data, not secrets
    with database.atomic():
        if not is_empty():
            raise Refused("not_empty")
        campaign = _campaign(now)
        schools = _schools()
        accounts = open_accounts(schools, now)
        pupils = _pupils(Inventor(dice, campaign.school_year, local_date(now), now), schools)
        agreements.invite(dice)
        CodeAnswer.create(kind=CodeKind.MEF, code=mef_key(TO_CHECK_FORM.mef), label=TO_CHECK_FORM.name)
        members = [school for school in schools.values() if school.member_until is None]
        devices = _devices(dice, members, now)
        hand_overs = Past(campaign, members, dice, now).happen()
        count_a_cupboard(members[0], campaign.school_year, now=now)
        cases.happen(members, now)
        returns.expect_some(members, now)
        give_second_lives(now)
        returns_desk.come_back(campaign, dice, now)
        pack_parcels(campaign, members, now)
        let_some_leave(members, now)
        ledger.checkpoint(now=now)
    return Loaded(len(schools), pupils, devices, hand_overs, accounts)


def _campaign(now: datetime) -> Campaign:
    today = local_date(now)
    year = today.year if today.month >= 8 else today.year - 1
    return create_campaign(year, date(year, 9, 1), date(year + 1, 7, 31), actor=SYSTEM, now=now)


def _schools() -> dict[str, School]:
    return {
        each.uai: School.create(
            uai=each.uai, name=each.name, name_key=search_key(each.name), kind=each.kind, postcode=each.postcode,
            street=STREET, city=each.city, member_from=MEMBER_SINCE, member_until=each.member_until,
        )
        for each in SCHOOLS
    }  # fmt: skip


def _pupils(inventor: Inventor, schools: dict[str, School]) -> int:
    count = 0
    for each in SCHOOLS:
        invented = list(inventor.pupils_of(each))
        _insert(Pupil, [one.pupil for one in invented])
        _insert_around(invented, schools[each.uai])
        count += len(invented)
    return count


def _insert_around(invented: list[Invented], school: School) -> None:
    """The rows that name a pupil, once the pupils have their ids."""
    slips = [one.pupil["slip_code"] for one in invented]
    ids = dict(Pupil.select(Pupil.slip_code, Pupil.id).where(Pupil.slip_code.in_(slips)).tuples())
    named = [(ids[one.pupil["slip_code"]], one) for one in invented]
    _insert(Enrolment, [one.enrolment | {"pupil": each, "school": school.id} for each, one in named])
    _insert(Guardian, [row | {"pupil": each} for each, one in named for row in one.guardians])
    _insert_departures(school)
    _insert(Agreement, [one.agreement | {"pupil": each} for each, one in named if one.agreement])


def _insert_departures(school: School) -> None:
    """Rule L5. Who left is on the list of departures, to be qualified."""
    left = Enrolment.select().where(Enrolment.school == school, Enrolment.left_on.is_null(False))
    rows = [
        {
            "pupil": row.pupil_id, "enrolment": row.id, "school": school.id, "left_on": row.left_on,
            "noticed_at": datetime.combine(row.left_on, time(6), UTC), "destination": Destination.TO_QUALIFY,
        }
        for row in left
    ]  # fmt: skip
    _insert(Departure, rows)


def _insert(table: type[Table], rows: list[dict[str, Any]]) -> None:
    for some in peewee.chunked(rows, _AT_ONCE):
        table.insert_many(some).execute()


def _devices(dice: Random, schools: list[School], now: datetime) -> int:
    models = {model: _model(model) for model in hardware.MODELS}
    everything = list(hardware.pieces(dice))
    laptops = [piece for piece in everything if piece.model.kind is DeviceKind.LAPTOP]
    dice.shuffle(laptops)
    places = {piece.serial: school.id for school in schools for piece in [laptops.pop() for _ in range(PALLET)]}
    tags = dice.sample(range(BODIES), len(everything))
    pallet = [
        Received(
            serial=piece.serial, model=models[piece.model], tag=own_code(OwnKind.DEVICE_TAG, tag),
            at=Holder.SCHOOL if piece.serial in places else Holder.WAREHOUSE, school_id=places.get(piece.serial),
            refurbished=dice.random() < 0.05, imei=piece.imei, iccid=piece.iccid,
        )
        for piece, tag in zip(everything, tags, strict=True)
    ]  # fmt: skip
    return len(custody.receive_many(pallet, actor=SYSTEM, now=now - timedelta(days=30)))


def _model(model: hardware.SampleModel) -> DeviceModel:
    return DeviceModel.create(
        maker=model.maker, name=model.name, kind=model.kind, article=model.article, part_number=model.part_number
    )
