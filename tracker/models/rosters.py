"""Rosters that were read: each import with its journal, departures, and the answers to codes nobody knew."""

from peewee import CharField, DateField, FixedCharField, ForeignKeyField, IntegerField, JSONField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.rules.departures import DepartureOrigin, Destination
from tracker.rules.rosters import ChangeKind, CodeKind, ImportState, Origin


class RosterImport(Table):
    """One file of a school: previewed, applied, perhaps undone. `file` is empty once its time to be kept is over.

    `preview` is what the screen shows before and after; `accepted` what a person said yes to: stops, identities.
    """

    school = ForeignKeyField(School, backref="roster_imports", index=False)
    kind = CharField(max_length=20, default="")
    school_year = IntegerField(null=True)
    state = CharField(max_length=10, constraints=[one_of("state", ImportState)])
    origin = CharField(max_length=10, constraints=[one_of("origin", Origin)])
    file_name = CharField(max_length=200)
    file = CharField(max_length=80, null=True)
    digest = FixedCharField(max_length=64)
    size = IntegerField()
    exported_at = UtcDateTimeField(null=True)
    preview = JSONField(null=True)
    accepted = JSONField(null=True)
    uploaded_by = IntegerField(null=True)
    uploaded_at = UtcDateTimeField()
    applied_by = IntegerField(null=True)
    applied_at = UtcDateTimeField(null=True)
    undone_by = IntegerField(null=True)
    undone_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("school", "uploaded_at"), False), (("state", "uploaded_at"), False))


class RosterChange(Table):
    """What one import did to one pupil: the values before and after, by table, so that it can be taken back."""

    roster_import = ForeignKeyField(RosterImport, backref="changes", on_delete="CASCADE")
    pupil = ForeignKeyField(Pupil, null=True, backref="roster_changes", on_delete="SET NULL")
    kind = CharField(max_length=12, constraints=[one_of("kind", ChangeKind)])
    before = JSONField(null=True)
    after = JSONField(null=True)


class Departure(Table):
    """A pupil who left a school's roster (L5): open until somebody says where to, or the pupil is found elsewhere."""

    pupil = ForeignKeyField(Pupil, backref="departures", on_delete="CASCADE")
    enrolment = ForeignKeyField(Enrolment, backref="departures", on_delete="CASCADE", unique=True)
    school = ForeignKeyField(School, backref="departures", index=False)
    noticed_at = UtcDateTimeField()
    left_on = DateField()
    destination = CharField(max_length=20, constraints=[one_of("destination", Destination)])
    closed_at = UtcDateTimeField(null=True)
    closed_by = IntegerField(null=True)
    origin = CharField(max_length=10, default=DepartureOrigin.ROSTER, constraints=[one_of("origin", DepartureOrigin)])

    class Meta:
        indexes = ((("school", "closed_at"), False),)

    @property
    def declared(self) -> bool:
        """Whether people said it before any roster did."""
        return self.origin != DepartureOrigin.ROSTER


class DepartureAnswer(Table):
    """Somebody said where a pupil went; a mistake is answered anew, and every answer stays on record (L5).

    `done`: loans that moved (device, school before) and links that a death ended, for a later answer to undo; `waited`:
    the program's own answer, when the waiting time was over.
    """

    departure = ForeignKeyField(Departure, backref="answers", on_delete="CASCADE")
    destination = CharField(max_length=20, constraints=[one_of("destination", Destination)])
    school = ForeignKeyField(School, null=True, index=False)
    note = CharField(max_length=300, default="")
    done = JSONField(null=True)
    answered_by = IntegerField(null=True)
    answered_at = UtcDateTimeField()


class CodeAnswer(Table):
    """What a code of the rosters means that the programme's own tables do not know (E1, L5): an administrator says so.

    `label` is what the school's nomenclature calls it; `meaning` is empty until somebody has answered.
    """

    kind = CharField(max_length=12, constraints=[one_of("kind", CodeKind)])
    code = CharField(max_length=11)
    label = CharField(max_length=100, default="")
    meaning = CharField(max_length=20, default="")
    answered_by = IntegerField(null=True)
    answered_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("kind", "code"), True),)


class SchoolClass(Table):
    """The name that a school gives to one of its classes (BEE_STRUCTURES)."""

    school = ForeignKeyField(School, backref="classes", on_delete="CASCADE", index=False)
    school_year = IntegerField()
    code = CharField(max_length=20)
    label = CharField(max_length=100, default="")

    class Meta:
        indexes = ((("school", "school_year", "code"), True),)
