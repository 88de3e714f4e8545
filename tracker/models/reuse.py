"""Batches of devices that go to a partner, and what became of each device (U1)."""

from peewee import SQL, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.devices import Device
from tracker.rules.reuse import BatchKind, BatchOutcome, BatchState, Grade


class Batch(Table):
    """One consignment to a repairer, a refurbisher or a recycler.

    `reference`, `proof_on`, `weight` (grams) and `counted` (devices) are what its proof says; `partner_erases`: data
    are erased there, under a certificate; `reason`: why it was closed although the proof counts otherwise.
    """

    kind = CharField(max_length=10, constraints=[one_of("kind", BatchKind)])
    state = CharField(max_length=10, constraints=[one_of("state", BatchState)])
    partner = CharField(max_length=100)
    reference = CharField(max_length=60, default="")
    weight = IntegerField(null=True)
    counted = IntegerField(null=True)
    proof_on = DateField(null=True)
    partner_erases = BooleanField(default=False)
    note = TextField(default="")
    opened_by = IntegerField(null=True)
    opened_at = UtcDateTimeField()
    sent_by = IntegerField(null=True)
    sent_at = UtcDateTimeField(null=True)
    closed_by = IntegerField(null=True)
    closed_at = UtcDateTimeField(null=True)
    reason = TextField(default="")

    class Meta:
        indexes = ((("state", "opened_at"), False), (("kind", "sent_at"), False))


class BatchDevice(Table):
    """One device of a batch, with its outcome once it is known; until then it is in no other batch."""

    batch = ForeignKeyField(Batch, backref="contents", on_delete="CASCADE", index=False)
    device = ForeignKeyField(Device, backref="batches")
    added_by = IntegerField(null=True)
    added_at = UtcDateTimeField()
    outcome = CharField(max_length=16, null=True, constraints=[one_of("outcome", BatchOutcome)])
    grade = CharField(max_length=1, null=True, constraints=[one_of("grade", Grade)])
    outcome_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("batch", "device"), True),)


BatchDevice.add_index(
    SQL('CREATE UNIQUE INDEX "batch_device_open" ON "batch_device" ("device_id") WHERE outcome IS NULL')
)
