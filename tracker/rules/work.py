"""Long work: what there is, and where a piece of it stands."""

from datetime import timedelta
from enum import StrEnum


class WorkKind(StrEnum):
    """What takes so long that a page does not wait for it."""

    READ_ROSTER = "read_roster"
    APPLY_ROSTER = "apply_roster"
    SEND_AGREEMENTS = "send_agreements"
    FILE_SCANS = "file_scans"


IN_TURN = frozenset({WorkKind.READ_ROSTER, WorkKind.APPLY_ROSTER})
"""Of one school one piece at a time: each file is compared with what the one before it has left."""

FIRST = WorkKind.APPLY_ROSTER
"""Taken up before anything else that waits: what was read is applied before the next file is read."""


class WorkState(StrEnum):
    """Where a piece of work stands; FAILED was taken back whole and says why."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


ABANDONED_AFTER = timedelta(hours=1)
"""A piece of work that runs for longer was left by a process that died: it starts anew."""
