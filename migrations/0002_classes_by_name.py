"""An index on classes by name: the search field finds them among a country's schools without asking each school."""

NAME = "enrolment_school_year_class_name_school_id"


def up(migrator, db):
    db.execute_sql(f'CREATE INDEX "{NAME}" ON "enrolment" ("school_year", "class_name", "school_id")')


def down(migrator, db):
    db.execute_sql(f'DROP INDEX "{NAME}"')
