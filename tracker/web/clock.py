"""The only place that asks what time it is."""

from datetime import UTC, date, datetime

from tracker.rules.calendar import local_date


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date on the calendar of the place where the programme runs."""
    return local_date(now())
