"""Counting a place: start, see, undo, pause, go on. Being seen changes no custody: nothing here writes the ledger."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee
import structlog
from peewee import SQL, Value

from tracker.models.database import database, locked
from tracker.models.devices import Device
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.operations import scans
from tracker.operations.scans import Answer
from tracker.operations.sightings import note_sighting
from tracker.queries.pupils import Year
from tracker.queries.scope import within
from tracker.queries.stocktakes import counts, devices_here, open_at, place_of
from tracker.rules.access import Actor, Permission
from tracker.rules.custody import Holder
from tracker.rules.refusals import Refused
from tracker.rules.stocktakes import IN_LEDGER, Finding, Place, Resolution, StocktakeState, finding, place_refusal

log = structlog.get_logger()
LONGEST_CODE = 60
ALREADY = "already"


@dataclass(frozen=True)
class Sight:
    """What was scanned: a device, or a code that no device bears."""

    code: str
    device_id: int | None = None


@dataclass(frozen=True)
class Seen:
    """What a scan led to: a finding, or ALREADY; `line` is gone where the scan was undone since."""

    outcome: str
    line_id: int | None
    written: bool = True


def start(place: Place, *, year: Year, actor: Actor, now: datetime) -> Stocktake:
    """Begin a stocktake with what should be there at this moment.

    Raises Refused: not_allowed, school_not_found, stocktake_class_missing, stocktake_under_way (`stocktake_id`).
    """
    if refused := place_refusal(place, actor):
        raise refused
    try:
        with database.atomic():
            made = Stocktake.create(
                place=place.kind, school=place.school_id, class_name=place.class_name, state=StocktakeState.OPEN,
                started_by=actor.user_id, started_at=now,
            )  # fmt: skip
            _expect(made.id, place, year)
    except peewee.IntegrityError as error:
        found = open_at(place)
        raise (Refused("stocktake_under_way", stocktake_id=found) if found else Refused("school_not_found")) from error
    log.info("stocktake started", stocktake=made.id)
    return made


def _expect(stocktake_id: int, place: Place, year: Year) -> None:
    """One INSERT … SELECT, however many devices there are."""
    here = Device.select(Value(stocktake_id), Device.id, Device.serial, SQL("TRUE"), Value(""))
    here = here.where(Device.id.in_(devices_here(place, year)))
    line = StocktakeLine
    line.insert_from(here, [line.stocktake, line.device, line.code, line.expected, line.reason]).execute()


def see(stocktake_id: int, sight: Sight, *, action_id: uuid.UUID, year: Year, actor: Actor, now: datetime) -> Seen:
    """Note that something stands here; the same action again gives the first answer and writes nothing.

    Rule R4. A lost or stolen device opens a case too, or is noted in the one that is open.

    Raises Refused: not_found, stocktake_paused, stocktake_closed, stocktake_code_empty.
    """
    code = sight.code.strip().upper()[:LONGEST_CODE]
    if not code:
        raise Refused("stocktake_code_empty")
    with database.atomic():
        stocktake = held(stocktake_id, actor)
        earlier = scans.earlier_answer(action_id, actor, device_id=sight.device_id)
        line = StocktakeLine.get_or_none(StocktakeLine.stocktake == stocktake_id, StocktakeLine.code == code)
        if earlier:
            return Seen(earlier.outcome, line.id if line else None, written=False)
        _check_open(stocktake)
        if line and line.seen_at and line.device_id == sight.device_id:
            return Seen(ALREADY, line.id, written=False)
        line = _note(stocktake, line, code, sight.device_id, year, {"seen_at": now, "seen_by": actor.user_id})
        if sight.device_id is not None:
            note_sighting(sight.device_id, where_school_id=stocktake.school_id, actor=actor, now=now)
        outcome = finding_of(line)
        scans.remember(Answer(outcome, sight.device_id), action_id, actor=actor, now=now)
        return Seen(outcome, line.id)


def held(stocktake_id: int, actor: Actor) -> Stocktake:
    """The stocktake, held by this transaction: its lines change one after the other. Raises Refused."""
    if not actor.may(Permission.TAKE_STOCK):
        raise Refused("not_allowed")
    own = (Stocktake.id == stocktake_id) & within(actor.scope, Stocktake.school)
    found = locked(Stocktake.select().where(own)).first()
    if found is None:
        raise Refused("not_found")
    return found


def _check_open(stocktake: Stocktake) -> None:
    if stocktake.state != StocktakeState.OPEN:
        raise Refused(f"stocktake_{stocktake.state}")


def _note(
    stocktake: Stocktake, line: StocktakeLine | None, code: str, device_id: int | None, year: Year, seen: dict[str, Any]
) -> StocktakeLine:
    """The line of what was seen: the expected one, or a new one with where the device stands on record."""
    if line is None or line.device_id != device_id:
        line = line or StocktakeLine(stocktake=stocktake.id, code=code)
        line.device, line.resolution = device_id, None
        _recorded(line, stocktake, year)
    elif line.resolution not in IN_LEDGER:
        line.resolution = None
    line.seen_at, line.seen_by = seen["seen_at"], seen["seen_by"]
    line.save()
    return line


def _recorded(line: StocktakeLine, stocktake: Stocktake, year: Year) -> None:
    """What came since the start is expected; what is elsewhere on record says where, for good."""
    here = devices_here(place_of(stocktake), year).where(Device.id == line.device_id)
    line.expected = line.device_id is not None and here.exists()
    if line.device_id is not None and not line.expected:
        line.holder, line.holder_school = (
            Device.select(Device.holder, Device.school).where(Device.id == line.device_id).tuples().get()
        )


def finding_of(line: StocktakeLine) -> Finding:
    """What a line says."""
    return finding(
        known=line.device_id is not None,
        expected=line.expected,
        seen=line.seen_at is not None,
        recorded=Holder(line.holder) if line.holder else None,
    )


def unsee(stocktake_id: int, line_id: int, *, actor: Actor, now: datetime) -> str:
    """Take a scan back that was a mistake; the code that it was about.

    Raises Refused: not_found, stocktake_paused, stocktake_closed, stocktake_not_yours, stocktake_settled.
    """
    with database.atomic():
        _check_open(held(stocktake_id, actor))
        line = line_of(stocktake_id, line_id)
        if line.seen_at is None:
            raise Refused("nothing_to_undo")
        if line.seen_by != actor.user_id and not actor.may(Permission.UNDO_ANY):
            raise Refused("stocktake_not_yours")
        if line.resolution in IN_LEDGER:
            raise Refused("stocktake_settled")
        if line.expected:
            StocktakeLine.update(seen_at=None, seen_by=None).where(StocktakeLine.id == line.id).execute()
        else:
            line.delete_instance()
    log.info("stocktake scan undone", stocktake=stocktake_id, at=now)
    return line.code


def line_of(stocktake_id: int, line_id: int) -> StocktakeLine:
    """A line of this stocktake. Raises Refused not_found."""
    line = StocktakeLine.get_or_none(StocktakeLine.id == line_id, StocktakeLine.stocktake == stocktake_id)
    if line is None:
        raise Refused("not_found")
    return line


def pause(stocktake_id: int, *, actor: Actor, now: datetime) -> None:
    """Nobody scans until it goes on. Raises Refused: not_found, stocktake_closed."""
    _turn(stocktake_id, StocktakeState.PAUSED, actor)
    log.info("stocktake paused", stocktake=stocktake_id, at=now)


def go_on(stocktake_id: int, *, year: Year, actor: Actor, now: datetime) -> int:
    """It goes on where it was left; what left the place meanwhile on record is settled: how many those were.

    Raises Refused: not_found, stocktake_closed.
    """
    with database.atomic():
        stocktake = _turn(stocktake_id, StocktakeState.OPEN, actor)
        return settle_moved(stocktake, year=year, now=now)


def _turn(stocktake_id: int, state: StocktakeState, actor: Actor) -> Stocktake:
    with database.atomic():
        stocktake = held(stocktake_id, actor)
        if stocktake.state == StocktakeState.CLOSED:
            raise Refused("stocktake_closed")
        stocktake.state = state
        stocktake.save(only=(Stocktake.state,))
        return stocktake


def discard(stocktake_id: int, *, actor: Actor, now: datetime) -> None:
    """A stocktake that was started by mistake is gone, as long as nothing was scanned.

    Raises Refused: not_found, stocktake_closed, stocktake_has_scans.
    """
    with database.atomic():
        stocktake = held(stocktake_id, actor)
        if stocktake.state == StocktakeState.CLOSED:
            raise Refused("stocktake_closed")
        if counts(stocktake_id).seen:
            raise Refused("stocktake_has_scans")
        stocktake.delete_instance()
    log.info("stocktake discarded", stocktake=stocktake_id, by=actor.user_id, at=now)


def settle_moved(stocktake: Stocktake, *, year: Year, now: datetime) -> int:
    """Settle, as moved away, what was expected and not seen and has left the place since the start; how many lines."""
    line, here = StocktakeLine, devices_here(place_of(stocktake), year)
    missing = (line.stocktake == stocktake.id) & line.expected & line.seen_at.is_null() & line.resolution.is_null()
    settled = line.update(resolution=Resolution.MOVED_AWAY, resolved_by=None, resolved_at=now)
    return settled.where(missing, line.device.not_in(here)).execute()
