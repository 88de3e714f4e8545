"""The last hand-overs of a desk, and which of them can be undone."""

from datetime import timedelta

import pytest

from tests.factories import NOW, SCHOOL_YEAR, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tracker.queries import desk
from tracker.queries.scanned import Place

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize(("later", "offered"), [(timedelta(days=1), True), (timedelta(days=1, seconds=1), False)])
def test_the_undo_of_a_hand_over_is_offered_for_a_day_and_its_line_stays(later, offered):
    make_campaign()
    school, user = make_school(), make_user("staff")
    device = make_device(school)
    lend(device, make_pupil(school), school, who=actor("staff", user=user))
    (row,) = desk.last_ten(user.id, Place(school.id, SCHOOL_YEAR), NOW + later)
    assert (row.serial, row.can_undo) == (device.serial, offered)
