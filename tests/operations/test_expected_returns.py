"""Expected returns opened by hand, given up with a reason, answered by the family; on both engines."""

from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tests.returning import expect, fresh
from tracker.models.loans import Loan
from tracker.models.returns import ExpectedReturn
from tracker.operations.expected_returns import ask_for_return, give_up_return, note_handed_in
from tracker.operations.family_links import make_family_link
from tracker.rules.families import LinkPurpose
from tracker.rules.refusals import Refused
from tracker.rules.returns import ReturnReason

DUE = TODAY + timedelta(15)


@pytest.fixture
def school(db):
    make_campaign()
    return make_school()


def at(school, role="school"):
    return actor(role, [school], make_user())


def lent(school):
    device = make_device(school)
    lend(device, make_pupil(school), school)
    return device


def ask(device, who, reason=ReturnReason.END_OF_YEAR, due_on=DUE):
    return ask_for_return(device.id, reason, due_on=due_on, actor=who, now=NOW)


def refusal_of(call, *arguments, **options) -> str:
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.code


def test_a_school_asks_for_a_lent_device_back(school):
    device = lent(school)
    found = ask(device, at(school))
    assert (found.device_id, found.reason, found.due_on) == (device.id, "end_of_year", DUE)
    assert found.pupil_id == Loan.get().pupil_id
    assert refusal_of(ask, device, at(school)) == "return_expected"


def test_what_cannot_be_asked_back(school):
    device = lent(school)
    assert refusal_of(ask, make_device(school), at(school)) == "not_lent"
    assert refusal_of(ask, device, at(make_school())) == "not_found"
    assert refusal_of(ask, device, at(school, "staff")) == "not_allowed"
    assert refusal_of(ask, device, at(school), due_on=TODAY - timedelta(1)) == "due_in_the_past"
    assert refusal_of(ask, device, at(school), reason=ReturnReason.BREAKDOWN) == "return_reason_wrong"
    assert ExpectedReturn.select().count() == 0


def test_nobody_waits_any_more_for_a_reason_on_record_and_the_loan_goes_on(school):
    expected = expect(school)
    who = at(school)
    give_up_return(expected.id, " Stays  after all ", actor=who, now=NOW)
    closed = fresh(expected)
    assert (closed.closed_at, closed.closed_by, closed.came_back) == (NOW, who.user_id, False)
    assert closed.closed_because == "Stays after all"
    assert Loan.get().ended_at is None
    assert refusal_of(give_up_return, expected.id, "twice", actor=who, now=NOW) == "return_not_open"


def test_giving_up_needs_a_reason_and_a_school_of_ones_own(school):
    expected = expect(school)
    assert refusal_of(give_up_return, expected.id, "  ", actor=at(school), now=NOW) == "closing_reason_missing"
    assert refusal_of(give_up_return, expected.id, "x" * 301, actor=at(school), now=NOW) == "closing_reason_too_long"
    assert refusal_of(give_up_return, expected.id, "x", actor=at(make_school()), now=NOW) == "return_not_open"
    assert refusal_of(give_up_return, expected.id, "x", actor=at(school, "staff"), now=NOW) == "not_allowed"
    assert fresh(expected).closed_at is None


def test_the_family_says_once_that_the_school_has_it(school):
    expected = expect(school)
    link = make_family_link(
        LinkPurpose.RETURN, expected.pupil, "x@y.fr", expires_at=NOW + timedelta(1), actor=actor(), now=NOW
    )
    assert note_handed_in(link, now=NOW) == 1
    assert note_handed_in(link, now=NOW + timedelta(1)) == 0
    assert (fresh(expected).handed_in_at, fresh(expected).closed_at) == (NOW, None)
