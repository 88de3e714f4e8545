"""Devices that come back: why one is expected, how it came, and where it goes next (L1 to L7, R1, U1)."""

from enum import StrEnum

from tracker.rules.custody import Custody, DeviceState, Holder


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


STATE_AT: dict[NextPlace, DeviceState] = {
    NextPlace.STOCK: DeviceState.IN_STOCK,
    NextPlace.REPAIR: DeviceState.IN_REPAIR,
    NextPlace.REFURBISHER: DeviceState.TO_REFURBISH,
    NextPlace.RECYCLING: DeviceState.TO_RECYCLE,
    NextPlace.QUARANTINE: DeviceState.QUARANTINED,
}
"""The state of a device that waits for its next place."""


class Stranger(StrEnum):
    """What a device is that nobody finds on record."""

    UNIDENTIFIED = "unidentified"
    OTHER_OWNER = "other_owner"


class StrangerOutcome(StrEnum):
    """What became of a device that nobody found on record."""

    GIVEN_BACK = "given_back"
    IDENTIFIED = "identified"
    RECYCLED = "recycled"


class Way(StrEnum):
    """What it means that a device lies on the returns desk."""

    TAKE_BACK = "take_back"
    LOOK_AT = "look_at"
    FOUND = "found"
    ALREADY = "already"
    AWAY = "away"


_DECIDED = (DeviceState.QUARANTINED, DeviceState.IN_REPAIR, DeviceState.TO_REFURBISH, DeviceState.TO_RECYCLE)


def way_of(custody: Custody, *, at_warehouse: bool, by_parcel: bool = False) -> Way:
    """Rules L7, R4, U1. Lent: it comes back. Missing: it is found. Collected at a school: the warehouse looks at it.

    `by_parcel`: it is in a return parcel, as what a school sends back of its own stock.
    """
    if custody.state in (DeviceState.LOST, DeviceState.STOLEN):
        return Way.FOUND
    if custody.state is DeviceState.LENT:
        return Way.TAKE_BACK
    if custody.holder in (Holder.REPAIRER, Holder.REFURBISHER) or custody.state is DeviceState.RETIRED:
        return Way.AWAY
    if at_warehouse and (by_parcel or _waits_for_a_look(custody)):
        return Way.LOOK_AT
    return Way.AWAY if custody.holder in (Holder.PARCEL, Holder.UNKNOWN) else Way.ALREADY


def _waits_for_a_look(custody: Custody) -> bool:
    """Collected in a hall, or on its way from there; what the warehouse has decided about is not asked about again."""
    came_from_outside = custody.state in _DECIDED and custody.holder in (Holder.SCHOOL, Holder.PARCEL)
    return custody.state is DeviceState.RETURNED or came_from_outside


def may_look_again(custody: Custody) -> bool:
    """Whether the warehouse may decide anew where a device goes: one in no pupil's and no partner's hands."""
    known = custody.state is DeviceState.IN_STOCK or custody.state in _DECIDED or custody.state is DeviceState.RETURNED
    return known and custody.holder in (Holder.WAREHOUSE, Holder.SCHOOL)


def needs_a_reason(custody: Custody, *, is_expected: bool) -> bool:
    """Rule L7. A pupil's device that nobody waits for is taken back all the same, and the desk says why."""
    return custody.state is DeviceState.LENT and not is_expected
