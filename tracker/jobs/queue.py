"""The queue itself, one for each process: beside the SQLite file, or in PostgreSQL."""

import os
from datetime import UTC, datetime
from functools import partial

import structlog
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.serializer import SignedSerializer

from tracker.config import Settings
from tracker.jobs import agreements, tasks
from tracker.jobs.progress import progress_of as noted_progress
from tracker.jobs.returns import remind_of_returns
from tracker.jobs.work import do_waiting_work

log = structlog.get_logger()
_NAME = "tracker"
_opened: dict[tuple[int, str, str], Huey] = {}


def open_queue(settings: Settings) -> Huey:
    """The queue of this installation with its tasks; opened once in each process, never shared by a fork."""
    key = (os.getpid(), settings.database, str(settings.var_dir.absolute()))
    if key not in _opened:
        _opened.clear()
        _opened[key] = _with_tasks(_queue(settings), settings)
    return _opened[key]


def _queue(settings: Settings) -> Huey:
    # Signed: what is taken from the queue is unpickled, and only this program may have put it there.
    signed = SignedSerializer(secret=settings.signing_key(), salt="jobs")
    if settings.database.startswith("postgres"):
        scheme, _, rest = settings.database.partition("://")
        address = f"{scheme.split('+')[0]}://{rest}"
        return PostgresHuey(_NAME, dsn=address, table_prefix="jobs", results=False, serializer=signed)
    file = settings.var_dir.absolute() / "jobs.db"
    return SqliteHuey(_NAME, filename=str(file), results=False, serializer=signed)


def _with_tasks(queue: Huey, settings: Settings) -> Huey:
    deliver = partial(tasks.deliver_outbox, settings)
    queue.deliver_soon = queue.task(name="deliver_soon")(deliver)
    queue.periodic_task(crontab(), name="deliver_each_minute")(deliver)
    work = partial(do_waiting_work, settings, queue)
    queue.work_soon = queue.task(name="work_soon")(work)
    queue.periodic_task(crontab(), name="work_each_minute")(work)
    queue.periodic_task(crontab(), name="take_rosters")(partial(_take_rosters, settings, queue))
    queue.periodic_task(crontab(minute="25", hour="3"), name="forget_files")(partial(tasks.forget_files, settings))
    # Each hour of the day, though once a day is enough: a small machine may be off at any fixed hour.
    remind = partial(_remind, settings, queue)
    queue.periodic_task(crontab(minute="35", hour="7-17"), name="remind_families")(remind)
    returns = partial(_remind_of_returns, settings, queue)
    queue.periodic_task(crontab(minute="50", hour="7-17"), name="remind_of_returns")(returns)
    # Several times a day, though once after midnight is enough, for the same reason.
    queue.periodic_task(crontab(minute="15", hour="*/3"), name="judge_eligibility")(tasks.judge_eligibility)
    # Hourly by day for the same reason; who is expected already is not expected twice.
    queue.periodic_task(crontab(minute="45", hour="6-20"), name="end_waiting")(tasks.end_waiting)
    # Each hour, though one seal a day is kept: a small machine may be off at any fixed hour.
    queue.periodic_task(crontab(minute="5"), name="seal_ledger")(tasks.seal_ledger)
    return queue


def _take_rosters(settings: Settings, queue: Huey) -> None:
    """What the folder brought is read at once, by the same consumer."""
    if tasks.take_rosters(settings):
        do_waiting_work(settings, queue)


def _remind(settings: Settings, queue: Huey) -> None:
    """The reminders of the day, where the campaign's setting says so."""
    if agreements.ask_reminders(settings, now=datetime.now(UTC)):
        do_waiting_work(settings, queue)


def _remind_of_returns(settings: Settings, queue: Huey) -> None:
    """The families that still have a device to send back."""
    if remind_of_returns(settings, now=datetime.now(UTC)):
        queue.deliver_soon()


def deliver_soon(settings: Settings) -> None:
    """Ask the consumer to deliver the outbox now; call it after the commit of what posted the mail."""
    _ask(settings, "deliver_soon")


def work_soon(settings: Settings) -> None:
    """Ask the consumer to take up long work now; call it after the commit of what asked for the work."""
    _ask(settings, "work_soon")


def progress_of(settings: Settings, work_id: int) -> tuple[int, int] | None:
    """How far a piece of work is: done and in all; None where nothing was noted."""
    try:
        return noted_progress(open_queue(settings), work_id)
    except Exception as error:
        log.warning("queue does not answer", error=type(error).__name__)
        return None


def _ask(settings: Settings, task: str) -> None:
    """Should the queue not answer, mail and work are safe in their tables and are taken up within the next minute."""
    try:
        getattr(open_queue(settings), task)()
    except Exception as error:
        log.warning("queue does not answer", error=type(error).__name__)
