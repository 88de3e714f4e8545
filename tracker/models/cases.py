"""Cases of breakdown, damage, theft and loss, each with its steps."""

from peewee import SQL, BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.devices import Device
from tracker.models.pupils import Pupil
from tracker.models.schools import School
from tracker.rules.cases import CaseKind, CaseOutcome, CaseState


class DeviceCase(Table):
    """What happened to one device and what is done about it (R1, R2, R4).

    `replacement`: the device lent instead for good; `loaner`: the one lent meanwhile; `quota_case`: the earlier case
    that used the quota (R3), where this one was refused for it.
    """

    kind = CharField(max_length=10, constraints=[one_of("kind", CaseKind)])
    state = CharField(max_length=16, constraints=[one_of("state", CaseState)])
    device = ForeignKeyField(Device, backref="cases")
    pupil = ForeignKeyField(Pupil, null=True, backref="cases")
    school = ForeignKeyField(School, null=True, backref="cases", index=False)
    school_year = IntegerField()
    description = TextField(default="")
    diagnosis = TextField(default="")
    outcome = CharField(max_length=10, null=True, constraints=[one_of("outcome", CaseOutcome)])
    refusal = CharField(max_length=300, default="")
    quota_case = ForeignKeyField("self", null=True)
    replacement = ForeignKeyField(Device, null=True, backref="replaces")
    loaner = ForeignKeyField(Device, null=True, backref="loaner_of")
    opened_by = IntegerField(null=True)
    opened_at = UtcDateTimeField()
    state_since = UtcDateTimeField()
    decided_by = IntegerField(null=True)
    decided_at = UtcDateTimeField(null=True)
    closed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("school", "state"), False), (("state", "state_since"), False))


DeviceCase.add_index(
    SQL('CREATE UNIQUE INDEX "device_case_open_device" ON "device_case" ("device_id") WHERE closed_at IS NULL')
)


class CaseStep(Table):
    """A case came into a state: when, by whom, with what note; never changed afterwards.

    `seen`: the missing device was scanned, at `school` or (empty) at the warehouse (R4); the state stayed.
    """

    case = ForeignKeyField(DeviceCase, backref="steps", on_delete="CASCADE")
    state = CharField(max_length=16, constraints=[one_of("state", CaseState)])
    at = UtcDateTimeField()
    actor_id = IntegerField(null=True)
    note = TextField(default="")
    seen = BooleanField(default=False)
    school = ForeignKeyField(School, null=True, index=False)
