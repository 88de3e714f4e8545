"""A stocktake as it is done: two people at one shelf, a missing and an unexpected device, settled, closed, recorded."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page, sign_in
from tests.factories import make_device, make_school
from tests.static.keys import azerty, press
from tracker.models.custody import CustodyEvent
from tracker.models.devices import Device
from tracker.models.stocktakes import Stocktake

pytestmark = pytest.mark.browser


def verdict(page, kind):
    page.wait_for_selector(f"[data-verdict={kind}]", timeout=20_000)
    return page.locator("[data-verdict]").inner_text()


def settle(page, code, way, reason):
    row = page.locator("tr", has_text=code)
    row.locator("details.settle summary").click()
    row.locator(f"input[value={way}]").check()
    row.locator("input[name=reason]").fill(reason)
    row.locator("button[type=submit]").click()
    expect(page.locator("tr", has_text=code)).to_contain_text(reason, timeout=20_000)


def test_a_missing_and_an_unexpected_device_are_found_out_and_settled(site, launch):
    school = make_school(name="Lycée Malherbe")
    here, missing, stray = make_device(school), make_device(school), make_device()
    events = CustodyEvent.select().count()
    browser = launch()
    page = sign_in(open_page(browser, site), site.account("logistics"))
    page.goto("/stocktakes/new/")
    page.click("text=Inventorier le stock de l’établissement")
    page.wait_for_url("**/desk/")
    press(page, azerty(here.serial))
    assert here.serial in verdict(page, "done")
    press(page, azerty(here.serial))
    verdict(page, "already")

    other = sign_in(open_page(browser, site, width=390), site.account("admin"))
    other.goto(page.url)
    press(other, azerty(stray.tag))
    assert "l’entrepôt" in verdict(other, "ask")
    expect(page.locator("#stocktake-counter")).to_contain_text("et 1 non attendu", timeout=20_000)
    assert CustodyEvent.select().count() == events

    page.click("text=Écarts et clôture")
    settle(page, missing.serial, "declared_lost", "cherché deux fois")
    settle(page, stray.serial, "moved_here", "posé sur l’étagère")
    page.click("summary:has-text('Clore')")
    page.click("text=Clore l’inventaire")
    page.wait_for_selector("text=Procès-verbal (PDF)")
    assert Stocktake.get().record
    assert (Device.get_by_id(missing.id).state, Device.get_by_id(stray.id).school_id) == ("lost", school.id)
    assert page.faults == other.faults == []
