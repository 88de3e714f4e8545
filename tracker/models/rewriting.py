"""Writing a SQLite table anew under an edited definition: SQLite changes no CHECK and no order of columns in place."""

from collections.abc import Callable, Mapping

import peewee


def write_anew(
    db: peewee.Database, table: str, edit: Callable[[str], str], filled: Mapping[str, str] | None = None
) -> None:
    """The table under `edit` of its definition, with its rows, indexes and triggers; foreign keys must be off.

    `filled`: the SQL values of new columns that may not be empty, by name.
    """
    sql = db.execute_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()[0]
    beside = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    around = [row[0] for row in db.execute_sql(beside, (table,)).fetchall()]
    db.execute_sql(edit(sql).replace(f'"{table}"', f'"{table}__anew"', 1))
    _copy(db, table, filled or {})
    # A trigger refuses deletions from the ledger; dropping the whole table asks no trigger.
    db.execute_sql(f'DROP TABLE "{table}"')
    db.execute_sql(f'ALTER TABLE "{table}__anew" RENAME TO "{table}"')
    for statement in around:
        db.execute_sql(statement)


def _copy(db: peewee.Database, table: str, filled: Mapping[str, str]) -> None:
    there = [row[1] for row in db.execute_sql(f'PRAGMA table_info("{table}")').fetchall()]
    anew = [row[1] for row in db.execute_sql(f'PRAGMA table_info("{table}__anew")').fetchall()]
    kept = [name for name in anew if name in there]
    added = {name: value for name, value in filled.items() if name not in there and name in anew}
    into = ", ".join(f'"{name}"' for name in (*kept, *added))
    values = ", ".join((*(f'"{name}"' for name in kept), *added.values()))
    db.execute_sql(f'INSERT INTO "{table}__anew" ({into}) SELECT {values} FROM "{table}"')  # noqa: S608
