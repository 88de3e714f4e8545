"""The database of a command: the one that the settings name, open while the command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import peewee

from tracker import logs
from tracker.cli.failures import SETTING
from tracker.cli.words import Stop, _
from tracker.config import Settings
from tracker.models.database import connected, open_database
from tracker.models.migrations import pending


@contextmanager
def opened(settings: Settings) -> Iterator[peewee.Database]:
    """The database, connected; Stop with a sentence when DATABASE_URL names none."""
    logs.configure(as_json=settings.log_json)
    try:
        database = open_database(settings.database)
    except ValueError as error:
        raise Stop(_("DATABASE_URL cannot be used: %(reason)s.", reason=error), SETTING) from None
    try:
        with connected():
            yield database
    finally:
        database.close_all()


@contextmanager
def migrated(settings: Settings) -> Iterator[peewee.Database]:
    """The database, connected; Stop with a sentence while its tables are not those of this version."""
    with opened(settings) as database:
        if pending(database):
            raise Stop(_("The tables of this database are not those of this version: type `tracker migrate` first."))
        yield database
