"""The outbox: mail is written with the operation that sends it, delivered afterwards by a job."""

from peewee import CharField, IntegerField, TextField

from tracker.models.database import Table, UtcDateTimeField


class OutboxMail(Table):
    """One mail to one address; delivered once `sent_at` is set, given up once `failed_at` is."""

    recipient = CharField(max_length=254)
    subject = CharField(max_length=200)
    body = TextField()
    created_at = UtcDateTimeField()
    not_before = UtcDateTimeField()
    attempts = IntegerField(default=0)
    last_error = TextField(default="")
    sent_at = UtcDateTimeField(null=True)
    failed_at = UtcDateTimeField(null=True)
