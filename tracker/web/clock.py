"""The only place that asks what time it is, and by that in which school year."""

from datetime import UTC, date, datetime

from tracker.queries.campaigns import current_campaign
from tracker.queries.pupils import Year
from tracker.rules.calendar import local_date


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date on the calendar of the place where the programme runs."""
    return local_date(now())


def year_in_force() -> Year:
    """The school year that lists and figures look at, as of today. One query."""
    return Year.of(current_campaign(today()), today())
