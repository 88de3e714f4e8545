"""Parcels given to a carrier: scanned one after the other onto a manifest, which is closed when the van leaves."""

import uuid
from dataclasses import replace
from datetime import datetime

from tracker.models.database import database, locked
from tracker.models.parcels import Manifest, Parcel
from tracker.operations import parcels, scans
from tracker.operations.scans import Answer
from tracker.rules.access import Actor, Permission
from tracker.rules.parcels import ParcelState
from tracker.rules.refusals import Refused


def open_manifest(carrier: str, *, actor: Actor, now: datetime) -> Manifest:
    """The manifest that is being filled for this carrier, else a new one. Raises Refused not_allowed."""
    _check_may(actor)
    with database.atomic():
        found = Manifest.get_or_none(
            Manifest.carrier == carrier, Manifest.closed_at.is_null(), Manifest.created_by == actor.user_id
        )
        return found or Manifest.create(carrier=carrier, created_by=actor.user_id, created_at=now)


def scan_out(parcel_id: int, manifest_id: int, *, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    """The parcel leaves on this manifest; the same action again gives the first answer.

    Raises Refused: not_allowed, manifest_closed, parcel_other_carrier, parcel_state.
    """
    _check_may(actor)
    return scans.until_not_overtaken(lambda: _scan_out(parcel_id, manifest_id, action_id, actor, now))


def _scan_out(parcel_id: int, manifest_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    earlier = scans.earlier_answer(action_id, actor, record_id=parcel_id)
    if earlier:
        return earlier
    manifest, parcel = _held(manifest_id), Parcel.get_or_none(Parcel.id == parcel_id)
    if parcel is None:
        raise Refused("not_found")
    found = Answer("already", None, parcel.pupil_id, record_id=parcel_id)
    if parcel.manifest_id == manifest_id and parcel.state == ParcelState.SHIPPED:
        return found
    if manifest.closed_at:
        raise Refused("manifest_closed", reference=parcel.reference)
    if parcel.carrier != manifest.carrier:
        raise Refused("parcel_other_carrier", reference=parcel.reference, carrier=parcel.carrier)
    parcels.ship([parcel_id], actor=actor, now=now, manifest_id=manifest_id)
    return scans.remember(replace(found, outcome="done"), action_id, actor=actor, now=now)


def close_manifest(manifest_id: int, *, actor: Actor, now: datetime) -> Manifest:
    """The carrier has taken what is on it. Raises Refused: not_allowed, not_found, manifest_empty."""
    _check_may(actor)
    with database.atomic():
        manifest = _held(manifest_id)
        if not Parcel.select().where(Parcel.manifest == manifest).exists():
            raise Refused("manifest_empty")
        if manifest.closed_at is None:
            manifest.closed_at = now
            manifest.save()
        return manifest


def _held(manifest_id: int) -> Manifest:
    """The manifest, held: nothing comes onto it while it is closed. Raises Refused not_found."""
    manifest = locked(Manifest.select().where(Manifest.id == manifest_id)).first()
    if manifest is None:
        raise Refused("not_found")
    return manifest


def _check_may(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_PARCELS):
        raise Refused("not_allowed")
