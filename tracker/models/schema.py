"""All tables together, and what peewee cannot say: append-only triggers and indexes for prefix search."""

from collections.abc import Iterator

import peewee

from tracker.models.agreements import (
    Agreement,
    AgreementPage,
    AgreementText,
    Invitation,
    ScannedPage,
    ScanPile,
)
from tracker.models.attachments import Attachment
from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.custody import CustodyEvent, LedgerCheckpoint
from tracker.models.database import Table, is_postgres
from tracker.models.devices import Device, DeviceModel
from tracker.models.family_links import FamilyLink
from tracker.models.loans import Allocation, Loan
from tracker.models.mail import OutboxMail
from tracker.models.parcels import Manifest, Parcel, ParcelDevice
from tracker.models.pupils import Enrolment, Guardian, OtherIne, Pupil
from tracker.models.returns import ExpectedReturn, ReturnRecord
from tracker.models.reuse import Batch, BatchDevice
from tracker.models.rosters import CodeAnswer, Departure, DepartureAnswer, RosterChange, RosterImport, SchoolClass
from tracker.models.scans import CodeRule, ScanAction
from tracker.models.schools import Campaign, CampaignSetting, School
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.models.users import SchoolMembership, User
from tracker.models.work import Work

TABLES: tuple[type[Table], ...] = (
    School,
    Campaign,
    CampaignSetting,
    SchoolClass,
    Pupil,
    OtherIne,
    Enrolment,
    Guardian,
    OutboxMail,
    AgreementText,
    Agreement,
    Invitation,
    AgreementPage,
    ScanPile,
    ScannedPage,
    RosterImport,
    RosterChange,
    Departure,
    DepartureAnswer,
    CodeAnswer,
    Work,
    DeviceModel,
    Device,
    Allocation,
    Loan,
    CustodyEvent,
    LedgerCheckpoint,
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
    User,
    SchoolMembership,
    ScanAction,
    CodeRule,
)
APPEND_ONLY: tuple[type[Table], ...] = (CustodyEvent, LedgerCheckpoint)
PREFIX_SEARCHED: tuple[tuple[type[Table], str], ...] = (
    (School, "name_key"),
    (Pupil, "name_key"),
    (Pupil, "first_name_key"),
    (Device, "serial"),
)


def create_schema(db: peewee.Database) -> None:
    """Create everything as the models say; the migrations must come to the same (a test compares them)."""
    db.create_tables(TABLES)
    for statement in statements(db):
        db.execute_sql(statement)


def statements(db: peewee.Database) -> Iterator[str]:
    """The SQL that follows the tables on this engine."""
    for table, column in PREFIX_SEARCHED:
        yield _prefix_index(db, table._meta.table_name, column)
    if is_postgres(db):
        yield _REFUSE_FUNCTION
    for table in APPEND_ONLY:
        yield from _append_only(db, table._meta.table_name)


def _prefix_index(db: peewee.Database, table: str, column: str) -> str:
    operators = " text_pattern_ops" if is_postgres(db) else ""
    return f'CREATE INDEX "{table}_{column}_prefix" ON "{table}" ("{column}"{operators})'


_REFUSE_FUNCTION = """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = TG_TABLE_NAME || ' is append only'; END $$"""


def _append_only(db: peewee.Database, table: str) -> Iterator[str]:
    if is_postgres(db):
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
