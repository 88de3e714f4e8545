"""Sample returns: devices that are expected back, some that came over the desk of the warehouse or of a school."""

import uuid
from datetime import datetime, timedelta
from random import Random

from tracker.models.loans import Loan
from tracker.models.schools import Campaign
from tracker.models.users import User
from tracker.operations.expected_returns import expect_return
from tracker.operations.taking_back import Look, Request, take_back
from tracker.rules.access import Actor, Role
from tracker.rules.calendar import local_date
from tracker.rules.returns import Accessory, Condition, ReturnReason

_CAME_BACK = (
    Look(Condition.GOOD),
    Look(Condition.WORN, (Accessory.SLEEVE,)),
    Look(Condition.DAMAGED, (), note="Charnière fendue"),
    Look(Condition.GOOD, (Accessory.CHARGER,)),
    None,  # collected in the hall of its school, not looked at yet
)
_STILL_EXPECTED = 3


def come_back(campaign: Campaign, dice: Random, now: datetime) -> None:
    """Some devices are expected back for a departure; most of them have come by now."""
    who = Actor(User.get(User.role == Role.LOGISTICS).id, Role.LOGISTICS)
    open_loans = list(Loan.select().where(Loan.ended_at.is_null()).order_by(Loan.id))
    chosen = dice.sample(open_loans, min(len(open_loans), len(_CAME_BACK) + _STILL_EXPECTED))
    at = now - timedelta(minutes=2 * len(chosen))
    for loan in chosen:
        due_on = local_date(now) + timedelta(days=dice.randrange(-6, 12))
        expect_return(loan, ReturnReason.DEPARTURE, due_on=due_on, actor=who, now=at)
    for loan, look in zip(chosen, _CAME_BACK, strict=False):
        at += timedelta(minutes=2)
        action_id = uuid.UUID(int=dice.getrandbits(128), version=4)
        request = Request(loan.device_id, None if look else loan.school_id, action_id, look=look)
        take_back(request, campaign=campaign, actor=who, now=at)
