"""Pupils with devices, and departures, for tests of answers."""

from tests.factories import NOW, TODAY, make_device
from tests.lending import lend
from tracker.models.pupils import Enrolment
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.rules.custody import DeviceKind
from tracker.rules.departures import Destination


def make_departure(pupil, school, **changes):
    """A departure noticed by a roster today, that nobody has qualified."""
    values = {"noticed_at": NOW, "left_on": TODAY, "destination": Destination.TO_QUALIFY} | changes
    return Departure.create(pupil=pupil, enrolment=Enrolment.get(pupil=pupil), school=school, **values)


def equip(pupil, school, *, hotspot=False):
    """A laptop in hand, and a hotspot where asked."""
    laptop = make_device(school)
    lend(laptop, pupil, school)
    if hotspot:
        lend(make_device(school, kind=DeviceKind.HOTSPOT), pupil, school, override_reason="tried")
    return laptop


def expected():
    """Devices that are expected, with the day, in the order of their ids."""
    rows = ExpectedReturn.select(ExpectedReturn.device, ExpectedReturn.due_on)
    return list(rows.where(ExpectedReturn.closed_at.is_null()).order_by(ExpectedReturn.device).tuples())
