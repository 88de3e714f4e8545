"""An answer said otherwise: what it had done is taken back, unless something rests on it (L5)."""

from datetime import datetime

from tracker.models.loans import Loan
from tracker.models.parcels import Parcel
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure, DepartureAnswer
from tracker.operations.expected_returns import stop_waiting, wait_again
from tracker.operations.rosters.departing import move_loan
from tracker.operations.withholding import open_again
from tracker.rules.access import Actor
from tracker.rules.departures import BRINGING_BACK, Destination, Fate
from tracker.rules.parcels import UNDER_WAY
from tracker.rules.refusals import Refused


def refuse_what_rests(departure: Departure, fate: Fate) -> None:
    """Raises Refused answer_rests, with what happened since that the new answer would contradict, counted by kind."""
    happened: dict[str, int] = {}
    if departure.closed_at is not None and departure.destination != Destination.DIED:
        happened |= {"enrolled": _enrolled_elsewhere(departure), "loans": _ended_since(departure)}
    if fate not in BRINGING_BACK:
        happened |= {"came_back": _came_back(departure), "parcels": _on_their_way(departure)}
    rests = {kind: count for kind, count in happened.items() if count}
    if rests:
        raise Refused("answer_rests", rule="L5", rests=rests)


def _enrolled_elsewhere(departure: Departure) -> int:
    """How many enrolments another school has of the pupil since: then the former one no longer says where they are."""
    there = (Enrolment.pupil == departure.pupil_id) & (Enrolment.school != departure.school_id)
    since = Enrolment.left_on.is_null() | (Enrolment.left_on > departure.left_on)
    return Enrolment.select().where(there, since).count()


def _ended_since(departure: Departure) -> int:
    moved = [device_id for device_id, _school_id in _moved(departure)]
    theirs = (Loan.pupil == departure.pupil_id) & Loan.ended_at.is_null() & Loan.device.in_(moved)
    return len(moved) - Loan.select().where(theirs).count()


def _came_back(departure: Departure) -> int:
    back = (ExpectedReturn.departure == departure.id) & ExpectedReturn.came_back
    return ExpectedReturn.select().where(back, ExpectedReturn.closed_at >= departure.noticed_at).count()


def _on_their_way(departure: Departure) -> int:
    sent = ExpectedReturn.select().join(Parcel).where(Parcel.state.in_(UNDER_WAY))
    return sent.where(ExpectedReturn.departure == departure.id, ExpectedReturn.closed_at.is_null()).count()


def last_answer(departure: Departure) -> DepartureAnswer | None:
    """The answer in force; those of an earlier time that the pupil left are history."""
    since = (DepartureAnswer.departure == departure.id) & (DepartureAnswer.answered_at >= departure.noticed_at)
    return DepartureAnswer.select().where(since).order_by(DepartureAnswer.id.desc()).first()


def _moved(departure: Departure) -> list[list[int]]:
    last = last_answer(departure)
    return (last.done or {}).get("loans", []) if last else []


def take_back(departure: Departure, fate: Fate, *, actor: Actor, now: datetime) -> None:
    """Undo what the answer in force had done; devices that are expected stay so where the new one wants them too."""
    for device_id, school_id in _moved(departure):
        move_loan(device_id, school_id, actor=actor, now=now)
    last = last_answer(departure)
    wait_again((last.done or {}).get("expected", []) if last else [])
    links = (last.done or {}).get("links") if last else None
    if links is not None:
        Pupil.update(deceased=False).where(Pupil.id == departure.pupil_id).execute()
        open_again((link, datetime.fromisoformat(until)) for link, until in links)
    if fate not in BRINGING_BACK:
        stop_waiting(departure.id, actor=actor, now=now)
