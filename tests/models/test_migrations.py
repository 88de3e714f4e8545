"""The migrations come to what the models say, forwards and backwards, on both engines; two at once do no harm."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import peewee
import pytest
from playhouse.migrations import MigrationError

from tests.conftest import POSTGRES, SQLITE, administer, on_server
from tests.factories import make_device, make_pupil, make_school
from tracker.models import migrations
from tracker.models.agreements import Agreement
from tracker.models.database import connected, is_postgres, open_database
from tracker.models.schema import TABLES, create_schema

NAMES = [path.stem for path in sorted(migrations.FOLDER.glob("[0-9]*.py"))]


@pytest.fixture(params=[SQLITE, POSTGRES])
def blank_url(request, tmp_path) -> Iterator[str]:
    """A database without any table, on each engine in turn."""
    if request.param == SQLITE:
        yield f"sqlite:///{tmp_path / 'blank.db'}"
        return
    server, name = request.getfixturevalue("postgres_server"), f"blank_{secrets.token_hex(6)}"
    administer(server, f"CREATE DATABASE {name}")
    yield on_server(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def blank(blank_url) -> Iterator[peewee.Database]:
    opened = open_database(blank_url)
    with connected():
        yield opened
    opened.close_all()


_SQLITE = """
SELECT type || ' ' || name, tbl_name || ': ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'
"""
_POSTGRES = """
SELECT 'column ' || table_name || '.' || column_name,
       concat_ws(' ', ordinal_position, data_type, character_maximum_length, is_nullable, column_default)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger ' || tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || proname, pg_get_functiondef(oid)
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def schema_of(db: peewee.Database) -> dict[str, str]:
    """Everything that the database has: tables and columns, CHECKs and keys, indexes, triggers, functions."""
    rows = db.execute_sql(_POSTGRES if is_postgres(db) else _SQLITE).fetchall()
    return {name: " ".join(text.split()) for name, text in rows if "schema_migration" not in name + text}


def test_migrated_tables_are_those_of_the_models(blank):
    migrations.migrate(blank)
    migrated = schema_of(blank)
    while migrations.revert(blank):
        pass
    create_schema(blank)
    said = schema_of(blank)
    assert {name: text for name, text in migrated.items() if said.get(name) != text} == {}
    assert set(said) == set(migrated)


def test_what_is_compared_holds_checks_partial_indexes_and_triggers(blank):
    create_schema(blank)
    whole = "\n".join(f"{name} {text}" for name, text in schema_of(blank).items())
    assert all(table._meta.table_name in whole for table in TABLES)
    assert "WHERE ended_at IS NULL" in whole.replace("(", "").replace(")", "")
    assert "CHECK" in whole
    assert whole.count("append only" if not is_postgres(blank) else "_append_only BEFORE") >= 2


def test_up_down_and_up_again_come_to_the_same(blank):
    assert migrations.migrate(blank) == NAMES
    first = schema_of(blank)
    assert migrations.revert(blank, NAMES[0]) == NAMES[::-1]
    assert schema_of(blank) == {}
    assert migrations.pending(blank) == NAMES
    migrations.migrate(blank)
    assert schema_of(blank) == first
    assert migrations.pending(blank) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_migration_is_taken_back_to_what_was_before(blank, name):
    runner = migrations._runner(blank)
    if earlier := NAMES[: NAMES.index(name)]:
        runner.up(earlier[-1])
    before = schema_of(blank)
    assert runner.up(name) == [name]
    assert schema_of(blank) != before
    assert migrations.revert(blank) == [name]
    assert schema_of(blank) == before


def test_migrating_again_does_nothing(blank):
    migrations.migrate(blank)
    assert migrations.migrate(blank) == []


def test_a_migration_that_nobody_applied_cannot_be_taken_back(blank):
    migrations.migrate(blank)
    with pytest.raises(MigrationError):
        migrations.revert(blank, "0000_never")


def test_a_migration_that_fails_leaves_nothing_behind(blank, monkeypatch, tmp_path):
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_half.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('CREATE TABLE half (a integer)')\n    db.execute_sql('nonsense')\n"
    )
    monkeypatch.setattr(migrations, "FOLDER", folder)
    with pytest.raises(peewee.DatabaseError):
        migrations.migrate(blank)
    assert schema_of(blank) == {}
    assert migrations.pending(blank) == ["0001_half"]


_MIGRATE = """
import sys
from tracker.models.database import connected, open_database
from tracker.models.migrations import migrate
db = open_database(sys.argv[1])
with connected():
    print(len(migrate(db)))
"""


def test_several_that_start_at_once_apply_each_migration_once(blank_url):
    def one(_number: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", _MIGRATE, blank_url], capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(one, range(4)))
    assert [each.returncode for each in ended] == [0] * 4, ended
    assert sorted(int(each.stdout) for each in ended) == [0, 0, 0, len(NAMES)]


def test_rows_of_older_tables_survive_going_back_and_forth(db):
    school = make_school()
    pupil = make_pupil(school)
    make_device(school)
    before = _rows(db)
    migrations.revert(db, "0003_rosters_and_agreements")
    migrations.migrate(db)
    assert _rows(db) == before
    assert Agreement.get(Agreement.pupil == pupil).state == "validated"


def _rows(db: peewee.Database) -> dict[str, list]:
    return {table.__name__: list(table.select().order_by(table._meta.primary_key).tuples()) for table in TABLES}
