"""Expected returns as their list and figures show them, on both engines."""

from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_guardian, make_pupil, make_school, make_user
from tests.returning import expect
from tracker.models.pupils import Enrolment
from tracker.models.returns import ExpectedReturn
from tracker.operations.expected_returns import give_up_return, stop_expecting
from tracker.operations.links import Links
from tracker.operations.return_reminders import write_to_families
from tracker.queries import expected_returns, pages
from tracker.queries.expected_returns import ORDER, ReturnFilter
from tracker.queries.pages import Key
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.returns import ReturnReason


@pytest.fixture
def school(db):
    make_campaign()
    return make_school()


def ids(scope=EVERYWHERE, **filters):
    matching = expected_returns.listing(ReturnFilter(**filters), scope, TODAY)
    rows = pages.page(expected_returns.with_columns(matching, scope), ORDER).rows
    assert pages.count(expected_returns.listing(ReturnFilter(**filters), scope, TODAY)) == len(rows)
    assert expected_returns.selected(ReturnFilter(**filters), scope, TODAY) == [row["id"] for row in rows]
    return [row["id"] for row in rows]


def test_what_is_due_for_longest_comes_first_and_pages_lose_nothing(school):
    days = (3, -2, 3, 9, 0)
    made = [expect(school, due_on=TODAY + timedelta(day)).id for day in days]
    expected = [made[index] for index in (1, 4, 0, 2, 3)]
    assert ids() == expected
    shown = expected_returns.with_columns(expected_returns.listing(ReturnFilter(), EVERYWHERE, TODAY), EVERYWHERE)
    first = pages.page(shown, ORDER, size=2)
    second = pages.page(shown, ORDER, after=first.after, size=2)
    third = pages.page(shown, ORDER, after=second.after, size=2)
    assert [row["id"] for each in (first, second, third) for row in each.rows] == expected
    assert pages.page(shown, ORDER, before=third.before, size=2).rows == second.rows
    assert [row["id"] for row in pages.every_row(shown, ORDER, size=2)] == expected
    for hostile in ("x", "2026-13-40", "20261005", 7):
        assert pages.page(shown, ORDER, after=Key(hostile, 1).text(), size=9).rows[0]["id"] == made[1]


def test_the_list_is_narrowed_and_kept_within_ones_own_schools(school):
    other = make_school()
    mine = expect(school, make_pupil(school, class_name="TG3"))
    late = expect(other, reason=ReturnReason.OTHER, due_on=TODAY - timedelta(1))
    given, came = expect(other), expect(other)
    ExpectedReturn.update(handed_in_at=NOW).where(ExpectedReturn.id == given).execute()
    stop_expecting(came.device_id, came_back=True, actor=actor(), now=NOW)
    assert ids(school=school.id) == ids(scope=Scope(frozenset({school.id}))) == [mine.id]
    assert ids(reason="other") == ids(standing="overdue") == [late.id]
    assert ids(standing="handed_in") == [given.id]
    assert ids(standing="closed") == [came.id]
    assert ids(class_name="TG3") == [mine.id]
    assert expected_returns.classes_of(school.id, EVERYWHERE) == ["TG3"]
    assert expected_returns.classes_of(other.id, Scope(frozenset({school.id}))) == []
    assert expected_returns.figures(EVERYWHERE, TODAY) == {"open": 3, "overdue": 1, "handed_in": 1}
    assert expected_returns.figures(Scope(frozenset()), TODAY) == {"open": 0, "overdue": 0, "handed_in": 0}


def test_a_class_is_the_one_that_the_list_shows_not_an_earlier_ones_nor_another_schools(school):
    other = make_school()
    now_in_it, left_it, namesake = (make_pupil(each) for each in (school, school, other))
    next_year = {"level": "premiere_gt", "eligible": "yes", "eligible_reason": "x"}
    for pupil, where, class_name in ((left_it, school, "1G3"), (namesake, school, "1G3")):
        Enrolment.create(pupil=pupil, school=where, school_year=2027, class_name=class_name, **next_year)
    rows = {pupil: expect(where, pupil).id for pupil, where in
            ((now_in_it, school), (left_it, school), (namesake, other))}  # fmt: skip
    assert ids(class_name="2GT1", school=school.id) == [rows[now_in_it]]
    assert ids(class_name="2GT1") == [rows[now_in_it], rows[namesake]]
    assert ids(class_name="1G3") == [rows[left_it]]
    assert expected_returns.classes_of(school.id, EVERYWHERE) == ["1G3", "2GT1"]
    assert expected_returns.classes_of(other.id, EVERYWHERE) == ["2GT1"]


def test_a_row_says_whose_device_it_is_and_when_the_family_was_written_to(school):
    pupil = make_pupil(school, class_name="TG3")
    make_guardian(pupil)
    expected = expect(school, pupil)
    who = actor(user=make_user(name="Odile"))
    write_to_families([expected.id], links=Links("key", "https://example.org"), actor=who, now=NOW)
    row = expected_returns.return_of_device(expected.device_id, EVERYWHERE)
    assert (row["serial"], row["class_name"], row["last_name"]) == (expected.device.serial, "TG3", pupil.last_name)
    assert row["written_at"] == NOW
    assert expected_returns.return_of_device(expected.device_id, Scope(frozenset({make_school().id}))) is None
    give_up_return(expected.id, "stays", actor=who, now=NOW)
    assert expected_returns.return_of_device(expected.device_id, EVERYWHERE) is None


def test_the_familys_page_has_all_that_the_pupil_must_send(school):
    expected = expect(school)
    (row,) = expected_returns.family_page(expected.pupil_id)
    assert (row["serial"], row["reason"], row["parcel_state"]) == (expected.device.serial, "departure", None)
