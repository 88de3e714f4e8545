"""The classes of a school as they leave: each counts exactly the devices that its list holds."""

import pytest

from tests.factories import SCHOOL_YEAR, make_campaign, make_pupil, make_school
from tests.operations.departing_pupils import equip
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.pupils import Pupil
from tracker.queries.class_departures import class_sizes, holdings
from tracker.rules.custody import DeviceState


@pytest.fixture
def school(db):
    make_campaign()
    return make_school()


def test_a_class_counts_what_its_pupils_hold_here_and_nothing_that_is_a_case_or_a_grief(school):
    held, stolen, died, moved = (make_pupil(school, class_name="2GT1") for _ in range(4))
    make_pupil(school, class_name="2GT2")
    devices = {pupil.id: equip(pupil, school, hotspot=pupil is held) for pupil in (held, stolen, died, moved)}
    Device.update(state=DeviceState.STOLEN).where(Device.id == devices[stolen.id].id).execute()
    Pupil.update(deceased=True).where(Pupil.id == died.id).execute()
    Loan.update(school=make_school()).where(Loan.pupil == moved).execute()
    sizes = {name: count for name, _level, count in class_sizes(school.id, SCHOOL_YEAR)}
    assert sizes == {"2GT1": 2, "2GT2": 0}
    assert [each.pupil_id for each in holdings(school.id, SCHOOL_YEAR, ["2GT1"])] == [held.id, held.id]
