"""The calendar of the programme: French dates. (Working days, rule D5, come with the deliveries.)"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

TIME_ZONE = ZoneInfo("Europe/Paris")


def local_date(moment: datetime) -> date:
    """The date on the wall calendar at this moment, which must carry its time zone."""
    return moment.astimezone(TIME_ZONE).date()
