"""Bringing a database to the present schema, forwards and backwards, by the files of migrations/."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import peewee
from playhouse.migrations import Runner

from tracker.models.database import WriterLock, is_postgres

FOLDER = Path(__file__).parents[2] / "migrations"

_ADVISORY_LOCK = 7_213_005_119
"""PostgreSQL's lock of this program's migrations: any number that no other program uses in this database."""


def migrate(db: peewee.Database) -> list[str]:
    """Apply what is pending; the names of what was applied. A second process waits for the first, then finds none."""
    with _alone(db):
        return list(Runner(db, str(FOLDER)).up())


def revert(db: peewee.Database, target: str | None = None) -> list[str]:
    """Take the newest migration back, or all of them down to and including `target` (MigrationError: unknown)."""
    with _alone(db):
        return list(Runner(db, str(FOLDER)).down(target))


def pending(db: peewee.Database) -> list[str]:
    """The names of the migrations that this database still lacks."""
    return [found.name for found in Runner(db, str(FOLDER)).status() if found.path and not found.applied]


def history(db: peewee.Database) -> list[tuple[str, datetime | None]]:
    """Every migration, oldest first, with when it was applied here (None: pending)."""
    return [(found.name, found.applied) for found in Runner(db, str(FOLDER)).status()]


@contextmanager
def _alone(db: peewee.Database) -> Iterator[None]:
    # The list of what is pending is read before the first transaction: the lock must surround both.
    if not is_postgres(db):
        with WriterLock(Path(f"{db.database}.migrating")).held():
            yield
        return
    db.execute_sql("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
    try:
        yield
    finally:
        db.execute_sql("SELECT pg_advisory_unlock(%s)", (_ADVISORY_LOCK,))
