"""Opening a school year, and changing its settings from a day on."""

from datetime import date, datetime
from typing import Any

import structlog

from tracker.models.database import database
from tracker.models.schools import Campaign, CampaignSetting
from tracker.operations.agreement_texts import ensure_text
from tracker.operations.eligibility import recompute_eligibility
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.campaign import SETTINGS, checked
from tracker.rules.refusals import Refused

log = structlog.get_logger()
_KNOWN = (
    "whole_number",
    "at_least_one",
    "percent",
    "one_of_the_choices",
    "week_before_cut_off",
    "gs1_prefix",
    "address",
)


def create_campaign(school_year: int, starts_on: date, ends_on: date, *, actor: Actor, now: datetime) -> Campaign:
    """Open a school year (2026 is 2026-2027); every setting starts at its default, as a row. Raises Refused."""
    _check_may(actor)
    if ends_on <= starts_on:
        raise Refused("dates_reversed")
    ensure_text(now=now)
    with database.atomic():
        if Campaign.select().where(Campaign.school_year == school_year).exists():
            raise Refused("year_exists")
        campaign = Campaign.create(school_year=school_year, starts_on=starts_on, ends_on=ends_on)
        # Before any day on which somebody may change one: a default never comes after a decision.
        since = min(local_date(now), date(school_year, 1, 1))
        for name, setting in SETTINGS.items():
            _write(campaign, name, checked(name, setting.default), since, "", actor, now)
    log.info("campaign created", campaign=campaign.id, by=actor.user_id)
    return campaign


def change_setting(
    campaign_id: int, name: str, value: Any, *, valid_from: date, reason: str, actor: Actor, now: datetime
) -> CampaignSetting:
    """Give a setting a value from a day on, today or later, and say why. Raises Refused.

    Changed twice for the same day, the last value counts. Who gets a laptop (E1) is judged anew at once where the
    value counts today, else on its day by the nightly job.
    """
    _check_may(actor)
    campaign = Campaign.get_or_none(Campaign.id == campaign_id)
    if campaign is None or name not in SETTINGS:
        raise Refused("not_found")
    if not reason.strip():
        raise Refused("setting_reason_missing")
    if valid_from < local_date(now):
        raise Refused("setting_in_the_past")
    with database.atomic():
        row = _write(campaign, name, _checked(name, value), valid_from, reason.strip(), actor, now)
        if name == "three_year_cap" and valid_from == local_date(now):
            recompute_eligibility(campaign.school_year, valid_from)
    log.info("setting changed", campaign=campaign.id, setting=name, by=actor.user_id)
    return row


def _check_may(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_CAMPAIGN):
        raise Refused("not_allowed")


def _checked(name: str, value: Any) -> Any:
    try:
        return checked(name, value)
    except (ValueError, TypeError) as error:
        code = str(error) if str(error) in _KNOWN else "invalid"
        raise Refused(f"setting_{code}", rule=SETTINGS[name].rule) from None


def _write(
    campaign: Campaign, name: str, value: Any, valid_from: date, reason: str, actor: Actor, now: datetime
) -> CampaignSetting:
    found, is_new = CampaignSetting.get_or_create(
        campaign=campaign, name=name, valid_from=valid_from,
        defaults={"value": value, "set_by": actor.user_id, "set_at": now, "reason": reason},
    )  # fmt: skip
    if not is_new:
        found.value, found.set_by, found.set_at, found.reason = value, actor.user_id, now, reason
        found.save()
    return found
