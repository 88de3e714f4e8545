"""A session that ends in the middle of work: sign in on the spot, nothing typed is lost, nothing is sent twice."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.static.keys import press, strokes
from tests.static.pages import Pages


def sign_in(page: Page) -> None:
    """Sign in inside of the dialog that came up."""
    expect(page.locator("dialog[open]")).to_be_visible()
    page.fill("dialog #password", "secret")
    page.click("dialog button")
    expect(page.locator("dialog")).to_have_count(0)


def test_a_form_is_sent_again_after_signing_in_with_nothing_lost(open_page: Callable[..., Page], pages: Pages) -> None:
    page = open_page("/")
    pages.failures = [401]
    page.fill("#text", "écran rayé")
    page.click("#note button")
    sign_in(page)
    assert page.input_value("#text") == "écran rayé"
    page.locator("#flash button").click()
    expect(page.locator("#answer")).to_have_text("Enregistré")
    assert [note["text"] for note in pages.notes] == ["écran rayé", "écran rayé"]
    assert (pages.notes[1]["csrf_token"], pages.notes[1]["token"]) == (pages.token, pages.token)


def test_scans_wait_for_the_signing_in(desk: Page, pages: Pages) -> None:
    pages.failures = [401]
    press(desk, strokes("5CD0000001"))
    sign_in(desk)
    desk.locator("[data-scanner-retry]").click()
    expect(desk.locator("[data-verdict=done]")).to_be_visible()
    assert [scan["status"] for scan in pages.scans] == [401, 200]
    assert pages.scans[0]["action_id"] == pages.scans[1]["action_id"]
    assert pages.scans[1]["token"] == pages.token


def test_a_server_without_answer_leaves_the_form_and_offers_to_try_again(
    open_page: Callable[..., Page], pages: Pages
) -> None:
    page = open_page("/")
    pages.failures = [502]
    page.fill("#text", "écran rayé")
    page.click("#note button")
    expect(page.locator("#flash .notice-bad")).to_contain_text("confirmed nothing")
    assert "proxy" not in page.inner_text("body")
    page.locator("#flash button").click()
    expect(page.locator("#answer")).to_have_text("Enregistré")
    assert [note["status"] for note in pages.notes] == [502, 200]
