"""From one school to another: the loan follows within the waiting time, and nobody goes back and forth (L1, L2, L5)."""

from datetime import date

import pytest

from tests.factories import NOW, TODAY, make_device, make_school
from tests.lending import lend
from tests.operations.rosters.files import codes, days, enrolments, everything, pupil, row
from tracker.models.agreements import Agreement
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.operations import ledger
from tracker.operations.expected_returns import expect_return
from tracker.rules.access import SYSTEM
from tracker.rules.custody import Movement
from tracker.rules.departures import Destination
from tracker.rules.returns import ReturnReason

LATER = date(2026, 9, 14)


@pytest.fixture
def lent(desk, school, other):
    """A pupil of `school` with a laptop in hand; another one stays there."""
    desk.apply(school, row(1), row(2))
    Agreement.create(pupil=pupil(1), school_year=2026, state="validated", validated_at=NOW)
    device = make_device(school)
    lend(device, pupil(1), school)
    return device


def proved() -> bool:
    return ledger.verify().broken is None and list(ledger.differences()) == []


def in_force(number: int, day: date) -> list[int]:
    return [each.school_id for each in enrolments(number) if each.left_on is None or each.left_on > day]


def test_who_appears_in_another_member_school_is_moved_with_the_laptop(desk, school, other, lent):
    desk.apply(other, row(1, entered_on=LATER, roster_id=5), on=days(1))
    assert in_force(1, days(1)) == [other.id]
    assert Loan.get().school_id == other.id
    assert (Loan.get().ended_at, Device.get_by_id(lent.id).school_id) == (None, other.id)
    event = CustodyEvent.select().order_by(CustodyEvent.id.desc()).get()
    assert (event.movement, event.school_id, event.pupil_id, event.rule) == (
        Movement.MOVED_WITH_PUPIL, other.id, pupil(1).id, "L1",
    )  # fmt: skip
    departure = Departure.get()
    assert (departure.destination, departure.closed_at is None) == (Destination.MEMBER_SCHOOL, False)
    assert (departure.school_id, departure.left_on) == (school.id, LATER)
    assert proved()


def test_what_was_asked_back_by_a_person_follows_what_a_departure_asked_for_stops_and_an_undoing_brings_it_back(
    desk, school, other, lent
):
    asked = {"due_on": LATER, "actor": SYSTEM, "now": NOW}
    left = expect_return(Loan.get(), ReturnReason.DEPARTURE, **asked)
    moved = desk.apply(other, row(1, entered_on=LATER, roster_id=5), on=days(1))
    assert ExpectedReturn.get_by_id(left.id).closed_at is not None
    desk.undo(moved, on=days(1))
    assert (ExpectedReturn.get().closed_at, ExpectedReturn.get().school) == (None, school)
    expect_return(Loan.get(), ReturnReason.END_OF_YEAR, **asked)
    desk.apply(other, row(1, entered_on=LATER, roster_id=5), on=days(2))
    assert (ExpectedReturn.get().closed_at, ExpectedReturn.get().school) == (None, other)


def test_within_the_waiting_time_the_open_departure_is_answered_by_itself(desk, school, other, lent):
    desk.apply(school, row(2), on=days(1))
    assert Departure.get().closed_at is None
    desk.apply(other, row(1, roster_id=5), on=days(31))
    assert (Departure.get().destination, Departure.get().closed_at is None) == (Destination.MEMBER_SCHOOL, False)
    assert (Loan.get().school_id, Loan.get().ended_at) == (other.id, None)
    assert proved()


def test_after_the_waiting_time_the_loan_stays_and_the_departure_stays_open(desk, school, other, lent):
    desk.apply(school, row(2), on=days(1))
    reading = desk.look(other, row(1, roster_id=5), on=days(32))
    assert codes(reading) == ["loan_stays"]
    desk.apply(other, row(1, roster_id=5), on=days(32))
    assert (Loan.get().school_id, Loan.get().ended_at) == (school.id, None)
    assert (Departure.get().destination, Departure.get().closed_at) == (Destination.TO_QUALIFY, None)
    assert in_force(1, days(32)) == [other.id]
    before = everything()
    desk.apply(other, row(1, roster_id=5), on=days(33))
    assert everything() == before
    assert proved()


def test_a_loan_does_not_follow_into_a_school_that_is_no_member(desk, school, lent):
    outside = make_school(member_from=None)
    assert codes(desk.look(outside, row(1, entered_on=LATER), on=days(1))) == [
        "school_not_member",
        "loan_stays_no_member",
    ]
    desk.apply(outside, row(1, entered_on=LATER), on=days(1))
    assert (Loan.get().school_id, Loan.get().ended_at) == (school.id, None)
    assert (Departure.get().destination, Departure.get().closed_at) == (Destination.OTHER_SCHOOL, None)


def test_into_a_school_that_is_no_member_who_holds_nothing_is_settled(desk, school):
    desk.apply(school, row(1), row(2))
    desk.apply(make_school(member_from=None), row(1, entered_on=LATER), on=days(1))
    assert (Departure.get().destination, Departure.get().closed_at is None) == (Destination.OTHER_SCHOOL, False)


def test_a_departure_that_nobody_qualified_is_answered_by_a_school_that_is_no_member(desk, school, lent):
    desk.apply(school, row(2), on=days(1))
    desk.apply(make_school(member_from=None), row(1), on=days(60))
    assert Departure.get().destination == Destination.OTHER_SCHOOL


@pytest.mark.parametrize("entered_on", [date(2026, 9, 1), None])
def test_in_two_schools_at_once_the_first_keeps_the_pupil_however_often_both_say_so(
    desk, school, other, lent, entered_on
):
    assert codes(desk.look(other, row(1, roster_id=5, entered_on=entered_on))) == ["in_two_schools"]
    before = everything()
    for day in range(1, 4):
        desk.apply(other, row(1, roster_id=5, entered_on=entered_on), row(9), on=days(day))
        desk.apply(school, row(1), row(2), on=days(day))
        assert in_force(1, days(day)) == [school.id]
    assert everything()["loan"] == before["loan"]
    assert Departure.select().count() == 0


def test_in_two_schools_at_once_the_one_entered_last_has_the_pupil_however_often_both_say_so(desk, school, other, lent):
    for day in range(1, 4):
        desk.apply(other, row(1, roster_id=5, entered_on=LATER), on=days(day))
        moved = everything()
        desk.apply(school, row(1), row(2), on=days(day))
        assert in_force(1, days(day)) == [other.id]
        assert everything() == moved
    moves = CustodyEvent.select().where(CustodyEvent.movement == Movement.MOVED_WITH_PUPIL)
    assert (moves.count(), Departure.select().count()) == (1, 1)


def test_the_school_that_lost_a_pupil_does_not_rename_them_any_more(desk, school, other):
    desk.apply(school, row(1), row(2))
    desk.apply(other, row(1, roster_id=5, entered_on=LATER, email="new@example.org"), on=days(1))
    gone = row(1, left_on=LATER, email="old@example.org")
    for day in (2, 3):
        desk.apply(school, gone, row(2), on=days(day))
        desk.apply(other, row(1, roster_id=5, entered_on=LATER, email="new@example.org"), on=days(day))
        assert pupil(1).email == "new@example.org"
    assert enrolments(1)[0].left_on == LATER


def test_who_goes_and_comes_back_takes_the_laptop_both_ways(desk, school, other, lent):
    desk.apply(other, row(1, roster_id=5, entered_on=LATER), row(9), on=days(1))
    desk.apply(other, row(9), on=days(2))
    desk.apply(school, row(1), row(2), on=days(3))
    assert (in_force(1, days(3)), Loan.get().school_id) == ([school.id], school.id)
    assert {each.school_id: each.destination for each in Departure.select()} == {
        school.id: Destination.CAME_BACK, other.id: Destination.MEMBER_SCHOOL,
    }  # fmt: skip
    before = everything()
    desk.apply(school, row(1), row(2), on=days(4))
    assert everything() == before
    assert proved()


def test_last_years_pupil_of_another_school_brings_the_laptop_along(desk, school, other):
    summer = date(2026, 6, 1)
    desk.apply(school, row(1), on=summer, year=2025)
    desk.apply(other, row(1, roster_id=5, previous_uai=school.uai), on=date(2026, 9, 2))
    assert [(each.school_id, each.school_year) for each in enrolments(1)] == [(school.id, 2025), (other.id, 2026)]
    assert Departure.get().destination == Destination.MEMBER_SCHOOL


def test_an_older_year_of_another_school_takes_nobody_away(desk, school, other, lent):
    reading = desk.look(other, row(1, roster_id=5), on=TODAY, year=2025)
    assert codes(reading) == ["stop_last_year", "in_two_schools"]


def test_no_departure_ever_closes_a_loan(desk, school, lent):
    desk.apply(school, row(1, left_on=days(1), exit_reason="99"), row(2), on=days(1))
    desk.apply(school, row(2), on=days(40))
    assert (Loan.get().ended_at, Departure.get().closed_at) == (None, None)
