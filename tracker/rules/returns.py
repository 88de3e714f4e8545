"""Devices that come back: why one is expected, how it came, and where it goes next (L1 to L7, R1, U1)."""

from enum import StrEnum


class ReturnReason(StrEnum):
    """Why a device is expected back (L7)."""

    DEPARTURE = "departure"
    END_OF_YEAR = "end_of_year"
    BREAKDOWN = "breakdown"
    LOANER = "loaner"
    REPLACED = "replaced"
    OTHER = "other"


class Condition(StrEnum):
    """What a device that came back looks like."""

    GOOD = "good"
    WORN = "worn"
    DAMAGED = "damaged"
    BROKEN = "broken"


class Accessory(StrEnum):
    """What belongs to a device and comes back with it."""

    CHARGER = "charger"
    BOX = "box"
    SLEEVE = "sleeve"


class NextPlace(StrEnum):
    """Where a device that came back goes (U1)."""

    STOCK = "stock"
    REPAIR = "repair"
    REFURBISHER = "refurbisher"
    RECYCLING = "recycling"
    QUARANTINE = "quarantine"
