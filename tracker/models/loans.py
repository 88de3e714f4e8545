"""Allocations and loans; the database itself refuses a second open one (E4)."""

from peewee import SQL, CharField, Check, ForeignKeyField, IntegerField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.devices import Device
from tracker.models.pupils import Pupil
from tracker.models.schools import School
from tracker.rules.custody import DeviceKind


class Allocation(Table):
    """Whose a device is to be; open while `ended_at` is empty."""

    device = ForeignKeyField(Device, backref="allocations")
    pupil = ForeignKeyField(Pupil, backref="allocations")
    kind = CharField(max_length=10, constraints=[one_of("kind", DeviceKind)])
    started_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)


UNDONE = "undone"
"""How a loan ended that was a mistake: the device never was the pupil's."""


class Loan(Table):
    """Who answers for a device; open while `ended_at` is empty. `school` is where it was handed over."""

    device = ForeignKeyField(Device, backref="loans")
    pupil = ForeignKeyField(Pupil, backref="loans")
    school = ForeignKeyField(School, backref="loans", index=False)
    school_year = IntegerField()
    kind = CharField(max_length=10, constraints=[one_of("kind", DeviceKind)])
    started_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)
    end_reason = CharField(max_length=20, default="")

    class Meta:
        constraints = (Check("ended_at IS NULL OR ended_at >= started_at"),)
        indexes = ((("school", "school_year", "ended_at"), False),)


def _one_open(table: type[Table], name: str, *columns: str, where: str) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    table.add_index(SQL(f'CREATE UNIQUE INDEX "{name}" ON "{table._meta.table_name}" ({listed}) WHERE {where}'))


_one_open(Allocation, "allocation_open_device", "device_id", where="ended_at IS NULL")
_one_open(Allocation, "allocation_open_pupil", "pupil_id", "kind", where="ended_at IS NULL")
_one_open(Loan, "loan_open_device", "device_id", where="ended_at IS NULL")
_one_open(Loan, "loan_open_pupil", "pupil_id", "kind", where="ended_at IS NULL")
