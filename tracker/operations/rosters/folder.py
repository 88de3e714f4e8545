"""The watched folder: each school's own folder, named by its UAI, into which the daily feed drops its files."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from tracker.models.database import database
from tracker.models.rosters import RosterImport
from tracker.operations.rosters.imports import take_in
from tracker.queries.rosters import school_by_uai
from tracker.rosters.limits import LIMITS
from tracker.rules.access import SYSTEM
from tracker.rules.rosters import Origin
from tracker.storage.storage import FileTooLarge, Storage, Stored

log = structlog.get_logger()

SETTLED = timedelta(seconds=20)
"""A file that was written to more recently is still on its way."""


def take_from_folder(folder: Path, storage: Storage, *, now: datetime) -> list[RosterImport]:
    """Take in every settled file of every school's folder, oldest first; each leaves the folder once it is kept.

    What cannot be read, taken out or looked at holds up none of the others: it stays, with a line in the log.
    """
    files = [file for school in _within(folder) for file in _within(school)]
    settled = [(moment, file) for file in files if (moment := _settled(file, now)) is not None]
    taken = [_take(file, storage, now) for _moment, file in sorted(settled)]
    return [each for each in taken if each]


def _within(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):  # nothing is watched yet, or a file beside the schools' folders
        return []
    except OSError as error:
        _warn("folder of rosters cannot be read", folder, error)
        return []


def _settled(file: Path, now: datetime) -> float | None:
    """When a file that was put there was last written to; None: it is none, or still on its way.

    Neither a hidden one, as while it is being written, nor a link to some other place.
    """
    try:
        if file.name.startswith(".") or file.is_symlink() or not file.is_file():
            return None
        moment = file.stat().st_mtime
    except OSError as error:
        _warn("roster cannot be looked at", file.parent, error)
        return None
    return moment if moment <= (now - SETTLED).timestamp() else None


def _warn(event: str, folder: Path, error: OSError) -> None:
    log.warning(event, folder=folder.name[:20], reason=error.strerror)


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
    except OSError as error:
        _warn("roster cannot be read", file.parent, error)
        return None
    return _record(file, kept, school.id, storage, now)


def _record(file: Path, kept: Stored, school_id: int, storage: Storage, now: datetime) -> RosterImport | None:
    """Take it in and out of the folder, both or neither: what stays there would be taken again each minute."""
    try:
        with database.atomic():
            made = take_in(kept, file.name, school_id, origin=Origin.FOLDER, actor=SYSTEM, now=now)
            file.unlink()
    except OSError as error:
        storage.delete(kept.key)
        _warn("roster cannot be taken out of its folder", file.parent, error)
        return None
    return made
