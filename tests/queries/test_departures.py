"""Departures as their list shows them, on both engines: order, filters, devices, schools."""

from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.queries import departures, pages
from tracker.queries.departures import ORDER, DepartureFilter
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.custody import DeviceKind

pytestmark = pytest.mark.usefixtures("db")


def depart(pupil, school, destination="to_qualify", **changes):
    values = {"pupil": pupil, "enrolment": Enrolment.get(pupil=pupil), "school": school, "noticed_at": NOW}
    return Departure.create(**(values | {"left_on": TODAY, "destination": destination} | changes))


def ids(filters=DepartureFilter(), scope=EVERYWHERE):  # noqa: B008
    rows = pages.page(departures.with_columns(filters, scope), ORDER).rows
    assert pages.count(departures.listing(filters, scope)) == len(rows)
    return [row["pupil_id"] for row in rows]


def test_unknown_destinations_come_first_and_pages_lose_nobody():
    school = make_school()
    pupils = [make_pupil(school) for _ in range(5)]
    for pupil, to in zip(pupils, ("cfa", "to_qualify", "cfa", "to_qualify", "died"), strict=True):
        depart(pupil, school, to)
    expected = [pupils[index].id for index in (3, 1, 4, 2, 0)]
    assert ids() == expected
    shown = departures.with_columns(DepartureFilter(), EVERYWHERE)
    first = pages.page(shown, ORDER, size=2)
    second = pages.page(shown, ORDER, after=first.after, size=2)
    third = pages.page(shown, ORDER, after=second.after, size=2)
    assert [row["pupil_id"] for each in (first, second, third) for row in each.rows] == expected
    assert pages.page(shown, ORDER, before=third.before, size=2).rows == second.rows
    assert [row["pupil_id"] for row in pages.every_row(shown, ORDER, size=2)] == expected


def test_each_device_in_hand_has_its_own_column():
    make_campaign()
    school = make_school()
    pupil, nobody = make_pupil(school), make_pupil(school)
    laptop, hotspot = make_device(school), make_device(school, kind=DeviceKind.HOTSPOT)
    Loan.create(device=hotspot, pupil=pupil, school=school, school_year=2026, kind="hotspot", started_at=NOW)
    lend(laptop, pupil, school)
    for each in (pupil, nobody):
        depart(each, school)
    rows = {row["pupil_id"]: row for row in departures.with_columns(DepartureFilter(), EVERYWHERE).dicts()}
    assert (rows[pupil.id]["laptop"], rows[pupil.id]["hotspot"]) == (laptop.serial, hotspot.serial)
    assert rows[nobody.id]["laptop"] is None
    assert rows[pupil.id]["due_on"] is None
    for device, day in ((laptop, TODAY), (hotspot, TODAY + timedelta(3))):
        ExpectedReturn.create(device=device, pupil=pupil, school=school, reason="departure", due_on=day, opened_at=NOW)
    rows = {row["pupil_id"]: row for row in departures.with_columns(DepartureFilter(), EVERYWHERE).dicts()}
    assert (rows[pupil.id]["due_on"], rows[nobody.id]["due_on"]) == (TODAY, None)
    assert ids(DepartureFilter(device="yes")) == [pupil.id]
    assert ids(DepartureFilter(device="no")) == [nobody.id]


def test_a_list_is_narrowed_and_kept_within_ones_own_schools():
    mine, other = make_school(), make_school()
    here, there, back = make_pupil(mine), make_pupil(other), make_pupil(mine)
    depart(here, mine, "cfa")
    depart(there, other)
    depart(back, mine, closed_at=NOW)
    assert ids() == [there.id, here.id]
    assert ids(DepartureFilter(destination="cfa")) == [here.id]
    assert ids(DepartureFilter(school=other.id)) == [there.id]
    assert ids(scope=Scope(frozenset({mine.id}))) == [here.id]


def test_a_pupil_whom_one_may_no_longer_open_is_marked():
    mine, other = make_school(), make_school()
    pupil = make_pupil(mine)
    depart(pupil, mine)
    seen = [row["seen"] for row in departures.with_columns(DepartureFilter(), Scope(frozenset({mine.id}))).dicts()]
    Enrolment.create(
        pupil=pupil, school=other, school_year=2027, level="seconde_gt", eligible="yes", eligible_reason="x"
    )
    later = [row["seen"] for row in departures.with_columns(DepartureFilter(), Scope(frozenset({mine.id}))).dicts()]
    assert (seen, later) == ([1], [0])
