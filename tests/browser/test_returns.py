"""The returns desk as logistics use it: a keyboard scanner and one key, a second scan in between, undo."""

import uuid
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page, sign_in
from tests.browser.test_pages import findings
from tests.factories import actor, make_device, make_pupil, make_school, make_user
from tests.static.keys import azerty, press
from tracker.models.agreements import Agreement
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.schools import Campaign
from tracker.operations import loans
from tracker.operations.expected_returns import expect_return
from tracker.rules.calendar import local_date
from tracker.rules.returns import ReturnReason

pytestmark = pytest.mark.browser


def lent(school, last_name):
    """A device that a pupil must bring back."""
    campaign, now, who = Campaign.get(), datetime.now(UTC), actor(user=make_user())
    pupil = make_pupil(school, last_name=last_name, school_year=campaign.school_year)
    Agreement.update(school_year=campaign.school_year).execute()
    device = make_device(school)
    request = loans.Request(device.id, pupil.id, school.id, uuid.uuid4())
    loans.hand_over(request, campaign=campaign, actor=who, now=now)
    expect_return(Loan.get(device=device), ReturnReason.DEPARTURE, due_on=local_date(now), actor=who, now=now)
    return device


def state(device):
    return Device.get_by_id(device.id).state


def test_one_scan_and_one_key_and_a_second_scan_in_between_is_not_lost(site, launch):
    school = make_school()
    first, second = lent(school, "Dupont"), lent(school, "Le Goff")
    page = sign_in(open_page(launch(), site), site.account("logistics"))
    page.goto("/returns/desk/warehouse")
    title = page.locator(".verdict-title")
    press(page, azerty(first.tag))
    expect(title).to_have_text(first.serial)
    press(page, azerty(second.tag))
    expect(title).to_have_text(second.serial)
    assert {state(first), state(second)} == {"lent"}
    assert findings(page) == {}
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    expect(page.locator("[data-verdict=done]")).to_be_visible()
    assert (state(first), state(second)) == ("lent", "in_stock")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    expect(title).to_have_text(first.serial)
    page.wait_for_timeout(400)
    page.keyboard.press("4")
    expect(page.locator("[data-verdict=done]")).to_be_visible()
    assert state(first) == "in_repair"
    expect(page.locator("#scan-code")).to_be_focused()
    page.locator("#desk-recent button[name=record]").first.click()
    expect(page.locator("[data-verdict=info]")).to_be_visible()
    assert state(first) == "lent"
    assert page.faults == []
