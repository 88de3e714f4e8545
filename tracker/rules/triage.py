"""Where a device that came back goes next, from what the desk sees (U1, R1, R4)."""

from dataclasses import dataclass
from datetime import date

from tracker.rules.custody import DeviceKind
from tracker.rules.returns import Accessory, Condition, NextPlace, ReturnReason


@dataclass(frozen=True)
class Findings:
    """What the proposal rests on. `has_case`: a breakdown waits for its diagnosis. `years`: in the programme."""

    condition: Condition
    missing: frozenset[Accessory]
    kind: DeviceKind
    years: int
    old_from: int
    refurbished: bool = False
    reason: ReturnReason | None = None
    has_case: bool = False
    was_missing: bool = False


def next_place(seen: Findings) -> NextPlace:
    """Rule U1. The place that the desk proposes; a person may always choose another.

    Rule R4: what was lost or stolen waits for its case. Rule R1: what broke down is diagnosed, however good it looks.
    """
    if seen.was_missing:
        return NextPlace.QUARANTINE
    if seen.has_case:
        return NextPlace.REPAIR
    if seen.condition in (Condition.BROKEN, Condition.DAMAGED):
        return _of_the_damaged(seen)
    if seen.reason is ReturnReason.BREAKDOWN:
        return NextPlace.REPAIR
    if Accessory.CHARGER in seen.missing:
        return NextPlace.QUARANTINE
    return NextPlace.REFURBISHER if _is_worn_out(seen) else NextPlace.STOCK


def _of_the_damaged(seen: Findings) -> NextPlace:
    """A hotspot costs less than its repair; an old laptop that does not work is worth its parts."""
    if seen.kind is DeviceKind.HOTSPOT:
        return NextPlace.RECYCLING
    if not _is_old(seen):
        return NextPlace.REPAIR
    return NextPlace.RECYCLING if seen.condition is Condition.BROKEN or seen.refurbished else NextPlace.REFURBISHER


def _is_worn_out(seen: Findings) -> bool:
    """Old and worn: a refurbisher first. One that was refurbished already is lent until it breaks."""
    return _is_old(seen) and seen.condition is Condition.WORN and not seen.refurbished


def _is_old(seen: Findings) -> bool:
    return seen.years >= seen.old_from


def years_between(received: date, today: date) -> int:
    """Whole years that a device has been in the programme."""
    return today.year - received.year - ((today.month, today.day) < (received.month, received.day))
