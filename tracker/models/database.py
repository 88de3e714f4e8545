"""The one database of the program: SQLite or PostgreSQL, opened once, used through `database`."""

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import peewee
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

database = peewee.DatabaseProxy()

# Every gthread worker needs a connection for each of its threads; the pool never refuses one.
_MOST_CONNECTIONS = 64


class WriterLock:
    """One writer at a time among all threads and processes of this machine.

    SQLite's own busy handler polls and starved writers for up to 5 s; queueing before BEGIN IMMEDIATE does not.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: tuple[int, int] | None = None

    def acquire(self) -> None:
        """Wait for the turn of this thread, then of this process."""
        self._threads.acquire()
        try:
            fcntl.flock(self._descriptor(), fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def release(self) -> None:
        """Let the next writer in."""
        fcntl.flock(self._descriptor(), fcntl.LOCK_UN)
        self._threads.release()

    @contextmanager
    def held(self) -> Iterator[None]:
        """The lock for the duration of a block."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def _descriptor(self) -> int:
        # A forked worker must not share its parent's open file: flock belongs to the open file, not to the process.
        if self._file is None or self._file[0] != os.getpid():
            self._file = (os.getpid(), os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return self._file[1]


class Sqlite(PooledSqliteDatabase):
    """SQLite that survives a power cut (WAL, FULL) and queues its writers fairly."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            str(path),
            max_connections=_MOST_CONNECTIONS,
            check_same_thread=False,
            pragmas={
                "journal_mode": "wal",
                "synchronous": "full",
                "foreign_keys": 1,
                # INSERT OR REPLACE would pass by the ledger's DELETE trigger otherwise.
                "recursive_triggers": 1,
                "busy_timeout": 5000,
                "cache_size": -16_000,
                "temp_store": "memory",
            },
        )
        self._writer = WriterLock(path.with_name(path.name + ".writer"))

    def begin(self, lock_type: str | None = None) -> None:
        """Start a write transaction: operations are the only users of transactions, reads commit by themselves."""
        self._writer.acquire()
        try:
            super().begin(lock_type or "IMMEDIATE")
        except BaseException:
            self._writer.release()
            raise

    def commit(self) -> None:
        """Commit and let the next writer in; on failure peewee calls `rollback`, which does."""
        super().commit()
        self._writer.release()

    def rollback(self) -> None:
        """Roll back and let the next writer in."""
        try:
            super().rollback()
        finally:
            self._writer.release()


class Postgres(PooledPostgresqlDatabase):
    """PostgreSQL through psycopg 3."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        super().__init__(
            unquote(parts.path.lstrip("/")),
            max_connections=_MOST_CONNECTIONS,
            prefer_psycopg3=True,
            **_connect_arguments(url),
        )


def _connect_arguments(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    given = {
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "host": parts.hostname,
        "port": parts.port,
    }
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {name: value for name, value in given.items() if value} | {
        name: unquote(value) for name, value in options.items()
    }


def open_database(url: str) -> Sqlite | Postgres:
    """Make `database` the one that `url` names: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.

    Raises ValueError for any other scheme. No connection is opened yet (a forked worker opens its own).
    """
    scheme = urlsplit(url).scheme.split("+")[0]
    if scheme == "sqlite":
        path = Path(url.split(":///", 1)[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        opened: Sqlite | Postgres = Sqlite(path)
    elif scheme in ("postgresql", "postgres"):
        opened = Postgres(url)
    else:
        raise ValueError(f"sqlite:///FILE or postgresql://… expected, not {scheme or url!r}")
    database.initialize(opened)
    return opened


def is_postgres(db: peewee.Database | None = None) -> bool:
    """Whether the database in use is PostgreSQL."""
    return isinstance(db or database.obj, peewee.PostgresqlDatabase)


@contextmanager
def connected() -> Iterator[None]:
    """A connection for the duration of a command or a job; one that is open already is used and kept."""
    opened = database.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened and not database.is_closed():
            database.close()


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything that is read in the block is of one moment, and writers go on meanwhile. Nothing may be written."""
    database.execute_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgres() else "BEGIN DEFERRED")
    try:
        yield
    finally:
        database.execute_sql("ROLLBACK")


def among(column: Any, values: Iterable[Any]) -> peewee.Expression:
    """The rows whose column is one of the values, however many: all of them are one parameter of one query."""
    listed = list(values)
    if is_postgres():
        return column == peewee.fn.ANY(peewee.Value(listed, converter=False, unpack=False))
    return column.in_(peewee.SQL("(SELECT value FROM json_each(?))", [json.dumps(listed)]))


def locked(query: peewee.ModelSelect) -> peewee.ModelSelect:
    """The rows of `query`, held until the end of the transaction (SQLite holds the whole database already)."""
    return query.for_update() if is_postgres() else query


def was_deadlock(error: BaseException) -> bool:
    """Whether two transactions held what the other needed, and this is the one that had to give way."""
    return getattr(error.__context__, "sqlstate", None) == "40P01"


def take_turn(number: int) -> None:
    """Wait until no other transaction has this turn; it is over with the transaction (SQLite has one writer anyway)."""
    if is_postgres():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (number,))


class UtcDateTimeField(peewee.DateTimeField):
    """A moment in UTC: aware in Python, without offset in the database; naive values are refused."""

    if TYPE_CHECKING:  # what a row's attribute is: peewee's fields are descriptors of any value

        def __get__(self, row: Any, table: Any = None) -> Any: ...
        def __set__(self, row: Any, value: Any) -> None: ...

    def db_value(self, value: Any) -> Any:
        """The moment as text that sorts, on both engines."""
        if value is None or isinstance(value, peewee.Node):
            return value
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise ValueError(f"a moment with its time zone is expected, not {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")

    def python_value(self, value: Any) -> datetime | None:
        """The moment as an aware datetime in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.replace(tzinfo=UTC)


class Table(peewee.Model):
    """The base of every table."""

    class Meta:
        database = database
        legacy_table_names = False


def one_of(column: str, values: type) -> peewee.Check:
    """A CHECK that the column holds one of the values of an enumeration, or nothing where it may be empty."""
    listed = ", ".join(f"'{value}'" for value in values)  # type: ignore[attr-defined]
    return peewee.Check(f"{column} IN ({listed})")
