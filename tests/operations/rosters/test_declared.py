"""Departures that a school declared, and rosters that are behind, catch up or know better (L5); undoing."""

import pytest

from tests.factories import NOW, actor, make_device
from tests.lending import lend
from tests.operations.departing_pupils import expected
from tests.operations.rosters.files import days, enrolments, everything, morning, pupil, row
from tracker.models.agreements import Agreement
from tracker.models.loans import Loan
from tracker.models.rosters import Departure
from tracker.operations import ledger
from tracker.operations.departure_answers import answer_departure
from tracker.operations.departures import declare_departure
from tracker.rules.departures import DepartureOrigin, Destination
from tracker.rules.refusals import Refused


@pytest.fixture
def lent(desk, school, other):
    """A pupil of `school` with a laptop in hand; another one stays there."""
    desk.apply(school, row(1), row(2))
    Agreement.create(pupil=pupil(1), school_year=2026, state="validated", validated_at=NOW)
    device = make_device(school)
    lend(device, pupil(1), school)
    return device


def declare(on, destination=Destination.CFA, **how):
    return declare_departure(pupil(1).id, days(on), destination, actor=actor(), now=morning(days(1)), **how)


def states_of_departures() -> list[tuple[str, str]]:
    return [(each.destination, "closed" if each.closed_at else "open") for each in Departure.select()]


def test_a_roster_that_still_names_the_pupil_is_behind_until_the_waiting_time_is_over(desk, school, lent):
    declare(3)
    waits = expected()
    for day in (2, 4, 33):
        desk.apply(school, row(1, class_name=f"2GT{day}"), row(2), on=days(day))
        assert (Departure.get().closed_at, expected()) == (None, waits)
    assert enrolments(1)[0].class_name == "2GT33"
    desk.apply(school, row(1), row(2), on=days(34))
    assert (Departure.get().destination, Departure.get().closed_at is None) == (Destination.CAME_BACK, False)
    assert expected() == []
    assert Loan.get().ended_at is None


def test_an_entry_after_the_declared_day_is_a_return_at_once(desk, school, lent):
    declare(3)
    desk.apply(school, row(1, entered_on=days(5)), row(2), on=days(6))
    assert Departure.get().destination == Destination.CAME_BACK


def test_a_roster_that_drops_the_pupil_joins_the_declared_departure_and_is_undone_alone(desk, school, lent):
    declare(3)
    before = everything()
    made = desk.apply(school, row(2), on=days(5))
    departure = Departure.get()
    assert (departure.origin, departure.destination, departure.left_on) == (
        DepartureOrigin.SCHOOL, Destination.CFA, days(3),
    )  # fmt: skip
    assert enrolments(1)[0].left_on == days(3)
    joined = everything()
    desk.apply(school, row(2), on=days(6))
    assert everything() == joined
    desk.undo(made, on=days(7))
    assert everything() == before
    desk.apply(school, row(2), on=days(8))
    desk.apply(school, row(1), row(2), on=days(9))
    assert (Departure.get().destination, Departure.select().count()) == (Destination.CAME_BACK, 1)


def test_a_declared_leaver_found_in_another_member_school_takes_the_laptop_along(desk, school, other, lent):
    declare(3)
    made = desk.apply(other, row(1, roster_id=5), on=days(4))
    assert (Departure.get().destination, Departure.get().closed_at is None) == (Destination.MEMBER_SCHOOL, False)
    assert (Loan.get().school_id, expected()) == (other.id, [])
    desk.undo(made, on=days(5))
    assert (Departure.get().destination, Departure.get().closed_at, Loan.get().school_id) == (
        Destination.CFA, None, school.id,
    )  # fmt: skip
    assert len(expected()) == 1
    assert ledger.verify().broken is None


def test_who_was_declared_to_have_moved_and_is_here_after_all_brings_the_loan_back(desk, school, other, lent):
    declare(3, Destination.MEMBER_SCHOOL, to_school_id=other.id)
    assert Loan.get().school_id == other.id
    desk.apply(school, row(1), row(2), on=days(10))
    assert Loan.get().school_id == other.id
    desk.apply(school, row(1), row(2), on=days(40))
    assert (Loan.get().school_id, Departure.get().destination) == (school.id, Destination.CAME_BACK)


def test_an_apprentice_in_their_class_stays_on_the_roster_and_is_asked_about_anew_when_they_leave_it(
    desk, school, lent
):
    declare(1, Destination.APPRENTICE_HERE)
    desk.apply(school, row(1), row(2), on=days(50))
    assert states_of_departures() == [("apprentice_here", "closed")]
    gone = desk.apply(school, row(2), on=days(51))
    assert states_of_departures() == [("to_qualify", "open")]
    desk.undo(gone, on=days(52))
    assert states_of_departures() == [("apprentice_here", "closed")]


def test_who_was_declared_gone_with_nothing_and_holds_a_device_since_is_asked_about_when_the_roster_drops_them(
    desk, school
):
    desk.apply(school, row(1), row(2))
    declare(1, Destination.CFA)
    assert states_of_departures() == [("cfa", "closed")]
    lend(make_device(school), pupil(1), school, override_reason="prêt pour un examen", now=morning(days(1)))
    desk.apply(school, row(2), on=days(2))
    assert states_of_departures() == [("to_qualify", "open")]


def test_an_import_that_answers_rest_on_stays_and_without_them_the_devices_are_expected_again(desk, school, lent):
    gone = desk.apply(school, row(2), on=days(1))
    answer_departure(Departure.get().id, Destination.CFA, actor=actor(), now=morning(days(2)))
    with pytest.raises(Refused) as held:
        desk.undo(gone, on=days(3))
    assert held.value.facts["rests"] == {"answers": 1}
    waits = expected()
    back = desk.apply(school, row(1), row(2), on=days(4))
    assert (Departure.get().destination, expected()) == (Destination.CAME_BACK, [])
    desk.undo(back, on=days(5))
    assert (Departure.get().destination, Departure.get().closed_at, expected()) == (Destination.CFA, None, waits)
