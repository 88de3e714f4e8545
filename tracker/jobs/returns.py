"""The reminders of each day about devices that must come back."""

from datetime import datetime

from tracker.config import Settings
from tracker.models.database import connected
from tracker.operations.links import Links
from tracker.operations.return_reminders import remind_families


def remind_of_returns(settings: Settings, *, now: datetime) -> int:
    """Rule L7. Write to the families that are due, once a day however often it runs; how many mails."""
    with connected():
        links = Links(settings.signing_key(), settings.public_url.rstrip("/"))
        return remind_families(links=links, now=now).mails
