"""Where a pupil went: said, and done at once; said otherwise later, what was done is undone first (L1 to L5)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog

from tracker.models.database import database, locked, take_turn
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.pupils import Pupil
from tracker.models.rosters import Departure, DepartureAnswer
from tracker.models.schools import School
from tracker.operations import custody
from tracker.operations.departure_corrections import refuse_what_rests, take_back
from tracker.operations.expected_returns import expect_return, stop_waiting_for_leaver
from tracker.operations.rosters.departing import move_loans
from tracker.operations.rosters.imports import TURN
from tracker.operations.withholding import live_links, withhold
from tracker.queries.campaigns import settings_in_force
from tracker.queries.scope import within
from tracker.rules.access import Actor, Permission, Scope
from tracker.rules.calendar import local_date
from tracker.rules.custody import DeviceState
from tracker.rules.departures import BRINGING_BACK, SETTLING, Consequence, Destination, Fate, consequence
from tracker.rules.eligibility import is_member
from tracker.rules.refusals import Refused
from tracker.rules.returns import ReturnReason

log = structlog.get_logger()

LONGEST_NOTE = 300
_GONE_MISSING = (DeviceState.LOST, DeviceState.STOLEN)
"""What cannot come back is a case, not a return (R2)."""


@dataclass(frozen=True)
class Answer:
    """An answer that may be given, and what it means."""

    destination: Destination
    to_school_id: int | None
    note: str
    means: Consequence


@dataclass(frozen=True)
class Answered:
    """What was done. `devices`: how many follow, stay or are expected."""

    departure_id: int
    means: Consequence
    devices: int


def answer_departure(
    departure_id: int,
    destination: Destination,
    *,
    to_school_id: int | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Answered:
    """Rules L1 to L5. Say where the pupil went; what an earlier answer had done is undone first, and stays on record.

    Raises Refused: not_allowed, not_found, departure_over, member_school_missing, no_member_school, same_school,
    not_declared, note_too_long, answer_rests (says on what).
    """
    if not actor.may(Permission.QUALIFY_DEPARTURES):
        raise Refused("not_allowed")
    with database.atomic():
        take_turn(TURN)
        departure = _held(departure_id, actor.scope)
        if departure.destination == Destination.CAME_BACK:
            raise Refused("departure_over", rule="L5")
        answer = checked(departure, destination, to_school_id, note, now)
        refuse_what_rests(departure, answer.means.fate)
        take_back(departure, answer.means.fate, actor=actor, now=now)
        answered = settle(departure, answer, actor=actor, now=now)
    log.info("departure answered", departure=departure.id, destination=destination.value, by=actor.user_id)
    return answered


def _held(departure_id: int, scope: Scope) -> Departure:
    """The departure, held after its devices, as a desk that takes one back does. Raises Refused not_found."""
    mine = Departure.select().where(Departure.id == departure_id, within(scope, Departure.school))
    found = mine.first()
    if found is None:
        raise Refused("not_found")
    hold_devices(found.pupil_id)
    return locked(mine).get()


def hold_devices(pupil_id: int) -> None:
    """Nothing that the pupil has comes back at a desk until the caller's transaction is over."""
    held = Loan.select(Loan.device).where(Loan.pupil == pupil_id, Loan.ended_at.is_null()).order_by(Loan.device)
    for loan in list(held):
        custody.lock(loan.device_id)


def checked(
    departure: Departure, destination: Destination, to_school_id: int | None, note: str, now: datetime
) -> Answer:
    """The answer with what it means today. Raises Refused as `answer_departure`."""
    today = local_date(now)
    if len(note.strip()) > LONGEST_NOTE:
        raise Refused("note_too_long", most=LONGEST_NOTE)
    if destination is Destination.CAME_BACK and not departure.declared:
        raise Refused("not_declared", rule="L5")
    moves = destination is Destination.MEMBER_SCHOOL
    if moves:
        _check_school(departure, to_school_id, today)
    return Answer(
        destination, to_school_id if moves else None, note.strip(), meaning(destination, departure.left_on, today)
    )


def _check_school(departure: Departure, school_id: int | None, today: date) -> None:
    school = School.get_or_none(School.id == school_id) if school_id else None
    if school is None:
        raise Refused("member_school_missing", rule="L1")
    if school.id == departure.school_id:
        raise Refused("same_school", rule="L1")
    if not is_member(school.member_from, school.member_until, today):
        raise Refused("no_member_school", rule="L1", name=school.name)


def meaning(destination: Destination, left_on: date, today: date) -> Consequence:
    """What a destination means on a day, by the settings in force then. Two queries."""
    settings = settings_in_force(today)
    return consequence(
        destination, left_on=left_on, answered_on=today, return_days=int(settings["return_days"]),
        waiting_days=int(settings["transfer_waiting_days"]),
    )  # fmt: skip


def settle(departure: Departure, answer: Answer, *, actor: Actor, now: datetime) -> Answered:
    """Do what the answer means, and keep it, within the caller's transaction."""
    loans = list(Loan.select().where(Loan.pupil == departure.pupil_id, Loan.ended_at.is_null()).order_by(Loan.device))
    done: dict[str, Any] = {}
    if answer.means.fate is Fate.MOVES:
        done["expected"] = stop_waiting_for_leaver(departure.pupil_id, actor=actor, now=now)
        done["loans"] = move_loans(departure.pupil_id, answer.to_school_id or 0, actor=actor, now=now)
    if answer.means.fate is Fate.COLLECTED:
        done["links"] = _mourn(departure.pupil_id, now)
    expected = expect_all(departure, loans, answer.means, actor=actor, now=now)
    over = answer.means.fate in SETTLING or (answer.means.fate in BRINGING_BACK and not loans)
    departure.destination = answer.destination
    departure.closed_at, departure.closed_by = (now, actor.user_id) if over else (None, None)
    departure.save(only=(Departure.destination, Departure.closed_at, Departure.closed_by))
    keep(
        departure, answer.destination, actor=actor, now=now, school_id=answer.to_school_id, note=answer.note, done=done
    )
    return Answered(departure.id, answer.means, expected or len(loans))


def keep(departure: Departure, destination: Destination, *, actor: Actor, now: datetime, **facts: Any) -> None:
    """An answer on record: `school_id`, `note`, `done`."""
    DepartureAnswer.create(
        departure=departure, destination=destination, school=facts.get("school_id"), note=facts.get("note", ""),
        done=facts.get("done") or None, answered_by=actor.user_id, answered_at=now,
    )  # fmt: skip


def expect_all(departure: Departure, loans: list[Loan], means: Consequence, *, actor: Actor, now: datetime) -> int:
    """Rule L7. Every lent device is expected, where the answer brings them back; how many."""
    if means.fate not in BRINGING_BACK or means.due_on is None:
        return 0
    coming = [loan for loan in loans if Device.get_by_id(loan.device_id).state not in _GONE_MISSING]
    for loan in coming:
        expect_return(
            loan, ReturnReason.DEPARTURE, due_on=means.due_on, actor=actor, now=now, departure_id=departure.id
        )
    return len(coming)


def _mourn(pupil_id: int, now: datetime) -> list[list[Any]] | None:
    """Rule L5. Nobody ever writes about a pupil who died; the links that ended, None where that was known before."""
    if not Pupil.update(deceased=True).where(Pupil.id == pupil_id, ~Pupil.deceased).execute():
        return None
    links = [[link, until.isoformat()] for link, until in live_links(pupil_id, now=now).items()]
    withhold(pupil_id, now=now)
    return links
