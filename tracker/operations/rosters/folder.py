"""The watched folder: each school's own folder, named by its UAI, into which the daily feed drops its files."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from tracker.models.rosters import RosterImport
from tracker.operations.rosters.imports import take_in
from tracker.queries.rosters import school_by_uai
from tracker.rosters.limits import LIMITS
from tracker.rules.access import SYSTEM
from tracker.rules.rosters import Origin
from tracker.storage.storage import FileTooLarge, Storage

log = structlog.get_logger()

SETTLED = timedelta(seconds=20)
"""A file that was written to more recently is still on its way."""


def take_from_folder(folder: Path, storage: Storage, *, now: datetime) -> list[RosterImport]:
    """Take in every settled file of every school's folder, oldest first; each leaves the folder once it is kept."""
    if not folder.is_dir():
        return []
    files = [file for school in folder.iterdir() if school.is_dir() for file in school.iterdir() if _is_file(file)]
    settled = [file for file in files if _is_settled(file, now)]
    taken = [_take(file, storage, now) for file in sorted(settled, key=lambda file: file.stat().st_mtime)]
    return [each for each in taken if each]


def _is_file(file: Path) -> bool:
    """A file that was put there: neither hidden, as while it is being written, nor a link to some other place."""
    return not file.name.startswith(".") and not file.is_symlink() and file.is_file()


def _is_settled(file: Path, now: datetime) -> bool:
    return file.stat().st_mtime <= (now - SETTLED).timestamp()


def _take(file: Path, storage: Storage, now: datetime) -> RosterImport | None:
    school = school_by_uai(file.parent.name.strip().upper())
    if school is None:
        log.warning("roster of an unknown school", folder=file.parent.name[:20])
        return None
    if not os.access(file.parent, os.W_OK):  # it could not leave the folder: it would be taken again each minute
        log.warning("folder of rosters cannot be written", school=school.id)
        return None
    try:
        with file.open("rb") as stream:
            kept = storage.put_stream(stream, kind="rosters", suffix=".roster", limit=LIMITS.file)
    except FileTooLarge:
        log.warning("roster too large", school=school.id)
        return None
    except OSError as error:  # one file that cannot be read holds up none of the others
        log.warning("roster cannot be read", school=school.id, reason=error.strerror)
        return None
    made = take_in(kept, file.name, school.id, origin=Origin.FOLDER, actor=SYSTEM, now=now)
    file.unlink()
    return made
