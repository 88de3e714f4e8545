"""The camera in the page: words for each failure, the server asked when the browser reads nothing."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.static.pages import Pages

SYMBOL = {"text": "5CD0000001", "symbology": "code_128", "corners": [[10, 10], [90, 10], [90, 40], [10, 40]]}
WITHOUT_CODE = "--use-fake-device-for-media-stream"  # a pattern that moves and holds no code


@pytest.fixture(scope="session")
def browser_with_camera(launch: Callable[..., Browser]) -> Browser:
    return launch(WITHOUT_CODE, "--use-fake-ui-for-media-stream")


@pytest.fixture
def filmed(browser_with_camera: Browser, address: str) -> Iterator[Page]:
    """The desk with its camera running."""
    with browser_with_camera.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/desk")
        page.click("[data-scanner-start]")
        expect(page.locator("[data-scanner]")).to_have_attribute("data-camera", "live")
        yield page


def wait_for_frames(page: Page, pages: Pages, number: int) -> None:
    """Until the server has been sent so many frames."""
    for _ in range(number - len(pages.frames)):
        page.wait_for_event("requestfinished", lambda request: request.url.endswith("/frame"), timeout=20_000)


def test_what_the_browser_cannot_read_the_server_gets_as_jpeg(filmed: Page, pages: Pages) -> None:
    wait_for_frames(filmed, pages, 1)
    assert pages.frames[0][:3] == b"\xff\xd8\xff"
    assert pages.scans == []


def test_the_servers_reading_counts_after_two_frames_and_once_while_held(filmed: Page, pages: Pages) -> None:
    pages.frame_symbols = [SYMBOL]
    expect(filmed.locator("[data-verdict=done]")).to_be_visible(timeout=20_000)
    assert len(pages.frames) >= 2
    wait_for_frames(filmed, pages, len(pages.frames) + 2)
    [scan] = pages.scans
    [reading] = json.loads(scan["readings"])
    assert (reading["text"], reading["source"], reading["symbology"]) == ("5CD0000001", "server", "code_128")


def test_a_camera_that_was_on_starts_by_itself_next_time(filmed: Page) -> None:
    filmed.reload()
    expect(filmed.locator("[data-scanner]")).to_have_attribute("data-camera", "live")
    filmed.click("[data-scanner-stop]")
    filmed.reload()
    expect(filmed.locator("[data-scanner-start]")).to_be_visible()
    expect(filmed.locator("[data-scanner]")).to_have_attribute("data-camera", "off")


def test_an_unplugged_camera_is_said_and_comes_back_by_itself(filmed: Page) -> None:
    filmed.evaluate("document.querySelector('video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    expect(filmed.locator("[data-scanner-message]")).to_contain_text("unplugged")
    filmed.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    expect(filmed.locator("[data-scanner]")).to_have_attribute("data-camera", "live")


@pytest.mark.parametrize(
    ("fault", "said"),
    [("NotAllowedError", "not allowed"), ("NotFoundError", "No camera"), ("NotReadableError", "Another program")],
)
def test_each_failure_of_the_camera_has_its_words(desk: Page, fault: str, said: str) -> None:
    desk.evaluate(
        "fault => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', fault)); }", fault
    )
    desk.click("[data-scanner-start]")
    expect(desk.locator("[data-scanner-message]")).to_contain_text(said)
    expect(desk.locator("[data-scanner-start]")).to_be_visible()


def test_a_page_without_https_says_where_the_camera_works(launch: Callable[..., Browser], address: str) -> None:
    browser = launch("--host-resolver-rules=MAP tracker.test 127.0.0.1")
    page = browser.new_page()
    page.goto(address.replace("127.0.0.1", "tracker.test") + "/desk")
    page.click("[data-scanner-start]")
    expect(page.locator("[data-scanner-message]")).to_contain_text("https")
