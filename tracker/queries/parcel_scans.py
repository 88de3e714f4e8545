"""What a scan at a desk for parcels names: parcels by their label or the carrier's, and devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.parcels import Manifest, Parcel, ParcelDevice
from tracker.models.pupils import Pupil
from tracker.models.schools import School
from tracker.queries.code_rules import rules_in_force
from tracker.queries.devices import bears
from tracker.queries.parcels import by_number
from tracker.queries.scanned import DEVICE_KINDS, ScannedText, classified
from tracker.rules.access import Scope
from tracker.rules.custody import Movement
from tracker.rules.parcels import UNFINISHED, ParcelState
from tracker.scanning.classification import CodeKind

LAST = 10


@dataclass(frozen=True)
class Seen:
    """What is in view: `text` is what to name when it is nothing known."""

    parcels: tuple[Parcel, ...] = ()
    devices: tuple[Device, ...] = ()
    text: str = ""
    looked_like: str = ""


def seen(texts: Sequence[ScannedText], scope: Scope) -> Seen:
    """The parcels and devices in view. Three queries at most."""
    codes = classified(texts, rules_in_force())
    values = list(dict.fromkeys(code.value.upper() for code in codes if code.value))
    plain = [text.text for text in texts]
    parcels = by_number([*values, *plain], scope) if values or plain else []
    devices = list(Device.select().where(bears(values)).limit(2)) if values else []
    kinds = {code.kind for code in codes}
    like = "parcel" if CodeKind.PARCEL in kinds else "device" if kinds & DEVICE_KINDS else ""
    return Seen(tuple(parcels), tuple(devices), plain[0].strip()[:60] if plain else "", like)


@dataclass(frozen=True)
class Opened:
    """A parcel at the reception: how many devices it has, how many of them are out of it."""

    parcel: Parcel
    devices: int
    arrived: int
    pupil: str


def opened(parcel_id: int) -> Opened:
    """How far a parcel is unpacked, and whose it is. One query."""
    row = (
        Parcel.select(
            Parcel, Pupil.last_name, Pupil.first_name,
            fn.COUNT(ParcelDevice.id).alias("devices"), fn.COUNT(ParcelDevice.arrived_at).alias("arrived"),
        )
        .join(ParcelDevice, JOIN.LEFT_OUTER)
        .join_from(Parcel, Pupil, JOIN.LEFT_OUTER)
        .where(Parcel.id == parcel_id)
        .group_by(Parcel, Pupil.last_name, Pupil.first_name)
        .objects()
        .get()
    )  # fmt: skip
    return Opened(row, row.devices, row.arrived, f"{row.last_name} {row.first_name}" if row.last_name else "")


def reception_counter(school_id: int) -> tuple[int, int]:
    """Devices of the parcels for this school that are out, and all of them, of parcels not closed. One query."""
    return (
        ParcelDevice.select(fn.COUNT(ParcelDevice.arrived_at), fn.COUNT(ParcelDevice.id))
        .join(Parcel)
        .where(
            Parcel.school == school_id, Parcel.kind != "return",
            Parcel.state.in_(UNFINISHED),
        )
        .tuples()
        .get()
    )  # fmt: skip


def last_receptions(user_id: int, school_id: int) -> list[dict[str, Any]]:
    """What this person took out of parcels here, the newest first, each with whether it can be undone. One query."""
    after = CustodyEvent.alias()
    return list(
        CustodyEvent.select(
            CustodyEvent.id, CustodyEvent.at, CustodyEvent.scanned, Device.serial, Pupil.last_name, Pupil.first_name,
            after.movement.alias("next_movement"), after.holder.alias("next_holder"),
        )
        .join(Device)
        .join_from(CustodyEvent, Parcel, JOIN.LEFT_OUTER, on=Parcel.reference == CustodyEvent.scanned)
        .join(Pupil, JOIN.LEFT_OUTER)
        .join_from(
            CustodyEvent, after, JOIN.LEFT_OUTER,
            on=(after.device == CustodyEvent.device) & (after.sequence == CustodyEvent.sequence + 1),
        )
        .where(
            CustodyEvent.actor_id == user_id, CustodyEvent.desk_school_id == school_id,
            CustodyEvent.movement == Movement.ARRIVED,
        )
        .order_by(CustodyEvent.at.desc(), CustodyEvent.id.desc())
        .limit(LAST)
        .dicts()
    )  # fmt: skip


@dataclass(frozen=True)
class OnManifest:
    """A manifest with what the desk and its printed page show of it."""

    id: int
    carrier: str
    created_at: datetime
    closed_at: datetime | None
    parcels: int


def manifest_of(manifest_id: int) -> OnManifest | None:
    """One manifest with its count. One query."""
    row = (
        Manifest.select(Manifest, fn.COUNT(Parcel.id).alias("parcels"))
        .join(Parcel, JOIN.LEFT_OUTER)
        .where(Manifest.id == manifest_id)
        .group_by(Manifest)
        .objects()
        .first()
    )
    return OnManifest(row.id, row.carrier, row.created_at, row.closed_at, row.parcels) if row else None


def manifests(most: int = 20) -> list[OnManifest]:
    """The last manifests, the newest first. One query."""
    rows = (
        Manifest.select(Manifest, fn.COUNT(Parcel.id).alias("parcels"))
        .join(Parcel, JOIN.LEFT_OUTER)
        .group_by(Manifest)
        .order_by(Manifest.id.desc())
        .limit(most)
        .objects()
    )
    return [OnManifest(row.id, row.carrier, row.created_at, row.closed_at, row.parcels) for row in rows]


def waiting_for(carrier: str) -> int:
    """Parcels of this carrier that are prepared and not scanned out yet. One query."""
    return Parcel.select().where(Parcel.carrier == carrier, Parcel.state == ParcelState.PREPARED).count()


def on_manifest(manifest_id: int, most: int | None = None) -> list[dict[str, Any]]:
    """The parcels of a manifest, the last scanned first. One query."""
    devices = ParcelDevice.select(fn.COUNT(ParcelDevice.id)).where(ParcelDevice.parcel == Parcel.id)
    query = (
        Parcel.select(
            Parcel.id, Parcel.reference, Parcel.kind, Parcel.state, Parcel.tracking, Parcel.shipped_at,
            Parcel.sender, Parcel.recipient,
            School.name.alias("school_name"), devices.alias("devices"),
        )
        .join(School, JOIN.LEFT_OUTER)
        .where(Parcel.manifest == manifest_id)
        .order_by(Parcel.shipped_at.desc(), Parcel.id.desc())
    )  # fmt: skip
    return list((query.limit(most) if most else query).dicts())
