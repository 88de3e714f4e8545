"""A country's worth of devices and pupils, written by plain SQL: as many as asked for, half of the devices lent."""

from dataclasses import dataclass
from datetime import date

import peewee

from tracker.models.agreements import Agreement
from tracker.models.custody import CustodyEvent
from tracker.models.database import Table
from tracker.models.devices import Device, DeviceModel
from tracker.models.loans import Allocation, Loan
from tracker.models.migrations import migrate
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import Campaign, School
from tracker.operations.sample.names import FAMILY, GIVEN
from tracker.rules.names import search_key

_SPREAD, _SERIALS = 7_368_787, 16**6
"""Multiplied by a number prime to 16, serials come in no order, as they do from pallets."""
PUPILS_OF_A_SCHOOL = 500
YEAR = 2026


@dataclass(frozen=True)
class Population:
    """What was written: numbers from 0 name devices and pupils."""

    devices: int
    school_year: int = YEAR
    today: date = date(YEAR, 10, 5)

    def serial(self, number: int) -> str:
        """The serial of a device."""
        return f"PF{number * _SPREAD % _SERIALS:06X}"

    def name(self, number: int) -> str:
        """The family name of a pupil and the first letters of the given name, as somebody types them."""
        family, given = FAMILY[number % len(FAMILY)], GIVEN[number // len(FAMILY) % len(GIVEN)]
        return search_key(f"{family} {given}")[: len(search_key(family)) + 3]


def populate(db: peewee.Database, devices: int) -> Population:
    """Fill an empty database: `devices` devices and pupils, enrolments, agreements, loans, one or two events each."""
    migrate(db)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"):
        db.execute_sql(f"PRAGMA {setting}")
    _names(db)
    for statement in _statements(devices):
        db.execute_sql(statement)
    db.execute_sql("DROP TABLE temp.name")
    db.execute_sql("PRAGMA journal_mode = WAL")
    db.execute_sql("PRAGMA foreign_keys = ON")
    db.execute_sql("PRAGMA cache_size = -16000")
    return Population(devices)


def _names(db: peewee.Database) -> None:
    db.execute_sql(
        "CREATE TEMP TABLE name (family INTEGER, number INTEGER, text TEXT, key TEXT, PRIMARY KEY (family, number))"
    )
    rows = [
        (kind, number, name, search_key(name))
        for kind, names in ((1, FAMILY), (0, GIVEN))
        for number, name in enumerate(names)
    ]
    for row in rows:
        db.execute_sql("INSERT INTO temp.name VALUES (?, ?, ?, ?)", row)


_THEN = "'2026-10-01 09:00:00.000000'"
_SCHOOL = f"i / {PUPILS_OF_A_SCHOOL} + 1"
_IS_HOTSPOT, _IS_LENT = "i % 20 = 0", "i % 2 = 1"
_NAMED = """
    n JOIN temp.name f ON f.family = 1 AND f.number = i % (SELECT COUNT(*) FROM temp.name WHERE family = 1)
      JOIN temp.name g ON g.family = 0 AND g.number = i / (SELECT COUNT(*) FROM temp.name WHERE family = 1)
                                                      % (SELECT COUNT(*) FROM temp.name WHERE family = 0)
"""


def _statements(count: int) -> list[str]:
    """All tables, in an order in which every row finds what it names."""
    schools = -(-count // PUPILS_OF_A_SCHOOL)
    first, second = "printf('%064X', i)", "printf('%064X', -i)"
    event = {"device_id": "i + 1", "at": _THEN, "school_id": _SCHOOL}
    lent = event | {"pupil_id": "i + 1", "allocated_to": "i + 1", "answerable": "i + 1"}
    return [
        _insert(Campaign, 1, school_year=YEAR, starts_on=f"'{YEAR}-09-01'", ends_on=f"'{YEAR + 1}-07-31'"),
        _insert(DeviceModel, 2, id="i + 1", maker="'Maker'", name="'Model ' || i",
                kind="CASE i WHEN 0 THEN 'laptop' ELSE 'hotspot' END"),
        _insert(School, schools, id="i + 1", uai="printf('%07dX', i)", name="'Lycée ' || i", name_key="'lycee ' || i",
                city="'Caen'", member_from="'2021-09-01'"),
        _insert(Pupil, count, _NAMED, id="i + 1", last_name="f.text", first_name="g.text",
                name_key="f.key || ' ' || g.key", first_name_key="g.key || ' ' || f.key",
                slip_code="printf('PNP%08X', i)", created_at=_THEN),
        _insert(Enrolment, count, pupil_id="i + 1", school_id=_SCHOOL, school_year=YEAR, level="'seconde_gt'",
                class_name="'2GT' || (i % 14 + 1)", arrived_mid_course=0, eligible="'yes'",
                eligible_reason="'entry_level'"),
        _insert(Agreement, count, pupil_id="i + 1", school_year=YEAR, state="'validated'"),
        _insert(Device, count, id="i + 1", serial=f"printf('PF%06X', i * {_SPREAD} % {_SERIALS})",
                model_id=f"1 + ({_IS_HOTSPOT})", kind=f"CASE WHEN {_IS_HOTSPOT} THEN 'hotspot' ELSE 'laptop' END",
                tag="printf('PND%08X', i)", state=f"CASE WHEN {_IS_LENT} THEN 'lent' ELSE 'in_stock' END",
                holder=f"CASE WHEN {_IS_LENT} THEN 'pupil' ELSE 'school' END", school_id=_SCHOOL,
                pupil_id=f"CASE WHEN {_IS_LENT} THEN i + 1 END",
                imei=f"CASE WHEN {_IS_HOTSPOT} THEN printf('86%013d', i) END",
                iccid=f"CASE WHEN {_IS_HOTSPOT} THEN printf('8933%015d', i) END", created_at=_THEN),
        _insert(CustodyEvent, count, **event, sequence=1, movement="'received'", state="'in_stock'", holder="'school'",
                previous_hash="printf('%064d', 0)", hash=first),
        _insert(CustodyEvent, count, f"n WHERE {_IS_LENT}", **lent, sequence=2, movement="'handed_over'",
                state="'lent'", holder="'pupil'", previous_hash=first, hash=second),
        _insert(Loan, count, f"n WHERE {_IS_LENT}", device_id="i + 1", pupil_id="i + 1", school_id=_SCHOOL,
                school_year=YEAR, kind="'laptop'", started_at=_THEN),
        _insert(Allocation, count, f"n WHERE {_IS_LENT}", device_id="i + 1", pupil_id="i + 1", kind="'laptop'",
                started_at=_THEN),
    ]  # fmt: skip


def _insert(table: type[Table], count: int, source: str = "n", **columns: object) -> str:
    """Rows i = 0 … count - 1 of these expressions; what they leave out gets the default of its field, as ours have."""
    columns = _defaults(table) | columns
    names, values = ", ".join(columns), ", ".join(map(str, columns.values()))
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
    return f"{numbers} INSERT INTO {table._meta.table_name} ({names}) SELECT {values} FROM {source}"


def _defaults(table: type[Table]) -> dict[str, object]:
    fields = [field for field in table._meta.sorted_fields if field.default is not None and not callable(field.default)]
    return {field.column_name: _literal(field.db_value(field.default)) for field in fields}


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(int(value))  # type: ignore[call-overload]
