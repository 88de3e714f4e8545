"""School years and their dated settings; on both engines."""

from datetime import date, timedelta

import pytest

from tests.factories import NOW, TODAY, actor, make_user
from tracker.models.schools import Campaign, CampaignSetting
from tracker.operations import campaigns
from tracker.queries.campaign_settings import setting_story
from tracker.queries.campaigns import settings_of
from tracker.rules.access import SYSTEM
from tracker.rules.campaign import SETTINGS, checked
from tracker.rules.refusals import Refused

pytestmark = pytest.mark.usefixtures("db")
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def campaign(db) -> Campaign:
    return campaigns.create_campaign(2026, date(2026, 9, 1), date(2027, 7, 31), actor=SYSTEM, now=NOW)


def change(campaign, name="confirm_rate", value=90, valid_from=TODAY, reason="Décision du 5 octobre", **changes):
    who = changes.pop("actor", SYSTEM)
    return campaigns.change_setting(campaign.id, name, value, valid_from=valid_from, reason=reason, actor=who, now=NOW)


def refused(code: str, work) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    assert caught.value.code == code
    return caught.value


def test_a_new_school_year_holds_every_setting_at_its_default_as_a_row(campaign):
    rows = {row.name: row.value for row in CampaignSetting.select()}
    assert rows == {name: checked(name, setting.default) for name, setting in SETTINGS.items()}


@pytest.mark.parametrize("day", [date(2026, 8, 20), TODAY, date(2027, 7, 31)])
def test_the_defaults_count_on_each_day_of_the_year_and_while_it_is_prepared(campaign, day):
    assert settings_of(campaign, day)["confirm_rate"] == 85


def test_a_school_year_is_opened_once(campaign):
    work = lambda: campaigns.create_campaign(2026, date(2026, 9, 1), date(2027, 7, 1), actor=SYSTEM, now=NOW)  # noqa: E731
    refused("year_exists", work)


def test_a_school_year_that_ends_before_it_starts_is_refused(db):
    work = lambda: campaigns.create_campaign(2026, date(2026, 9, 1), date(2026, 9, 1), actor=SYSTEM, now=NOW)  # noqa: E731
    refused("dates_reversed", work)


def test_a_setting_changes_from_its_day_on_and_what_was_before_stays(campaign):
    change(campaign, valid_from=TOMORROW)
    assert settings_of(campaign, TODAY)["confirm_rate"] == 85
    assert settings_of(campaign, TOMORROW)["confirm_rate"] == 90


def test_the_story_says_who_changed_it_why_and_what_is_to_come(campaign):
    boss = make_user()
    change(campaign, valid_from=TOMORROW, actor=actor(user=boss))
    story = setting_story(campaign, "confirm_rate", TODAY)
    assert story.value == 85
    assert [(each.value, each.set_by, each.reason) for each in story.coming] == [
        (90, boss.name, "Décision du 5 octobre")
    ]


def test_changed_twice_for_the_same_day_the_last_value_counts(campaign):
    change(campaign)
    change(campaign, value=80)
    assert settings_of(campaign, TODAY)["confirm_rate"] == 80


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, "setting_in_the_past"),
        ({"reason": "  "}, "setting_reason_missing"),
        ({"value": 101}, "setting_percent"),
        ({"value": "many"}, "setting_whole_number"),
        ({"name": "three_year_cap", "value": "perhaps"}, "setting_one_of_the_choices"),
        ({"name": "data_plans_end_on", "value": "soon"}, "setting_invalid"),
        ({"name": "no_such_setting"}, "not_found"),
        ({"actor": actor("logistics")}, "not_allowed"),
    ],
)
def test_what_a_setting_cannot_be_is_refused_and_nothing_changes(campaign, changes, code):
    rows = CampaignSetting.select().count()
    refused(code, lambda: change(campaign, **changes))
    assert CampaignSetting.select().count() == rows


def test_a_window_whose_week_begins_before_its_cut_off_is_refused_by_rule_d6(campaign):
    misprint = [["2023-03-31", "2023-03-03", "Arrivées en cours d’année"]]
    found = refused("setting_week_before_cut_off", lambda: change(campaign, "dispatch_calendar", misprint))
    assert found.rule == "D6"


def test_a_date_that_is_not_set_any_more_is_nothing(campaign):
    change(campaign, "distribution_from", "2026-09-21")
    assert settings_of(campaign, TODAY)["distribution_from"] == "2026-09-21"
    change(campaign, "distribution_from", None, valid_from=TOMORROW)
    assert settings_of(campaign, TOMORROW)["distribution_from"] is None
