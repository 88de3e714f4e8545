"""A carrier's label and number for a parcel: asked for between two transactions, written whole or not at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO

import structlog

from tracker.carriers.carrier import Carrier, CarrierFailed, CarrierLabel, Consignment
from tracker.models.database import database, locked
from tracker.models.parcels import Parcel, ParcelDevice
from tracker.operations.parcel_holding import check_may_send
from tracker.queries.scope import within
from tracker.rules.access import Actor, Scope
from tracker.rules.addresses import Address, in_parts
from tracker.rules.calendar import local_date
from tracker.rules.parcels import ParcelKind, ParcelState, checked_tracking, weight_kg
from tracker.rules.refusals import Refused
from tracker.storage.storage import FileMissing, Storage

log = structlog.get_logger()
_KIND = "carrier-labels"


def request_label(
    parcel_id: int, name: str, *, carriers: Mapping[str, Carrier], storage: Storage, actor: Actor, now: datetime
) -> Parcel:
    """Have the carrier `name` take this prepared parcel: its number and its label are kept with it.

    No transaction is open while the network is asked. Raises Refused: carrier_unknown, parcel_state, carrier_failed,
    an address that the carrier would cut; then nothing was written.
    """
    carrier = carriers.get(name)
    if carrier is None:
        raise Refused("carrier_unknown")
    parcel = _to_be_labelled(parcel_id, actor)
    label = _ordered(carrier, parcel, now)
    with database.atomic():
        held = locked(Parcel.select().where(Parcel.id == parcel_id)).get()
        _check(held, actor)
        held.carrier = carrier.name
        if label:
            held.tracking = checked_tracking(label.tracking)
            held.label = storage.put(label.pdf, kind=_KIND, suffix=".pdf").key
        held.save(only=(Parcel.carrier, Parcel.tracking, Parcel.label))
    log.info("carrier label", parcel=parcel_id, carrier=carrier.name, by=actor.user_id)
    return held


def _to_be_labelled(parcel_id: int, actor: Actor) -> Parcel:
    parcel = Parcel.get_or_none(Parcel.id == parcel_id)
    if parcel is None or not actor.scope.covers(parcel.school_id):
        raise Refused("not_found")
    _check(parcel, actor)
    return parcel


def _check(parcel: Parcel, actor: Actor) -> None:
    check_may_send(parcel.kind, actor)
    if parcel.state != ParcelState.PREPARED or parcel.label:
        raise Refused("parcel_has_carrier" if parcel.label else "parcel_state", rule="D8", state=parcel.state,
                      reference=parcel.reference)  # fmt: skip


def _ordered(carrier: Carrier, parcel: Parcel, now: datetime) -> CarrierLabel | None:
    sender, recipient = Address(**parcel.sender), Address(**parcel.recipient)
    for address in (sender, recipient):
        in_parts(address, carrier.longest_line)
    devices = ParcelDevice.select().where(ParcelDevice.parcel == parcel).count()
    consignment = Consignment(
        parcel.reference, sender, recipient, weight_kg(devices), local_date(now), parcel.kind == ParcelKind.RETURN
    )
    try:
        return carrier.order(consignment)
    except CarrierFailed as failed:
        log.warning("carrier failed", parcel=parcel.id, carrier=carrier.name, reason=failed.reason, said=failed.said)
        raise Refused("carrier_failed", carrier=carrier.name, reason=failed.reason, said=failed.said) from failed


def kept_label(parcel_id: int, scope: Scope, storage: Storage) -> BinaryIO | None:
    """The carrier's own label of a parcel within the scope; None where there is none (any more)."""
    parcel = Parcel.get_or_none(Parcel.id == parcel_id, within(scope, Parcel.school))
    if parcel is None or not parcel.label:
        return None
    try:
        return storage.open(parcel.label)
    except FileMissing:
        return None
