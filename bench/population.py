"""A country's worth of devices and pupils, written by plain SQL: as many as asked for, half of the devices lent."""

from dataclasses import dataclass
from datetime import date

import peewee

from tracker.models.migrations import migrate
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
    for statement in _STATEMENTS:
        db.execute_sql(statement.format(count=devices, year=YEAR, per_school=PUPILS_OF_A_SCHOOL, hotspot=_HOTSPOT))
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


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
_THEN = "2026-10-01 09:00:00.000000"
_HOTSPOT = "i % 20 = 0"
_LENT = "i % 2 = 1"

_STATEMENTS = (
    "INSERT INTO campaign (school_year, starts_on, ends_on) VALUES ({year}, '{year}-09-01', '2027-07-31')",
    "INSERT INTO device_model (id, maker, name, kind, article, part_number) "
    "VALUES (1, 'Lenovo', '300w', 'laptop', '', ''), (2, 'Huawei', 'E5577', 'hotspot', '', '')",
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE (i + 1) * {per_school} < {count}) "
    "INSERT INTO school (id, uai, name, name_key, kind, street, postcode, city, member_from) "
    "SELECT i + 1, printf('%07dX', i), 'Lycée ' || i, 'lycee ' || i, 'lycee', '', '', 'Caen', '2021-09-01' FROM n",
    _NUMBERS + " INSERT INTO pupil (id, last_name, first_name, name_key, first_name_key, email, slip_code, created_at) "
    "SELECT i + 1, f.text, g.text, f.key || ' ' || g.key, g.key || ' ' || f.key, '', printf('PNP%08X', i), '"
    + _THEN
    + "' "
    "FROM n JOIN temp.name f ON f.family = 1 AND f.number = i % (SELECT COUNT(*) FROM temp.name WHERE family = 1) "
    "JOIN temp.name g ON g.family = 0 AND g.number = i / (SELECT COUNT(*) FROM temp.name WHERE family = 1) "
    "% (SELECT COUNT(*) FROM temp.name WHERE family = 0)",
    _NUMBERS + " INSERT INTO enrolment (pupil_id, school_id, school_year, level, mef, class_name, regime, status, "
    "repeats_year, arrived_mid_course, eligible, eligible_reason) "
    "SELECT i + 1, i / {per_school} + 1, {year}, 'seconde_gt', '', '2GT' || (i % 14 + 1), '0', 'ST', 0, 0, 'yes', "
    "'entry_level' FROM n",
    _NUMBERS + " INSERT INTO agreement (pupil_id, school_year, state) SELECT i + 1, {year}, 'validated' FROM n",
    _NUMBERS + " INSERT INTO device (id, serial, model_id, kind, tag, refurbished, state, holder, school_id, pupil_id, "
    "imei, iccid, created_at) SELECT i + 1, printf('PF%06X', i * 7368787 % 16777216), 1 + ({hotspot}), "
    "CASE WHEN {hotspot} THEN 'hotspot' ELSE 'laptop' END, printf('PND%08X', i), 0, "
    f"CASE WHEN {_LENT} THEN 'lent' ELSE 'in_stock' END, CASE WHEN {_LENT} THEN 'pupil' ELSE 'school' END, "
    f"i / {{per_school}} + 1, CASE WHEN {_LENT} THEN i + 1 END, "
    "CASE WHEN {hotspot} THEN printf('86%013d', i) END, CASE WHEN {hotspot} THEN printf('8933%015d', i) END, "
    f"'{_THEN}' FROM n",
    _NUMBERS
    + " INSERT INTO custody_event (device_id, sequence, movement, at, scanned, reason, rule, overridden, state, "
    f"holder, school_id, previous_hash, hash) SELECT i + 1, 1, 'received', '{_THEN}', '', '', '', '', 'in_stock', "
    "'school', i / {per_school} + 1, printf('%064d', 0), printf('%064X', i) FROM n",
    _NUMBERS
    + " INSERT INTO custody_event (device_id, sequence, movement, at, scanned, reason, rule, overridden, state, "
    f"holder, school_id, pupil_id, allocated_to, answerable, previous_hash, hash) SELECT i + 1, 2, 'handed_over', "
    f"'{_THEN}', '', '', '', '', 'lent', 'pupil', i / {{per_school}} + 1, i + 1, i + 1, i + 1, printf('%064X', i), "
    f"printf('%064X', -i) FROM n WHERE {_LENT}",
    _NUMBERS + " INSERT INTO loan (device_id, pupil_id, school_id, school_year, kind, started_at, end_reason) "
    f"SELECT i + 1, i + 1, i / {{per_school}} + 1, {{year}}, 'laptop', '{_THEN}', '' FROM n WHERE {_LENT}",
    _NUMBERS + " INSERT INTO allocation (device_id, pupil_id, kind, started_at) "
    f"SELECT i + 1, i + 1, 'laptop', '{_THEN}' FROM n WHERE {_LENT}",
)
