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


def migrate(db: peewee.Database | peewee.Proxy) -> list[str]:
    """Apply what is pending; the names of what was applied. A second process waits for the first, then finds none."""
    with _alone(db) as runner:
        return list(runner.up())


def revert(db: peewee.Database | peewee.Proxy, target: str | None = None) -> list[str]:
    """Take the newest migration back, or all of them down to and including `target` (MigrationError: unknown)."""
    with _alone(db) as runner:
        return list(runner.down(target))


def pending(db: peewee.Database | peewee.Proxy) -> list[str]:
    """The names of the migrations that this database still lacks."""
    return [found.name for found in _runner(db).status() if found.path and not found.applied]


def history(db: peewee.Database | peewee.Proxy) -> list[tuple[str, datetime | None]]:
    """Every migration, oldest first, with when it was applied here (None: pending)."""
    return [(found.name, found.applied) for found in _runner(db).status()]


def _runner(db: peewee.Database | peewee.Proxy) -> Runner:
    # The migrations ask which engine they run on: they must see the database itself.
    return Runner(db.obj if isinstance(db, peewee.Proxy) else db, str(FOLDER))


@contextmanager
def _alone(db: peewee.Database | peewee.Proxy) -> Iterator[Runner]:
    # The list of what is pending is read before the first transaction: the lock must surround both.
    runner = _runner(db)
    if not is_postgres(runner.database):
        with WriterLock(Path(f"{runner.database.database}.migrating")).held():
            yield runner
        return
    runner.database.execute_sql("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
    try:
        yield runner
    finally:
        runner.database.execute_sql("SELECT pg_advisory_unlock(%s)", (_ADVISORY_LOCK,))
