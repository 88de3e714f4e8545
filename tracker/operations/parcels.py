"""Parcels: packed, given to a carrier, unpacked again; their other end is `parcel_arrivals.py`."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime

from peewee import fn

from tracker.models.cases import DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.models.loans import Allocation, Loan
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.operations import allocations, custody
from tracker.operations.custody import Circumstances
from tracker.operations.parcel_addresses import route_of
from tracker.operations.parcel_arrivals import (
    note_arrival,
    note_arrival_undone,
    note_hand_over,
    note_hand_over_undone,
    parcel_under_way,
    receive,
)
from tracker.operations.parcel_holding import Held, check_may_send, hold, move
from tracker.queries.campaigns import settings_in_force
from tracker.queries.pupils import declared_gone, roster_says_left
from tracker.rules.access import Actor
from tracker.rules.addresses import Address
from tracker.rules.calendar import local_date
from tracker.rules.custody import Custody, Holder, Movement
from tracker.rules.parcels import OWN_CARRIER, ParcelKind, ParcelState, refusal_to_pack
from tracker.rules.refusals import Refused
from tracker.rules.sscc import sscc

__all__ = [
    "cancel",
    "note_arrival",
    "note_arrival_undone",
    "note_hand_over",
    "note_hand_over_undone",
    "prepare",
    "receive",
    "ship",
    "take_back",
]


def prepare(
    kind: ParcelKind,
    device_ids: Collection[int],
    *,
    school_id: int,
    pupil_id: int | None = None,
    sender: Address | None = None,
    actor: Actor,
    now: datetime,
) -> Parcel:
    """Rules D4, L2, L6. Pack devices for a school, or prepare their way back; its label can be printed at once.

    What is sent out is in the parcel from now on; the devices of a return stay where they are until they leave or
    arrive. `pupil_id`: whose a named parcel is, who sends a return; `sender` of a return, where not the school. Raises
    Refused: parcel_empty, device_in_parcel, device_not_to_pack, an address that cannot be printed whole.
    """
    check_may_send(kind, actor)
    with database.atomic():
        school = _school(kind, device_ids, school_id, pupil_id, actor, now)
        settings = settings_in_force(local_date(now))
        route = route_of(kind, school, sender, settings)
        devices = [custody.lock(device_id) for device_id in sorted(set(device_ids))]
        parcel = Parcel.create(
            reference=uuid.uuid4().hex[:18],  # until its row has a number
            kind=kind, state=ParcelState.PREPARED, school=school, pupil=pupil_id, carrier=OWN_CARRIER,
            sender=route.sender.kept(), recipient=route.recipient.kept(), created_by=actor.user_id, created_at=now,
        )  # fmt: skip
        parcel.reference = _number(settings["sscc_prefix"], parcel.id)
        parcel.save(only=(Parcel.reference,))
        for device in devices:
            _put_in(parcel, device, actor, now)
    return parcel


def _school(
    kind: ParcelKind, device_ids: Collection[int], school_id: int, pupil_id: int | None, actor: Actor, now: datetime
) -> School:
    school = School.get_or_none(School.id == school_id)
    if school is None or not actor.scope.covers(school_id):
        raise Refused("school_not_found")
    if not device_ids:
        raise Refused("parcel_empty", rule="D8")
    if kind is ParcelKind.NAMED:
        _check_pupil(pupil_id, school_id, local_date(now))
    return school


def _check_pupil(pupil_id: int | None, school_id: int, today: date) -> None:
    """Rules D4, L5. A named parcel goes to a pupil of the school who is there still, and to nobody who died."""
    left = roster_says_left(Enrolment, today) | declared_gone(Enrolment, today)
    here = Enrolment.select().where(Enrolment.pupil == pupil_id, Enrolment.school == school_id, ~left)
    if not here.exists() or Pupil.select().where(Pupil.id == pupil_id, Pupil.deceased).exists():
        raise Refused("parcel_pupil_elsewhere", rule="D4")


def _number(prefix: str, serial: int) -> str:
    try:
        return sscc(prefix, serial)
    except ValueError as error:
        raise Refused("sscc_used_up", rule="D8") from error


def _put_in(parcel: Parcel, device: Device, actor: Actor, now: datetime) -> None:
    head = custody.chain_head(device.id)
    _check_device(parcel, head, actor)
    ParcelDevice.create(parcel=parcel, device=device.id)
    if parcel.kind == ParcelKind.RETURN:
        return
    if parcel.kind == ParcelKind.NAMED:
        _check_has_none(device, parcel)
        head = head if head.allocated_to else _set_aside(device, parcel, head, actor, now)
    after = replace(custody.custody_of(head), school_id=parcel.school_id)
    _pack(parcel, device, head, after, actor, now)


def _check_device(parcel: Parcel, head: CustodyEvent, actor: Actor) -> None:
    kind = ParcelKind(parcel.kind)
    if kind is ParcelKind.RETURN and not actor.scope.covers(head.school_id):
        raise Refused("not_found")
    other = parcel_under_way(head.device_id)
    if other:
        raise Refused("device_in_parcel", rule="D8", reference=other.reference)
    against = refusal_to_pack(kind, custody.custody_of(head), parcel.pupil_id)
    if against:
        raise against


def _check_has_none(device: Device, parcel: Parcel) -> None:
    """Rules E4, R1. Whoever has such a device needs none, unless theirs is lent for the time of a repair."""
    theirs = (
        Loan.select(Loan, Device)
        .join(Device)
        .where(Loan.pupil == parcel.pupil_id, Loan.kind == device.kind, Loan.ended_at.is_null())
    )
    lent_meanwhile = DeviceCase.select(DeviceCase.loaner).where(
        DeviceCase.pupil == parcel.pupil_id, DeviceCase.closed_at.is_null(), DeviceCase.loaner.is_null(False)
    )
    loan = theirs.where(Loan.device.not_in(lent_meanwhile)).first()
    if loan:
        raise Refused(f"pupil_has_{device.kind}", rule="E4", serial=loan.device.serial)


def _set_aside(device: Device, parcel: Parcel, head: CustodyEvent, actor: Actor, now: datetime) -> CustodyEvent:
    """What is packed for a pupil is that pupil's to be (D4). Raises Refused pupil_has_allocation."""
    open_ones = Allocation.select().where(
        Allocation.pupil == parcel.pupil_id, Allocation.kind == device.kind, Allocation.ended_at.is_null()
    )
    if open_ones.exists():
        raise Refused("pupil_has_allocation", rule="E4")
    allocations.set_aside(device, parcel.pupil_id, head, Circumstances(), actor, now)
    return custody.chain_head(device.id)


def _pack(parcel: Parcel, device: Device, head: CustodyEvent, before: Custody, actor: Actor, now: datetime) -> None:
    packed = replace(before, holder=Holder.PARCEL, pupil_id=None)
    around = Circumstances(scanned=parcel.reference)
    custody.append(device, Movement.PACKED, packed, actor=actor, now=now, circumstances=around, head=head)


def ship(parcel_ids: Iterable[int], *, actor: Actor, now: datetime, manifest_id: int | None = None) -> list[Parcel]:
    """The carrier has these parcels, on one manifest where it is given; the devices of a return are in it from now on.

    Raises Refused: not_found, not_allowed, parcel_state.
    """
    with database.atomic():
        return [_ship(hold(parcel_id, actor), manifest_id, actor, now) for parcel_id in sorted(set(parcel_ids))]


def _ship(held: Held, manifest_id: int | None, actor: Actor, now: datetime) -> Parcel:
    check_may_send(held.parcel.kind, actor)
    held.parcel.manifest_id = manifest_id
    move(held.parcel, ParcelState.SHIPPED, actor=actor, now=now)
    for content, device in held.each():
        head = custody.chain_head(device.id)
        if content.arrived_at is None and head.holder in (Holder.PUPIL, Holder.SCHOOL):
            _pack(held.parcel, device, head, custody.custody_of(head), actor, now)
    return held.parcel


def take_back(parcel_id: int, *, actor: Actor, now: datetime) -> Parcel:
    """The scan-out was a mistake: the parcel is prepared, as before. Raises Refused; manifest_closed among them."""
    with database.atomic():
        held = hold(parcel_id, actor)
        check_may_send(held.parcel.kind, actor)
        if held.parcel.state != ParcelState.SHIPPED:
            raise Refused("parcel_state", rule="D8", state=held.parcel.state, reference=held.parcel.reference)
        if held.parcel.manifest and held.parcel.manifest.closed_at:
            raise Refused("manifest_closed", reference=held.parcel.reference)
        move(held.parcel, ParcelState.PREPARED, actor=actor, now=now)
        if held.parcel.kind == ParcelKind.RETURN:
            _unpack(held, actor, now)
    return held.parcel


def cancel(parcel_id: int, *, actor: Actor, now: datetime) -> Parcel:
    """The parcel is not sent, or came back unopened: its devices are where they were. Raises Refused."""
    with database.atomic():
        held = hold(parcel_id, actor)
        check_may_send(held.parcel.kind, actor)
        move(held.parcel, ParcelState.CANCELLED, actor=actor, now=now)
        _unpack(held, actor, now)
    return held.parcel


def _unpack(held: Held, actor: Actor, now: datetime) -> None:
    """What is still inside is where it was; what arrived already may be in another parcel by now."""
    for content, device in held.each():
        head = custody.chain_head(device.id)
        if content.arrived_at is None and head.holder == Holder.PARCEL:
            around = Circumstances(scanned=held.parcel.reference)
            after = _before_packing(device.id, around.scanned, custody.custody_of(head))
            custody.append(device, Movement.UNPACKED, after, actor=actor, now=now, circumstances=around, head=head)


def _before_packing(device_id: int, reference: str, packed: Custody) -> Custody:
    """Where the device was before it went into this parcel; a pupil's, where its loan is by now (L1)."""
    event, before = CustodyEvent.alias(), CustodyEvent
    # One with an action undoes a reception: the device was at the parcel's end then.
    into_this = (event.movement == Movement.PACKED) & (event.scanned == reference) & event.action_id.is_null()
    last = event.select(fn.MAX(event.sequence)).where(event.device == device_id, into_this)
    was = before.get(before.device == device_id, before.sequence + 1 == last)
    loan = Loan.get_or_none(Loan.device == device_id, Loan.ended_at.is_null())
    school_id = loan.school_id if loan and was.pupil_id else was.school_id
    return replace(packed, holder=Holder(was.holder), school_id=school_id, pupil_id=was.pupil_id)
