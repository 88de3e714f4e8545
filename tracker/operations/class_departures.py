"""The end of schooling of whole classes in one go: every device that its pupils hold is expected on one day (L4)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee
import structlog

from tracker.models.database import Table, among, database, locked, take_turn
from tracker.models.devices import Device
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure, DepartureAnswer
from tracker.operations.departures import FURTHEST
from tracker.operations.expected_returns import ASKED, ask_too
from tracker.operations.rosters.imports import TURN
from tracker.queries.class_departures import Holding, holdings
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.departures import DepartureOrigin, Destination
from tracker.rules.expected_returns import Ask
from tracker.rules.refusals import Refused
from tracker.rules.returns import ReturnReason

log = structlog.get_logger()
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Ended:
    """How many pupils end their schooling, and how many devices are expected of them."""

    pupils: int
    devices: int


def end_of_schooling(
    school_id: int, school_year: int, classes: Collection[str], due_on: date, *, actor: Actor, now: datetime
) -> Ended:
    """Rule L4. Every pupil of these classes who holds a device leaves, and it is back by `due_on`; one transaction.

    Who left already, or whose departure is answered otherwise, is left alone; what was to be back earlier still is.
    Some ten statements, however many pupils, and one for each device that was expected already.
    Raises Refused: not_allowed, school_not_found, classes_missing, due_on_passed, due_on_far, nobody_holds_anything.
    """
    if not actor.may(Permission.QUALIFY_DEPARTURES):
        raise Refused("not_allowed")
    if not actor.scope.covers(school_id):
        raise Refused("school_not_found")
    _check(classes, due_on, local_date(now))
    with database.atomic():
        take_turn(TURN)
        _hold([each.device_id for each in holdings(school_id, school_year, classes)])
        held = [each for each in holdings(school_id, school_year, classes) if each.may_end]
        if not held:
            raise Refused("nobody_holds_anything", rule="L4")
        departures = _departures(held, due_on, actor, now)
        _expect(held, departures, due_on, actor, now)
    log.info("classes ended", school=school_id, pupils=len(departures), devices=len(held), by=actor.user_id)
    return Ended(len(departures), len(held))


def _check(classes: Collection[str], due_on: date, today: date) -> None:
    if not classes:
        raise Refused("classes_missing", rule="L4")
    if due_on < today:
        raise Refused("due_on_passed", rule="L4")
    if due_on - today > FURTHEST:
        raise Refused("due_on_far", rule="L4")


def _hold(device_ids: list[int]) -> None:
    """None of these comes back at a desk meanwhile: what is back is not expected."""
    list(locked(Device.select(Device.id).where(among(Device.id, device_ids)).order_by(Device.id)))


def _departures(held: list[Holding], due_on: date, actor: Actor, now: datetime) -> dict[int, int]:
    """One open departure for each pupil, with its answer on record; ids by pupil."""
    by_enrolment = {each.enrolment_id: each for each in held}
    known = {each.enrolment_id: each.departure_id for each in held if each.departure_id}
    fresh = {"noticed_at": now, "left_on": due_on, "origin": DepartureOrigin.SCHOOL}
    answered = {"destination": Destination.END_OF_SCHOOLING, "closed_at": None, "closed_by": None}
    over = [each.departure_id for each in held if each.departure_id and each.came_back]
    Departure.update(fresh).where(among(Departure.id, over)).execute()
    Departure.update(answered).where(among(Departure.id, known.values())).execute()
    _insert(Departure, [
        {"pupil": each.pupil_id, "enrolment": each.enrolment_id, "school": each.school_id} | fresh | answered
        for each in by_enrolment.values() if each.enrolment_id not in known
    ])  # fmt: skip
    rows = Departure.select(Departure.pupil, Departure.id).where(among(Departure.enrolment, by_enrolment))
    departures: dict[int, int] = dict(rows.tuples())
    facts = {"destination": Destination.END_OF_SCHOOLING, "answered_by": actor.user_id, "answered_at": now, "note": ""}
    _insert(DepartureAnswer, [{"departure": each} | facts for each in departures.values()])
    return departures


def _expect(held: list[Holding], departures: dict[int, int], due_on: date, actor: Actor, now: datetime) -> None:
    """Rule L7. What is expected already is asked for once more; the rest is expected from now on."""
    _ask_too({each.expected_id: departures[each.pupil_id] for each in held if each.expected_id}, due_on, now)
    _insert(ExpectedReturn, [
        {"device": each.device_id, "pupil": each.pupil_id, "school": each.school_id, "opened_by": actor.user_id,
         "opened_at": now, "departure": departures[each.pupil_id], "reason": ReturnReason.END_OF_YEAR, "due_on": due_on}
        for each in held if not each.expected_id
    ])  # fmt: skip


def _ask_too(departures: dict[int, int], due_on: date, now: datetime) -> None:
    """The expected returns of these ids, each asked for by its departure too."""
    ask = Ask(ReturnReason.END_OF_YEAR, due_on)
    for row in list(ExpectedReturn.select().where(among(ExpectedReturn.id, departures))):
        ask_too(row, ask, departure_id=departures[row.id], today=local_date(now))
        row.save(only=ASKED)


def _insert(table: type[Table], rows: list[dict[str, Any]]) -> None:
    for some in peewee.chunked(rows, _AT_ONCE):
        table.insert_many(some).execute()
