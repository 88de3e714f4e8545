"""Schools, campaigns (one school year each) and their dated settings."""

from peewee import CharField, Check, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from tracker.models.database import Table, UtcDateTimeField


class School(Table):
    """A lycée; a member from `member_from` on, until `member_until` where that is set."""

    uai = CharField(max_length=8, unique=True)
    name = CharField(max_length=200)
    name_key = CharField(max_length=200)
    kind = CharField(max_length=20, default="lycee")
    street = CharField(max_length=200, default="")
    postcode = CharField(max_length=10, default="")
    city = CharField(max_length=100, default="")
    member_from = DateField(null=True)
    member_until = DateField(null=True)

    class Meta:
        constraints = (Check("member_until IS NULL OR member_until >= member_from"),)


class Campaign(Table):
    """One school year of the programme; `school_year` 2026 means 2026-2027."""

    school_year = IntegerField(unique=True)
    starts_on = DateField()
    ends_on = DateField()

    class Meta:
        constraints = (Check("ends_on > starts_on"),)

    @property
    def label(self) -> str:
        """The school year as people write it."""
        return f"{self.school_year}-{self.school_year + 1}"


class CampaignSetting(Table):
    """The value of one setting from a day on; the newest row not after a day is in force on it."""

    campaign = ForeignKeyField(Campaign, backref="settings", index=False)
    name = CharField(max_length=60)
    value = JSONField(null=True)
    valid_from = DateField()
    set_by = IntegerField(null=True)
    set_at = UtcDateTimeField()
    reason = TextField(default="")

    class Meta:
        indexes = ((("campaign", "name", "valid_from"), True),)
