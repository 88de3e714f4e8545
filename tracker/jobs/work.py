"""Long work done: each kind has its runner, which acts for the person who asked, with their rights of now."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from huey import Huey

from tracker.config import Settings
from tracker.jobs.agreements import file_scans, send_agreements
from tracker.jobs.progress import Progress
from tracker.jobs.shift import Shift
from tracker.models.database import connected
from tracker.models.rosters import RosterImport
from tracker.models.work import Work
from tracker.operations import rosters, works
from tracker.queries.accounts import actor_of
from tracker.rules.access import SYSTEM, Actor
from tracker.rules.refusals import Refused
from tracker.rules.rosters import ImportState, Origin
from tracker.rules.work import WorkKind
from tracker.storage.choice import open_storage
from tracker.storage.storage import FileMissing

log = structlog.get_logger()


def do_waiting_work(settings: Settings, queue: Huey) -> int:
    """Take up all work that waits, one piece after the other; how many pieces ended well."""
    done = 0
    with connected():
        while work := works.take_up(now=datetime.now(UTC)):
            done += _do(work, settings, queue)
    return done


def _do(work: Work, settings: Settings, queue: Huey) -> bool:
    progress = Progress(queue, work.id)
    try:
        shift = Shift(settings, open_storage(settings), work, _actor(work), datetime.now(UTC), progress)
        result = RUNNERS[WorkKind(work.kind)](shift)
    except Refused as refusal:
        works.give_up(work, refusal.code, _plain(refusal.facts), now=datetime.now(UTC))
        return False
    except FileMissing:
        works.give_up(work, "file_missing", now=datetime.now(UTC))
        return False
    except Exception:
        # Whatever it was: the work was taken back whole, the person reads so, and the log has the cause.
        log.exception("work failed", work=work.id, kind=work.kind)
        works.give_up(work, "work_failed", now=datetime.now(UTC))
        return False
    finally:
        progress.forget()
    works.end(work, result, now=datetime.now(UTC))
    if work.kind == WorkKind.SEND_AGREEMENTS:
        queue.deliver_soon()
    return True


def _actor(work: Work) -> Actor:
    """Who asked, as they may act now. Raises Refused not_allowed where the account was closed meanwhile."""
    if work.asked_by is None:
        return SYSTEM
    actor = actor_of(work.asked_by)
    if actor is None:
        raise Refused("not_allowed")
    return actor


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | list | dict) else str(value) for name, value in facts.items()}


def _read_roster(shift: Shift) -> dict[str, Any]:
    """Preview; a file of the watched folder that nothing speaks against is applied by itself."""
    roster_import = RosterImport.get_by_id(shift.work.subject)
    with shift.storage.open(roster_import.file) as source:
        reading = rosters.preview(roster_import.id, source, now=shift.now, progress=_of_known(shift.progress))
    if roster_import.origin == Origin.FOLDER and not reading.refused:
        rosters.ask_to_apply(roster_import.id, {}, actor=shift.actor, now=shift.now)
    return reading.counts()


def _of_known(progress: Progress) -> Callable[[int, int | None], None]:
    """Noted where it is known how much there is."""
    return lambda done, total: progress(done, total) if total else None


def _apply_roster(shift: Shift) -> dict[str, Any]:
    roster_import = RosterImport.get_by_id(shift.work.subject)
    if roster_import.state == ImportState.APPLIED:  # by a process that died before it could say so
        return roster_import.preview["counts"]
    with shift.storage.open(roster_import.file) as source:
        reading = rosters.apply(roster_import.id, source, actor=shift.actor, now=shift.now, progress=shift.progress)
    return reading.counts()


RUNNERS: dict[WorkKind, Callable[[Shift], dict[str, Any]]] = {
    WorkKind.READ_ROSTER: _read_roster,
    WorkKind.APPLY_ROSTER: _apply_roster,
    WorkKind.SEND_AGREEMENTS: send_agreements,
    WorkKind.FILE_SCANS: file_scans,
}
"""What does each kind of work. A new kind adds its line here."""
