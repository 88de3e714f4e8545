"""The figures of the home page: what each counts, and that its list has exactly as many rows."""

from dataclasses import replace
from datetime import date

import pytest

from tests.factories import NOW, SCHOOL_YEAR, TODAY, actor, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tests.statements import recorded_statements
from tracker.models.pupils import Enrolment
from tracker.operations import custody
from tracker.queries import devices, figures, pupils
from tracker.queries.pupils import Year
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.custody import DeviceState, Holder, Movement
from tracker.rules.eligibility import Eligible, Level

YEAR = Year(SCHOOL_YEAR, TODAY)


def lose(device):
    head = custody.last_event(device.id)
    lost = replace(custody.custody_of(head), state=DeviceState.LOST, holder=Holder.UNKNOWN, pupil_id=None)
    custody.append(device, Movement.DECLARED_LOST, lost, actor=actor(), now=NOW)


def fill(school):
    """2 to equip (1 ready), 3 equipped (1 lost), 1 to check, 1 leaver with a device, 1 lost device of nobody."""
    make_pupil(school)
    make_pupil(school, agreement="sent")
    make_pupil(school, agreement="sent", left_on=date(2026, 9, 2))
    make_pupil(school, level=Level.UNKNOWN, eligible=Eligible.CHECK, eligible_reason="level_unknown")
    make_pupil(school, level=Level.TERMINALE_GT, eligible=Eligible.NO, eligible_reason="level_not_foreseen")
    lent = [make_device(school) for _ in range(4)]
    holders = [make_pupil(school) for _ in lent]
    for device, pupil in zip(lent, holders, strict=True):
        lend(device, pupil, school)
    lose(lent[0])
    Enrolment.update(left_on=date(2026, 9, 30)).where(Enrolment.pupil == holders[3]).execute()
    make_device(school, state=DeviceState.LOST)
    make_device(school)


@pytest.fixture
def schools(db):
    make_campaign()
    pair = make_school(), make_school()
    for school in pair:
        fill(school)
    return pair


def test_each_figure_counts_what_it_says(schools):
    counted = figures.figures(EVERYWHERE, YEAR)
    assert (counted.to_equip, counted.ready, counted.equipped) == (4, 2, 6)
    assert (counted.to_check, counted.leavers, counted.missing, counted.problems) == (2, 2, 2, 6)


def test_a_school_counts_its_own(schools):
    counted = figures.figures(Scope(frozenset({schools[0].id})), YEAR)
    assert (counted.to_equip, counted.ready, counted.equipped, counted.problems) == (2, 1, 3, 3)
    assert figures.figures(Scope(frozenset()), YEAR).problems == 0


@pytest.mark.parametrize(
    ("figure", "filters"),
    [
        ("to_equip", figures.TO_EQUIP),
        ("ready", figures.READY),
        ("equipped", figures.EQUIPPED),
        ("to_check", figures.TO_CHECK),
        ("leavers", figures.LEAVERS),
    ],
)
def test_a_figure_of_pupils_is_as_long_as_its_list(schools, figure, filters):
    scope = Scope(frozenset({schools[0].id}))
    shown = pupils.with_columns(filters, scope, YEAR)
    assert len(list(shown.dicts())) == getattr(figures.figures(scope, YEAR), figure) > 0


def test_the_figure_of_missing_devices_is_as_long_as_its_list(schools):
    shown = devices.with_columns(devices.listing(figures.MISSING, EVERYWHERE), EVERYWHERE, name_pupils=True)
    assert len(list(shown.dicts())) == figures.figures(EVERYWHERE, YEAR).missing


def test_who_sees_devices_only_gets_figures_of_devices(schools):
    counted = figures.device_figures(EVERYWHERE)
    assert (counted.in_stock, counted.lent, counted.missing) == (2, 6, 2)


def test_figures_cost_the_same_number_of_statements_whatever_there_is(db):
    make_campaign()
    costs = []
    for school in (make_school(), make_school()):
        with recorded_statements() as sent:
            figures.figures(EVERYWHERE, YEAR)
        costs.append(len(sent))
        fill(school)
    assert costs == [9, 9]
