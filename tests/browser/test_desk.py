"""The hand-over desk as staff use it: keyboard scanner, typing, undo, by keyboard alone, without JavaScript."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, open_page, sign_in
from tests.factories import make_device, make_pupil, make_school
from tests.static.keys import azerty, press, strokes
from tracker.models.agreements import Agreement
from tracker.models.loans import Loan
from tracker.models.schools import Campaign

pytestmark = pytest.mark.browser


class Hall:
    """A school with two laptops and two pupils."""

    def __init__(self, site):
        year = Campaign.get().school_year
        self.site = site
        self.school = make_school(name="Lycée Malherbe")
        names = (("Dupont", "Éléa"), ("Le Goff", "Maël"))
        self.pupils = [make_pupil(self.school, last_name=a, first_name=b, school_year=year) for a, b in names]
        Agreement.update(school_year=year).execute()
        self.devices = [make_device(self.school) for _ in names]
        self.user = site.account("staff")
        self.address = f"/handover/{self.school.id}"

    def desk(self, launch, **options):
        page = sign_in(open_page(launch(), self.site, **options), self.user)
        page.goto(self.address)
        return page


@pytest.fixture
def hall(site):
    return Hall(site)


def verdict(page, kind):
    page.wait_for_selector(f"[data-verdict={kind}]", timeout=20_000)
    return page.locator("[data-verdict]").inner_text()


def test_a_scanner_that_types_azerty_hands_over_in_two_scans(hall, launch):
    page = hall.desk(launch)
    press(page, azerty(hall.devices[0].serial))
    assert hall.devices[0].serial in verdict(page, "waiting")
    press(page, azerty(hall.pupils[0].slip_code))
    assert "Dupont" in verdict(page, "done")
    assert Loan.get().device_id == hall.devices[0].id
    assert page.faults == []


def test_scans_wait_for_each_other_and_none_is_lost(hall, launch):
    page = hall.desk(launch)
    for device, pupil in zip(hall.devices, hall.pupils, strict=True):
        press(page, strokes(device.tag))
        press(page, strokes(pupil.slip_code))
    expect(page.locator("#desk-counter strong")).to_have_text("2", timeout=20_000)
    assert {(loan.device_id, loan.pupil_id) for loan in Loan.select()} == {
        (device.id, pupil.id) for device, pupil in zip(hall.devices, hall.pupils, strict=True)
    }


def test_a_name_is_typed_and_picked_by_keyboard_alone_and_the_hand_over_undone(hall, launch):
    page = hall.desk(launch)
    page.keyboard.type("dup", delay=120)
    page.wait_for_selector("#suggestions button")
    while not page.evaluate("document.activeElement.closest('#suggestions') !== null"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "Dupont" in verdict(page, "waiting")
    expect(page.locator("#scan-code")).to_be_focused()
    page.keyboard.type(hall.devices[0].serial, delay=60)
    page.keyboard.press("Enter")
    verdict(page, "done")
    page.locator("#desk-recent button").focus()
    page.keyboard.press("Enter")
    verdict(page, "info")
    assert Loan.get().end_reason == "undone"
    assert page.faults == []


def test_an_answer_takes_over_no_inline_style_which_the_policy_refuses(hall, launch):
    page = hall.desk(launch)
    page.evaluate("document.getElementById('desk-counter').style.order = 1")
    press(page, strokes(hall.devices[0].serial))
    verdict(page, "waiting")
    expect(page.locator("#desk-counter")).not_to_have_class("htmx-settling")
    assert page.faults == []


def test_without_javascript_the_same_forms_do_the_same(hall, launch):
    page = sign_in(open_page(launch(), hall.site, java_script_enabled=False), hall.user)
    page.goto(hall.address)
    for code in (hall.pupils[0].slip_code, hall.devices[0].serial):
        page.fill("#scan-code", code)
        page.click("form[data-scan-form] button[type=submit]")
    assert "Dupont" in verdict(page, "done")
    assert Loan.get().pupil_id == hall.pupils[0].id


def test_a_server_that_is_away_keeps_the_scan_and_sends_it_once_it_is_back(hall, launch):
    page = hall.desk(launch)
    page.route("**/scan", lambda route: route.abort())
    press(page, strokes(hall.devices[0].serial))
    page.wait_for_selector("[data-scanner-queue]:not([hidden])", timeout=20_000)
    page.unroute("**/scan")
    page.click("[data-scanner-retry]")
    assert hall.devices[0].serial in verdict(page, "waiting")


def test_a_session_that_ends_in_the_middle_loses_no_scan(hall, launch):
    page = hall.desk(launch)
    hall.user.session_key = uuid.uuid4().hex
    hall.user.save()
    press(page, strokes(hall.devices[0].serial))
    dialog = page.locator("dialog[open]")
    dialog.wait_for(timeout=20_000)
    dialog.locator("input[name=email]").fill(hall.user.email)
    dialog.locator("input[name=password]").fill(PASSWORD)
    dialog.locator("button[type=submit]").first.click()
    dialog.wait_for(state="hidden", timeout=20_000)
    page.click("[data-scanner-retry]")
    assert hall.devices[0].serial in verdict(page, "waiting")
