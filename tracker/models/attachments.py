"""Files that belong to a case, a return or a batch: declarations, photographs, proofs."""

from peewee import CharField, Check, FixedCharField, ForeignKeyField, IntegerField

from tracker.models.cases import DeviceCase
from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.returns import ReturnRecord
from tracker.models.reuse import Batch
from tracker.rules.cases import DocumentKind


class Attachment(Table):
    """One kept file of one thing; `file` is its key in the storage, `media_type` what it was checked to be."""

    case = ForeignKeyField(DeviceCase, null=True, backref="attachments", on_delete="CASCADE")
    record = ForeignKeyField(ReturnRecord, null=True, backref="attachments", on_delete="CASCADE")
    batch = ForeignKeyField(Batch, null=True, backref="attachments", on_delete="CASCADE")
    kind = CharField(max_length=12, constraints=[one_of("kind", DocumentKind)])
    file_name = CharField(max_length=200)
    file = CharField(max_length=80)
    media_type = CharField(max_length=40)
    digest = FixedCharField(max_length=64)
    size = IntegerField()
    added_by = IntegerField(null=True)
    added_at = UtcDateTimeField()

    class Meta:
        constraints = (
            Check(
                "(CASE WHEN case_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN record_id IS NULL THEN 0 ELSE 1 END) "
                "+ (CASE WHEN batch_id IS NULL THEN 0 ELSE 1 END) = 1"
            ),
        )
