"""Cases as lists and pages ask for them, on both engines."""

from datetime import timedelta

import pytest

from tests.cases import make_case
from tests.factories import NOW, actor, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tests.parcels import addressed_school, prepared, with_return_address
from tracker.models.parcels import Parcel
from tracker.operations import allocations, parcels
from tracker.operations.case_steps import advance
from tracker.operations.cases import Report, open_case
from tracker.queries import cases
from tracker.queries.cases import OVER, OVERDUE, CaseFilter
from tracker.queries.pages import every_row, page
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.cases import CaseKind, CaseState
from tracker.rules.custody import DeviceKind
from tracker.rules.parcels import ParcelKind

pytestmark = pytest.mark.usefixtures("db")
LATE = NOW - timedelta(days=10)


def found(scope=EVERYWHERE, **filters):
    asked = CaseFilter(**filters)
    shown = cases.with_columns(cases.listing(asked, scope, LATE), scope)
    return [row["id"] for row in every_row(shown, asked.order, size=2)]


def test_open_cases_come_by_their_time_in_this_state_page_by_page_and_those_that_are_over_newest_first(db):
    school = make_school()
    new, old, older = (make_case(school=school, state_since=NOW - timedelta(days=days)) for days in (0, 5, 20))
    over = [
        make_case(school=school, state="closed", state_since=NOW - timedelta(days=days), closed_at=NOW)
        for days in (9, 3)
    ]
    assert found() == [older.id, old.id, new.id]
    assert found(state=OVERDUE) == [older.id]
    assert found(state=OVER) == [over[1].id, over[0].id]
    shown = cases.with_columns(cases.listing(CaseFilter(), EVERYWHERE, LATE), EVERYWHERE)
    first = page(shown, CaseFilter().order, size=2)
    rest = page(shown, CaseFilter().order, after=first.after, size=2)
    assert [row["id"] for row in (*first.rows, *rest.rows)] == [older.id, old.id, new.id]
    assert [row["id"] for row in page(shown, CaseFilter().order, before=rest.before, size=2).rows] == [older.id, old.id]


def test_a_key_that_is_no_moment_leads_to_the_first_page(db):
    case, order = make_case(), CaseFilter().order
    shown = cases.listing(CaseFilter(), EVERYWHERE, LATE)
    for forged in ("WyJ4IiwxXQ", "WzEsMV0"):
        assert [row["id"] for row in page(shown, order, after=forged).rows] == [case.id]


def test_filters_and_figures_keep_within_the_schools(db):
    mine, other = make_school(), make_school()
    theft = make_case(school=mine, kind="theft", state_since=LATE - timedelta(days=1))
    repair = make_case(school=mine, state="in_repair")
    make_case(school=other)
    scope = Scope(frozenset({mine.id}))
    assert found(scope) == [theft.id, repair.id]
    assert found(scope, kind="theft") == [theft.id]
    assert found(scope, state="in_repair") == [repair.id]
    assert found(scope, school=other.id) == []
    assert cases.figures(scope, LATE) == {"open": 1, "in_repair": 1, "all": 2, OVERDUE: 1}
    assert cases.figures(EVERYWHERE, LATE)["all"] == 3


def test_a_case_shows_a_pupil_only_to_who_may_see_them(db):
    home, there = make_school(), make_school()
    case = make_case(make_device(there), there, kind="sighting", pupil=make_pupil(home, last_name="Zola"))
    assert cases.around(case, EVERYWHERE)["last_name"] == "Zola"
    assert cases.around(case, Scope(frozenset({there.id})))["last_name"] is None
    assert cases.case_of(case.id, Scope(frozenset({home.id}))) is None


def test_a_device_has_the_cases_that_it_was_lent_for_too(db):
    school, spare = make_school(), make_device()
    case = make_case(school=school, replacement=spare)
    assert [row["id"] for row in cases.cases_of_device(spare.id, EVERYWHERE)] == [case.id]
    assert cases.cases_of_device(spare.id, Scope(frozenset({make_school().id}))) == []


def test_the_story_keeps_its_order(db):
    case = make_case()
    for minute, state in enumerate((CaseState.OPEN, CaseState.DIAGNOSIS, CaseState.REFUSED)):
        advance(case, state, actor=actor(), now=NOW + timedelta(minutes=minute))
    assert [step["state"] for step in cases.story(case.id)] == ["open", "diagnosis", "refused"]


def test_devices_to_lend_instead_are_free_of_this_model_and_in_the_warehouse(db):
    make_campaign()
    school = make_school()
    model = make_device().model
    free, taken = make_device(model=model), make_device(model=model)
    make_device(school, model=model)
    make_device()
    allocations.allocate(taken.id, make_pupil(school).id, actor=actor(), now=NOW)
    assert free.serial in [row["serial"] for row in cases.spare_devices(model.id)]
    assert taken.serial not in [row["serial"] for row in cases.spare_devices(model.id)]
    assert len(cases.spare_devices(model.id)) == 2


def test_the_parcel_of_an_owed_device_is_none_from_before_the_case(db):
    with_return_address()
    school = addressed_school()
    pupil, device = make_pupil(school), make_device()
    case = make_case(device, school, pupil=pupil, state="owed", outcome="repaired")
    old = prepared(ParcelKind.NAMED, school, device, pupil_id=pupil.id, now=NOW - timedelta(days=30))
    parcels.cancel(old.id, actor=actor(), now=NOW)
    Parcel.update(state="closed").where(Parcel.id == old.id).execute()
    assert cases.parcel_of(case) is None
    new = prepared(ParcelKind.NAMED, school, device, pupil_id=pupil.id)
    assert cases.parcel_of(case) == new


def test_hotspots_that_nobody_can_use_are_told_with_their_open_case(db):
    make_campaign()
    school = make_school()
    hotspots = [make_device(school, kind=DeviceKind.HOTSPOT, serial=f"H{number}") for number in range(4)]
    stolen, broken, _fine, lost = hotspots
    said = {"actor": actor(), "now": NOW}
    theft = open_case(Report(stolen.id, CaseKind.THEFT, "Volé"), **said)
    breakdown = open_case(Report(broken.id, CaseKind.BREAKDOWN, "Noir"), **said)
    loss = open_case(Report(lost.id, CaseKind.LOSS, "Perdu"), **said)
    advance(loss, CaseState.REFUSED, **said)
    make_case(school=school)
    rows = cases.hotspots_without_device(EVERYWHERE)
    assert [(row["serial"], row["case_id"], row["state"]) for row in rows] == [
        ("H0", theft.id, "stolen"), ("H1", breakdown.id, "in_stock"), ("H3", None, "lost"),
    ]  # fmt: skip
    assert cases.hotspots_without_device(Scope(frozenset({make_school().id}))) == []


def test_a_familys_page_has_what_is_lent_and_what_was_reported(db):
    make_campaign()
    school = make_school()
    pupil, device = make_pupil(school), make_device(school)
    lend(device, pupil, school)
    assert [row["case_id"] for row in cases.family_devices(pupil.id)] == [None]
    case = open_case(Report(device.id, CaseKind.THEFT, "Volé"), actor=actor(), now=NOW)
    make_case(school=school, kind="sighting", pupil=pupil)
    assert [row["case_id"] for row in cases.family_devices(pupil.id)] == [case.id]
    assert [row.id for row in cases.family_cases(pupil.id)] == [case.id]


def test_beside_a_case_stand_earlier_ones_of_any_school_and_later_ones_of_ones_own(db):
    before, here, after = make_school(), make_school(), make_school()
    pupil = make_pupil(here)
    first, case, later = (make_case(school=school, pupil=pupil) for school in (before, here, after))
    make_case(school=here, pupil=make_pupil(here))
    assert [row["id"] for row in cases.cases_beside(case, Scope(frozenset({here.id})))] == [first.id]
    assert [row["id"] for row in cases.cases_beside(case, EVERYWHERE)] == [later.id, first.id]
