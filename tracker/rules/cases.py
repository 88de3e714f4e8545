"""Cases: breakdown and damage (R1), theft and loss (R2), a missing device that turns up (R4)."""

from enum import StrEnum


class CaseKind(StrEnum):
    """What happened to the device."""

    BREAKDOWN = "breakdown"
    DAMAGE = "damage"
    THEFT = "theft"
    LOSS = "loss"
    SIGHTING = "sighting"


class CaseState(StrEnum):
    """Where a case stands. OWED: the pupil's device, repaired or new, is on its way or waits for the pupil (D8)."""

    OPEN = "open"
    AWAITING_DEVICE = "awaiting_device"
    DIAGNOSIS = "diagnosis"
    IN_REPAIR = "in_repair"
    OWED = "owed"
    CLOSED = "closed"
    REFUSED = "refused"


class CaseOutcome(StrEnum):
    """How a case ended, or what was decided for it."""

    REPAIRED = "repaired"
    REPLACED = "replaced"
    REFUSED = "refused"
    FOUND = "found"
    WITHDRAWN = "withdrawn"


class DocumentKind(StrEnum):
    """What an attached file is."""

    DECLARATION = "declaration"
    PHOTO = "photo"
    PROOF = "proof"
    ERASURE = "erasure"
    OTHER = "other"
