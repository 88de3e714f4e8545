"""The first schema: schools, pupils, devices, loans, ledger, users, scans, outbox. Frozen: add a migration."""

from peewee import (
    SQL,
    BigIntegerField,
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
    UUIDField,
)


class Table(Model):
    class Meta:
        legacy_table_names = False


def _one_of(column, *values):
    listed = ", ".join(f"'{value}'" for value in values)
    return Check(f"{column} IN ({listed})")


class School(Table):
    uai = CharField(max_length=8, unique=True)
    name = CharField(max_length=200)
    name_key = CharField(max_length=200)
    kind = CharField(max_length=20)
    street = CharField(max_length=200)
    postcode = CharField(max_length=10)
    city = CharField(max_length=100)
    member_from = DateField(null=True)
    member_until = DateField(null=True)

    class Meta:
        constraints = (Check("member_until IS NULL OR member_until >= member_from"),)


class Campaign(Table):
    school_year = IntegerField(unique=True)
    starts_on = DateField()
    ends_on = DateField()

    class Meta:
        constraints = (Check("ends_on > starts_on"),)


class CampaignSetting(Table):
    campaign = ForeignKeyField(Campaign, index=False)
    name = CharField(max_length=60)
    value = JSONField(null=True)
    valid_from = DateField()
    set_by = IntegerField(null=True)
    set_at = DateTimeField()
    reason = TextField()

    class Meta:
        indexes = ((("campaign", "name", "valid_from"), True),)


class Pupil(Table):
    ine = CharField(max_length=11, null=True, unique=True)
    last_name = CharField(max_length=100)
    first_name = CharField(max_length=100)
    name_key = CharField(max_length=210)
    first_name_key = CharField(max_length=210)
    birth_date = DateField(null=True)
    email = CharField(max_length=254)
    slip_code = CharField(max_length=20, unique=True)
    created_at = DateTimeField()


class Enrolment(Table):
    pupil = ForeignKeyField(Pupil, on_delete="CASCADE", index=False)
    school = ForeignKeyField(School, index=False)
    school_year = IntegerField()
    level = CharField(
        max_length=20,
        constraints=[
            _one_of(
                "level",
                "seconde_gt",
                "seconde_pro",
                "cap_1_of_2",
                "cap_2_of_2",
                "cap_1_of_1",
                "cap_of_3",
                "premiere_gt",
                "premiere_pro",
                "terminale_gt",
                "terminale_pro",
                "other",
                "unknown",
            )
        ],
    )
    mef = CharField(max_length=11)
    class_name = CharField(max_length=20)
    regime = CharField(max_length=4)
    status = CharField(max_length=4)
    entered_on = DateField(null=True)
    left_on = DateField(null=True)
    repeats_year = BooleanField()
    arrived_mid_course = BooleanField()
    eligible = CharField(max_length=8, constraints=[_one_of("eligible", "yes", "no", "check")])
    eligible_reason = CharField(max_length=40)

    class Meta:
        indexes = (
            (("pupil", "school", "school_year"), True),
            (("school", "school_year", "class_name"), False),
        )


class Guardian(Table):
    pupil = ForeignKeyField(Pupil, on_delete="CASCADE")
    title = CharField(max_length=10)
    last_name = CharField(max_length=100)
    first_name = CharField(max_length=100)
    email = CharField(max_length=254)
    phone = CharField(max_length=30)
    legal = BooleanField()
    rank = IntegerField()

    class Meta:
        constraints = (Check("rank >= 1"),)


class Agreement(Table):
    pupil = ForeignKeyField(Pupil, on_delete="CASCADE", index=False)
    school_year = IntegerField()
    state = CharField(
        max_length=12,
        constraints=[_one_of("state", "prepared", "sent", "signed", "validated", "refused", "withdrawn")],
    )
    sent_at = DateTimeField(null=True)
    signed_at = DateTimeField(null=True)
    validated_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("pupil", "school_year"), True),)


class DeviceModel(Table):
    maker = CharField(max_length=40)
    name = CharField(max_length=100)
    kind = CharField(max_length=10, constraints=[_one_of("kind", "laptop", "hotspot")])
    article = CharField(max_length=14)
    part_number = CharField(max_length=40)

    class Meta:
        indexes = ((("maker", "name"), True),)


class Device(Table):
    serial = CharField(max_length=40, unique=True)
    model = ForeignKeyField(DeviceModel)
    kind = CharField(max_length=10, constraints=[_one_of("kind", "laptop", "hotspot")])
    tag = CharField(max_length=20, unique=True)
    imei = CharField(max_length=15, null=True, unique=True)
    iccid = CharField(max_length=20, null=True, unique=True)
    refurbished = BooleanField()
    state = CharField(
        max_length=12,
        constraints=[_one_of("state", "in_stock", "lent", "in_repair", "lost", "stolen", "retired")],
    )
    holder = CharField(
        max_length=12,
        constraints=[_one_of("holder", "warehouse", "school", "parcel", "pupil", "repairer", "refurbisher", "unknown")],
    )
    school = ForeignKeyField(School, null=True, index=False)
    pupil = ForeignKeyField(Pupil, null=True)
    created_at = DateTimeField()

    class Meta:
        constraints = (
            Check("(holder = 'pupil') = (pupil_id IS NOT NULL)"),
            Check("holder <> 'school' OR school_id IS NOT NULL"),
            Check("serial = UPPER(serial)"),
        )
        indexes = ((("school", "serial"), False), (("state", "serial"), False), (("kind", "state"), False))


class Allocation(Table):
    device = ForeignKeyField(Device)
    pupil = ForeignKeyField(Pupil)
    kind = CharField(max_length=10, constraints=[_one_of("kind", "laptop", "hotspot")])
    started_at = DateTimeField()
    ended_at = DateTimeField(null=True)


class Loan(Table):
    device = ForeignKeyField(Device)
    pupil = ForeignKeyField(Pupil)
    school = ForeignKeyField(School, index=False)
    school_year = IntegerField()
    kind = CharField(max_length=10, constraints=[_one_of("kind", "laptop", "hotspot")])
    started_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    end_reason = CharField(max_length=20)

    class Meta:
        constraints = (Check("ended_at IS NULL OR ended_at >= started_at"),)
        indexes = ((("school", "school_year", "ended_at"), False),)


class CustodyEvent(Table):
    device = ForeignKeyField(Device, index=False)
    sequence = IntegerField()
    movement = CharField(
        max_length=20,
        constraints=[
            _one_of(
                "movement",
                "received",
                "allocated",
                "unallocated",
                "handed_over",
                "hand_over_undone",
                "declared_lost",
                "declared_stolen",
                "sent_to_repair",
            )
        ],
    )
    at = DateTimeField()
    actor_id = IntegerField(null=True)
    action_id = UUIDField(null=True)
    scanned = CharField(max_length=200)
    reason = TextField()
    rule = CharField(max_length=40)
    overridden = CharField(max_length=200)
    desk_school_id = IntegerField(null=True)
    undoes = IntegerField(null=True)
    state = CharField(
        max_length=12,
        constraints=[_one_of("state", "in_stock", "lent", "in_repair", "lost", "stolen", "retired")],
    )
    holder = CharField(
        max_length=12,
        constraints=[_one_of("holder", "warehouse", "school", "parcel", "pupil", "repairer", "refurbisher", "unknown")],
    )
    school_id = IntegerField(null=True)
    pupil_id = IntegerField(null=True)
    allocated_to = IntegerField(null=True)
    answerable = IntegerField(null=True)
    previous_hash = FixedCharField(max_length=64)
    hash = FixedCharField(max_length=64)

    class Meta:
        indexes = (
            (("device", "sequence"), True),
            (("actor_id", "at"), False),
            (("pupil_id",), False),
            (("desk_school_id", "at"), False),
        )


class LedgerCheckpoint(Table):
    day = DateField(unique=True)
    at = DateTimeField()
    up_to = BigIntegerField()
    devices = IntegerField()
    seal = FixedCharField(max_length=64)


class User(Table):
    email = CharField(max_length=254, unique=True)
    name = CharField(max_length=100)
    role = CharField(max_length=12, constraints=[_one_of("role", "admin", "logistics", "staff", "school")])
    password_hash = CharField(max_length=200)
    session_key = CharField(max_length=40)
    locale = CharField(max_length=5)
    active = BooleanField()
    failures = IntegerField()
    locked_until = DateTimeField(null=True)
    last_sign_in = DateTimeField(null=True)
    created_at = DateTimeField()

    class Meta:
        table_name = "app_user"


class SchoolMembership(Table):
    user = ForeignKeyField(User, on_delete="CASCADE", index=False)
    school = ForeignKeyField(School)

    class Meta:
        indexes = ((("user", "school"), True),)


class ScanAction(Table):
    id = UUIDField(primary_key=True)
    actor = ForeignKeyField(User)
    kind = CharField(max_length=20)
    at = DateTimeField()
    answer = JSONField()


class CodeRule(Table):
    position = IntegerField(unique=True)
    name = CharField(max_length=80)
    maker = CharField(max_length=40)
    kind = CharField(max_length=20)
    pattern = TextField()
    check = CharField(max_length=20, column_name="check_digit")
    symbologies = CharField(max_length=200)
    enabled = BooleanField()


class OutboxMail(Table):
    recipient = CharField(max_length=254)
    subject = CharField(max_length=200)
    body = TextField()
    created_at = DateTimeField()
    not_before = DateTimeField()
    attempts = IntegerField()
    last_error = TextField()
    sent_at = DateTimeField(null=True)
    failed_at = DateTimeField(null=True)


TABLES = (
    School,
    Campaign,
    CampaignSetting,
    Pupil,
    Enrolment,
    Guardian,
    Agreement,
    DeviceModel,
    Device,
    Allocation,
    Loan,
    CustodyEvent,
    LedgerCheckpoint,
    User,
    SchoolMembership,
    ScanAction,
    CodeRule,
    OutboxMail,
)


def _one_open(table, name, *columns):
    listed = ", ".join(f'"{column}"' for column in columns)
    table.add_index(
        SQL(f'CREATE UNIQUE INDEX "{name}" ON "{table._meta.table_name}" ({listed}) WHERE ended_at IS NULL')
    )


_one_open(Allocation, "allocation_open_device", "device_id")
_one_open(Allocation, "allocation_open_pupil", "pupil_id", "kind")
_one_open(Loan, "loan_open_device", "device_id")
_one_open(Loan, "loan_open_pupil", "pupil_id", "kind")

PREFIX_SEARCHED = (
    ("school", "name_key"),
    ("pupil", "name_key"),
    ("pupil", "first_name_key"),
    ("device", "serial"),
)
APPEND_ONLY = ("custody_event", "ledger_checkpoint")

REFUSE_FUNCTION = """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = TG_TABLE_NAME || ' is append only'; END $$"""


def _refusals(db, table):
    if isinstance(db, PostgresqlDatabase):
        yield (
            f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        yield (
            f'CREATE TRIGGER "{table}_no_{change.lower()}" BEFORE {change} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
        )


def up(migrator, db):
    postgres = isinstance(db, PostgresqlDatabase)
    with db.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES, safe=False)
    for table, column in PREFIX_SEARCHED:
        operators = " text_pattern_ops" if postgres else ""
        db.execute_sql(f'CREATE INDEX "{table}_{column}_prefix" ON "{table}" ("{column}"{operators})')
    if postgres:
        db.execute_sql(REFUSE_FUNCTION)
    for table in APPEND_ONLY:
        for statement in _refusals(db, table):
            db.execute_sql(statement)


def down(migrator, db):
    with db.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False):
        db.drop_tables(TABLES, safe=False)
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql("DROP FUNCTION refuse_change()")
