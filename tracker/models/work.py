"""Long work that a page starts: it goes on when the page is closed, and is found again."""

from peewee import CharField, ForeignKeyField, IntegerField, JSONField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.schools import School
from tracker.rules.work import WorkState


class Work(Table):
    """One piece of long work. `subject` is the id of what it is about; `asked` its arguments, `result` its figures.

    How far it is, is not here: the work's own transaction would hide it. The queue keeps that.
    """

    kind = CharField(max_length=20)
    state = CharField(max_length=10, constraints=[one_of("state", WorkState)])
    subject = IntegerField(null=True)
    school = ForeignKeyField(School, null=True, backref="works")
    asked = JSONField(null=True)
    result = JSONField(null=True)
    error = CharField(max_length=200, default="")
    asked_by = IntegerField(null=True)
    asked_at = UtcDateTimeField()
    started_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state", "asked_at"), False), (("kind", "subject"), False))
