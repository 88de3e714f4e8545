"""Device models and devices."""

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.pupils import Pupil
from tracker.models.schools import School
from tracker.rules.custody import DeviceKind, DeviceState, Holder
from tracker.rules.reuse import Grade


class DeviceModel(Table):
    """A maker's model, laptop or hotspot."""

    maker = CharField(max_length=40)
    name = CharField(max_length=100)
    kind = CharField(max_length=10, constraints=[one_of("kind", DeviceKind)])
    article = CharField(max_length=14, default="")
    part_number = CharField(max_length=40, default="")

    class Meta:
        indexes = ((("maker", "name"), True),)

    @property
    def label(self) -> str:
        """Maker and name, as people say it."""
        return f"{self.maker} {self.name}"


class Device(Table):
    """A laptop or hotspot, known by its maker's serial number.

    `grade`: of a refurbished one, as its refurbisher graded it (U1). `erased_at`: when somebody said that no pupil's
    data are left on it; a loan that began later makes that void.
    `state`, `holder`, `school`, `pupil` are a projection of the ledger: operations.custody is their only writer.
    """

    serial = CharField(max_length=40, unique=True)
    model = ForeignKeyField(DeviceModel, backref="devices")
    kind = CharField(max_length=10, constraints=[one_of("kind", DeviceKind)])
    tag = CharField(max_length=20, unique=True)
    imei = CharField(max_length=15, null=True, unique=True)
    iccid = CharField(max_length=20, null=True, unique=True)
    refurbished = BooleanField(default=False)
    state = CharField(max_length=12, constraints=[one_of("state", DeviceState)])
    holder = CharField(max_length=12, constraints=[one_of("holder", Holder)])
    school = ForeignKeyField(School, null=True, backref="devices", index=False)
    pupil = ForeignKeyField(Pupil, null=True, backref="devices")
    created_at = UtcDateTimeField()
    grade = CharField(max_length=1, null=True, constraints=[one_of("grade", Grade)])
    erased_at = UtcDateTimeField(null=True)
    erased_by = IntegerField(null=True)

    class Meta:
        constraints = (
            Check("(holder = 'pupil') = (pupil_id IS NOT NULL)"),
            Check("holder <> 'school' OR school_id IS NOT NULL"),
            Check("serial = UPPER(serial)"),
        )
        indexes = (
            (("school", "serial"), False),
            (("state", "serial"), False),
            (("kind", "state"), False),
        )
