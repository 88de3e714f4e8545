"""Where a device is, for whom, and who answers for it: the words of the ledger and its hash chain."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Holder(StrEnum):
    """Where a device is: the second of the three facts (allocated to, held by, answerable)."""

    WAREHOUSE = "warehouse"
    SCHOOL = "school"
    PARCEL = "parcel"
    PUPIL = "pupil"
    REPAIRER = "repairer"
    REFURBISHER = "refurbisher"
    RECYCLER = "recycler"
    UNKNOWN = "unknown"


class DeviceState(StrEnum):
    """What may be done with a device now.

    RETURNED is back from a pupil and not looked at yet; IN_REPAIR, TO_REFURBISH and TO_RECYCLE wait for their partner
    where the holder is the warehouse, and are with the partner otherwise (U1).
    """

    IN_STOCK = "in_stock"
    LENT = "lent"
    RETURNED = "returned"
    QUARANTINED = "quarantined"
    IN_REPAIR = "in_repair"
    TO_REFURBISH = "to_refurbish"
    TO_RECYCLE = "to_recycle"
    LOST = "lost"
    STOLEN = "stolen"
    RETIRED = "retired"


class DeviceKind(StrEnum):
    """The two kinds of device that the programme lends."""

    LAPTOP = "laptop"
    HOTSPOT = "hotspot"


class Movement(StrEnum):
    """What a custody event says happened."""

    RECEIVED = "received"
    ALLOCATED = "allocated"
    UNALLOCATED = "unallocated"
    HANDED_OVER = "handed_over"
    HAND_OVER_UNDONE = "hand_over_undone"
    DECLARED_LOST = "declared_lost"
    DECLARED_STOLEN = "declared_stolen"
    SENT_TO_REPAIR = "sent_to_repair"
    MOVED_WITH_PUPIL = "moved_with_pupil"
    RETURNED = "returned"
    RETURN_UNDONE = "return_undone"
    TRIAGED = "triaged"
    PACKED = "packed"
    UNPACKED = "unpacked"
    ARRIVED = "arrived"
    SENT_TO_REFURBISHER = "sent_to_refurbisher"
    SENT_TO_RECYCLER = "sent_to_recycler"
    CAME_FROM_PARTNER = "came_from_partner"
    RELOCATED = "relocated"
    LOAN_ENDED = "loan_ended"
    FOUND = "found"
    RECYCLED = "recycled"


@dataclass(frozen=True)
class Custody:
    """The whole situation of one device: the three facts and its state. Ids, never names.

    `school_id` goes with a school as holder (and names the school a parcel is for), `pupil_id` with a pupil.
    """

    state: DeviceState
    holder: Holder
    school_id: int | None = None
    pupil_id: int | None = None
    allocated_to: int | None = None
    answerable: int | None = None


GENESIS = "0" * 64


def event_hash(previous: str, facts: dict[str, Any]) -> str:
    """The SHA-256 that chains an event to the one before it; `facts` in canonical JSON (sorted, compact, UTF-8)."""
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def custody_facts(custody: Custody) -> dict[str, Any]:
    """A situation as plain values for a ledger row and its hash."""
    return asdict(custody)
