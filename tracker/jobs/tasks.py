"""What the consumer does: each task opens a connection, says what time it is, and calls an operation."""

from datetime import UTC, datetime, timedelta

from tracker.config import Settings
from tracker.mail.choice import open_mailer
from tracker.models.database import connected
from tracker.operations import ledger, mail, rosters
from tracker.operations.departure_waiting import return_after_waiting
from tracker.operations.eligibility import recompute_eligibility, school_year_on
from tracker.rules.calendar import local_date
from tracker.storage.choice import open_storage


def deliver_outbox(settings: Settings) -> int:
    """Deliver every mail that is due; how many left the program."""
    mailer, storage = open_mailer(settings), open_storage(settings)
    delivered = 0
    with connected():
        while tried := mail.deliver_next(mailer, now=datetime.now(UTC), storage=storage):
            delivered += tried.sent_at is not None
    return delivered


def judge_eligibility() -> int:
    """Judge every pupil anew: an exit, a membership or a setting may have reached its day; how many changed."""
    today = local_date(datetime.now(UTC))
    with connected():
        return recompute_eligibility(school_year_on(today), today)


def end_waiting() -> int:
    """Expect the devices of who left for nobody knows where and whose waiting time is over; how many departures."""
    with connected():
        return return_after_waiting(now=datetime.now(UTC))


def seal_ledger() -> None:
    """Seal the ledger for today, unless that is done."""
    with connected():
        ledger.checkpoint(now=datetime.now(UTC))


def take_rosters(settings: Settings) -> int:
    """Take in what the daily feed dropped into the schools' folders; how many files."""
    with connected():
        return len(rosters.take_from_folder(settings.watched_folder, open_storage(settings), now=datetime.now(UTC)))


def forget_files(settings: Settings) -> int:
    """Delete the rosters whose time to be kept is over, and what died processes left half written; how many rosters."""
    storage, now = open_storage(settings), datetime.now(UTC)
    storage.clear_unfinished(now - timedelta(days=1))
    with connected():
        return rosters.forget_files(storage, now=now)
