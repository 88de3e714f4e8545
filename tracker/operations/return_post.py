"""Devices on their way back by post: one parcel for each pupil, made once, its label given again at will (L2, L6)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import peewee

from tracker.models.database import database, locked
from tracker.models.family_links import FamilyLink
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.models.returns import ExpectedReturn
from tracker.operations import parcels
from tracker.operations.expected_returns import open_return
from tracker.queries.parcels import contents_under_way
from tracker.queries.scope import within
from tracker.rules.access import SYSTEM, Actor, Permission
from tracker.rules.expected_returns import MOST_AT_ONCE
from tracker.rules.parcels import ParcelKind
from tracker.rules.refusals import Refused

_OF_A_DEVICE = frozenset({"device_lost", "device_stolen", "device_not_to_pack", "device_in_parcel"})
"""Refusals that are about one device: the other labels of a selection are made all the same."""


@dataclass
class Prepared:
    """The parcels of a selection, and the devices that cannot be sent, each with its refusal."""

    parcels: list[Parcel] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)


def prepare_return(expected_id: int, *, actor: Actor, now: datetime) -> Parcel:
    """Rules L2, L6. The return parcel of this device and of all else that its pupil must send; the same one again.

    Raises Refused: not_allowed, return_not_open, those of parcels.prepare.
    """
    _check_may(actor)
    with database.atomic():
        found = open_return(expected_id, actor.scope)
        together = ExpectedReturn.pupil == found.pupil_id if found.pupil_id else ExpectedReturn.id == found.id
        _pack(_held(together, actor), actor, now)
        packed = ExpectedReturn.get_by_id(expected_id)
        return Parcel.get_by_id(packed.parcel_id)


def prepare_returns(expected_ids: Collection[int], *, actor: Actor, now: datetime) -> Prepared:
    """Rules L2, L4, L6. The parcels of a class or a selection, one for each pupil.

    A device that cannot be sent is left out and named. Raises Refused: not_allowed, too_many_returns,
    nothing_to_send_back, an address that cannot be printed.
    """
    _check_may(actor)
    if len(expected_ids) > MOST_AT_ONCE:
        raise Refused("too_many_returns", most=MOST_AT_ONCE)
    done = Prepared()
    with database.atomic():
        rows = _held(ExpectedReturn.id.in_(list(expected_ids)), actor)
        for _pupil, listed in groupby(rows, key=lambda row: row.pupil_id or -row.id):
            _pack_what_can_be(list(listed), done, actor, now)
        if not rows:
            raise Refused("nothing_to_send_back")
        if not done.parcels:
            raise next(iter(done.refused.values()))
    done.parcels = list({parcel.id: parcel for parcel in done.parcels}.values())
    return done


def prepare_from_link(link: FamilyLink, *, now: datetime) -> list[Parcel]:
    """Rule L2. The family makes its label itself: the parcels of all that it must send, made once.

    Raises Refused: nothing_to_send_back, those of parcels.prepare.
    """
    with database.atomic():
        rows = _held(ExpectedReturn.pupil == link.pupil_id, SYSTEM)
        if not rows:
            raise Refused("nothing_to_send_back")
        return _pack(rows, SYSTEM, now)


def _check_may(actor: Actor) -> None:
    if not actor.may(Permission.SEND_RETURNS):
        raise Refused("not_allowed")


def _held(which: peewee.Expression, actor: Actor) -> list[ExpectedReturn]:
    """What is open of these within the scope, held: of two clicks the second finds the parcel of the first."""
    query = ExpectedReturn.select().where(which, ExpectedReturn.closed_at.is_null())
    query = query.where(within(actor.scope, ExpectedReturn.school))
    return list(locked(query.order_by(ExpectedReturn.pupil, ExpectedReturn.id)))


def _pack_what_can_be(rows: list[ExpectedReturn], done: Prepared, actor: Actor, now: datetime) -> None:
    """All together; where one of them cannot be sent, each by itself."""
    try:
        done.parcels += _pack_apart(rows, actor, now)
    except Refused as refused:
        if refused.code not in _OF_A_DEVICE:
            raise
        if len(rows) == 1:
            done.refused[rows[0].device.serial] = refused
            return
        for row in rows:
            _pack_what_can_be([row], done, actor, now)


def _pack_apart(rows: list[ExpectedReturn], actor: Actor, now: datetime) -> list[Parcel]:
    with database.atomic():
        return _pack(rows, actor, now)


def _pack(rows: Iterable[ExpectedReturn], actor: Actor, now: datetime) -> list[Parcel]:
    """The parcels that hold these devices; those that are in none yet go into a new one."""
    rows = list(rows)
    known = _parcels_of([row.device_id for row in rows])
    loose = [row for row in rows if row.device_id not in known]
    if loose:
        new = parcels.prepare(
            ParcelKind.RETURN, [row.device_id for row in loose],
            school_id=loose[0].school_id, pupil_id=loose[0].pupil_id, actor=actor, now=now,
        )  # fmt: skip
        known |= {row.device_id: new for row in loose}
    for row in rows:
        if row.parcel_id != known[row.device_id].id:
            ExpectedReturn.update(parcel=known[row.device_id]).where(ExpectedReturn.id == row.id).execute()
    return list({known[row.device_id].id: known[row.device_id] for row in rows}.values())


def _parcels_of(device_ids: list[int]) -> dict[int, Parcel]:
    """The return parcels that are made and have not arrived, by device: whoever made them."""
    inside = contents_under_way().where(ParcelDevice.device.in_(device_ids), Parcel.kind == ParcelKind.RETURN)
    return {row.device_id: row.parcel for row in inside}
