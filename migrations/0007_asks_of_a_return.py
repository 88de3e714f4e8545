"""An expected return that several ask for keeps what each of them asks. Frozen."""

from peewee import PostgresqlDatabase

from tracker.models.rewriting import write_anew


def up(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql('ALTER TABLE "expected_return" ADD COLUMN "asks" JSONB')
    else:
        write_anew(db, "expected_return", _grown)


def down(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql('ALTER TABLE "expected_return" DROP COLUMN "asks"')
    else:
        write_anew(db, "expected_return", lambda sql: sql.replace(', "asks" TEXT', ""))


def _grown(sql):
    at = sql.find(", FOREIGN KEY")
    return f'{sql[:at]}, "asks" TEXT{sql[at:]}'
