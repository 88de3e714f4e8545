"""Turns what goes wrong around the program (files, database, settings) into one sentence; defects keep their trace."""

from __future__ import annotations

import errno

from peewee import InterfaceError, OperationalError
from pydantic import ValidationError

from tracker.cli.words import Stop, _

DATABASE, WRITE, DISK, SETTING = 69, 73, 74, 78
"""Exit codes, as in sysexits.h: unavailable, cannot create, input/output, configuration."""


def sentence_for(error: Exception) -> Stop | None:
    """How the command ends for this error; None when it is a defect of the program."""
    if isinstance(error, ValidationError):
        return _setting(error)
    if isinstance(error, OperationalError | InterfaceError):
        return _database(str(error).strip())
    if isinstance(error, OSError) and error.errno == errno.EIO:  # a bad disk, a share that went away: no name with it
        return Stop(_("A file cannot be read to its end: %(reason)s.", reason=error.strerror), DISK)
    if isinstance(error, OSError) and error.filename:
        return _file(error)
    return None


def _setting(error: ValidationError) -> Stop:
    first = error.errors()[0]
    facts = {"name": str(first["loc"][0]).upper(), "value": first["input"], "reason": first["msg"]}
    return Stop(_("The setting %(name)s cannot be %(value)s: %(reason)s.", **facts), SETTING)


def _database(reason: str) -> Stop:
    if "disk is full" in reason or "No space left" in reason:
        return Stop(_("The disk is full: %(reason)s.", reason=reason), DISK)
    if "readonly database" in reason or "unable to open database file" in reason:
        return Stop(_("The database file cannot be written: %(reason)s.", reason=reason), WRITE)
    return Stop(_("The database does not answer: %(reason)s.", reason=reason.splitlines()[0]), DATABASE)


def _file(error: OSError) -> Stop | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Stop(_("The disk is full: %(reason)s.", reason=error.filename), DISK)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        return Stop(_("Cannot write to %(path)s: check who may.", path=error.filename), WRITE)
    return None
