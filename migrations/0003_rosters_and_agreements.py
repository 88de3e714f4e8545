"""Rosters, agreements, long work: their tables, and the columns that older tables gain. Frozen.

SQLite cannot add a column before a table's constraints, nor change a CHECK: its tables are written anew, with foreign
keys off (the runner sees to that before the transaction), so that no row of another table is touched.
"""

from peewee import (
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    FixedCharField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    PostgresqlDatabase,
    TextField,
)

from tracker.models.rewriting import write_anew


class Table(Model):
    class Meta:
        legacy_table_names = False


def _one_of(column, *values):
    listed = ", ".join(f"'{value}'" for value in values)
    return Check(f"{column} IN ({listed})")


class School(Table):
    """Named only."""


class Pupil(Table):
    """Named only."""


class Enrolment(Table):
    """Named only."""


class Guardian(Table):
    """Named only."""


class OutboxMail(Table):
    """Named only."""


class Agreement(Table):
    """Named only."""


class AgreementText(Table):
    version = IntegerField(unique=True)
    french = TextField()
    english = TextField()
    digest = FixedCharField(max_length=64)
    pages = IntegerField()
    published_at = DateTimeField()
    published_by = IntegerField(null=True)


class Invitation(Table):
    agreement = ForeignKeyField(Agreement, on_delete="CASCADE")
    guardian = ForeignKeyField(Guardian, null=True, on_delete="SET NULL")
    recipient = CharField(max_length=254)
    reminder = BooleanField()
    nonce = CharField(max_length=40, unique=True)
    created_at = DateTimeField()
    expires_at = DateTimeField()
    mail = ForeignKeyField(OutboxMail, null=True, on_delete="SET NULL")
    seen_at = DateTimeField(null=True)
    used_at = DateTimeField(null=True)
    signer = CharField(max_length=100)
    code_digest = CharField(max_length=64)
    code_sent_at = DateTimeField(null=True)
    code_attempts = IntegerField()
    codes = IntegerField()
    codes_from = DateTimeField(null=True)

    class Meta:
        indexes = ((("recipient", "created_at"), False),)


class AgreementPage(Table):
    code = CharField(max_length=12, unique=True)
    agreement = ForeignKeyField(Agreement, on_delete="CASCADE", index=False)
    text = ForeignKeyField(AgreementText, index=False)
    number = IntegerField()

    class Meta:
        indexes = ((("agreement", "text", "number"), True),)


class ScanPile(Table):
    school = ForeignKeyField(School)
    file_name = CharField(max_length=200)
    file = CharField(max_length=80, null=True)
    digest = FixedCharField(max_length=64)
    uploaded_by = IntegerField(null=True)
    uploaded_at = DateTimeField()


class ScannedPage(Table):
    pile = ForeignKeyField(ScanPile, on_delete="CASCADE", index=False)
    number = IntegerField()
    image = CharField(max_length=80)
    agreement = ForeignKeyField(Agreement, null=True, on_delete="SET NULL")
    page_number = IntegerField(null=True)
    filed_at = DateTimeField(null=True)
    filed_by = IntegerField(null=True)
    set_aside = BooleanField()
    note = CharField(max_length=40)

    class Meta:
        indexes = ((("pile", "number"), True),)


class RosterImport(Table):
    school = ForeignKeyField(School, index=False)
    kind = CharField(max_length=20)
    school_year = IntegerField(null=True)
    state = CharField(
        max_length=10,
        constraints=[_one_of("state", "waiting", "ready", "refused", "applied", "undone", "cancelled")],
    )
    origin = CharField(max_length=10, constraints=[_one_of("origin", "upload", "terminal", "folder")])
    file_name = CharField(max_length=200)
    file = CharField(max_length=80, null=True)
    digest = FixedCharField(max_length=64)
    size = IntegerField()
    exported_at = DateTimeField(null=True)
    preview = JSONField(null=True)
    accepted = JSONField(null=True)
    uploaded_by = IntegerField(null=True)
    uploaded_at = DateTimeField()
    applied_by = IntegerField(null=True)
    applied_at = DateTimeField(null=True)
    undone_by = IntegerField(null=True)
    undone_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("school", "uploaded_at"), False), (("state", "uploaded_at"), False))


class RosterChange(Table):
    roster_import = ForeignKeyField(RosterImport, on_delete="CASCADE")
    pupil = ForeignKeyField(Pupil, null=True, on_delete="SET NULL")
    kind = CharField(max_length=12, constraints=[_one_of("kind", "arrival", "leaver", "move", "changed")])
    before = JSONField(null=True)
    after = JSONField(null=True)


class Departure(Table):
    pupil = ForeignKeyField(Pupil, on_delete="CASCADE")
    enrolment = ForeignKeyField(Enrolment, on_delete="CASCADE", unique=True)
    school = ForeignKeyField(School, index=False)
    noticed_at = DateTimeField()
    left_on = DateField()
    destination = CharField(
        max_length=20,
        constraints=[
            _one_of(
                "destination",
                "to_qualify",
                "member_school",
                "other_school",
                "other_region",
                "cfa",
                "apprentice_here",
                "end_of_schooling",
                "died",
                "came_back",
            )
        ],
    )
    closed_at = DateTimeField(null=True)
    closed_by = IntegerField(null=True)

    class Meta:
        indexes = ((("school", "closed_at"), False),)


class CodeAnswer(Table):
    kind = CharField(max_length=12, constraints=[_one_of("kind", "mef", "exit_reason")])
    code = CharField(max_length=11)
    label = CharField(max_length=100)
    meaning = CharField(max_length=20)
    answered_by = IntegerField(null=True)
    answered_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("kind", "code"), True),)


class SchoolClass(Table):
    school = ForeignKeyField(School, on_delete="CASCADE", index=False)
    school_year = IntegerField()
    code = CharField(max_length=20)
    label = CharField(max_length=100)

    class Meta:
        indexes = ((("school", "school_year", "code"), True),)


class OtherIne(Table):
    ine = CharField(max_length=11, unique=True)
    pupil = ForeignKeyField(Pupil, on_delete="CASCADE")


class Work(Table):
    kind = CharField(max_length=20)
    state = CharField(max_length=10, constraints=[_one_of("state", "waiting", "running", "done", "failed")])
    subject = IntegerField(null=True)
    school = ForeignKeyField(School, null=True)
    asked = JSONField(null=True)
    result = JSONField(null=True)
    error = CharField(max_length=200)
    asked_by = IntegerField(null=True)
    asked_at = DateTimeField()
    started_at = DateTimeField(null=True)
    ended_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("state", "asked_at"), False), (("kind", "subject"), False))


NAMED = (School, Pupil, Enrolment, Guardian, OutboxMail, Agreement)
TABLES = (
    SchoolClass,
    OtherIne,
    AgreementText,
    Invitation,
    AgreementPage,
    ScanPile,
    ScannedPage,
    RosterImport,
    RosterChange,
    Departure,
    CodeAnswer,
    Work,
)

MOMENT, BOOLEAN, DOCUMENT = "moment", "boolean", "document"
TYPES = {MOMENT: ("DATETIME", "TIMESTAMP"), BOOLEAN: ("INTEGER", "BOOLEAN"), DOCUMENT: ("TEXT", "JSONB")}

# table: (column, type, value of the rows that are there; None: the column may be empty)
ADDED = {
    "pupil": (("deceased", BOOLEAN, "FALSE"),),
    "enrolment": (
        ("roster_id", "VARCHAR(20)", None),
        ("newcomer", BOOLEAN, None),
        ("exit_reason", "VARCHAR(4)", "''"),
    ),
    "outbox_mail": (
        ("attachment", "VARCHAR(80)", None),
        ("attachment_name", "VARCHAR(120)", None),
        ("pupil_id", "INTEGER", None),
    ),
    "agreement": (
        ("text_id", "INTEGER", None),
        ("signed_by", "VARCHAR(12) CHECK (signed_by IN ('link', 'paper'))", None),
        ("evidence", DOCUMENT, None),
        ("document", "VARCHAR(80)", None),
        ("document_digest", "VARCHAR(64)", None),
        ("printed_at", MOMENT, None),
        ("decided_by", "INTEGER", None),
        ("decided_at", MOMENT, None),
        ("refusal", "VARCHAR(300)", None),
    ),
}
REFERENCES = {
    "agreement": 'FOREIGN KEY ("text_id") REFERENCES "agreement_text" ("id")',
    "outbox_mail": 'FOREIGN KEY ("pupil_id") REFERENCES "pupil" ("id") ON DELETE SET NULL',
}
ARRIVED = '"arrived_mid_course" INTEGER'
MOVEMENTS = (
    "'received', 'allocated', 'unallocated', 'handed_over', 'hand_over_undone', 'declared_lost', 'declared_stolen', "
    "'sent_to_repair'"
)
MOVED = "'moved_with_pupil'"
INDEXES = {
    "enrolment_school_id_roster_id": '"enrolment" ("school_id", "roster_id")',
    "agreement_text_id": '"agreement" ("text_id")',
    "agreement_school_year_state": '"agreement" ("school_year", "state")',
    "outbox_mail_pupil_id": '"outbox_mail" ("pupil_id")',
    "outbox_mail_waiting": '"outbox_mail" ("not_before", "id") WHERE sent_at IS NULL AND failed_at IS NULL',
}


def up(migrator, db):
    with db.bind_ctx((*NAMED, *TABLES), bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES, safe=False)
    if isinstance(db, PostgresqlDatabase):
        _alter_postgres(db)
    else:
        for table in (*ADDED, "custody_event"):
            write_anew(db, table, _grown(table), _filled(table))
    for name, columns in INDEXES.items():
        db.execute_sql(f'CREATE INDEX "{name}" ON {columns}')


def down(migrator, db):
    for name in INDEXES:
        db.execute_sql(f'DROP INDEX "{name}"')
    # What the older schema has no word for: the movement of L1, and arrivals that nobody knows of.
    if db.execute_sql("SELECT COUNT(*) FROM custody_event WHERE movement = 'moved_with_pupil'").fetchone()[0]:
        raise RuntimeError("the ledger holds movements that the older schema has no word for; nothing was changed")
    db.execute_sql("UPDATE enrolment SET arrived_mid_course = FALSE WHERE arrived_mid_course IS NULL")
    if isinstance(db, PostgresqlDatabase):
        _alter_postgres_back(db)
    else:
        for table in (*ADDED, "custody_event"):
            write_anew(db, table, _shrunk(table))
    with db.bind_ctx((*NAMED, *TABLES), bind_refs=False, bind_backrefs=False):
        db.drop_tables(TABLES, safe=False)


def _alter_postgres(db):
    for table, columns in ADDED.items():
        for name, kind, value in columns:
            filled = f" NOT NULL DEFAULT {value}" if value else ""
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {TYPES.get(kind, (kind, kind))[1]}{filled}')
            if value:
                db.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{name}" DROP DEFAULT')
    for table, reference in REFERENCES.items():
        db.execute_sql(f'ALTER TABLE "{table}" ADD {reference}')
    db.execute_sql('ALTER TABLE "enrolment" ALTER COLUMN "arrived_mid_course" DROP NOT NULL')
    _check_movements(db, f"{MOVEMENTS}, {MOVED}")


def _alter_postgres_back(db):
    for table, columns in ADDED.items():
        for name, _kind, _value in columns:
            db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{name}"')
    db.execute_sql('ALTER TABLE "enrolment" ALTER COLUMN "arrived_mid_course" SET NOT NULL')
    _check_movements(db, MOVEMENTS)


def _check_movements(db, listed):
    db.execute_sql('ALTER TABLE "custody_event" DROP CONSTRAINT "custody_event_movement_check"')
    db.execute_sql(f'ALTER TABLE "custody_event" ADD CHECK (movement IN ({listed}))')


def _grown(table):
    def edit(sql):
        if table == "custody_event":
            return sql.replace(MOVEMENTS, f"{MOVEMENTS}, {MOVED}")
        at = sql.find(", FOREIGN KEY") if ", FOREIGN KEY" in sql else len(sql) - 1
        sql = sql[:at] + "".join(f", {_column(*each)}" for each in ADDED[table]) + sql[at:]
        sql = sql.replace(f"{ARRIVED} NOT NULL", ARRIVED)
        return f"{sql[:-1]}, {REFERENCES[table]})" if table in REFERENCES else sql

    return edit


def _shrunk(table):
    def edit(sql):
        for each in ADDED.get(table, ()):
            sql = sql.replace(f", {_column(*each)}", "", 1)
        sql = sql.replace(f", {REFERENCES.get(table)}", "").replace(f", {MOVED}", "")
        return sql.replace(f"{ARRIVED},", f"{ARRIVED} NOT NULL,")

    return edit


def _column(name, kind, value):
    return f'"{name}" {TYPES.get(kind, (kind, kind))[0]}' + (" NOT NULL" if value else "")


def _filled(table):
    return {name: value for name, _kind, value in ADDED.get(table, ()) if value}
