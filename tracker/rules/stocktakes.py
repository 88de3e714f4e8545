"""Stocktakes: a place, what is expected there, what was seen, and how each difference is resolved."""

from dataclasses import dataclass
from enum import StrEnum

from tracker.rules.access import Actor, Permission
from tracker.rules.custody import Custody, DeviceState, Holder
from tracker.rules.refusals import Refused

LONGEST_REASON = 300
"""Characters of a reason."""


class StocktakeState(StrEnum):
    """Where a stocktake stands; a paused one goes on where it was left."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class StocktakePlace(StrEnum):
    """What is counted."""

    WAREHOUSE = "warehouse"
    SCHOOL = "school"
    CLASS = "class"


class Finding(StrEnum):
    """What a line of a stocktake says, exactly one of these; all but FOUND are differences.

    ELSEWHERE: seen here, on record at another place or with somebody. UNEXPECTED: seen here, on record nowhere (lost,
    stolen, recycled). UNKNOWN: a code that no device of the programme bears.
    """

    FOUND = "found"
    MISSING = "missing"
    ELSEWHERE = "elsewhere"
    UNEXPECTED = "unexpected"
    UNKNOWN = "unknown"


class Resolution(StrEnum):
    """How a difference was settled. MOVED_AWAY: left on record while the count went on; the program settles these."""

    STAYS = "stays"
    MOVED_HERE = "moved_here"
    FOUND_LATER = "found_later"
    DECLARED_LOST = "declared_lost"
    NOT_OURS = "not_ours"
    MOVED_AWAY = "moved_away"


DIFFERENCES = (Finding.MISSING, Finding.ELSEWHERE, Finding.UNEXPECTED, Finding.UNKNOWN)
"""What has to be resolved, in the order of the worklist."""

WAYS: dict[Finding, tuple[Resolution, ...]] = {
    Finding.FOUND: (),
    Finding.MISSING: (Resolution.FOUND_LATER, Resolution.DECLARED_LOST, Resolution.STAYS),
    Finding.ELSEWHERE: (Resolution.MOVED_HERE, Resolution.STAYS),
    Finding.UNEXPECTED: (Resolution.STAYS,),
    Finding.UNKNOWN: (Resolution.NOT_OURS, Resolution.STAYS),
}
"""How each difference may be settled by a person, always with a reason."""

IN_LEDGER = frozenset({Resolution.MOVED_HERE, Resolution.DECLARED_LOST})
"""What moves the device on record: settled once, put right only by a further movement."""

_HOLDERS = {StocktakePlace.WAREHOUSE: Holder.WAREHOUSE, StocktakePlace.SCHOOL: Holder.SCHOOL}
_GONE = (DeviceState.LOST, DeviceState.STOLEN, DeviceState.RETIRED)


@dataclass(frozen=True)
class Place:
    """The place that is counted: the warehouse, a school's cupboard, or a class with its pupils."""

    kind: StocktakePlace
    school_id: int | None = None
    class_name: str = ""

    @property
    def holder(self) -> Holder | None:
        """Who holds what stands here; None for a class, whose devices are with its pupils."""
        return _HOLDERS.get(self.kind)

    def holds(self, custody: Custody) -> bool:
        """Whether a device stands here on record; a class holds none."""
        return custody.holder is self.holder and (self.school_id is None or custody.school_id == self.school_id)


def place_refusal(place: Place, actor: Actor) -> Refused | None:
    """Why a person may not count there; the warehouse is no school's."""
    if not actor.may(Permission.TAKE_STOCK):
        return Refused("not_allowed")
    if (place.kind is StocktakePlace.WAREHOUSE) != (place.school_id is None):
        return Refused("stocktake_school_missing")
    if not actor.scope.covers(place.school_id):
        return Refused("school_not_found")
    if (place.kind is StocktakePlace.CLASS) != bool(place.class_name):
        return Refused("stocktake_class_missing")
    return None


def finding(*, known: bool, expected: bool, seen: bool, recorded: Holder | None) -> Finding:
    """What a line says. `known`: it is a device of the programme; `recorded`: who held it on record when seen."""
    if not known:
        return Finding.UNKNOWN
    if expected:
        return Finding.FOUND if seen else Finding.MISSING
    return Finding.UNEXPECTED if recorded in (None, Holder.UNKNOWN) else Finding.ELSEWHERE


def way_refusal(way: Resolution, line: Finding, custody: Custody | None, place: Place, actor: Actor) -> Refused | None:
    """Why this person may not settle a difference this way. `custody`: of its device, None where it is none."""
    if way not in WAYS[line]:
        return Refused("stocktake_no_such_way")
    if way is Resolution.DECLARED_LOST:
        return _loss_refusal(custody, place, actor)
    return _move_refusal(custody, place, actor) if way is Resolution.MOVED_HERE else None


def resolution_reason_refusal(reason: str) -> Refused | None:
    """Why a difference is not settled with this reason: each one has its own, whatever the way."""
    if not reason:
        return Refused("stocktake_reason_missing")
    return Refused("reason_too_long", most=LONGEST_REASON) if len(reason) > LONGEST_REASON else None


def _loss_refusal(custody: Custody | None, place: Place, actor: Actor) -> Refused | None:
    """Rule R2. Only what nobody answers for is lost by a stocktake; a lent device is lost by a case."""
    if not actor.may(Permission.DECIDE_CASES):
        return Refused("stocktake_loss_not_yours", rule="R2")
    if custody and (custody.answerable is not None or custody.state is DeviceState.LENT):
        return Refused("stocktake_lent", rule="R2")
    return None if custody and place.holds(custody) else Refused("stocktake_moved_since")


def _move_refusal(custody: Custody | None, place: Place, actor: Actor) -> Refused | None:
    """Rule D8. The record follows what was seen, for what stands in a place: hands, parcels and partners give back."""
    if place.holder is None:
        return Refused("stocktake_class_holds_nothing")
    if custody is None or custody.state in _GONE or custody.answerable is not None:
        return Refused("stocktake_not_in_place", rule="L7")
    if custody.holder not in (Holder.WAREHOUSE, Holder.SCHOOL):
        return Refused("stocktake_not_in_place", rule="L7")
    covered = actor.scope.covers(None if custody.holder is Holder.WAREHOUSE else custody.school_id)
    return None if covered else Refused("stocktake_move_not_yours")


def closing_refusal(state: StocktakeState, open_differences: int, reason: str) -> Refused | None:
    """Why a stocktake cannot be closed: differences are open, and nobody says why they stay so."""
    if state is StocktakeState.CLOSED:
        return Refused("stocktake_closed")
    if len(reason) > LONGEST_REASON:
        return Refused("reason_too_long", most=LONGEST_REASON)
    return Refused("stocktake_open_differences", open=open_differences) if open_differences and not reason else None
