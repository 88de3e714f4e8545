"""A second life: batches of devices to repairers, refurbishers and recyclers, and what became of each (U1)."""

from enum import StrEnum


class BatchKind(StrEnum):
    """What the partner does with the devices."""

    REPAIR = "repair"
    REFURBISH = "refurbish"
    RECYCLE = "recycle"


class BatchState(StrEnum):
    """Where a batch stands; CLOSED once each device's outcome and the proof are on file."""

    OPEN = "open"
    SENT = "sent"
    CLOSED = "closed"


class BatchOutcome(StrEnum):
    """What became of one device of a batch."""

    REPAIRED = "repaired"
    REFURBISHED = "refurbished"
    NOT_REPAIRABLE = "not_repairable"
    RECYCLED = "recycled"


class Grade(StrEnum):
    """The state of a refurbished device, as refurbishers grade: A like new, B light traces, C visible traces."""

    A = "A"
    B = "B"
    C = "C"
