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


def stop_expecting(
    device_id: int, *, came_back: bool, actor: Actor, now: datetime, because: str = ""
) -> ExpectedReturn | None:
    """Rule L7. The device is here, or nobody waits for it any more; what was expected, None where nothing was."""
    found = ExpectedReturn.get_or_none(is_open(device_id))
    if found:
        found.closed_at, found.closed_by, found.closed_because = now, actor.user_id, because
        found.came_back = came_back
        found.save()
    return found
