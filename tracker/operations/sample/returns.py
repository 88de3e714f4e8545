"""A few devices of the sample that must come back: some late, some said to be at the school."""

from datetime import datetime, timedelta

from tracker.models.cases import DeviceCase
from tracker.models.loans import Loan
from tracker.models.returns import ExpectedReturn
from tracker.models.schools import School
from tracker.operations.expected_returns import expect_return
from tracker.rules.access import SYSTEM
from tracker.rules.calendar import local_date
from tracker.rules.returns import ReturnReason

_STORIES = (
    (ReturnReason.OTHER, 24, False),
    (ReturnReason.END_OF_YEAR, 10, True),
    (ReturnReason.OTHER, 3, False),
)
"""Why, asked for how many days ago, whether the family says that the school has it."""

_DAYS = 15


def expect_some(schools: list[School], now: datetime) -> int:
    """Of each school that lends, as many as there are stories; how many in all."""
    made = 0
    for school in schools[:4]:
        with_case = DeviceCase.select(DeviceCase.device)
        theirs = (Loan.school == school) & Loan.ended_at.is_null() & Loan.device.not_in(with_case)
        loans = Loan.select().where(theirs).order_by(Loan.id)
        for loan, story in zip(loans.limit(len(_STORIES)), _STORIES, strict=False):
            _expect(loan, *story, now)
            made += 1
    return made


def _expect(loan: Loan, reason: ReturnReason, days_ago: int, handed_in: bool, now: datetime) -> None:
    asked = now - timedelta(days=days_ago)
    due_on = local_date(asked) + timedelta(days=_DAYS)
    expected = expect_return(loan, reason, due_on=due_on, actor=SYSTEM, now=asked)
    if handed_in:
        ExpectedReturn.update(handed_in_at=now - timedelta(days=1)).where(ExpectedReturn.id == expected.id).execute()
