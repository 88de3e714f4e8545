"""The outbox: mail is written with the operation that sends it, delivered afterwards by a job."""

from peewee import SQL, CharField, ForeignKeyField, IntegerField, TextField

from tracker.models.database import Table, UtcDateTimeField
from tracker.models.pupils import Pupil


class OutboxMail(Table):
    """One mail to one address; delivered once `sent_at` is set, given up or come back once `failed_at` is.

    The body of a delivered mail is forgotten. `attachment` is the key of a kept file. `pupil`: whom alone it is about
    (the invitations say it of a mail about several): a mail about a pupil who died does not leave (L5).
    """

    recipient = CharField(max_length=254)
    subject = CharField(max_length=200)
    body = TextField()
    created_at = UtcDateTimeField()
    not_before = UtcDateTimeField()
    attempts = IntegerField(default=0)
    last_error = TextField(default="")
    sent_at = UtcDateTimeField(null=True)
    failed_at = UtcDateTimeField(null=True)
    attachment = CharField(max_length=80, null=True)
    attachment_name = CharField(max_length=120, null=True)
    pupil = ForeignKeyField(Pupil, null=True, backref="mails", on_delete="SET NULL")


OutboxMail.add_index(
    SQL(
        'CREATE INDEX "outbox_mail_waiting" ON "outbox_mail" ("not_before", "id") '
        "WHERE sent_at IS NULL AND failed_at IS NULL"
    )
)
