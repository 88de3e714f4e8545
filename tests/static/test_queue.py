"""Scans wait for each other and are kept until the server has answered; nothing typed is lost."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.static.keys import press, strokes
from tests.static.pages import Pages


def answer(page: Page, number: int) -> None:
    """Wait until the desk shows the n-th answer."""
    expect(page.locator(f"[data-verdict][data-sequence='{number}']")).to_be_visible()


def texts(pages: Pages) -> list[str]:
    """The text of each scan that reached the server, in order."""
    return [json.loads(scan["readings"])[0]["text"] for scan in pages.scans]


def test_scans_during_a_request_are_sent_in_order_each_once(desk: Page, pages: Pages) -> None:
    pages.gate.clear()
    for serial in ("5CD0000001", "5CD0000002", "5CD0000003"):
        press(desk, strokes(serial))
    pages.gate.set()
    answer(desk, 3)
    assert texts(pages) == ["5CD0000001", "5CD0000002", "5CD0000003"]
    assert len({scan["action_id"] for scan in pages.scans}) == 3


def test_each_scan_carries_the_state_that_the_answer_before_it_left(desk: Page, pages: Pages) -> None:
    pages.gate.clear()
    press(desk, strokes("5CD0000001"))
    press(desk, strokes("5CD0000002"))
    pages.gate.set()
    answer(desk, 2)
    assert [scan["state"] for scan in pages.scans] == ["0", "1"]


def test_a_double_click_sends_once(desk: Page, pages: Pages) -> None:
    desk.fill("[data-scan-code]", "Martin")
    desk.locator("[data-scan-form] button[type=submit]").dblclick()
    answer(desk, 1)
    press(desk, strokes("5CD0000002"))
    answer(desk, 2)
    assert texts(pages) == ["Martin", "5CD0000002"]
    assert pages.scans[0]["code"] == "Martin"


def test_after_an_answer_the_field_is_empty_and_has_the_focus(desk: Page) -> None:
    desk.fill("[data-scan-code]", "Martin")
    desk.keyboard.press("Enter")
    answer(desk, 1)
    expect(desk.locator("[data-scan-code]")).to_be_focused()
    expect(desk.locator("[data-scan-code]")).to_have_value("")


def test_an_answer_does_not_pull_the_focus_from_what_is_being_written(desk: Page) -> None:
    desk.fill("#elsewhere", "un motif")
    press(desk, strokes("5CD0000001"))
    answer(desk, 1)
    expect(desk.locator("#elsewhere")).to_be_focused()


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_scan_without_answer_is_kept_and_sent_again_with_the_same_action_id(
    desk: Page, pages: Pages, status: int
) -> None:
    pages.failures = [status]
    press(desk, strokes("5CD0000001"))
    expect(desk.locator("[data-scanner-queue]")).to_contain_text("nothing is confirmed")
    assert desk.locator("[data-verdict]").get_attribute("data-sequence") == "0"
    desk.locator("[data-scanner-retry]").click()
    answer(desk, 2)
    expect(desk.locator("[data-scanner-queue]")).to_be_hidden()
    assert [scan["status"] for scan in pages.scans] == [status, 200]
    assert pages.scans[0]["action_id"] == pages.scans[1]["action_id"]


def test_without_network_scans_wait_and_go_out_when_it_is_back(desk: Page, pages: Pages) -> None:
    desk.context.set_offline(True)
    press(desk, strokes("5CD0000001"))
    expect(desk.locator("[data-scanner-queue]")).to_be_visible()
    press(desk, strokes("5CD0000002"))
    expect(desk.locator("[data-scanner-queue]")).to_contain_text("2")
    assert pages.scans == []
    desk.context.set_offline(False)
    answer(desk, 2)
    assert texts(pages) == ["5CD0000001", "5CD0000002"]


def test_a_photo_goes_as_soon_as_it_is_chosen(desk: Page, pages: Pages) -> None:
    desk.locator("[data-scan-photo]").set_input_files({"name": "l.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 321})
    answer(desk, 1)
    assert pages.scans[0]["photo"] == 321
    assert json.loads(pages.scans[0]["readings"]) == []


def test_without_javascript_typing_and_a_photo_do_the_same(open_page: Callable[..., Page], pages: Pages) -> None:
    page = open_page("/desk", java_script_enabled=False)
    page.fill("[data-scan-code]", "5CD0000001")
    page.locator("[data-scan-photo]").set_input_files({"name": "l.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 99})
    page.click("[data-scan-form] button[type=submit]")
    answer(page, 1)
    assert (pages.scans[0]["code"], pages.scans[0]["photo"]) == ("5CD0000001", 99)
    assert pages.scans[0]["action_id"] == "made-by-server"


@pytest.mark.parametrize(("kind", "region"), [("refused", "assertive"), ("done", "polite"), ("ask", "polite")])
def test_the_verdict_is_read_out_refusals_at_once(desk: Page, pages: Pages, kind: str, region: str) -> None:
    pages.kinds = [kind]
    press(desk, strokes("5CD0000001"))
    expect(desk.locator(f"#live-{region}")).to_have_text("Réponse 1")


def test_each_verdict_has_its_own_tune_unless_muted(open_page: Callable[..., Page], pages: Pages) -> None:
    page = open_page("/desk")
    page.evaluate("""() => { window.tunes = []; const Real = window.OscillatorNode;
      window.OscillatorNode = class extends Real {
        constructor(c, o) { super(c, o); window.tunes.push(o.frequency); } }; }""")
    heard = {}
    for number, kind in enumerate(("done", "already", "refused", "ask"), start=1):
        pages.kinds = [kind]
        press(page, strokes(f"5CD000000{number}"))
        answer(page, number)
        page.wait_for_function("window.tunes.length > 0")
        heard[kind] = tuple(page.evaluate("window.tunes.splice(0)"))
    assert len(set(heard.values())) == 4
    page.locator("[data-mute]").click()
    pages.kinds = ["done"]
    press(page, strokes("5CD0000009"))
    expect(page.locator("#live-polite")).to_have_text("Réponse 5")
    assert page.evaluate("window.tunes") == []
    page.reload()
    assert page.locator("[data-mute]").get_attribute("aria-pressed") == "true"
