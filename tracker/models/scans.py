"""Scan actions (each write of a scan once and only once) and the edited rules of label reading."""

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField, UUIDField

from tracker.models.database import Table, UtcDateTimeField
from tracker.models.users import User


class ScanAction(Table):
    """A write that came from a scan: its client-made id and the answer it got. Repeated, it gives that answer again."""

    id = UUIDField(primary_key=True)
    actor = ForeignKeyField(User)
    kind = CharField(max_length=20)
    at = UtcDateTimeField()
    answer = JSONField()


class CodeRule(Table):
    """One rule of how a label is read, tried in the order of `position`; no row at all: the defaults are in force."""

    position = IntegerField(unique=True)
    name = CharField(max_length=80)
    maker = CharField(max_length=40, default="")
    kind = CharField(max_length=20)
    pattern = TextField()
    check = CharField(max_length=20, default="", column_name="check_digit")
    symbologies = CharField(max_length=200, default="")
    enabled = BooleanField(default=True)
