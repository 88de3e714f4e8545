"""People who sign in, and the schools that a school user acts for."""

from datetime import datetime

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.schools import School
from tracker.rules.access import Role


class User(Table):
    """An account; `session_key` changes with the password, which ends every open session."""

    email = CharField(max_length=254, unique=True)
    name = CharField(max_length=100)
    role = CharField(max_length=12, constraints=[one_of("role", Role)])
    password_hash = CharField(max_length=200)
    session_key = CharField(max_length=40)
    locale = CharField(max_length=5, default="fr")
    active = BooleanField(default=True)
    failures = IntegerField(default=0)
    locked_until = UtcDateTimeField(null=True)
    last_sign_in = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "app_user"  # "user" is a reserved word of PostgreSQL

    def locked_at(self, now: datetime) -> bool:
        """Whether the account is locked at this moment, after too many failures."""
        return self.locked_until is not None and self.locked_until > now


class SchoolMembership(Table):
    """A school that a user of role `school` acts for."""

    user = ForeignKeyField(User, backref="memberships", on_delete="CASCADE", index=False)
    school = ForeignKeyField(School, backref="memberships")

    class Meta:
        indexes = ((("user", "school"), True),)
