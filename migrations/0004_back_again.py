"""Departures answered, parcels, cases, returns, stocktakes, reuse: their tables, and what older tables gain. Frozen."""

from peewee import (
    SQL,
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


class Departure(Table):
    """Named only."""


class Device(Table):
    """Named only."""


class OutboxMail(Table):
    """Named only."""


class DepartureAnswer(Table):
    departure = ForeignKeyField(Departure, on_delete="CASCADE")
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
    school = ForeignKeyField(School, null=True, index=False)
    note = CharField(max_length=300)
    done = JSONField(null=True)
    answered_by = IntegerField(null=True)
    answered_at = DateTimeField()


class Manifest(Table):
    carrier = CharField(max_length=20)
    created_by = IntegerField(null=True)
    created_at = DateTimeField()
    closed_at = DateTimeField(null=True)


class Parcel(Table):
    reference = FixedCharField(max_length=18, unique=True)
    kind = CharField(max_length=10, constraints=[_one_of("kind", "outbound", "named", "return")])
    state = CharField(
        max_length=10, constraints=[_one_of("state", "prepared", "shipped", "received", "closed", "cancelled")]
    )
    school = ForeignKeyField(School, null=True, index=False)
    pupil = ForeignKeyField(Pupil, null=True, on_delete="SET NULL")
    carrier = CharField(max_length=20)
    tracking = CharField(max_length=40)
    label = CharField(max_length=80, null=True)
    sender = JSONField()
    recipient = JSONField()
    manifest = ForeignKeyField(Manifest, null=True)
    created_by = IntegerField(null=True)
    created_at = DateTimeField()
    shipped_at = DateTimeField(null=True)
    shipped_by = IntegerField(null=True)
    received_at = DateTimeField(null=True)
    received_by = IntegerField(null=True)
    closed_at = DateTimeField(null=True)

    class Meta:
        indexes = (
            (("school", "state"), False),
            (("state", "created_at"), False),
            (("tracking",), False),
        )


class ParcelDevice(Table):
    parcel = ForeignKeyField(Parcel, on_delete="CASCADE", index=False)
    device = ForeignKeyField(Device)
    arrived_at = DateTimeField(null=True)
    handed_over_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("parcel", "device"), True),)


class DeviceCase(Table):
    kind = CharField(max_length=10, constraints=[_one_of("kind", "breakdown", "damage", "theft", "loss", "sighting")])
    state = CharField(
        max_length=16,
        constraints=[
            _one_of("state", "open", "awaiting_device", "diagnosis", "in_repair", "owed", "closed", "refused")
        ],
    )
    device = ForeignKeyField(Device)
    pupil = ForeignKeyField(Pupil, null=True)
    school = ForeignKeyField(School, null=True, index=False)
    school_year = IntegerField()
    description = TextField()
    diagnosis = TextField()
    outcome = CharField(
        max_length=10,
        null=True,
        constraints=[_one_of("outcome", "repaired", "replaced", "refused", "found", "withdrawn")],
    )
    refusal = CharField(max_length=300)
    quota_case = ForeignKeyField("self", null=True)
    replacement = ForeignKeyField(Device, null=True)
    loaner = ForeignKeyField(Device, null=True)
    opened_by = IntegerField(null=True)
    opened_at = DateTimeField()
    state_since = DateTimeField()
    decided_by = IntegerField(null=True)
    decided_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("school", "state"), False), (("state", "state_since"), False))


class CaseStep(Table):
    case = ForeignKeyField(DeviceCase, on_delete="CASCADE")
    state = CharField(
        max_length=16,
        constraints=[
            _one_of("state", "open", "awaiting_device", "diagnosis", "in_repair", "owed", "closed", "refused")
        ],
    )
    at = DateTimeField()
    actor_id = IntegerField(null=True)
    note = TextField()
    seen = BooleanField()
    school = ForeignKeyField(School, null=True, index=False)


class ExpectedReturn(Table):
    device = ForeignKeyField(Device)
    pupil = ForeignKeyField(Pupil, null=True)
    school = ForeignKeyField(School, index=False)
    reason = CharField(
        max_length=12,
        constraints=[_one_of("reason", "departure", "end_of_year", "breakdown", "loaner", "replaced", "other")],
    )
    departure = ForeignKeyField(Departure, null=True, on_delete="SET NULL")
    case = ForeignKeyField(DeviceCase, null=True, on_delete="SET NULL")
    parcel = ForeignKeyField(Parcel, null=True, on_delete="SET NULL")
    due_on = DateField()
    opened_by = IntegerField(null=True)
    opened_at = DateTimeField()
    handed_in_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)
    closed_by = IntegerField(null=True)
    closed_because = CharField(max_length=300, default="")
    came_back = BooleanField(default=False)

    class Meta:
        indexes = ((("school", "closed_at"), False), (("closed_at", "due_on"), False))


class ReturnRecord(Table):
    device = ForeignKeyField(Device, null=True)
    serial = CharField(max_length=60)
    pupil = ForeignKeyField(Pupil, null=True, on_delete="SET NULL")
    school = ForeignKeyField(School, null=True, index=False)
    event_id = IntegerField(null=True, unique=True)
    expected = ForeignKeyField(ExpectedReturn, null=True, on_delete="SET NULL")
    reason = CharField(
        max_length=12,
        null=True,
        constraints=[_one_of("reason", "departure", "end_of_year", "breakdown", "loaner", "replaced", "other")],
    )
    stranger = CharField(max_length=12, null=True, constraints=[_one_of("stranger", "unidentified", "other_owner")])
    departures = JSONField(default=list)
    case = ForeignKeyField(DeviceCase, null=True, index=False, on_delete="SET NULL")
    condition = CharField(
        max_length=10, null=True, constraints=[_one_of("condition", "good", "worn", "damaged", "broken")]
    )
    missing = JSONField()
    next_place = CharField(
        max_length=12,
        null=True,
        constraints=[_one_of("next_place", "stock", "repair", "refurbisher", "recycling", "quarantine")],
    )
    note = TextField()
    received_by = IntegerField(null=True)
    received_at = DateTimeField()
    undone_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("received_by", "received_at"), False), (("school", "received_at"), False))


class Stocktake(Table):
    place = CharField(max_length=10, constraints=[_one_of("place", "warehouse", "school", "class")])
    school = ForeignKeyField(School, null=True, index=False)
    class_name = CharField(max_length=20)
    state = CharField(max_length=10, constraints=[_one_of("state", "open", "paused", "closed")])
    started_by = IntegerField(null=True)
    started_at = DateTimeField()
    closed_by = IntegerField(null=True)
    closed_at = DateTimeField(null=True)
    reason = TextField(default="")
    record = CharField(max_length=80, null=True)

    class Meta:
        indexes = ((("school", "started_at"), False), (("state", "started_at"), False))


Stocktake.add_index(
    SQL(
        'CREATE UNIQUE INDEX "stocktake_open_place" ON "stocktake" '
        '("place", COALESCE("school_id", 0), "class_name") WHERE state <> \'closed\''
    )
)


class StocktakeLine(Table):
    stocktake = ForeignKeyField(Stocktake, on_delete="CASCADE", index=False)
    device = ForeignKeyField(Device, null=True)
    code = CharField(max_length=60)
    expected = BooleanField()
    seen_at = DateTimeField(null=True)
    seen_by = IntegerField(null=True)
    holder = CharField(
        max_length=12,
        null=True,
        constraints=[
            _one_of(
                "holder", "warehouse", "school", "parcel", "pupil", "repairer", "refurbisher", "recycler", "unknown"
            )
        ],
    )
    holder_school = ForeignKeyField(School, null=True, index=False, backref="+")
    resolution = CharField(
        max_length=16,
        null=True,
        constraints=[
            _one_of("resolution", "stays", "moved_here", "found_later", "declared_lost", "not_ours", "moved_away")
        ],
    )
    reason = TextField()
    resolved_by = IntegerField(null=True)
    resolved_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("stocktake", "code"), True), (("stocktake", "seen_at"), False))


class Batch(Table):
    kind = CharField(max_length=10, constraints=[_one_of("kind", "repair", "refurbish", "recycle")])
    state = CharField(max_length=10, constraints=[_one_of("state", "open", "sent", "closed")])
    partner = CharField(max_length=100)
    reference = CharField(max_length=60)
    weight = IntegerField(null=True)
    counted = IntegerField(null=True)
    proof_on = DateField(null=True)
    partner_erases = BooleanField()
    note = TextField()
    opened_by = IntegerField(null=True)
    opened_at = DateTimeField()
    sent_by = IntegerField(null=True)
    sent_at = DateTimeField(null=True)
    closed_by = IntegerField(null=True)
    closed_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("state", "opened_at"), False), (("kind", "sent_at"), False))


class BatchDevice(Table):
    batch = ForeignKeyField(Batch, on_delete="CASCADE", index=False)
    device = ForeignKeyField(Device)
    added_by = IntegerField(null=True)
    added_at = DateTimeField()
    outcome = CharField(
        max_length=16,
        null=True,
        constraints=[_one_of("outcome", "repaired", "refurbished", "not_repairable", "recycled")],
    )
    grade = CharField(max_length=1, null=True, constraints=[_one_of("grade", "A", "B", "C")])
    outcome_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("batch", "device"), True),)


class Attachment(Table):
    case = ForeignKeyField(DeviceCase, null=True, on_delete="CASCADE")
    record = ForeignKeyField(ReturnRecord, null=True, on_delete="CASCADE")
    batch = ForeignKeyField(Batch, null=True, on_delete="CASCADE")
    kind = CharField(max_length=12, constraints=[_one_of("kind", "declaration", "photo", "proof", "erasure", "other")])
    file_name = CharField(max_length=200)
    file = CharField(max_length=80)
    media_type = CharField(max_length=40)
    digest = FixedCharField(max_length=64)
    size = IntegerField()
    added_by = IntegerField(null=True)
    added_at = DateTimeField()

    class Meta:
        constraints = (
            Check(
                "(CASE WHEN case_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN record_id IS NULL THEN 0 ELSE 1 END) "
                "+ (CASE WHEN batch_id IS NULL THEN 0 ELSE 1 END) = 1"
            ),
        )


class FamilyLink(Table):
    purpose = CharField(max_length=10, constraints=[_one_of("purpose", "return", "case")])
    pupil = ForeignKeyField(Pupil, on_delete="CASCADE")
    case = ForeignKeyField(DeviceCase, null=True, on_delete="CASCADE")
    recipient = CharField(max_length=254)
    nonce = CharField(max_length=40, unique=True)
    mail = ForeignKeyField(OutboxMail, null=True, on_delete="SET NULL")
    created_by = IntegerField(null=True)
    created_at = DateTimeField()
    expires_at = DateTimeField()
    opened_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("recipient", "created_at"), False),)


DeviceCase.add_index(
    SQL('CREATE UNIQUE INDEX "device_case_open_device" ON "device_case" ("device_id") WHERE closed_at IS NULL')
)
ExpectedReturn.add_index(
    SQL('CREATE UNIQUE INDEX "expected_return_open_device" ON "expected_return" ("device_id") WHERE closed_at IS NULL')
)
BatchDevice.add_index(
    SQL('CREATE UNIQUE INDEX "batch_device_open" ON "batch_device" ("device_id") WHERE outcome IS NULL')
)

NAMED = (School, Pupil, Departure, Device, OutboxMail)
TABLES = (
    DepartureAnswer,
    Manifest,
    Parcel,
    ParcelDevice,
    DeviceCase,
    CaseStep,
    ExpectedReturn,
    ReturnRecord,
    Stocktake,
    StocktakeLine,
    Batch,
    BatchDevice,
    Attachment,
    FamilyLink,
)

MOVEMENTS = "'sent_to_repair', 'moved_with_pupil'"
NEW_MOVEMENTS = (
    ", 'returned', 'return_undone', 'triaged', 'packed', 'unpacked', 'arrived', 'sent_to_refurbisher', "
    "'sent_to_recycler', 'came_from_partner', 'relocated', 'loan_ended', 'found', 'recycled'"
)
STATES = "'in_stock', 'lent', 'in_repair', 'lost', 'stolen', 'retired'"
NEW_STATES = (
    "'in_stock', 'lent', 'returned', 'quarantined', 'in_repair', 'to_refurbish', 'to_recycle', 'lost', 'stolen', "
    "'retired'"
)
HOLDERS = "'refurbisher', 'unknown'"
NEW_HOLDERS = "'refurbisher', 'recycler', 'unknown'"
_HOLDERS_BEFORE = "'warehouse', 'school', 'parcel', 'pupil', 'repairer', "
GRADE = "\"grade\" VARCHAR(1) CHECK (grade IN ('A', 'B', 'C'))"
ORIGIN = "\"origin\" VARCHAR(10) NOT NULL CHECK (origin IN ('roster', 'school', 'desk'))"
ORIGIN_FILLED = ORIGIN.replace("NOT NULL", "NOT NULL DEFAULT 'roster'")
ERASED = '"erased_at" DATETIME, "erased_by" INTEGER'
COLUMNS = {"device": f"{GRADE}, {ERASED}", "departure": ORIGIN}


def up(migrator, db):
    with db.bind_ctx((*NAMED, *TABLES), bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES, safe=False)
    if isinstance(db, PostgresqlDatabase):
        _check_words(db, NEW_STATES, NEW_MOVEMENTS, NEW_HOLDERS)
        db.execute_sql(f'ALTER TABLE "device" ADD COLUMN {GRADE}')
        db.execute_sql('ALTER TABLE "device" ADD COLUMN "erased_at" TIMESTAMP, ADD COLUMN "erased_by" INTEGER')
        db.execute_sql(f'ALTER TABLE "departure" ADD COLUMN {ORIGIN_FILLED}')
        db.execute_sql('ALTER TABLE "departure" ALTER COLUMN "origin" DROP DEFAULT')
        return
    for table in ("custody_event", *COLUMNS):
        write_anew(db, table, _grown(table), {"origin": "'roster'"})


def down(migrator, db):
    _refuse_what_has_no_older_word(db)
    if isinstance(db, PostgresqlDatabase):
        _check_words(db, STATES, "", HOLDERS)
        db.execute_sql('ALTER TABLE "device" DROP COLUMN "grade", DROP COLUMN "erased_at", DROP COLUMN "erased_by"')
        db.execute_sql('ALTER TABLE "departure" DROP COLUMN "origin"')
    else:
        for table in ("custody_event", *COLUMNS):
            write_anew(db, table, _shrunk(table))
    with db.bind_ctx((*NAMED, *TABLES), bind_refs=False, bind_backrefs=False):
        db.drop_tables(TABLES, safe=False)


def _refuse_what_has_no_older_word(db):
    """The ledger is append only: what it says already cannot be said otherwise."""
    newer = f"movement NOT IN ({_ALL_OLD_MOVEMENTS}) OR state NOT IN ({STATES}) OR holder = 'recycler'"
    if db.execute_sql(f"SELECT COUNT(*) FROM custody_event WHERE {newer}").fetchone()[0]:  # noqa: S608
        raise RuntimeError("the ledger holds movements that the older schema has no word for; nothing was changed")


_ALL_OLD_MOVEMENTS = (
    "'received', 'allocated', 'unallocated', 'handed_over', 'hand_over_undone', 'declared_lost', 'declared_stolen', "
    + MOVEMENTS
)


def _check_words(db, states, movements, holders):
    for table in ("device", "custody_event"):
        db.execute_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_state_check"')
        db.execute_sql(f'ALTER TABLE "{table}" ADD CHECK (state IN ({states}))')
        db.execute_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_holder_check"')
        db.execute_sql(f'ALTER TABLE "{table}" ADD CHECK (holder IN ({_HOLDERS_BEFORE}{holders}))')
    db.execute_sql('ALTER TABLE "custody_event" DROP CONSTRAINT "custody_event_movement_check"')
    db.execute_sql(f'ALTER TABLE "custody_event" ADD CHECK (movement IN ({_ALL_OLD_MOVEMENTS}{movements}))')


def _grown(table):
    def edit(sql):
        sql = (
            sql.replace(MOVEMENTS, MOVEMENTS + NEW_MOVEMENTS).replace(STATES, NEW_STATES).replace(HOLDERS, NEW_HOLDERS)
        )
        at = sql.find(", FOREIGN KEY")
        return f"{sql[:at]}, {COLUMNS[table]}{sql[at:]}" if table in COLUMNS else sql

    return edit


def _shrunk(table):
    def edit(sql):
        sql = sql.replace(NEW_MOVEMENTS, "").replace(NEW_STATES, STATES).replace(NEW_HOLDERS, HOLDERS)
        return sql.replace(f", {COLUMNS.get(table)}", "")

    return edit
