"""Cases for tests that are about something else."""

from tests.factories import NOW, SCHOOL_YEAR, make_device, make_school
from tracker.models.cases import DeviceCase


def make_case(device=None, school=None, **changes) -> DeviceCase:
    """An open case of a breakdown."""
    school = school or make_school()
    values = {"kind": "breakdown", "state": "open", "school": school, "school_year": SCHOOL_YEAR}
    return DeviceCase.create(device=device or make_device(school), opened_at=NOW, state_since=NOW, **(values | changes))
