"""A lent laptop that is expected back, for tests of returns."""

from datetime import timedelta

from tests.factories import NOW, TODAY, actor, make_device, make_pupil
from tests.lending import lend
from tracker.models.loans import Loan
from tracker.models.returns import ExpectedReturn
from tracker.operations.expected_returns import expect_return
from tracker.rules.returns import ReturnReason


def expect(school, pupil=None, *, reason=ReturnReason.DEPARTURE, due_on=TODAY + timedelta(15), now=NOW, **device):
    """The pupil, else a new one, has a laptop of this school that must come back."""
    pupil, device = pupil or make_pupil(school), make_device(school, **device)
    lend(device, pupil, school)
    loan = Loan.get(Loan.device == device, Loan.ended_at.is_null())
    return expect_return(loan, reason, due_on=due_on, actor=actor(), now=now)


def with_hotspot(school, expected) -> ExpectedReturn:
    """A hotspot that the pupil of this laptop must send back too."""
    hotspot = make_device(school, kind="hotspot")
    loan = Loan.create(
        device=hotspot, pupil=expected.pupil, school=school, school_year=2026, kind="hotspot", started_at=NOW
    )
    return expect_return(loan, ReturnReason.OTHER, due_on=expected.due_on, actor=actor(), now=NOW)


def fresh(expected) -> ExpectedReturn:
    """The same as the database has it now."""
    return ExpectedReturn.get_by_id(expected.id)
