"""Departures declared, opened at a desk, of whole classes, and over when everything is back; on both engines."""

from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_pupil, make_school
from tests.operations.departing_pupils import equip, expected, make_departure
from tests.statements import recorded_statements
from tracker.models.loans import Loan
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure, DepartureAnswer
from tracker.operations.cases import Report, open_case
from tracker.operations.class_departures import end_of_schooling
from tracker.operations.departure_answers import answer_departure
from tracker.operations.departures import close_when_nothing_is_left, declare_departure, open_departure_from_desk
from tracker.operations.expected_returns import ask_for_return
from tracker.rules.cases import CaseKind
from tracker.rules.departures import DepartureOrigin, Destination, Fate
from tracker.rules.refusals import Refused
from tracker.rules.returns import ReturnReason


@pytest.fixture
def school(db):
    make_campaign()
    return make_school()


def declare(pupil, school, left_on=TODAY, destination=Destination.CFA, **how):
    return declare_departure(pupil.id, left_on, destination, actor=actor("school", [school]), now=NOW, **how)


def test_a_departure_is_over_when_the_last_device_is_back_and_not_before(school):
    pupil = make_pupil(school)
    equip(pupil, school, hotspot=True)
    departure = make_departure(pupil, school, destination="cfa")
    Loan.update(ended_at=NOW).where(Loan.kind == "laptop").execute()
    assert close_when_nothing_is_left(pupil.id, actor=actor(), now=NOW) == []
    Loan.update(ended_at=NOW).execute()
    assert close_when_nothing_is_left(pupil.id, actor=actor(), now=NOW) == [departure.id]
    assert Departure.get().closed_at == NOW
    assert close_when_nothing_is_left(pupil.id, actor=actor(), now=NOW) == []


def test_a_school_declares_that_a_pupil_leaves_and_where_to(school):
    pupil = make_pupil(school)
    equip(pupil, school)
    done = declare(pupil, school, TODAY + timedelta(10))
    departure = Departure.get_by_id(done.departure_id)
    assert (departure.origin, departure.left_on) == (DepartureOrigin.SCHOOL, TODAY + timedelta(10))
    assert [due for _device, due in expected()] == [TODAY + timedelta(25)]
    with pytest.raises(Refused) as again:
        declare(pupil, school)
    assert (again.value.code, again.value.facts["departure_id"]) == ("departure_exists", departure.id)


def test_who_stays_after_all_may_be_declared_anew(school):
    pupil = make_pupil(school)
    equip(pupil, school)
    first = declare(pupil, school)
    done = answer_departure(first.departure_id, Destination.CAME_BACK, actor=actor(), now=NOW)
    assert (done.means.fate, expected()) == (Fate.KEEPS, [])
    assert declare(pupil, school).departure_id == first.departure_id
    assert len(expected()) == 1


def test_only_ones_own_pupils_leave_on_a_day_that_is_near(school):
    pupil, other = make_pupil(school), make_school()
    with pytest.raises(Refused, match="pupil_not_enrolled"):
        declare(pupil, other)
    with pytest.raises(Refused, match="left_on_far"):
        declare(pupil, school, TODAY + timedelta(400))
    with pytest.raises(Refused, match="member_school_missing"):
        declare(pupil, school, destination=Destination.MEMBER_SCHOOL)
    assert Departure.select().count() == 0


def test_a_device_at_a_desk_opens_the_departure_or_finds_it(school):
    pupil = make_pupil(school)
    opened = open_departure_from_desk(pupil.id, actor=actor("staff"), now=NOW)
    assert (opened.origin, opened.destination) == (DepartureOrigin.DESK, Destination.TO_QUALIFY)
    assert open_departure_from_desk(pupil.id, actor=actor("staff"), now=NOW).id == opened.id
    Departure.update(closed_at=NOW, destination="apprentice_here", origin="school").execute()
    again = open_departure_from_desk(pupil.id, actor=actor("staff"), now=NOW)
    assert (again.id, again.closed_at, again.origin) == (opened.id, None, "school")


def leave(school, count=3):
    pupils = [make_pupil(school, class_name="TG1") for _ in range(count)]
    for pupil in pupils:
        equip(pupil, school)
    return pupils


def end(school, classes=("TG1",), due_on=TODAY + timedelta(30), who=None):
    return end_of_schooling(school.id, 2026, classes, due_on, actor=who or actor(), now=NOW)


def test_a_whole_class_ends_its_schooling_with_one_day_for_all(school):
    first, second, third = leave(school)
    make_pupil(school, class_name="TG1")
    stays = make_pupil(school, class_name="TG2")
    equip(stays, school)
    make_departure(first, school, destination="member_school", closed_at=NOW)
    known = make_departure(second, school)
    done = end(school)
    assert (done.pupils, done.devices) == (2, 2)
    assert {due for _device, due in expected()} == {TODAY + timedelta(30)}
    assert {each.reason for each in ExpectedReturn.select()} == {"end_of_year"}
    assert {each.pupil_id for each in Departure.select().where(Departure.destination == "end_of_schooling")} == {
        second.id, third.id,
    }  # fmt: skip
    assert Departure.get_by_id(known.id).origin == DepartureOrigin.ROSTER
    assert DepartureAnswer.select().count() == 2
    end(school, due_on=TODAY + timedelta(40))
    assert {due for _device, due in expected()} == {TODAY + timedelta(40)}
    assert (ExpectedReturn.select().count(), Departure.select().count()) == (2, 3)


def asked_of(pupil):
    row = ExpectedReturn.get(ExpectedReturn.pupil == pupil, ExpectedReturn.closed_at.is_null())
    return row.reason, row.due_on, row.departure_id is not None, row.case_id is not None


def test_what_a_class_was_to_bring_back_earlier_stays_due_and_overdue_and_what_a_case_awaits_stays_its_own(school):
    summer = TODAY + timedelta(270)
    by_hand, broken, answered, left, other = leave(school, 5)
    due = {"actor": actor(), "now": NOW - timedelta(20)}
    loan = Loan.get(Loan.pupil == by_hand)
    asked = ask_for_return(loan.device_id, ReturnReason.OTHER, due_on=TODAY - timedelta(9), **due)
    report = Report(Loan.get(Loan.pupil == broken).device_id, CaseKind.BREAKDOWN, "Écran noir.")
    open_case(report, actor=actor(), now=NOW)
    departure = make_departure(answered, school)
    answer_departure(departure.id, Destination.END_OF_SCHOOLING, actor=actor(), now=NOW)
    late = make_departure(left, school, left_on=TODAY - timedelta(40))
    answer_departure(late.id, Destination.END_OF_SCHOOLING, actor=actor(), now=NOW - timedelta(20))
    end(school, due_on=summer)
    assert asked_of(by_hand) == ("end_of_year", TODAY - timedelta(9), True, False)
    assert ExpectedReturn.get(ExpectedReturn.pupil == by_hand).id == asked.id
    assert asked_of(broken) == ("breakdown", TODAY + timedelta(15), True, True)
    assert asked_of(answered) == ("end_of_year", TODAY + timedelta(15), True, False)
    assert asked_of(left) == ("end_of_year", TODAY - timedelta(5), True, False)
    assert asked_of(other) == ("end_of_year", summer, True, False)
    end(school, due_on=summer + timedelta(5))
    assert [asked_of(each)[1] for each in (by_hand, broken, other)] == [
        TODAY - timedelta(9), TODAY + timedelta(15), summer + timedelta(5),
    ]  # fmt: skip


def test_a_class_that_is_overdue_stays_so_when_it_is_recorded_again(school):
    (pupil,) = leave(school, 1)
    end(school, due_on=TODAY)
    end_of_schooling(school.id, 2026, ["TG1"], TODAY + timedelta(60), actor=actor(), now=NOW + timedelta(1))
    assert asked_of(pupil) == ("end_of_year", TODAY, True, False)


def test_a_large_class_costs_no_more_than_a_small_one(school):
    leave(school, 2)
    with recorded_statements() as small:
        end(school)
    leave(school, 12)
    with recorded_statements() as large:
        end(school)
    assert len(large) <= len(small) + 3


def test_a_class_is_named_by_its_school_with_a_day_that_comes(school):
    leave(school, 1)
    for how, code in (
        ({"classes": ()}, "classes_missing"),
        ({"classes": ("TG9",)}, "nobody_holds_anything"),
        ({"due_on": TODAY - timedelta(1)}, "due_on_passed"),
        ({"due_on": TODAY + timedelta(500)}, "due_on_far"),
        ({"who": actor("school", [make_school()])}, "school_not_found"),
        ({"who": actor("staff")}, "not_allowed"),
    ):
        with pytest.raises(Refused, match=code):
            end(school, **how)
    assert (Departure.select().count(), expected()) == (0, [])
