"""A real server, a real Chromium and a film of a label in place of its camera."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee
import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests import factories
from tracker.models.database import connected, open_database
from tracker.models.users import User
from tracker.operations.users import create_user
from tracker.rules.access import SYSTEM
from tracker.rules.rosters import school_year_of

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PASSWORD = "une phrase assez longue pour un test"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Site:
    """A served installation: its address, its database (open in the test too) and its people."""

    url: str
    db: peewee.Database

    def account(self, role: str, schools: Any = (), **changes: Any) -> User:
        """Somebody who can sign in with PASSWORD."""
        values = {"email": f"{role}@example.org", "name": f"Personne {role}"} | changes
        ids = [school.id for school in schools]
        return create_user(**values, role=role, school_ids=ids, password=PASSWORD, actor=SYSTEM, now=datetime.now(UTC))


@pytest.fixture
def site_settings() -> dict[str, str]:
    """What a module of tests wants its installation to be told, by its own fixture of this name."""
    return {}


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path, site_settings: dict[str, str]) -> Iterator[Site]:
    """`tracker serve` on a port of its own, on a fresh database with the campaign of today."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    environment |= {"DATABASE_URL": sqlite_url, "TRACKER_VAR_DIR": str(tmp_path / "var"), "TRACKER_RATE_LIMITS": "0"}
    port = _free_port()
    environment |= {"TRACKER_PUBLIC_URL": f"http://127.0.0.1:{port}"} | site_settings
    command = [sys.executable, "-m", "tracker", "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            opened = open_database(sqlite_url)
            with connected():
                today = datetime.now(UTC)
                factories.make_campaign(school_year=school_year_of(today.date()))
                yield Site(_address(server), opened)
            opened.close_all()
        finally:
            server.send_signal(signal.SIGTERM)
            server.stdout.read()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _address(server: subprocess.Popen[str]) -> str:
    said = []
    for line in server.stdout:
        said.append(line)
        if found := re.search(r"https?://[\w.]+:\d+", line):
            return found[0]
    raise AssertionError("the server gave no address:\n" + "".join(said))


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser of all tests that need no camera; each has contexts of its own."""
    browser = _start(playwright)
    yield browser
    browser.close()


@pytest.fixture
def launch(playwright: Playwright, chromium: Browser) -> Iterator[Callable[..., Browser]]:
    """launch(camera=FILM): a Chromium whose camera plays the film, and asks nobody for permission."""
    with_camera = []

    def _launch(camera: Path | None = None) -> Browser:
        if camera is None:
            return chromium
        with_camera.append(
            _start(
                playwright,
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
            )
        )
        return with_camera[-1]

    yield _launch
    for context in chromium.contexts:
        context.close()
    for browser in with_camera:
        browser.close()


def _start(playwright: Playwright, *switches: str) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=[*QUIET, *switches])


def open_page(browser: Browser, site: Site, width: int = 1440, height: int = 900, **options: Any) -> Page:
    """A page at a width, in French, that fails the test on any script error or refused resource."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": width, "height": height}, locale="fr-FR", **options
    )
    page = context.new_page()
    page.faults = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
    page.on("console", lambda message: _note(page, message))
    return page


def _note(page: Page, message: Any) -> None:
    # A refusal (422) is an answer; Chromium writes each answer of 400 and more down as an error of its own.
    if message.type == "error" and "Failed to load resource" not in message.text:
        page.faults.append(message.text)  # type: ignore[attr-defined]


def sign_in(page: Page, user: User) -> Page:
    """Through the form, as a person does."""
    page.goto("/sign-in")
    page.fill("input[name=email]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")
    return page
