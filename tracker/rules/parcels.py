"""Parcels: what kinds there are, and where one stands from packing to the pupil's hands (D4, D8, L2, L6)."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.rules.custody import Custody, DeviceState, Holder
from tracker.rules.loans import raises_alarm
from tracker.rules.refusals import Refused


class ParcelKind(StrEnum):
    """What a parcel is for: stock for a school, a named pupil’s device (D4, R1), devices on their way back (L2)."""

    OUTBOUND = "outbound"
    NAMED = "named"
    RETURN = "return"


class ParcelState(StrEnum):
    """Where a parcel stands; CLOSED once nothing of it waits to be handed over any more (D8)."""

    PREPARED = "prepared"
    SHIPPED = "shipped"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


FOLLOWS: dict[ParcelState, frozenset[ParcelState]] = {
    ParcelState.PREPARED: frozenset({ParcelState.SHIPPED, ParcelState.RECEIVED, ParcelState.CANCELLED}),
    ParcelState.SHIPPED: frozenset({ParcelState.RECEIVED, ParcelState.CANCELLED, ParcelState.PREPARED}),
    ParcelState.RECEIVED: frozenset({ParcelState.CLOSED}),
    ParcelState.CLOSED: frozenset({ParcelState.RECEIVED}),
    ParcelState.CANCELLED: frozenset(),
}
"""What may follow what.

A parcel may be received without ever having been scanned out: somebody forgot to. A
scan-out by mistake makes it prepared again. A hand-over that is undone opens a
closed one again. RECEIVED is the end of a return.
"""

UNDER_WAY = (ParcelState.PREPARED, ParcelState.SHIPPED)
"""Made, and not where it goes."""

UNFINISHED = (*UNDER_WAY, ParcelState.RECEIVED)
"""Something of it may still have to arrive, or to be handed over."""

OWN_CARRIER = "own"
"""The built-in carrier: our own label, brought to whoever takes it."""


def refusal_to_pack(kind: ParcelKind, custody: Custody, pupil_id: int | None) -> Refused | None:
    """Rules D4, D8, R4: why this device does not go into a parcel of this kind; `pupil_id`: of a named one.

    What is sent out is in stock and nobody else's; what comes back is with a pupil or waits at a school.
    """
    if raises_alarm(custody.state):
        return Refused(f"device_{custody.state}", rule="R4")
    if kind is ParcelKind.RETURN:
        return None if custody.holder in (Holder.PUPIL, Holder.SCHOOL) else _not_there(custody)
    if custody.state is not DeviceState.IN_STOCK or custody.holder not in (Holder.WAREHOUSE, Holder.SCHOOL):
        return _not_there(custody)
    if kind is ParcelKind.NAMED and custody.allocated_to not in (None, pupil_id):
        return Refused("device_allocated", rule="D4", allocated_to=custody.allocated_to)
    return None


def _not_there(custody: Custody) -> Refused:
    return Refused("device_not_to_pack", rule="D8", state=custody.state, holder=custody.holder)


def refusal_to_move(state: ParcelState, to: ParcelState, reference: str) -> Refused | None:
    """Why a parcel in this state may not come into the other one."""
    if to in FOLLOWS[state]:
        return None
    return Refused("parcel_state", rule="D8", state=state, reference=reference)


def is_overdue(state: ParcelState, shipped_at: datetime | None, days: int, now: datetime) -> bool:
    """Rule D8. Whether a parcel has been on its way for longer than the setting allows."""
    return state is ParcelState.SHIPPED and shipped_at is not None and now - shipped_at > timedelta(days=days)


_TRACKING = re.compile(r"[0-9A-Z][0-9A-Z-]{5,38}[0-9A-Z]")


def checked_tracking(text: str) -> str:
    """A carrier's number as it is kept: capitals, without gaps; empty where there is none. Raises tracking_form."""
    bare = re.sub(r"\s", "", text).upper()
    if bare and not _TRACKING.fullmatch(bare):
        raise Refused("tracking_form", text=text[:40])
    return bare


DEVICE_KG = 2.5
"""A laptop with its charger in its box: what a carrier is told for each device."""


def weight_kg(devices: int) -> float:
    """What a parcel weighs, by the number of its devices."""
    return DEVICE_KG * max(devices, 1)
