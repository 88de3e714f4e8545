"""Personal links by which a family does one thing without an account: send a device back, report what happened."""

from peewee import CharField, ForeignKeyField, IntegerField

from tracker.models.cases import DeviceCase
from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Pupil
from tracker.rules.families import LinkPurpose


class FamilyLink(Table):
    """One link to one address; its nonce dies with it. What it opens is decided anew each time."""

    purpose = CharField(max_length=10, constraints=[one_of("purpose", LinkPurpose)])
    pupil = ForeignKeyField(Pupil, backref="family_links", on_delete="CASCADE")
    case = ForeignKeyField(DeviceCase, null=True, backref="family_links", on_delete="CASCADE")
    recipient = CharField(max_length=254)
    nonce = CharField(max_length=40, unique=True)
    mail = ForeignKeyField(OutboxMail, null=True, on_delete="SET NULL")
    created_by = IntegerField(null=True)
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    opened_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("recipient", "created_at"), False),)
