"""Devices that must come back: expected from the moment that is known, until they arrive or nobody waits any more."""

from datetime import date, datetime

import peewee

from tracker.models.loans import Loan
from tracker.models.returns import ExpectedReturn
from tracker.rules.access import Actor
from tracker.rules.returns import ReturnReason


def expect_return(
    loan: Loan,
    reason: ReturnReason,
    *,
    due_on: date,
    actor: Actor,
    now: datetime,
    departure_id: int | None = None,
    case_id: int | None = None,
) -> ExpectedReturn:
    """Rule L7. The lent device must come back by `due_on`; one that is expected already has the newest reason.

    Within the caller's transaction. The parcel and the reminders of an earlier expectation go on.
    """
    why = {"reason": reason, "due_on": due_on}
    why |= {"departure": departure_id} if departure_id else {}
    why |= {"case": case_id} if case_id else {}
    ExpectedReturn.update(why).where(is_open(loan.device_id)).execute()
    found = ExpectedReturn.get_or_none(is_open(loan.device_id))
    return found or ExpectedReturn.create(
        device=loan.device_id, pupil=loan.pupil_id, school=loan.school_id, opened_by=actor.user_id, opened_at=now, **why
    )


def is_open(device_id: int) -> peewee.Expression:
    """The condition of the one open expectation of a device."""
    return (ExpectedReturn.device == device_id) & ExpectedReturn.closed_at.is_null()


def stop_expecting(device_id: int, *, came_back: bool, actor: Actor, now: datetime) -> ExpectedReturn | None:
    """Rule L7. The device is here, or nobody waits for it any more; what was expected, None where nothing was."""
    found = ExpectedReturn.get_or_none(is_open(device_id))
    if found:
        found.closed_at, found.closed_by, found.came_back = now, actor.user_id, came_back
        found.save(only=(ExpectedReturn.closed_at, ExpectedReturn.closed_by, ExpectedReturn.came_back))
    return found


def stop_waiting(departure_id: int, *, actor: Actor, now: datetime) -> list[int]:
    """Nobody waits for the devices of a departure any more, but for those that a case awaits too; the ended ones."""
    of_it = (ExpectedReturn.departure == departure_id) & ExpectedReturn.closed_at.is_null()
    ended = []
    for each in ExpectedReturn.select().where(of_it).order_by(ExpectedReturn.id):
        if each.case_id:
            each.departure, each.reason = None, ReturnReason.BREAKDOWN
            each.save(only=(ExpectedReturn.departure, ExpectedReturn.reason))
        else:
            stop_expecting(each.device_id, came_back=False, actor=actor, now=now)
            ended.append(each.id)
    return ended


def wait_again(expected_ids: list[int]) -> None:
    """What was stopped for a reason that was taken back is expected once more, unless the device is expected anew."""
    again = ExpectedReturn.alias()
    anew = again.select(again.device).where(again.closed_at.is_null())
    ended = ExpectedReturn.id.in_(expected_ids) & ExpectedReturn.device.not_in(anew)
    ExpectedReturn.update(closed_at=None, closed_by=None).where(ended).execute()
