"""A real Chromium in front of the real scripts; skipped nowhere: without Chromium these tests fail."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.static.pages import Pages, served


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """Start a Chromium with the given switches."""
    started: list[Browser] = []

    def start(*switches: str) -> Browser:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", *switches])
        started.append(browser)
        return browser

    yield start
    for browser in started:
        browser.close()


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Browser:
    return launch()


@pytest.fixture(scope="session")
def modules(browser: Browser) -> Iterator[Page]:
    """One page for the tests that only call a script's functions."""
    with served(Pages()) as url:
        page = browser.new_page()
        page.goto(url)
        yield page
        page.close()


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def address(pages: Pages) -> Iterator[str]:
    with served(pages) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open an address of the server in a fresh context; script errors and refused policies fail the test."""
    contexts = []
    complaints: list[str] = []

    def open_one(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def desk(open_page: Callable[..., Page]) -> Page:
    return open_page("/desk")
