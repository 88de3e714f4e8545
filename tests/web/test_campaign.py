"""School years and settings on the administrator's screens."""

import re
from datetime import timedelta

import pytest

from tests.factories import make_campaign
from tracker.models.schools import Campaign, CampaignSetting
from tracker.rules.campaign import SETTINGS
from tracker.web.campaign.words import NAMES
from tracker.web.clock import today

REASON = "Décision de la commission"


@pytest.fixture
def campaign(sign_in) -> Campaign:
    sign_in("admin")
    year = today()
    return make_campaign(school_year=year.year, starts_on=year - timedelta(days=30), ends_on=year + timedelta(days=200))


def change(client, campaign, setting="confirm_rate", **fields):
    values = {"value": "90", "valid_from": today().isoformat(), "reason": REASON} | fields
    return client.post(f"/campaign/{campaign.id}/{setting}", data=values)


def test_without_a_school_year_the_page_says_what_to_do(client, sign_in):
    sign_in("admin")
    assert "/campaign/new" in client.get("/campaign/").text


def test_the_next_school_year_is_proposed_and_opened_with_every_setting(client, campaign):
    form = client.get("/campaign/new").text
    year = int(re.search(r'name="school_year"[^>]* value="(\d+)"', form)[1])
    assert year == campaign.school_year + 1
    fields = {"school_year": year, "starts_on": f"{year}-09-01", "ends_on": f"{year + 1}-07-31"}
    opened = client.post("/campaign/new", data=fields)
    created = Campaign.get(Campaign.school_year == year)
    assert opened.location == f"/campaign/{created.id}"
    assert CampaignSetting.select().where(CampaignSetting.campaign == created).count() == len(SETTINGS)
    again = client.post("/campaign/new", data=fields)
    assert (again.status_code, 'id="school_year-error"' in again.text) == (422, True)


def test_every_setting_has_a_name_and_a_page_with_its_rule(client, campaign):
    assert set(NAMES) == set(SETTINGS)
    for name, setting in SETTINGS.items():
        page = client.get(f"/campaign/{campaign.id}/{name}")
        assert page.status_code == 200
        assert re.search(rf"\b{setting.rule}\b", page.text), name


def test_a_setting_changes_with_its_reason_and_the_story_shows_it(client, campaign):
    assert change(client, campaign).status_code == 303
    page = client.get(f"/campaign/{campaign.id}/confirm_rate").text
    assert REASON in page
    assert "90" in client.get("/campaign/").text


def test_a_change_from_a_later_day_is_announced_and_not_yet_in_force(client, campaign):
    change(client, campaign, value="70", valid_from=(today() + timedelta(days=9)).isoformat())
    row = re.search(r'confirm_rate">.*?</tr>', client.get("/campaign/").text, re.S)[0]
    assert re.search(r"<td[^>]*>\s*85", row)
    assert "70" in row


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": "101"}, "value"),
        ({"value": "many"}, "value"),
        ({"reason": ""}, "reason"),
        ({"valid_from": "2020-01-01"}, "valid_from"),
        ({"valid_from": "soon"}, "valid_from"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(client, campaign, fields, field):
    answer = change(client, campaign, **fields)
    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-error"', answer.text) == [field]
    for typed in ({"value": "90", "reason": REASON} | fields).values():
        assert typed in answer.text
    assert CampaignSetting.select().count() == 0


LINES = "04/11/2026 ; 09/11/2026 ; Première\n31/03/2027 ; 03/03/2027 ; the misprint"


def test_the_calendar_is_written_as_lines_and_the_first_wrong_one_is_named(client, campaign):
    wrong = change(client, campaign, "dispatch_calendar", value=LINES)
    assert wrong.status_code == 422
    assert "31/03/2027 ; 03/03/2027 ; the misprint" in wrong.text
    assert re.search(r'id="value-error".*?2.*?D6', wrong.text, re.S)
    right = change(client, campaign, "dispatch_calendar", value=LINES.replace("03/03/2027", "05/04/2027"))
    assert right.status_code == 303
    assert CampaignSetting.get().value[1] == ["2027-03-31", "2027-04-05", "the misprint"]


def test_a_choice_and_a_box_are_kept_as_their_values(client, campaign):
    change(client, campaign, "three_year_cap", value="yes")
    change(client, campaign, "shared_quota", value="y")
    assert {row.name: row.value for row in CampaignSetting.select()} == {"three_year_cap": "yes", "shared_quota": True}


def test_the_schools_telephone_carries_its_warning(client, campaign):
    assert "notice-warn" in client.get(f"/campaign/{campaign.id}/schools_phone").text
    assert "notice-warn" not in client.get(f"/campaign/{campaign.id}/families_phone").text
