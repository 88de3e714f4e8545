"""Where a pupil went, said, done, and said otherwise; on both engines (L1 to L5)."""

import uuid
from datetime import date, timedelta

import pytest

from tests.cases import make_case
from tests.factories import (
    NOW,
    TODAY,
    actor,
    make_campaign,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
    make_user,
)
from tests.meanwhile import refused_meanwhile
from tests.operations.departing_pupils import equip, expected, make_departure
from tracker.models.agreements import Invitation
from tracker.models.cases import DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.loans import Loan
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure, DepartureAnswer
from tracker.models.schools import Campaign
from tracker.operations import ledger, mail, taking_back
from tracker.operations.cases import Report, open_case, withdraw
from tracker.operations.departure_answers import answer_departure
from tracker.operations.departure_waiting import return_after_waiting
from tracker.operations.expected_returns import ask_for_return, expect_return, give_up_return, stop_expecting
from tracker.rules.cases import CaseKind
from tracker.rules.departures import Destination, Fate
from tracker.rules.refusals import Refused
from tracker.rules.returns import Condition, ReturnReason


@pytest.fixture
def school(db):
    make_campaign()
    return make_school()


@pytest.fixture
def leaver(school):
    pupil = make_pupil(school)
    equip(pupil, school, hotspot=True)
    return pupil


def say(destination, *, now=NOW, who=None, **how):
    departure = Departure.get()
    return answer_departure(departure.id, Destination(destination), actor=who or actor(), now=now, **how)


def refused(destination, **how):
    before = [list(table.select().tuples()) for table in (Departure, DepartureAnswer, ExpectedReturn, Loan)]
    with pytest.raises(Refused) as caught:
        say(destination, **how)
    assert [list(table.select().tuples()) for table in (Departure, DepartureAnswer, ExpectedReturn, Loan)] == before
    return caught.value


@pytest.mark.parametrize(("destination", "rule"), [("other_region", "L2"), ("cfa", "L2"), ("end_of_schooling", "L4")])
def test_a_return_has_every_lent_device_expected_within_the_days_of_the_setting(school, leaver, destination, rule):
    make_departure(leaver, school)
    done = say(destination, note="parti à Rennes")
    assert (done.means.rule, done.devices) == (rule, 2)
    assert [due for _device, due in expected()] == [TODAY + timedelta(15)] * 2
    assert Departure.get().closed_at is None
    answer = DepartureAnswer.get()
    assert (answer.destination, answer.note) == (destination, "parti à Rennes")


def test_who_holds_nothing_is_settled_by_the_answer(school):
    make_departure(make_pupil(school), school)
    assert say("cfa").devices == 0
    assert Departure.get().closed_at == NOW


def test_into_a_member_school_the_loan_moves_at_once_and_goes_back_when_that_was_a_mistake(school, leaver):
    other = make_school()
    make_departure(leaver, school)
    assert say("member_school", to_school_id=other.id).means.fate is Fate.MOVES
    assert {loan.school_id for loan in Loan.select()} == {other.id}
    assert (Departure.get().closed_at, DepartureAnswer.get().school_id) == (NOW, other.id)
    assert CustodyEvent.select().order_by(CustodyEvent.id.desc()).get().rule == "L1"
    say("cfa")
    assert {loan.school_id for loan in Loan.select()} == {school.id}
    assert (Departure.get().closed_at, len(expected())) == (None, 2)
    assert [each.destination for each in DepartureAnswer.select().order_by(DepartureAnswer.id)] == [
        "member_school", "cfa",
    ]  # fmt: skip
    assert ledger.verify().broken is None


def test_what_a_case_or_a_person_asks_for_follows_the_loan_and_what_a_departure_asks_for_stops(school, leaver):
    other, (laptop, hotspot) = make_school(), Loan.select().order_by(Loan.device)
    departure = make_departure(leaver, school)
    case = make_case(laptop.device, school, pupil=leaver)
    ask = {"due_on": TODAY, "actor": actor(), "now": NOW}
    expect_return(laptop, ReturnReason.BREAKDOWN, case_id=case.id, **ask)
    expect_return(laptop, ReturnReason.DEPARTURE, departure_id=departure.id, **ask)
    left_before = expect_return(hotspot, ReturnReason.DEPARTURE, **ask)
    say("member_school", to_school_id=other.id)
    kept = ExpectedReturn.get(ExpectedReturn.closed_at.is_null())
    assert (kept.device, kept.school, kept.reason) == (laptop.device, other, ReturnReason.BREAKDOWN)
    assert DeviceCase.get().school == other
    say("apprentice_here")
    assert {(each.device_id, each.school_id) for each in ExpectedReturn.select()} == {
        (laptop.device_id, school.id), (left_before.device_id, school.id),
    }  # fmt: skip
    assert ExpectedReturn.select().where(ExpectedReturn.closed_at.is_null()).count() == 2
    assert DeviceCase.get().school == school


def test_an_answer_only_joins_what_is_expected_and_said_otherwise_leaves_it_as_it_was(school, leaver):
    laptop, hotspot = Loan.select().order_by(Loan.device)
    case = open_case(Report(laptop.device_id, CaseKind.BREAKDOWN, "Noir."), actor=actor(), now=NOW)
    by_hand = ask_for_return(hotspot.device_id, ReturnReason.OTHER, due_on=TODAY + timedelta(3), actor=actor(), now=NOW)
    make_departure(leaver, school)
    before = [(each.reason, each.due_on) for each in ExpectedReturn.select().order_by(ExpectedReturn.id)]
    say("cfa", now=NOW + timedelta(2))
    joined = list(ExpectedReturn.select().order_by(ExpectedReturn.id))
    assert {each.departure_id for each in joined} == {Departure.get().id}
    assert [(each.reason, each.due_on) for each in joined] == [
        ("breakdown", TODAY + timedelta(15)), ("departure", TODAY + timedelta(3)),
    ]  # fmt: skip
    say("end_of_schooling", now=NOW + timedelta(3))
    assert [each for _device, each in expected()] == [TODAY + timedelta(15), TODAY + timedelta(3)]
    say("apprentice_here", now=NOW + timedelta(4))
    left = list(ExpectedReturn.select().order_by(ExpectedReturn.id))
    assert [(each.reason, each.due_on) for each in left] == before
    assert [(each.id, each.case_id, each.departure_id, each.closed_at) for each in left] == [
        (joined[0].id, case.id, None, None), (by_hand.id, None, None, None),
    ]  # fmt: skip


def test_a_departures_earlier_day_is_taken_back_with_it_and_a_cases_with_the_case(school, leaver):
    laptop = Loan.get(Loan.kind == "laptop")
    departure = make_departure(leaver, school)
    case = open_case(Report(laptop.device_id, CaseKind.BREAKDOWN, "Noir."), actor=actor(), now=NOW + timedelta(5))
    say("cfa")
    assert expected()[0] == (laptop.device_id, TODAY + timedelta(15))
    say("apprentice_here")
    assert expected() == [(laptop.device_id, TODAY + timedelta(20))]
    say("end_of_schooling", now=NOW + timedelta(30))
    withdraw(case.id, "Fonctionne", actor=actor(), now=NOW + timedelta(30))
    row = ExpectedReturn.get(ExpectedReturn.device == laptop.device_id, ExpectedReturn.closed_at.is_null())
    assert (row.reason, row.due_on, row.departure_id) == ("departure", TODAY + timedelta(45), departure.id)


def test_the_member_school_is_to_be_named_another_one_and_a_member(school, leaver):
    make_departure(leaver, school)
    assert refused("member_school").code == "member_school_missing"
    assert refused("member_school", to_school_id=school.id).code == "same_school"
    outside = make_school(member_from=None)
    assert refused("member_school", to_school_id=outside.id).code == "no_member_school"


def test_an_apprentice_in_their_class_keeps_everything_and_a_mistaken_return_is_cancelled(school, leaver):
    make_departure(leaver, school)
    say("cfa")
    say("apprentice_here")
    assert expected() == []
    assert not ExpectedReturn.select().where(ExpectedReturn.came_back).exists()
    assert Departure.get().closed_at == NOW
    assert Loan.select().where(Loan.ended_at.is_null()).count() == 2


def test_a_correction_from_one_return_to_another_keeps_what_was_prepared(school, leaver):
    make_departure(leaver, school)
    say("cfa")
    before = [each.id for each in ExpectedReturn.select()]
    say("end_of_schooling", now=NOW + timedelta(3))
    assert [each.id for each in ExpectedReturn.select()] == before
    assert {due for _device, due in expected()} == {TODAY + timedelta(18)}


def test_what_came_back_already_cannot_be_kept_and_a_pupil_enrolled_elsewhere_is_where_the_roster_says(school, leaver):
    other = make_school()
    make_departure(leaver, school)
    say("cfa")
    stop_expecting(Loan.select().first().device_id, came_back=True, actor=actor(), now=NOW)
    assert refused("apprentice_here").facts["rests"] == {"came_back": 1}
    ExpectedReturn.delete().execute()
    say("member_school", to_school_id=other.id)
    Enrolment.create(
        pupil=leaver, school=other, school_year=2026, level="seconde_gt", eligible="yes", eligible_reason="x"
    )
    assert refused("cfa").facts["rests"] == {"enrolled": 1}


def test_a_moved_loan_that_ended_holds_the_answer_in_its_place(school, leaver):
    make_departure(leaver, school)
    say("member_school", to_school_id=make_school().id)
    Loan.update(ended_at=NOW).where(Loan.kind == "laptop").execute()
    assert refused("cfa").facts["rests"] == {"loans": 1}


def test_nothing_is_ever_sent_about_a_pupil_who_died_and_a_mistake_opens_the_links_again(school, leaver):
    make_departure(leaver, school)
    invitation = make_invitation(leaver, make_guardian(leaver))
    posted = mail.post("parent@example.org", "Title", "Text", NOW)
    OutboxMail.update(pupil=leaver).where(OutboxMail.id == posted.id).execute()
    done = say("died")
    assert (done.means.rule, done.means.fate) == ("L5", Fate.COLLECTED)
    assert Pupil.get().deceased
    assert OutboxMail.select().where(OutboxMail.sent_at.is_null(), OutboxMail.failed_at.is_null()).count() == 0
    assert Invitation.get_by_id(invitation.id).expires_at == NOW
    assert len(expected()) == 2
    say("cfa")
    assert not Pupil.get().deceased
    assert Invitation.get_by_id(invitation.id).expires_at == invitation.expires_at


def test_unknown_waits_and_becomes_a_return_by_itself_once(school, leaver):
    make_departure(leaver, school)
    done = say("to_qualify")
    assert (done.means.fate, done.means.due_on, expected()) == (Fate.WAITS, TODAY + timedelta(30), [])
    assert return_after_waiting(now=NOW + timedelta(30)) == 0
    assert return_after_waiting(now=NOW + timedelta(31)) == 1
    assert {due for _device, due in expected()} == {TODAY + timedelta(46)}
    last = DepartureAnswer.select().order_by(DepartureAnswer.id.desc()).get()
    assert (last.destination, last.answered_by, last.done) == ("to_qualify", None, {"waited": True})
    assert return_after_waiting(now=NOW + timedelta(32)) == 0
    say("apprentice_here", now=NOW + timedelta(33))
    assert return_after_waiting(now=NOW + timedelta(34)) == 0
    assert expected() == []


def test_another_school_may_not_answer_and_helpers_neither(school, leaver):
    make_departure(leaver, school)
    assert refused("cfa", who=actor("school", [make_school()])).code == "not_found"
    assert refused("cfa", who=actor("staff", [school])).code == "not_allowed"
    assert refused("cfa", note="x" * 301).code == "note_too_long"
    assert refused("came_back").code == "not_declared"


def test_who_came_back_by_the_roster_has_nothing_to_be_answered(school, leaver):
    make_departure(leaver, school, destination="came_back", closed_at=NOW, left_on=date(2026, 9, 20))
    assert refused("cfa").code == "departure_over"


def test_what_somebody_gave_up_is_not_asked_for_again_by_itself(school, leaver):
    make_departure(leaver, school)
    say("cfa")
    given_up = ExpectedReturn.get()
    give_up_return(given_up.id, "Perdu au déménagement", actor=actor(), now=NOW)
    assert return_after_waiting(now=NOW + timedelta(60)) == 0
    still = ExpectedReturn.get(ExpectedReturn.closed_at.is_null())
    stop_expecting(still.device_id, came_back=False, actor=actor(), now=NOW)
    assert return_after_waiting(now=NOW + timedelta(60)) == 1
    assert [device for device, _due in expected()] == [still.device_id]


def test_a_former_school_does_not_ask_back_what_the_pupil_was_lent_elsewhere_since(school):
    pupil, other = make_pupil(school), make_school()
    make_departure(pupil, school)
    say("end_of_schooling")
    assert Departure.get().closed_at == NOW
    Enrolment.create(
        pupil=pupil, school=other, school_year=2027, level="premiere_gt", eligible="yes", eligible_reason="x"
    )
    assert refused("cfa").facts["rests"] == {"enrolled": 1}


def test_a_device_that_comes_back_while_the_answer_is_given_is_not_expected(school, leaver):
    """The answer waits for the desk that has the device in hand, and then finds it back."""
    make_departure(leaver, school)
    device = Loan.get(Loan.kind == "laptop").device_id
    look = taking_back.Look(Condition.GOOD)
    request = taking_back.Request(device, None, uuid.uuid4(), reason=ReturnReason.OTHER, look=look)
    who = actor("logistics", user=make_user("logistics"))

    def come_back() -> None:
        taking_back.take_back(request, campaign=Campaign.get(), actor=who, now=NOW)

    assert refused_meanwhile(come_back, lambda: say("cfa")) == []
    assert len(expected()) == 1
    assert device not in [each for each, _due in expected()]
