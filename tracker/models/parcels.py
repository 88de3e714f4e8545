"""Parcels with their devices, and the manifests by which a carrier takes them."""

from peewee import CharField, FixedCharField, ForeignKeyField, IntegerField, JSONField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.devices import Device
from tracker.models.pupils import Pupil
from tracker.models.schools import School
from tracker.rules.parcels import ParcelKind, ParcelState


class Manifest(Table):
    """What is handed to a carrier at one time; `closed_at`: from then on nothing is added."""

    carrier = CharField(max_length=20)
    created_by = IntegerField(null=True)
    created_at = UtcDateTimeField()
    closed_at = UtcDateTimeField(null=True)


class Parcel(Table):
    """One parcel; `reference` is its own SSCC-18. `school`: where it goes to, or where it comes from (a return).

    `pupil`: whose device a named parcel holds, or who sends a return. `sender` and `recipient` are the addresses as
    printed. `label`: the key of the carrier's own label, where the carrier draws it.
    """

    reference = FixedCharField(max_length=18, unique=True)
    kind = CharField(max_length=10, constraints=[one_of("kind", ParcelKind)])
    state = CharField(max_length=10, constraints=[one_of("state", ParcelState)])
    school = ForeignKeyField(School, null=True, backref="parcels", index=False)
    pupil = ForeignKeyField(Pupil, null=True, backref="parcels", on_delete="SET NULL")
    carrier = CharField(max_length=20)
    tracking = CharField(max_length=40, default="")
    label = CharField(max_length=80, null=True)
    sender = JSONField()
    recipient = JSONField()
    manifest = ForeignKeyField(Manifest, null=True, backref="parcels")
    created_by = IntegerField(null=True)
    created_at = UtcDateTimeField()
    shipped_at = UtcDateTimeField(null=True)
    shipped_by = IntegerField(null=True)
    received_at = UtcDateTimeField(null=True)
    received_by = IntegerField(null=True)
    closed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = (
            (("school", "state"), False),
            (("state", "created_at"), False),
            (("tracking",), False),
        )


class ParcelDevice(Table):
    """One device of a parcel: seen when the parcel was opened (`arrived_at`), then in a pupil's hands."""

    parcel = ForeignKeyField(Parcel, backref="contents", on_delete="CASCADE", index=False)
    device = ForeignKeyField(Device, backref="parcels")
    arrived_at = UtcDateTimeField(null=True)
    handed_over_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("parcel", "device"), True),)
