"""Rosters of schools: read, previewed, applied, undone (E1 to E3, L1, L5)."""

from tracker.operations.rosters.applying import write
from tracker.operations.rosters.folder import take_from_folder
from tracker.operations.rosters.imports import (
    apply,
    apply_at_once,
    ask_to_apply,
    cancel,
    find,
    forget_files,
    preview,
    read_again,
    take_in,
)
from tracker.operations.rosters.readings import Reading, read
from tracker.operations.rosters.summary import report, summary
from tracker.operations.rosters.undoing import undo, what_rests

__all__ = [
    "Reading", "apply", "apply_at_once", "ask_to_apply", "cancel", "find", "forget_files", "preview", "read",
    "read_again", "report", "summary", "take_from_folder", "take_in", "undo", "what_rests", "write",
]  # fmt: skip
