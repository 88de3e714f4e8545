"""The end of a stocktake: differences settled one by one, closed, its record kept as PDF."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from tracker.models.custody import CustodyEvent
from tracker.models.database import database
from tracker.models.devices import Device
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.operations import allocations, custody
from tracker.operations.custody import Circumstances
from tracker.operations.parcel_arrivals import note_arrival
from tracker.operations.stocktakes import finding_of, held, line_of, settle_moved
from tracker.queries.pupils import Year
from tracker.queries.stocktakes import counts, place_of
from tracker.rules.access import Actor
from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.refusals import Refused
from tracker.rules.stocktakes import (
    IN_LEDGER,
    Place,
    Resolution,
    StocktakeState,
    closing_refusal,
    resolution_reason_refusal,
    way_refusal,
)
from tracker.storage.storage import Storage

log = structlog.get_logger()
KIND = "stocktakes"


def resolve(
    stocktake_id: int, line_id: int, way: Resolution, reason: str, *, actor: Actor, now: datetime
) -> StocktakeLine:
    """Settle one difference; moved here and declared lost are movements of the ledger, the others only words.

    Raises Refused: not_found, stocktake_closed, stocktake_settled, stocktake_reason_missing, reason_too_long, those of
    rules.stocktakes.way_refusal.
    """
    reason = reason.strip()
    with database.atomic():
        stocktake = held(stocktake_id, actor)
        if stocktake.state == StocktakeState.CLOSED:
            raise Refused("stocktake_closed")
        line = line_of(stocktake_id, line_id)
        if line.resolution in IN_LEDGER:
            raise Refused("stocktake_settled")
        _settle(line, place_of(stocktake), way, reason, actor, now)
        line.resolution, line.reason, line.resolved_by, line.resolved_at = way, reason, actor.user_id, now
        line.save()
    log.info("stocktake difference settled", stocktake=stocktake_id, line=line_id, way=way)
    return line


def _settle(line: StocktakeLine, place: Place, way: Resolution, reason: str, actor: Actor, now: datetime) -> None:
    device = custody.lock(line.device_id) if line.device_id is not None else None
    head = custody.chain_head(device.id) if device else None
    before = custody.custody_of(head) if head else None
    if refused := way_refusal(way, finding_of(line), before, place, actor) or resolution_reason_refusal(reason):
        raise refused
    if device and head and way in IN_LEDGER:
        _move(device, head, way, place, Circumstances(reason=reason, desk_school_id=place.school_id), actor, now)


def _move(
    device: Device,
    head: CustodyEvent,
    way: Resolution,
    place: Place,
    around: Circumstances,
    actor: Actor,
    now: datetime,
) -> None:
    before = custody.custody_of(head)
    if way is Resolution.DECLARED_LOST:
        movement, after = Movement.DECLARED_LOST, _lost(before)
        allocations.replace_open(device, None, now)
    else:
        movement = Movement.RELOCATED
        after = replace(before, holder=place.holder or before.holder, school_id=place.school_id)
    custody.append(device, movement, after, actor=actor, now=now, circumstances=around, head=head)
    if way is Resolution.MOVED_HERE:
        note_arrival(device.id, actor=actor, now=now)


def _lost(before: Custody) -> Custody:
    """Nobody is to get it, nobody knows where it is; the school keeps it in sight."""
    return replace(before, state=DeviceState.LOST, holder=Holder.UNKNOWN, pupil_id=None, allocated_to=None)


def close(stocktake_id: int, reason: str, *, year: Year, actor: Actor, now: datetime) -> Stocktake:
    """The end: nothing of it changes any more. Differences left open need a reason, and stand in the record as open.

    Raises Refused: not_found, stocktake_closed, stocktake_open_differences (`open`), reason_too_long.
    """
    reason = reason.strip()
    with database.atomic():
        stocktake = held(stocktake_id, actor)
        settle_moved(stocktake, year=year, now=now)
        still_open = counts(stocktake_id).open
        if refused := closing_refusal(StocktakeState(stocktake.state), still_open, reason):
            raise refused
        stocktake.state, stocktake.closed_at, stocktake.closed_by = StocktakeState.CLOSED, now, actor.user_id
        stocktake.reason = reason if still_open else ""
        stocktake.save()
    log.info("stocktake closed", stocktake=stocktake_id, open=still_open)
    return stocktake


def keep_record(stocktake_id: int, drawn: Callable[[], bytes], *, storage: Storage, actor: Actor, now: datetime) -> str:
    """The key of the record of a closed stocktake, drawn once; outside of any transaction, it takes a while.

    Raises Refused: not_found, stocktake_not_closed.
    """
    with database.atomic():
        stocktake = held(stocktake_id, actor)
    if stocktake.state != StocktakeState.CLOSED:
        raise Refused("stocktake_not_closed")
    if stocktake.record:
        return stocktake.record
    kept = storage.put(drawn(), kind=KIND, suffix=".pdf")
    first = Stocktake.update(record=kept.key).where(Stocktake.id == stocktake_id, Stocktake.record.is_null())
    if not first.execute():  # two people asked at the same moment
        storage.delete(kept.key)
        return Stocktake.get_by_id(stocktake_id).record
    log.info("stocktake record kept", stocktake=stocktake_id, at=now)
    return kept.key
