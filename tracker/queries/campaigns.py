"""The campaign in force and its settings on a day."""

from datetime import date

from tracker.models.schools import Campaign, CampaignSetting
from tracker.rules.campaign import CampaignSettings


def current_campaign(today: date) -> Campaign | None:
    """The campaign of the school year that `today` falls in; between two, the one that comes next; else the last."""
    coming = Campaign.select().where(Campaign.ends_on >= today).order_by(Campaign.starts_on).first()
    return coming or Campaign.select().order_by(Campaign.starts_on.desc()).first()


def campaign_of_year(school_year: int) -> Campaign | None:
    """The campaign of the school year that starts in `school_year`, or None."""
    return Campaign.get_or_none(Campaign.school_year == school_year)


def settings_of(campaign: Campaign | None, today: date) -> CampaignSettings:
    """The values in force on `today`: of each name the newest row that is not later; no campaign: the defaults."""
    if campaign is None:
        return CampaignSettings({})
    rows = (
        CampaignSetting.select(CampaignSetting.name, CampaignSetting.value)
        .where(CampaignSetting.campaign == campaign, CampaignSetting.valid_from <= today)
        .order_by(CampaignSetting.valid_from)
    )
    return CampaignSettings({row.name: row.value for row in rows})


def settings_in_force(today: date) -> CampaignSettings:
    """The values in force on `today` in the campaign of that day."""
    return settings_of(current_campaign(today), today)
