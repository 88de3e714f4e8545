"""The custody ledger: append only, one hash chain per device, sealed by daily checkpoints."""

from peewee import (
    BigIntegerField,
    CharField,
    DateField,
    FixedCharField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.devices import Device
from tracker.rules.custody import DeviceState, Holder, Movement


class CustodyEvent(Table):
    """One movement of one device, with the whole situation after it. Ids only: no name ever enters the ledger."""

    device = ForeignKeyField(Device, backref="events", index=False)
    sequence = IntegerField()
    movement = CharField(max_length=20, constraints=[one_of("movement", Movement)])
    at = UtcDateTimeField()
    actor_id = IntegerField(null=True)
    action_id = UUIDField(null=True)
    scanned = CharField(max_length=200, default="")
    reason = TextField(default="")
    rule = CharField(max_length=40, default="")
    overridden = CharField(max_length=200, default="")
    desk_school_id = IntegerField(null=True)
    undoes = IntegerField(null=True)
    state = CharField(max_length=12, constraints=[one_of("state", DeviceState)])
    holder = CharField(max_length=12, constraints=[one_of("holder", Holder)])
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
    """A seal over the heads of all chains at one moment; `up_to` is the last event that it covers."""

    day = DateField(unique=True)
    at = UtcDateTimeField()
    up_to = BigIntegerField()
    devices = IntegerField()
    seal = FixedCharField(max_length=64)
