"""The list of devices: each filter, and what a school sees of it."""

import pytest

from tests.factories import NOW, actor, make_campaign, make_device, make_model, make_pupil, make_school
from tests.lending import lend
from tracker.operations import custody
from tracker.queries import devices
from tracker.queries.devices import PROBLEM, DeviceFilter
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.custody import Custody, DeviceKind, DeviceState, Holder, Movement

pytestmark = pytest.mark.usefixtures("db")


def found(scope=EVERYWHERE, **filters):
    query = devices.with_columns(devices.listing(DeviceFilter(**filters), scope), scope, name_pupils=True)
    return {row["serial"] for row in query.dicts()}


def of(school):
    return Scope(frozenset({school.id}))


def test_nothing_chosen_is_everything():
    make_device(serial="A1")
    make_device(make_school(), serial="B1")
    assert found() == {"A1", "B1"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"q": "pf0"}, {"PF01", "PF02"}),
        ({"q": "F0"}, set()),
        ({"q": "%"}, set()),
        ({"q": "P*"}, set()),
        ({"state": "lost"}, {"PF02"}),
        ({"state": PROBLEM}, {"PF02", "XS03"}),
        ({"kind": "hotspot"}, {"XS03"}),
        ({"maker": "Acer"}, {"PF02"}),
        ({"holder": "warehouse"}, {"PF01"}),
        ({"holder": "unknown", "kind": "laptop"}, {"PF02"}),
    ],
)
def test_each_filter_narrows_the_list(filters, expected):
    make_device(serial="PF01")
    make_device(serial="PF02", model=make_model(maker="Acer"), state=DeviceState.LOST)
    make_device(serial="XS03", kind=DeviceKind.HOTSPOT, state=DeviceState.IN_REPAIR)
    assert found(**filters) == expected


def test_a_school_narrows_the_list():
    here, there = make_school(), make_school()
    make_device(here, serial="A1")
    make_device(there, serial="B1")
    assert found(school=here.id) == {"A1"}


def test_answerable_tells_the_lent_ones_from_the_others():
    make_campaign()
    school = make_school()
    lend(make_device(school, serial="LENT"), make_pupil(school), school)
    make_device(school, serial="FREE")
    assert found(answerable="yes") == {"LENT"}
    assert found(answerable="no") == {"FREE"}


def test_a_school_sees_its_own_devices_only():
    here, there = make_school(), make_school()
    make_device(here, serial="MINE")
    make_device(there, serial="THEIRS")
    make_device(serial="STOCK")
    assert found(of(here)) == {"MINE"}
    assert found(of(here), school=there.id) == set()
    assert found(Scope(frozenset())) == set()


def test_what_the_warehouse_keeps_for_a_school_is_not_the_school_s():
    here = make_school()
    device = make_device(here)
    place = Custody(DeviceState.IN_STOCK, Holder.WAREHOUSE, here.id)
    custody.append(device, Movement.RECEIVED, place, actor=actor(), now=NOW)
    assert found(of(here)) == set()
    assert devices.device_page(device.id, of(here)) is None
    assert devices.device_page(device.id, EVERYWHERE)["serial"] == device.serial


def test_a_page_keeps_the_three_facts_apart():
    make_campaign()
    school = make_school()
    pupil, device = make_pupil(school), make_device(school)
    lend(device, pupil, school)
    lost = Custody(DeviceState.LOST, Holder.UNKNOWN, school.id, allocated_to=pupil.id, answerable=pupil.id)
    custody.append(device, Movement.DECLARED_LOST, lost, actor=actor(), now=NOW)
    shown = devices.device_page(device.id, of(school))
    assert (shown["allocated_to"], shown["pupil"], shown["answerable"]) == (pupil.id, None, pupil.id)


def test_a_pupil_is_named_only_to_who_may_see_that_pupil():
    make_campaign()
    here, there = make_school(), make_school()
    pupil, device = make_pupil(here, last_name="Secret"), make_device(here)
    lend(device, pupil, here)
    pupil.enrolments.get().delete_instance()
    make_pupil(there)

    def names(scope, name_pupils):
        listing = devices.listing(DeviceFilter(), scope)
        return [row["last_name"] for row in devices.with_columns(listing, scope, name_pupils=name_pupils).dicts()]

    assert names(EVERYWHERE, True) == ["Secret"]
    assert names(EVERYWHERE, False) == [None]
    assert names(of(here), True) == [None]


def test_makers_are_listed_once_in_order():
    for maker in ("Lenovo", "Acer", "Lenovo"):
        make_model(maker=maker)
    assert devices.makers() == ["Acer", "Lenovo"]
