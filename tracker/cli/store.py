"""The database of a command: the one that the settings name, open while the command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee

from tracker import logs
from tracker.cli.failures import SETTING
from tracker.cli.words import Stop, _
from tracker.config import Settings
from tracker.models.database import connected, open_database
from tracker.models.migrations import pending


@contextmanager
def opened(settings: Settings, url: str = "") -> Iterator[peewee.Database]:
    """The database of the settings, or of `url`, connected; Stop with a sentence when DATABASE_URL names none."""
    logs.configure(as_json=settings.log_json)
    try:
        database = open_database(url or settings.database)
    except ValueError as error:
        raise Stop(_("DATABASE_URL cannot be used: %(reason)s.", reason=error), SETTING) from None
    try:
        with connected():
            yield database
    finally:
        database.close_all()


@contextmanager
def readable(settings: Settings) -> Iterator[None]:
    """The database as it is, to be read only; an empty one in memory stands for one that has no table yet."""
    from tracker.models.schema import create_schema

    if not _is_bare(settings):
        with migrated(settings):
            yield
        return
    with opened(settings, _NOWHERE) as database:
        create_schema(database)
        yield


_NOWHERE = "sqlite:///:memory:"


def _is_bare(settings: Settings) -> bool:
    scheme, _rest, path = settings.database.partition(":///")
    if scheme == "sqlite" and not Path(path).exists():  # opening it would make it
        return True
    with opened(settings) as database:
        return not database.get_tables()


@contextmanager
def migrated(settings: Settings) -> Iterator[peewee.Database]:
    """The database, connected; Stop with a sentence while its tables are not those of this version."""
    with opened(settings) as database:
        if pending(database):
            raise Stop(_("The tables of this database are not those of this version: type `tracker migrate` first."))
        yield database
