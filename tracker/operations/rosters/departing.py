"""Leaving, coming back and moving on: departures to be qualified (L5), and loans that follow their pupil (L1)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tracker.models.cases import DeviceCase
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.rosters import Departure
from tracker.operations import custody
from tracker.operations.custody import Circumstances
from tracker.operations.expected_returns import follow_loan, stop_waiting, stop_waiting_for_leaver
from tracker.operations.rosters.comparison import Comparison, Planned, says_died
from tracker.operations.rosters.journal import Journal, plain
from tracker.operations.withholding import live_links, withhold
from tracker.queries.rosters import Known
from tracker.rules.access import Actor
from tracker.rules.custody import Holder, Movement
from tracker.rules.departures import STAYING, DepartureOrigin, Destination
from tracker.rules.rosters import ChangeKind


def follow(lines: Iterable[Journal], comparison: Comparison, *, actor: Actor, now: datetime) -> None:
    """Open, close and answer departures; let the loans of pupils who moved follow them."""
    for line in lines:
        planned = line.planned
        if says_died(planned.placed, comparison.ground):
            _mourn(line, now)
        else:
            _live(line, comparison)
        if planned.kind is ChangeKind.LEAVER:
            _leave(line, comparison, now)
        elif planned.ends:
            _tell(line, comparison, now)
        elif planned.here and planned.here.departure_id:
            _come_back(line, planned.here, comparison, actor, now)
        if planned.kind is ChangeKind.MOVE:
            _move(line, comparison, actor, now)


def _leave(line: Journal, comparison: Comparison, now: datetime) -> None:
    """Rule L5. A departure opens by itself; it never closes a loan."""
    planned = line.planned
    assert planned.here is not None
    assert planned.left_on is not None
    reason = planned.placed.row.exit_reason if planned.placed else ""
    destination = comparison.ground.exit_destination(reason)
    known = Departure.get_or_none(Departure.enrolment == planned.here.enrolment_id)
    if known and known.declared and not _leaves_anew(known):
        _join(line, known, destination)
        return
    values = {"noticed_at": now, "left_on": planned.left_on, "destination": destination, "closed_at": None}
    _depart(line, planned.here, values | {"closed_by": None, "origin": DepartureOrigin.ROSTER})


def _leaves_anew(known: Departure) -> bool:
    """Rules L3, L5. What was declared does not say where the pupil is now: they stayed after all, or hold something."""
    settled = known.closed_at is not None and known.destination != Destination.MEMBER_SCHOOL
    return Destination(known.destination) in STAYING or (settled and _holds_something(known.pupil_id))


def _join(line: Journal, known: Departure, told: Destination) -> None:
    """Rule L5. People had declared it: the roster says the same. It may know where to, and that outweighs no answer."""
    row = line.planned.placed.row if line.planned.placed else None
    values: dict[str, Any] = {"left_on": row.left_on} if row and row.left_on else {}
    if told is Destination.DIED or known.destination == Destination.TO_QUALIFY:
        values["destination"] = told
    if values:
        _rewrite(line, known, values)


def _come_back(line: Journal, here: Known, comparison: Comparison, actor: Actor, now: datetime) -> None:
    """Rule L5. The school has the pupil again: nobody waits for their devices, and loans that moved return."""
    departure = Departure.get_by_id(here.departure_id)
    moved = departure.destination == Destination.MEMBER_SCHOOL
    _close(line, departure.id, Destination.CAME_BACK, actor, now)
    if moved and line.planned.kind is not ChangeKind.MOVE:
        _take_along(line, comparison, actor, now)


def _depart(line: Journal, left: Known, values: dict[str, Any]) -> None:
    """An enrolment has one departure: who came back and leaves again has the same one anew."""
    again = Departure.get_or_none(Departure.enrolment == left.enrolment_id)
    if again is None:
        made = Departure.create(pupil=line.pupil_id, enrolment=left.enrolment_id, school=left.school_id, **values)
        line.after["departures"] = [made.id]
    else:
        _rewrite(line, again, values)


def _rewrite(line: Journal, departure: Departure, values: dict[str, Any]) -> None:
    line.before.setdefault("departures", []).append(_as_before(departure))
    Departure.update(values).where(Departure.id == departure.id).execute()


def _tell(line: Journal, comparison: Comparison, now: datetime) -> None:
    """A later file says when or why a pupil left: it answers a departure that nobody has qualified."""
    planned = line.planned
    if not planned.fields:
        return  # nothing but a death was told, by another school than the one they left
    assert planned.here is not None
    assert planned.placed is not None
    row = planned.placed.row
    departure = Departure.get_by_id(planned.here.departure_id)
    values: dict[str, Any] = {"left_on": row.left_on} if row.left_on != departure.left_on else {}
    destination = comparison.ground.exit_destination(row.exit_reason)
    if departure.destination == Destination.TO_QUALIFY and destination is not Destination.TO_QUALIFY:
        values["destination"] = destination
    if _takes_death_back(planned, comparison):
        values["destination"] = destination
    if values:
        _rewrite(line, departure, values)


def _mourn(line: Journal, now: datetime) -> None:
    """Rule L5. Of a pupil who died nobody ever writes to anybody again."""
    known = line.planned.here or line.planned.elsewhere
    if known is None or not known.deceased:
        Pupil.update(deceased=True).where(Pupil.id == line.pupil_id).execute()
        line.before["deceased"] = False
        line.before["links"] = [[link, until.isoformat()] for link, until in live_links(line.pupil_id, now=now).items()]
        withhold(line.pupil_id, now=now)


def _live(line: Journal, comparison: Comparison) -> None:
    """Whom their own school has again, or of whom it takes the reason back, did not die: its earlier file was wrong."""
    known = line.planned.here or line.planned.elsewhere
    is_here_again = line.planned.kind is ChangeKind.ARRIVAL
    if known and known.deceased and (is_here_again or _takes_death_back(line.planned, comparison)):
        Pupil.update(deceased=False).where(Pupil.id == line.pupil_id).execute()
        line.before["deceased"] = True


def _takes_death_back(planned: Planned, comparison: Comparison) -> bool:
    before, _after = planned.fields.get("exit_reason", ("", ""))
    was_dead = comparison.ground.exit_destination(before) is Destination.DIED
    return was_dead and not says_died(planned.placed, comparison.ground)


def _close(line: Journal, departure_id: int, destination: Destination, actor: Actor, now: datetime) -> None:
    """Where the pupil is, is known now: that counts more than what anybody had answered."""
    values = {"destination": destination, "closed_at": now, "closed_by": actor.user_id}
    _rewrite(line, Departure.get_by_id(departure_id), values)
    line.before.setdefault("expected", []).extend(stop_waiting(departure_id, actor=actor, now=now))


def _move(line: Journal, comparison: Comparison, actor: Actor, now: datetime) -> None:
    """Rule L1. The enrolment in the other school ends; the loan follows, unless the waiting time has passed."""
    planned, today = line.planned, comparison.ground.today
    other = planned.elsewhere
    assert other is not None
    if other.stays(today):
        left_on = _day_of_leaving(planned, today)
        Enrolment.update(left_on=left_on).where(Enrolment.id == other.enrolment_id).execute()
        line.before["elsewhere"] = {"id": other.enrolment_id, "left_on": plain(other.left_on)}
    to = Destination.MEMBER_SCHOOL if comparison.ground.is_member else Destination.OTHER_SCHOOL
    settled = planned.loan_follows or (to is Destination.OTHER_SCHOOL and not _holds_something(line.pupil_id))
    if other.departure_id is None:
        _depart(line, other, _found_elsewhere(line, to, today, actor if settled else None, now))
        if other.declared_id and planned.loan_follows:
            line.before["expected"] = stop_waiting(other.declared_id, actor=actor, now=now)
    elif settled:
        _close(line, other.departure_id, to, actor, now)
    elif to is Destination.OTHER_SCHOOL:
        _rewrite(line, Departure.get_by_id(other.departure_id), {"destination": to})
    if planned.loan_follows:
        _take_along(line, comparison, actor, now)


def _take_along(line: Journal, comparison: Comparison, actor: Actor, now: datetime) -> None:
    """Rule L1. The loans go on here, and no departure asks for their devices any more."""
    line.before.setdefault("expected", []).extend(stop_waiting_for_leaver(line.pupil_id, actor=actor, now=now))
    line.before["loans"] = move_loans(line.pupil_id, comparison.ground.school_id or 0, actor=actor, now=now)


def _day_of_leaving(planned: Planned, today: date) -> date:
    entered = planned.placed.row.entered_on if planned.placed else None
    other_entered = planned.elsewhere.entered_on if planned.elsewhere else None
    left = min(entered, today) if entered else today
    return min(max(left, other_entered), today) if other_entered else left


def _holds_something(pupil_id: int) -> bool:
    """Rules L2, L5. What is to come back keeps a departure open."""
    return Loan.select().where(Loan.pupil == pupil_id, Loan.ended_at.is_null()).exists()


def _found_elsewhere(line: Journal, to: Destination, today: date, by: Actor | None, now: datetime) -> dict[str, Any]:
    """The departure of who was found in another school before their own said that they had left; `by`: it is over."""
    return {
        "noticed_at": now, "left_on": _day_of_leaving(line.planned, today), "destination": to,
        "closed_at": now if by else None, "closed_by": by.user_id if by else None,
    }  # fmt: skip


def move_loans(pupil_id: int, school_id: int, *, actor: Actor, now: datetime) -> list[list[int]]:
    """Rule L1. The pupil's open loans go on at this school; device and school before, of each, to take it back."""
    moved = []
    for loan in Loan.select().where(Loan.pupil == pupil_id, Loan.ended_at.is_null()).order_by(Loan.device):
        moved.append([loan.device_id, loan.school_id])
        move_loan(loan.device_id, school_id, actor=actor, now=now)
    return moved


def move_loan(device_id: int, school_id: int, *, actor: Actor, now: datetime) -> None:
    """Rule L1. The open loan of one device goes on at this school, and with it its open case and what is expected.

    The ledger says so where a pupil has it in hand.
    """
    device = custody.lock(device_id)
    head = custody.chain_head(device_id)
    Loan.update(school=school_id).where(Loan.device == device_id, Loan.ended_at.is_null()).execute()
    DeviceCase.update(school=school_id).where(DeviceCase.device == device_id, DeviceCase.closed_at.is_null()).execute()
    follow_loan(device_id, school_id)
    if head.holder == Holder.PUPIL and head.school_id != school_id:
        there = replace(custody.custody_of(head), school_id=school_id)
        rule = Circumstances(rule="L1")
        custody.append(
            device, Movement.MOVED_WITH_PUPIL, there, actor=actor, now=max(now, head.at), circumstances=rule, head=head
        )


def _as_before(departure: Departure) -> dict[str, Any]:
    """A departure as it is, to be written back by an undoing."""
    names = ("id", "noticed_at", "left_on", "destination", "closed_at", "closed_by", "origin")
    return {name: plain(getattr(departure, name)) for name in names}
