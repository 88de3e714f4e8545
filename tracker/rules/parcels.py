"""Parcels: what kinds there are, and where one stands from packing to the pupil's hands (D4, D8, L2, L6)."""

from enum import StrEnum


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
    ParcelState.SHIPPED: frozenset({ParcelState.RECEIVED, ParcelState.CANCELLED}),
    ParcelState.RECEIVED: frozenset({ParcelState.CLOSED}),
    ParcelState.CLOSED: frozenset(),
    ParcelState.CANCELLED: frozenset(),
}
"""What may follow what. A parcel may be received without ever having been scanned out: the school forgot to say so."""
