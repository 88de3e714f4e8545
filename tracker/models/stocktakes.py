"""Stocktakes: a place that is counted, and each device expected or seen there."""

from peewee import SQL, BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.devices import Device
from tracker.models.schools import School
from tracker.rules.custody import Holder
from tracker.rules.stocktakes import Resolution, StocktakePlace, StocktakeState


class Stocktake(Table):
    """The count of one place; being seen changes no custody.

    `reason`: why differences were left open at the end. `record`: the key of its PDF, once closed.
    """

    place = CharField(max_length=10, constraints=[one_of("place", StocktakePlace)])
    school = ForeignKeyField(School, null=True, backref="stocktakes", index=False)
    class_name = CharField(max_length=20, default="")
    state = CharField(max_length=10, constraints=[one_of("state", StocktakeState)])
    started_by = IntegerField(null=True)
    started_at = UtcDateTimeField()
    closed_by = IntegerField(null=True)
    closed_at = UtcDateTimeField(null=True)
    reason = TextField(default="")
    record = CharField(max_length=80, null=True)

    class Meta:
        indexes = ((("school", "started_at"), False), (("state", "started_at"), False))


class StocktakeLine(Table):
    """A device that was expected, or seen, or both. `device` is empty for a code that nobody knows: `code` has it.

    `holder`, `holder_school`: where a device that was not expected stood on record when it was seen.
    """

    stocktake = ForeignKeyField(Stocktake, backref="lines", on_delete="CASCADE", index=False)
    device = ForeignKeyField(Device, null=True, backref="stocktake_lines")
    code = CharField(max_length=60)
    expected = BooleanField()
    seen_at = UtcDateTimeField(null=True)
    seen_by = IntegerField(null=True)
    holder = CharField(max_length=12, null=True, constraints=[one_of("holder", Holder)])
    holder_school = ForeignKeyField(School, null=True, index=False, backref="+")
    resolution = CharField(max_length=16, null=True, constraints=[one_of("resolution", Resolution)])
    reason = TextField(default="")
    resolved_by = IntegerField(null=True)
    resolved_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("stocktake", "code"), True), (("stocktake", "seen_at"), False))


# One count of a place at a time: whoever comes second joins the first.
Stocktake.add_index(
    SQL(
        'CREATE UNIQUE INDEX "stocktake_open_place" ON "stocktake" '
        '("place", COALESCE("school_id", 0), "class_name") WHERE state <> \'closed\''
    )
)
