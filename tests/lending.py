"""A laptop into a pupil's hands, for tests that are about something else."""

import uuid

from tests.factories import NOW, SCHOOL_YEAR, actor, make_user
from tracker.models.schools import Campaign
from tracker.operations import loans


def lend(device, pupil, school, *, who=None, now=NOW, **changes):
    """Hand the device over at the school, on NOW; the answer has the event."""
    campaign = Campaign.get(Campaign.school_year == SCHOOL_YEAR)
    request = loans.Request(device.id, pupil.id, school.id, uuid.uuid4(), **changes)
    return loans.hand_over(request, campaign=campaign, actor=who or actor(user=make_user()), now=now)
