"""Devices that are expected back, and what was found when one came back."""

from peewee import SQL, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from tracker.models.cases import DeviceCase
from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.devices import Device
from tracker.models.parcels import Parcel
from tracker.models.pupils import Pupil
from tracker.models.rosters import Departure
from tracker.models.schools import School
from tracker.rules.returns import Condition, NextPlace, ReturnReason, Stranger, StrangerOutcome


class ExpectedReturn(Table):
    """A device that must come back (L7): open while `closed_at` is empty, one at a time for each device.

    `came_back`: it ended with the device's arrival; otherwise nobody waits for it any more.
    `handed_in_at`: when the family said that it gave the device to the school.
    `asks`: where several ask for it, the reason and the day of each, by `Asker`; empty: one does, with these.
    """

    device = ForeignKeyField(Device, backref="expected_returns")
    pupil = ForeignKeyField(Pupil, null=True, backref="expected_returns")
    school = ForeignKeyField(School, backref="expected_returns", index=False)
    reason = CharField(max_length=12, constraints=[one_of("reason", ReturnReason)])
    departure = ForeignKeyField(Departure, null=True, backref="expected_returns", on_delete="SET NULL")
    case = ForeignKeyField(DeviceCase, null=True, backref="expected_returns", on_delete="SET NULL")
    parcel = ForeignKeyField(Parcel, null=True, backref="expected_returns", on_delete="SET NULL")
    due_on = DateField()
    opened_by = IntegerField(null=True)
    opened_at = UtcDateTimeField()
    handed_in_at = UtcDateTimeField(null=True)
    closed_at = UtcDateTimeField(null=True)
    closed_by = IntegerField(null=True)
    closed_because = CharField(max_length=300, default="")
    came_back = BooleanField(default=False)
    asks = JSONField(null=True)

    class Meta:
        indexes = ((("school", "closed_at"), False), (("closed_at", "due_on"), False))


ExpectedReturn.add_index(
    SQL('CREATE UNIQUE INDEX "expected_return_open_device" ON "expected_return" ("device_id") WHERE closed_at IS NULL')
)


class ReturnRecord(Table):
    """What the returns desk saw: condition, accessories, where the device goes next. `event_id`: in the ledger.

    `device` is empty for one that is not of the programme (`stranger` says what it is); `serial` is what was read then.
    `condition` is empty for one that was collected and not looked at yet. `departures`, `case`: what this return
    closed or brought into diagnosis. `outcome`: what became of a device that is not of the programme, said once.
    """

    device = ForeignKeyField(Device, null=True, backref="return_records")
    serial = CharField(max_length=60)
    pupil = ForeignKeyField(Pupil, null=True, backref="return_records", on_delete="SET NULL")
    school = ForeignKeyField(School, null=True, index=False)
    event_id = IntegerField(null=True, unique=True)
    expected = ForeignKeyField(ExpectedReturn, null=True, backref="records", on_delete="SET NULL")
    reason = CharField(max_length=12, null=True, constraints=[one_of("reason", ReturnReason)])
    stranger = CharField(max_length=12, null=True, constraints=[one_of("stranger", Stranger)])
    departures = JSONField(default=list)
    case = ForeignKeyField(DeviceCase, null=True, index=False, on_delete="SET NULL")
    condition = CharField(max_length=10, null=True, constraints=[one_of("condition", Condition)])
    missing = JSONField()
    next_place = CharField(max_length=12, null=True, constraints=[one_of("next_place", NextPlace)])
    note = TextField(default="")
    received_by = IntegerField(null=True)
    received_at = UtcDateTimeField()
    undone_at = UtcDateTimeField(null=True)
    outcome = CharField(max_length=12, null=True, constraints=[one_of("outcome", StrangerOutcome)])
    settled_by = IntegerField(null=True)
    settled_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("received_by", "received_at"), False), (("school", "received_at"), False))


ReturnRecord.add_index(
    SQL('CREATE INDEX "return_record_noted" ON "return_record" ("serial") WHERE stranger IS NOT NULL')
)
