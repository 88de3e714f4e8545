"""Noted devices that are nobody's on record: what became of each, and an index that finds them by serial. Frozen."""

from peewee import PostgresqlDatabase

from tracker.models.rewriting import write_anew

OUTCOME = "\"outcome\" VARCHAR(12) CHECK (outcome IN ('given_back', 'identified', 'recycled'))"
SETTLED = '"settled_by" INTEGER, "settled_at" DATETIME'
INDEX = 'CREATE INDEX "return_record_noted" ON "return_record" ("serial") WHERE stranger IS NOT NULL'


def up(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        settled = '"settled_by" INTEGER, ADD COLUMN "settled_at" TIMESTAMP'
        db.execute_sql(f'ALTER TABLE "return_record" ADD COLUMN {OUTCOME}, ADD COLUMN {settled}')
    else:
        write_anew(db, "return_record", _grown)
    db.execute_sql(INDEX)


def down(migrator, db):
    db.execute_sql('DROP INDEX "return_record_noted"')
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql(
            'ALTER TABLE "return_record" DROP COLUMN "outcome", DROP COLUMN "settled_by", DROP COLUMN "settled_at"'
        )
    else:
        write_anew(db, "return_record", _shrunk)


def _grown(sql):
    at = sql.find(", FOREIGN KEY")
    return f"{sql[:at]}, {OUTCOME}, {SETTLED}{sql[at:]}"


def _shrunk(sql):
    return sql.replace(f", {OUTCOME}, {SETTLED}", "")
