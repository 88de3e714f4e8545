"""Devices in the warehouse: where each goes next, and that no data are left on it (U1)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from tracker.models.custody import CustodyEvent
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.operations import custody
from tracker.operations.custody import Circumstances
from tracker.queries.batches import batch_codes
from tracker.queries.reuse import last_lent
from tracker.rules.access import Actor, Permission
from tracker.rules.custody import Movement
from tracker.rules.refusals import Refused
from tracker.rules.returns import STATE_AT, NextPlace
from tracker.rules.reuse import LONGEST_REASON, is_erased, triage_refusal

MOST_AT_ONCE = 500
"""Devices of one selection."""


def triage(device_ids: Iterable[int], place: NextPlace, *, reason: str, actor: Actor, now: datetime) -> int:
    """Rule U1. The devices go to their next place, all or none, for a reason on record; how many were moved.

    Raises Refused triage_reason_missing, reason_too_long, nothing_chosen, too_many_chosen, and what the rule says of
    the first device that may not (`serial`).
    """
    reason = _checked_reason(reason)
    with database.atomic():
        devices = hold(device_ids, actor, Permission.TRIAGE)
        heads = {device.id: custody.chain_head(device.id) for device in devices}
        _refuse_triage(devices, heads, place)
        for device in devices:
            before = custody.custody_of(heads[device.id])
            custody.append(
                device, Movement.TRIAGED, replace(before, state=STATE_AT[place]), actor=actor, now=now,
                circumstances=Circumstances(reason=reason, rule="U1"), head=heads[device.id],
            )  # fmt: skip
    return len(devices)


def _refuse_triage(devices: list[Device], heads: dict[int, CustodyEvent], place: NextPlace) -> None:
    lent, codes = last_lent(heads), batch_codes(heads)
    for device in devices:
        erased = is_erased(device.erased_at, lent.get(device.id))
        before = custody.custody_of(heads[device.id])
        found = triage_refusal(before, place, erased=erased, in_batch=device.id in codes)
        if found:
            found.facts |= {"serial": device.serial, "batch": codes.get(device.id, "")}
            raise found


def _checked_reason(reason: str) -> str:
    if not reason.strip():
        raise Refused("triage_reason_missing")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused("reason_too_long", most=LONGEST_REASON)
    return reason.strip()


def say_erased(device_ids: Iterable[int], *, actor: Actor, now: datetime) -> int:
    """Rule U1. No pupil's data are left on these devices, says the actor; how many that is new for.

    Raises Refused nothing_chosen, too_many_chosen, erase_while_lent (`serial`).
    """
    with database.atomic():
        devices = hold(device_ids, actor, Permission.TRIAGE)
        for device in devices:
            if custody.chain_head(device.id).answerable is not None:
                raise Refused("erase_while_lent", rule="U1", serial=device.serial)
        lent = last_lent(device.id for device in devices)
        new = [device for device in devices if not is_erased(device.erased_at, lent.get(device.id))]
        for device in new:
            note_erased(device, actor=actor, now=now)
    return len(new)


def note_erased(device: Device, *, actor: Actor, now: datetime) -> None:
    """The row of a held device says when its data went, and who said so."""
    device.erased_at, device.erased_by = now, actor.user_id
    device.save(only=(Device.erased_at, Device.erased_by))


def hold(device_ids: Iterable[int], actor: Actor, permission: Permission) -> list[Device]:
    """The chosen devices, held in the order of their ids. Raises Refused."""
    if not actor.may(permission):
        raise Refused("not_allowed")
    chosen = sorted(set(device_ids))
    if not chosen:
        raise Refused("nothing_chosen")
    if len(chosen) > MOST_AT_ONCE:
        raise Refused("too_many_chosen", most=MOST_AT_ONCE)
    return [custody.lock(each) for each in chosen]
