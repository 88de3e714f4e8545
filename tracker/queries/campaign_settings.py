"""The school years and their settings with all that they were and will be, for the administrator's screens."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee

from tracker.models.schools import Campaign, CampaignSetting
from tracker.models.users import User
from tracker.rules.campaign import SETTINGS, Setting


@dataclass(frozen=True)
class Value:
    """One value of a setting: from which day on, by whom, when it was written, why."""

    value: Any
    valid_from: date
    set_at: datetime
    set_by: str | None
    reason: str


@dataclass(frozen=True)
class SettingStory:
    """A setting on one day: what is in force, what is to come, and everything before (newest first)."""

    setting: Setting
    values: tuple[Value, ...]
    on: date

    @property
    def in_force(self) -> Value | None:
        """The newest value that is not later than the day."""
        return next((value for value in self.values if value.valid_from <= self.on), None)

    @property
    def value(self) -> Any:
        """What counts on the day: the value in force, else the default."""
        return self.in_force.value if self.in_force else self.setting.default

    @property
    def coming(self) -> tuple[Value, ...]:
        """The values that take effect later."""
        return tuple(value for value in self.values if value.valid_from > self.on)


def campaigns() -> list[Campaign]:
    """Every school year, the newest first."""
    return list(Campaign.select().order_by(Campaign.school_year.desc()))


def campaign_of(campaign_id: int) -> Campaign | None:
    """The school year, or None."""
    return Campaign.get_or_none(Campaign.id == campaign_id)


def setting_stories(campaign: Campaign, on: date) -> list[SettingStory]:
    """Every setting of the programme with its values, in the order of the rules. One query."""
    values = _values(campaign)
    return [SettingStory(setting, tuple(values[name]), on) for name, setting in SETTINGS.items()]


def setting_story(campaign: Campaign, name: str, on: date) -> SettingStory | None:
    """One setting with its values, or None when the programme knows no such setting."""
    return next((story for story in setting_stories(campaign, on) if story.setting.name == name), None)


def _values(campaign: Campaign) -> dict[str, list[Value]]:
    rows = (
        CampaignSetting.select(CampaignSetting, User.name.alias("person"))
        .join(User, peewee.JOIN.LEFT_OUTER, on=(User.id == CampaignSetting.set_by))
        .where(CampaignSetting.campaign == campaign)
        .order_by(CampaignSetting.valid_from.desc())
        .objects()
    )
    found: dict[str, list[Value]] = defaultdict(list)
    for row in rows:
        found[row.name].append(Value(row.value, row.valid_from, row.set_at, row.person, row.reason))
    return found
