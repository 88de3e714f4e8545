"""Batches for repairers, refurbishers and recyclers: opened, filled by scanning, sent, closed with their proof (U1)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

import peewee

from tracker.models.attachments import Attachment
from tracker.models.database import database, locked
from tracker.models.devices import Device
from tracker.models.reuse import Batch, BatchDevice
from tracker.operations import custody, scans
from tracker.operations.attachments import Subject, attach
from tracker.operations.custody import Circumstances
from tracker.operations.reuse import hold
from tracker.operations.scans import Answer
from tracker.operations.sightings import refuse_missing
from tracker.queries import batches
from tracker.queries.reuse import last_lent
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.cases import DocumentKind
from tracker.rules.refusals import Refused
from tracker.rules.reuse import WAYS, BatchKind, BatchState, batch_refusal, close_refusal, is_erased, send_refusal
from tracker.storage.storage import Storage

LONGEST_PARTNER, LONGEST_REFERENCE, LONGEST_NOTE = 100, 60, 1000
MOST_GRAMS = 100_000_000
"""A hundred tonnes: more is a slip of the hand, and a column holds twenty times that."""


def open_batch(kind: BatchKind, partner: str, *, note: str = "", actor: Actor, now: datetime) -> Batch:
    """Rule U1. A batch for a partner, empty and open. Raises Refused partner_missing, text_too_long."""
    _check_may(actor)
    if not partner.strip():
        raise Refused("partner_missing")
    _check_length(partner.strip(), LONGEST_PARTNER)
    _check_length(note.strip(), LONGEST_NOTE)
    return Batch.create(
        kind=kind, state=BatchState.OPEN, partner=partner.strip(), note=note.strip(), opened_by=actor.user_id,
        opened_at=now,
    )  # fmt: skip


def add_device(batch_id: int, device_id: int, *, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    """Rule U1. A scanned device goes into the batch, once; the same action again gives the first answer.

    Raises Refused as the rule says, batch_not_open, device_lost, device_stolen (R4).
    """
    _check_may(actor)
    refuse_missing(device_id, where_school_id=None, actor=actor, now=now)
    return scans.until_not_overtaken(lambda: _add_scanned(batch_id, device_id, action_id, actor, now))


def _add_scanned(batch_id: int, device_id: int, action_id: uuid.UUID, actor: Actor, now: datetime) -> Answer:
    batch, device = held_batch(batch_id, BatchState.OPEN), custody.lock(device_id)
    earlier = scans.earlier_answer(action_id, actor, outcome="done", device_id=device_id)
    if earlier:
        return earlier
    if BatchDevice.select().where(BatchDevice.batch == batch_id, BatchDevice.device == device_id).exists():
        return Answer("already", device_id, None)
    _add(batch, [device], actor, now)
    return scans.remember(Answer("done", device_id, None), action_id, actor=actor, now=now)


def add_devices(batch_id: int, device_ids: Iterable[int], *, actor: Actor, now: datetime) -> int:
    """Rule U1. The chosen devices go into the batch, all or none; those that are in it already count as put in.

    Raises Refused as for one device (`serial`), nothing_chosen, too_many_chosen.
    """
    with database.atomic():
        batch, devices = held_batch(batch_id, BatchState.OPEN), hold(device_ids, actor, Permission.MANAGE_REUSE)
        inside = {row.device_id for row in BatchDevice.select().where(BatchDevice.batch == batch_id)}
        _add(batch, [device for device in devices if device.id not in inside], actor, now)
    return len(devices)


def _add(batch: Batch, devices: list[Device], actor: Actor, now: datetime) -> None:
    elsewhere = batches.batch_codes(device.id for device in devices)
    for device in devices:
        before = custody.custody_of(custody.chain_head(device.id))
        found = batch_refusal(BatchKind(batch.kind), before, other_batch=elsewhere.get(device.id))
        if found:
            found.facts["serial"] = device.serial
            raise found
        BatchDevice.create(batch=batch, device=device, added_by=actor.user_id, added_at=now)


def remove_device(batch_id: int, device_id: int, *, actor: Actor) -> None:
    """A device is taken out of an open batch; it waits as before. One that is not in it is none any more."""
    _check_may(actor)
    with database.atomic():
        held_batch(batch_id, BatchState.OPEN)
        BatchDevice.delete().where(BatchDevice.batch == batch_id, BatchDevice.device == device_id).execute()


def give_up(batch_id: int, *, actor: Actor) -> None:
    """An open batch that nobody sends after all is gone; its devices wait as before."""
    _check_may(actor)
    with database.atomic():
        held_batch(batch_id, BatchState.OPEN).delete_instance()


def send(batch_id: int, *, partner_erases: bool = False, actor: Actor, now: datetime) -> Batch:
    """Rule U1. The batch leaves: each device is with the partner from now on.

    `partner_erases`: what still holds data is erased there, and its certificate is waited for. Raises Refused
    batch_empty, batch_not_erased, and for a device that was moved meanwhile what the rule says (`serial`).
    """
    _check_may(actor)
    with database.atomic():
        batch = held_batch(batch_id, BatchState.OPEN)
        devices = held_devices(batch)
        lent = last_lent(device.id for device in devices)
        not_erased = sum(not is_erased(device.erased_at, lent.get(device.id)) for device in devices)
        kind = BatchKind(batch.kind)
        refused = send_refusal(kind, len(devices), not_erased, partner_erases=partner_erases)
        if refused:
            raise refused
        for device in devices:
            _send(device, batch, actor, now)
        batch.state, batch.sent_at, batch.sent_by = BatchState.SENT, now, actor.user_id
        batch.partner_erases = partner_erases and not_erased > 0
        batch.save()
    return batch


def _send(device: Device, batch: Batch, actor: Actor, now: datetime) -> None:
    kind, head = BatchKind(batch.kind), custody.chain_head(device.id)
    before = custody.custody_of(head)
    refused = batch_refusal(kind, before, other_batch=None)
    if refused:
        refused.facts["serial"] = device.serial
        raise refused
    away = replace(before, holder=WAYS[kind].holder, school_id=None)
    custody.append(
        device, WAYS[kind].movement, away, actor=actor, now=now, circumstances=around(batch), head=head
    )  # fmt: skip


def around(batch: Batch) -> Circumstances:
    """What the ledger says of a movement that a batch made."""
    return Circumstances(reason=f"{batches.code_of(batch.id)} · {batch.partner}", rule="U1")


@dataclass(frozen=True)
class Figures:
    """What a batch's proof says: `weight` in grams, `counted` devices."""

    reference: str = ""
    proof_on: date | None = None
    weight: int | None = None
    counted: int | None = None


def keep_paper(
    batch_id: int, data: bytes, file_name: str, kind: DocumentKind, *, storage: Storage, actor: Actor, now: datetime
) -> Attachment:
    """Rule U1. One more paper of a sent batch. Raises Refused batch_not_sent, attachment_… ."""
    _check_may(actor)
    batch = held_batch(batch_id, BatchState.SENT)  # not held on: drawing a paper takes its time
    return attach(data, file_name, kind, Subject(batch=batch), storage=storage, actor=actor, now=now)


def note_proof(batch_id: int, figures: Figures, *, actor: Actor, now: datetime) -> Batch:
    """Rule U1. What the proof of a batch says.

    Raises Refused proof_date_ahead, proof_before_sending, proof_figures, text_too_long, batch_not_sent.
    """
    _check_may(actor)
    _check_length(figures.reference, LONGEST_REFERENCE)
    numbers = [each for each in (figures.weight, figures.counted) if each is not None]
    if any(not 0 < each <= MOST_GRAMS for each in numbers):
        raise Refused("proof_figures")
    with database.atomic():
        batch = held_batch(batch_id, BatchState.SENT)
        _check_date(figures.proof_on, batch, now)
        batch.reference, batch.proof_on = figures.reference.strip(), figures.proof_on
        batch.weight, batch.counted = figures.weight, figures.counted
        batch.save()
    return batch


def _check_date(day: date | None, batch: Batch, now: datetime) -> None:
    if day and day > local_date(now):
        raise Refused("proof_date_ahead")
    if day and day < local_date(batch.sent_at):
        raise Refused("proof_before_sending", sent_on=local_date(batch.sent_at))


def close(batch_id: int, reason: str = "", *, actor: Actor, now: datetime) -> Batch:
    """Rule U1. The batch is over; `reason`: why, although its proof counts another number of devices.

    Raises Refused outcomes_missing, proof_missing, erasure_proof_missing, proof_contradicts, reason_too_long.
    """
    _check_may(actor)
    reason = reason.strip()
    with database.atomic():
        batch = held_batch(batch_id, BatchState.SENT)
        devices, unknown = _devices_and_unknown(batch)
        proof = batches.proof_of(batch, Attachment.select().where(Attachment.batch == batch_id))
        refused = close_refusal(
            BatchKind(batch.kind), unknown, proof, devices=devices, partner_erases=batch.partner_erases, reason=reason
        )
        if refused:
            raise refused
        batch.state, batch.closed_at, batch.closed_by = BatchState.CLOSED, now, actor.user_id
        batch.reason = reason if proof.contradicts(devices) else ""
        batch.save()
    return batch


def _devices_and_unknown(batch: Batch) -> tuple[int, int]:
    """How many devices the batch has, and of how many nobody has said what became of them."""
    told = [row.outcome for row in BatchDevice.select(BatchDevice.outcome).where(BatchDevice.batch == batch.id)]
    return len(told), sum(outcome is None for outcome in told)


def held_batch(batch_id: int, state: BatchState) -> Batch:
    """The batch in this state, held. Raises Refused not_found, batch_not_open, batch_not_sent."""
    batch = locked(Batch.select().where(Batch.id == batch_id)).first()
    if batch is None:
        raise Refused("not_found")
    if batch.state != state:
        raise Refused(f"batch_not_{state}", rule="U1", state=batch.state)
    return batch


def held_devices(batch: Batch) -> list[Device]:
    """The devices of a batch, held in the order of their ids."""
    inside = BatchDevice.select(BatchDevice.device).where(BatchDevice.batch == batch.id)
    rows: peewee.ModelSelect = Device.select().where(Device.id.in_(inside)).order_by(Device.id)
    return list(locked(rows))


def _check_may(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_REUSE):
        raise Refused("not_allowed")


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise Refused("text_too_long", most=most)
