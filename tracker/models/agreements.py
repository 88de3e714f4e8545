"""Loan agreements: the state only, so far."""

from peewee import CharField, ForeignKeyField, IntegerField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.pupils import Pupil
from tracker.rules.agreements import AgreementState


class Agreement(Table):
    """The loan agreement of one pupil for one school year (A1 to A4)."""

    pupil = ForeignKeyField(Pupil, backref="agreements", on_delete="CASCADE", index=False)
    school_year = IntegerField()
    state = CharField(max_length=12, constraints=[one_of("state", AgreementState)])
    sent_at = UtcDateTimeField(null=True)
    signed_at = UtcDateTimeField(null=True)
    validated_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("pupil", "school_year"), True),)
