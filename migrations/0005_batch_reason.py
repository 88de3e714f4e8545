"""A batch that closes although its proof counts otherwise says why."""

from peewee import PostgresqlDatabase

from tracker.models.rewriting import write_anew

COLUMN = '"reason" TEXT NOT NULL'


def up(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql(f"ALTER TABLE \"batch\" ADD COLUMN {COLUMN} DEFAULT ''")
        db.execute_sql('ALTER TABLE "batch" ALTER COLUMN "reason" DROP DEFAULT')
        return
    write_anew(db, "batch", lambda sql: f"{sql.removesuffix(')')}, {COLUMN})", {"reason": "''"})


def down(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql('ALTER TABLE "batch" DROP COLUMN "reason"')
        return
    write_anew(db, "batch", lambda sql: sql.replace(f", {COLUMN}", ""))
