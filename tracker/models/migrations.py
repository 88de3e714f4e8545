"""Bringing a database to the present schema, forwards and backwards, by the files of migrations/."""

from pathlib import Path

import peewee
from playhouse.migrations import Runner

FOLDER = Path(__file__).parents[2] / "migrations"


def migrate(db: peewee.Database) -> list[str]:
    """Apply what is pending; the names of what was applied. A second process waits at the database for the first."""
    return list(Runner(db, str(FOLDER)).up())


def revert(db: peewee.Database, target: str | None = None) -> list[str]:
    """Take the newest migration back, or all of them down to and including `target`."""
    return list(Runner(db, str(FOLDER)).down(target))


def pending(db: peewee.Database) -> list[str]:
    """The names of the migrations that this database still lacks."""
    return [found.name for found in Runner(db, str(FOLDER)).status() if found.path and not found.applied]
