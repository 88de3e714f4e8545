"""What a whole ledger is: chains without a gap, each movement possible after the one before, sealed day by day."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tracker.rules.calendar import local_date
from tracker.rules.custody import GENESIS, Custody, DeviceState, Holder, Movement, event_hash


class Flaw(StrEnum):
    """In what way a ledger is broken."""

    EMPTY_CHAIN = "empty_chain"
    SEQUENCE = "sequence"
    PREVIOUS_HASH = "previous_hash"
    HASH = "hash"
    ORDER = "order"
    MOVEMENT = "movement"
    UNDOES = "undoes"
    SEALED_DAY = "sealed_day"
    SEALED_DEVICES = "sealed_devices"
    SEAL = "seal"


@dataclass(frozen=True)
class Break:
    """Where a ledger is broken: at an event of a device's chain, or (device None) at the checkpoint of a day."""

    flaw: Flaw
    device_id: int | None
    sequence: int | None
    expected: str
    found: str
    day: date | None = None


@dataclass(frozen=True)
class Link:
    """One event of a chain; `facts`: the values that its hash covers."""

    id: int
    device_id: int
    sequence: int
    previous_hash: str
    hash: str
    facts: dict[str, Any]


def broken_link(link: Link, before: Link | None) -> Break | None:
    """What is wrong with an event, given the one before it in the device's chain (None: it must be the first)."""
    for guard in _GUARDS:
        found = guard(link, before)
        if found:
            flaw, expected, stands = found
            return Break(flaw, link.device_id, link.sequence, str(expected), str(stands))
    return None


_Finding = tuple[Flaw, object, object] | None


def _no_gap(link: Link, before: Link | None) -> _Finding:
    expected = before.sequence + 1 if before else 1
    return None if link.sequence == expected else (Flaw.SEQUENCE, expected, link.sequence)


def _is_chained(link: Link, before: Link | None) -> _Finding:
    expected = before.hash if before else GENESIS
    return None if link.previous_hash == expected else (Flaw.PREVIOUS_HASH, expected, link.previous_hash)


def _is_as_written(link: Link, before: Link | None) -> _Finding:
    expected = event_hash(link.previous_hash, link.facts)
    return None if link.hash == expected else (Flaw.HASH, expected, link.hash)


def _is_later(link: Link, before: Link | None) -> _Finding:
    """Checkpoints tell old events from new ones by their ids."""
    if before is None or link.id > before.id:
        return None
    return Flaw.ORDER, f"> {before.id}", link.id


def _is_possible(link: Link, before: Link | None) -> _Finding:
    """From where it was to where it is: the movement must be able to do that."""
    movement, after = Movement(link.facts["movement"]), _custody(link)
    if _POSSIBLE[movement](_custody(before) if before else None, after):
        return None
    return Flaw.MOVEMENT, f"{movement} after {_custody(before) if before else 'nothing'}", after


def _undoes_the_last(link: Link, before: Link | None) -> _Finding:
    is_undo = link.facts["movement"] in (Movement.HAND_OVER_UNDONE, Movement.RETURN_UNDONE)
    expected = before.id if is_undo and before else None
    return None if link.facts["undoes"] == expected else (Flaw.UNDOES, expected, link.facts["undoes"])


_GUARDS: tuple[Callable[[Link, Link | None], _Finding], ...] = (
    _no_gap,
    _is_chained,
    _is_as_written,
    _is_later,
    _is_possible,
    _undoes_the_last,
)


def _custody(link: Link) -> Custody:
    facts = link.facts
    return Custody(
        DeviceState(facts["state"]), Holder(facts["holder"]), facts["school_id"], facts["pupil_id"],
        facts["allocated_to"], facts["answerable"],
    )  # fmt: skip


def _received(before: Custody | None, after: Custody) -> bool:
    nobodys = after.pupil_id is None and after.allocated_to is None and after.answerable is None
    return before is None and after.state is DeviceState.IN_STOCK and nobodys


def _allocated(before: Custody | None, after: Custody) -> bool:
    return before is not None and after.allocated_to is not None and _same_but_allocation(before, after)


def _unallocated(before: Custody | None, after: Custody) -> bool:
    return before is not None and after.allocated_to is None and _same_but_allocation(before, after)


def _same_but_allocation(before: Custody, after: Custody) -> bool:
    return replace(before, allocated_to=after.allocated_to) == after


def _handed_over(before: Custody | None, after: Custody) -> bool:
    in_hands = after.state is DeviceState.LENT and after.holder is Holder.PUPIL and after.pupil_id is not None
    # A loaner is lent and stays nobody's (R1); anything else that is handed over is the pupil's to be.
    one_pupil = after.pupil_id == after.answerable and after.allocated_to in (None, after.pupil_id)
    return before is not None and before.state is DeviceState.IN_STOCK and in_hands and one_pupil


def _hand_over_undone(before: Custody | None, after: Custody) -> bool:
    back = after.state is DeviceState.IN_STOCK and after.holder is not Holder.PUPIL and after.answerable is None
    return before is not None and before.state is DeviceState.LENT and back


def _moved_with_pupil(before: Custody | None, after: Custody) -> bool:
    """Rule L1. The school alone changes, of a device that a pupil answers for."""
    return before is not None and before.answerable is not None and replace(before, school_id=after.school_id) == after


_PLACES = (Holder.WAREHOUSE, Holder.SCHOOL, Holder.PARCEL)


def _is_back(after: Custody) -> bool:
    """Out of everybody's hands: nobody answers for it any more."""
    return after.holder in (Holder.WAREHOUSE, Holder.SCHOOL) and after.answerable is None


def _returned(before: Custody | None, after: Custody) -> bool:
    return before is not None and before.state is DeviceState.LENT and _is_back(after)


def _return_undone(before: Custody | None, after: Custody) -> bool:
    """The situation before the return: with the pupil, missing, or back and not looked at yet."""
    answered_for = after.holder is not Holder.PUPIL or after.answerable is not None
    return before is not None and _is_back(before) and answered_for


def _triaged(before: Custody | None, after: Custody) -> bool:
    """Rule U1. Where it goes next, of a device that is back; one from a school or a parcel is at the warehouse now."""
    in_no_hands = before is not None and before.answerable is None and before.holder in _PLACES
    stays = before is not None and (before.holder, before.school_id) == (after.holder, after.school_id)
    here = stays or after.holder is Holder.WAREHOUSE
    return in_no_hands and here and _is_back(after) and after.state is not DeviceState.LENT


def _packed(before: Custody | None, after: Custody) -> bool:
    """Rule D8. On its way: whose it is to be and who answers for it stay as they were."""
    if before is None or after.holder is not Holder.PARCEL:
        return False
    return (before.allocated_to, before.answerable) == (after.allocated_to, after.answerable)


def _out_of_parcel(before: Custody | None, after: Custody) -> bool:
    return before is not None and before.holder is Holder.PARCEL and after.holder is not Holder.PARCEL


def _to(holder: Holder, *states: DeviceState) -> Callable[[Custody | None, Custody], bool]:
    return lambda before, after: before is not None and after.holder is holder and after.state in states


def _came_from_partner(before: Custody | None, after: Custody) -> bool:
    away = before is not None and before.holder in (Holder.REPAIRER, Holder.REFURBISHER)
    return away and _is_back(after)


def _recycled(before: Custody | None, after: Custody) -> bool:
    """Rule U1. Its life ends with the recycler that it was sent to."""
    if before is None or (before.holder, before.state) != (Holder.RECYCLER, DeviceState.TO_RECYCLE):
        return False
    return replace(before, state=DeviceState.RETIRED) == after


def _relocated(before: Custody | None, after: Custody) -> bool:
    """The place alone changes, of a device that is in no pupil's hands."""
    in_place = before is not None and before.holder is not Holder.PUPIL and after.holder is not Holder.PUPIL
    return in_place and replace(before, holder=after.holder, school_id=after.school_id) == after  # type: ignore[type-var]


def _loan_ended(before: Custody | None, after: Custody) -> bool:
    """Nobody answers for a device that is not back: lost, stolen, or given up."""
    return before is not None and before.answerable is not None and replace(before, answerable=None) == after


def _found(before: Custody | None, after: Custody) -> bool:
    """Rule R4. Here, out of everybody's hands, or again with the pupil who still answers for it."""
    if before is None or before.state not in (DeviceState.LOST, DeviceState.STOLEN):
        return False
    with_pupil = after.state is DeviceState.LENT and after.holder is Holder.PUPIL
    same_pupil = before.answerable is not None and before.answerable == after.answerable == after.pupil_id
    return _is_back(after) or (with_pupil and same_pupil)


def _into(state: DeviceState) -> Callable[[Custody | None, Custody], bool]:
    return lambda before, after: before is not None and after.state is state


_POSSIBLE: dict[Movement, Callable[[Custody | None, Custody], bool]] = {
    Movement.RECEIVED: _received,
    Movement.ALLOCATED: _allocated,
    Movement.UNALLOCATED: _unallocated,
    Movement.HANDED_OVER: _handed_over,
    Movement.HAND_OVER_UNDONE: _hand_over_undone,
    Movement.DECLARED_LOST: _into(DeviceState.LOST),
    Movement.DECLARED_STOLEN: _into(DeviceState.STOLEN),
    Movement.SENT_TO_REPAIR: _into(DeviceState.IN_REPAIR),
    Movement.MOVED_WITH_PUPIL: _moved_with_pupil,
    Movement.RETURNED: _returned,
    Movement.RETURN_UNDONE: _return_undone,
    Movement.TRIAGED: _triaged,
    Movement.PACKED: _packed,
    Movement.UNPACKED: _out_of_parcel,
    Movement.ARRIVED: _out_of_parcel,
    Movement.SENT_TO_REFURBISHER: _to(Holder.REFURBISHER, DeviceState.TO_REFURBISH),
    Movement.SENT_TO_RECYCLER: _to(Holder.RECYCLER, DeviceState.TO_RECYCLE),
    Movement.CAME_FROM_PARTNER: _came_from_partner,
    Movement.RELOCATED: _relocated,
    Movement.LOAN_ENDED: _loan_ended,
    Movement.FOUND: _found,
    Movement.RECYCLED: _recycled,
}
"""What each movement makes of the situation before it. A new movement adds its line here."""


class Seal:
    """One hash over a checkpoint's own facts, the seal before it and the heads of all chains, in the order of ids."""

    def __init__(self, previous: str, day: date, at: datetime, up_to: int) -> None:
        self.devices = 0
        opening = f"{previous}\n{day.isoformat()} {at.isoformat(timespec='microseconds')} {up_to}\n"
        self._digest = hashlib.sha256(opening.encode())

    def add(self, device_id: int, head: str) -> None:
        """Cover the head of one more chain."""
        self._digest.update(f"{device_id}:{head}\n".encode())
        self.devices += 1

    def text(self) -> str:
        """The seal: 64 hexadecimal digits."""
        return self._digest.hexdigest()


@dataclass(frozen=True)
class Sealed:
    """A checkpoint as it is on record."""

    day: date
    at: datetime
    up_to: int
    devices: int
    seal: str


def broken_seal(sealed: Sealed, computed: Seal) -> Break | None:
    """What is wrong with a checkpoint, given the seal recomputed over the chains as they were then."""
    findings = (
        (Flaw.SEALED_DAY, local_date(sealed.at), sealed.day),
        (Flaw.SEALED_DEVICES, computed.devices, sealed.devices),
        (Flaw.SEAL, computed.text(), sealed.seal),
    )
    for flaw, expected, found in findings:
        if expected != found:
            return Break(flaw, None, None, str(expected), str(found), sealed.day)
    return None
