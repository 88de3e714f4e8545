"""Departures declared, opened at a desk, and over when everything is back; on both engines."""

import pytest

from tests.factories import NOW, TODAY, actor, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tracker.models.loans import Loan
from tracker.models.pupils import Enrolment
from tracker.models.rosters import Departure
from tracker.operations.departures import close_when_nothing_is_left
from tracker.rules.custody import DeviceKind
from tracker.rules.departures import Destination


@pytest.fixture
def school(db):
    make_campaign()
    return make_school()


def make_departure(pupil, school, **changes):
    values = {"noticed_at": NOW, "left_on": TODAY, "destination": Destination.CFA} | changes
    return Departure.create(pupil=pupil, enrolment=Enrolment.get(pupil=pupil), school=school, **values)


def test_a_departure_is_over_when_the_last_device_is_back_and_not_before(school):
    pupil = make_pupil(school)
    lend(make_device(school), pupil, school)
    hotspot = make_device(school, kind=DeviceKind.HOTSPOT)
    Loan.create(device=hotspot, pupil=pupil, school=school, school_year=2026, kind="hotspot", started_at=NOW)
    departure = make_departure(pupil, school)
    Loan.update(ended_at=NOW).where(Loan.kind == "laptop").execute()
    assert close_when_nothing_is_left(pupil.id, actor=actor(), now=NOW) == []
    Loan.update(ended_at=NOW).execute()
    assert close_when_nothing_is_left(pupil.id, actor=actor(), now=NOW) == [departure.id]
    assert Departure.get().closed_at == NOW
    assert close_when_nothing_is_left(pupil.id, actor=actor(), now=NOW) == []
