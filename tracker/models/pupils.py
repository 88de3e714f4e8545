"""Pupils with all their national numbers, their enrolments and guardians."""

from peewee import BooleanField, CharField, Check, DateField, ForeignKeyField, IntegerField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.schools import School
from tracker.rules.eligibility import Eligible, Level


class Pupil(Table):
    """A pupil; `slip_code` is the random code on the slip, never the INE. `deceased`: no letter, no mail, ever (L5)."""

    ine = CharField(max_length=11, null=True, unique=True)
    last_name = CharField(max_length=100)
    first_name = CharField(max_length=100)
    name_key = CharField(max_length=210)
    first_name_key = CharField(max_length=210)
    birth_date = DateField(null=True)
    email = CharField(max_length=254, default="")
    slip_code = CharField(max_length=20, unique=True)
    created_at = UtcDateTimeField()
    deceased = BooleanField(default=False)

    @property
    def full_name(self) -> str:
        """Family name first, as on a class list."""
        return f"{self.last_name} {self.first_name}"


class OtherIne(Table):
    """A further national number of a pupil, beside the one in force: the old form, or one given by the académie."""

    ine = CharField(max_length=11, unique=True)
    pupil = ForeignKeyField(Pupil, backref="other_ines", on_delete="CASCADE")


class Enrolment(Table):
    """One pupil in one school in one school year (E3); `eligible`: the answer of rules.eligibility, kept for lists.

    `roster_id` is the ELEVE_ID of SIECLE: it names a pupil within one school only. `newcomer` and
    `arrived_mid_course` are empty where the roster does not tell.
    """

    pupil = ForeignKeyField(Pupil, backref="enrolments", on_delete="CASCADE", index=False)
    school = ForeignKeyField(School, backref="enrolments", index=False)
    school_year = IntegerField()
    level = CharField(max_length=20, constraints=[one_of("level", Level)])
    mef = CharField(max_length=11, default="")
    class_name = CharField(max_length=20, default="")
    regime = CharField(max_length=4, default="")
    status = CharField(max_length=4, default="ST")
    entered_on = DateField(null=True)
    left_on = DateField(null=True)
    repeats_year = BooleanField(default=False)
    arrived_mid_course = BooleanField(null=True, default=False)
    eligible = CharField(max_length=8, constraints=[one_of("eligible", Eligible)])
    eligible_reason = CharField(max_length=40)
    roster_id = CharField(max_length=20, null=True)
    newcomer = BooleanField(null=True)
    exit_reason = CharField(max_length=4, default="")

    class Meta:
        indexes = (
            (("pupil", "school", "school_year"), True),
            (("school", "school_year", "class_name"), False),
            (("school_year", "class_name", "school"), False),
            (("school", "roster_id"), False),
        )


class Guardian(Table):
    """A guardian of a pupil; only a `legal` one receives and signs the agreement (A1)."""

    pupil = ForeignKeyField(Pupil, backref="guardians", on_delete="CASCADE")
    title = CharField(max_length=10, default="")
    last_name = CharField(max_length=100)
    first_name = CharField(max_length=100, default="")
    email = CharField(max_length=254, default="")
    phone = CharField(max_length=30, default="")
    legal = BooleanField()
    rank = IntegerField(default=1)

    class Meta:
        constraints = (Check("rank >= 1"),)
