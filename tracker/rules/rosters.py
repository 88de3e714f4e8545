"""Reading a school's roster again and again: what an import is, and the stops that need a person's yes (E3)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ImportState(StrEnum):
    """Where an import stands. READY waits for a person, REFUSED can never be applied."""

    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"
    APPLIED = "applied"
    UNDONE = "undone"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """How a file came in."""

    UPLOAD = "upload"
    TERMINAL = "terminal"
    FOLDER = "folder"


class ChangeKind(StrEnum):
    """What a file says happened to one pupil."""

    ARRIVAL = "arrival"
    LEAVER = "leaver"
    MOVE = "move"
    CHANGED = "changed"


class CodeKind(StrEnum):
    """The kinds of code whose meaning an administrator may have to settle."""

    MEF = "mef"
    EXIT_REASON = "exit_reason"


class Stop(StrEnum):
    """What holds an import up until a person says yes to it by name."""

    OTHER_SCHOOL = "other_school"
    LAST_YEAR = "last_year"
    OLDER = "older"
    COLLAPSED = "collapsed"
    GUARDIANS_GONE = "guardians_gone"
    IDENTITY = "identity"


@dataclass(frozen=True)
class Whole:
    """What the stops rest on: the file as a whole, next to what is known of the school."""

    file_uai: str | None
    school_uai: str
    school_year: int | None
    exported_at: datetime | None
    schooled: int
    known_year: int | None = None
    known_exported_at: datetime | None = None
    known_schooled: int = 0
    families: int = 0
    known_families: int = 0
    open_identities: int = 0
    names_nobody: bool = False


def school_year_of(today: date) -> int:
    """The school year that a file of this day should speak of: from August on, the one that begins."""
    return today.year if today.month >= 8 else today.year - 1


COLLAPSE_FROM = 10
"""Pupils that a school must have had for a collapse of its roll to mean anything."""


def stops(whole: Whole, today: date, *, collapse_percent: int) -> list[Stop]:
    """Everything that needs a yes before the file may be applied, in the order in which a person asks.

    `collapse_percent` (setting): the roll has collapsed when fewer than so many hundredths of it are left, and so have
    the guardians when fewer than so many hundredths of the pupils who have any keep one (A1).
    """
    found = {
        Stop.OTHER_SCHOOL: whole.file_uai is not None and whole.file_uai != whole.school_uai,
        Stop.LAST_YEAR: _is_of_another_year(whole, today),
        Stop.OLDER: _is_older(whole),
        Stop.COLLAPSED: _has_collapsed(whole.known_schooled, whole.schooled, whole, collapse_percent),
        Stop.GUARDIANS_GONE: _has_collapsed(whole.known_families, whole.families, whole, collapse_percent),
        Stop.IDENTITY: whole.open_identities > 0,
    }
    return [stop for stop, holds in found.items() if holds]


def _is_of_another_year(whole: Whole, today: date) -> bool:
    """An earlier year, or one that no school prepares yet."""
    if whole.school_year is None:
        return False
    year = school_year_of(today)
    return not max(year, whole.known_year or 0) <= whole.school_year <= year + 1


def _is_older(whole: Whole) -> bool:
    both = whole.exported_at and whole.known_exported_at
    return bool(both) and whole.exported_at < whole.known_exported_at  # type: ignore[operator]


def _has_collapsed(before: int, after: int, whole: Whole, collapse_percent: int) -> bool:
    if whole.names_nobody:  # an export that went wrong, however few they were
        return before > 0
    return before >= COLLAPSE_FROM and after * 100 < before * collapse_percent
