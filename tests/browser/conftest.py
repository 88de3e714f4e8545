"""A real server, a real Chromium and a film of a label in place of its camera."""

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
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
    var: Path

    def account(self, role: str, schools: Any = (), **changes: Any) -> User:
        """Somebody who can sign in with PASSWORD."""
        values = {"email": f"{role}@example.org", "name": f"Personne {role}"} | changes
        ids = [school.id for school in schools]
        return create_user(**values, role=role, school_ids=ids, password=PASSWORD, actor=SYSTEM, now=datetime.now(UTC))


@pytest.fixture
def site_settings() -> dict[str, str]:
    """What a module of tests wants its installation to be told, by its own fixture of this name."""
    return {}


@dataclass(frozen=True)
class Installation:
    """A running `tracker serve`, and where its data is."""

    url: str
    database: Path
    var: Path

    def empty(self, template: Path) -> None:
        """Every page of the database as the template has it; the server's own connections stay open."""
        with (
            contextlib.closing(sqlite3.connect(template)) as empty,
            contextlib.closing(sqlite3.connect(self.database)) as filled,
        ):
            empty.backup(filled)


@pytest.fixture(scope="session")
def installation(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The one of all tests of this process that ask for no settings: its start takes longer than most of them."""
    with served(tmp_path_factory.mktemp("installation"), migrated_sqlite, {}) as running:
        yield running


@pytest.fixture
def site(
    request: pytest.FixtureRequest, migrated_sqlite: Path, tmp_path: Path, site_settings: dict[str, str]
) -> Iterator[Site]:
    """A served installation with nothing but the campaign of today."""
    with contextlib.ExitStack() as stack:
        if site_settings:
            running = stack.enter_context(served(tmp_path, migrated_sqlite, site_settings))
        else:
            running = request.getfixturevalue("installation")
            running.empty(migrated_sqlite)
        opened = open_database(f"sqlite:///{running.database}")
        with connected():
            factories.make_campaign(school_year=school_year_of(datetime.now(UTC).date()))
            yield Site(running.url, opened, running.var)
        opened.close_all()


@contextlib.contextmanager
def served(folder: Path, template: Path, settings: dict[str, str]) -> Iterator[Installation]:
    """`tracker serve` on a port of its own, its data below the folder."""
    database, var, port = folder / "tracker.db", folder / "var", _free_port()
    shutil.copyfile(template, database)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    environment |= {"DATABASE_URL": f"sqlite:///{database}", "TRACKER_VAR_DIR": str(var), "TRACKER_RATE_LIMITS": "0"}
    environment |= {"TRACKER_PUBLIC_URL": f"http://127.0.0.1:{port}"} | settings
    command = [sys.executable, "-m", "tracker", "serve", "--port", str(port), "--workers", "1"]
    log = folder / "served.log"
    with (
        log.open("wb") as written,
        subprocess.Popen(command, env=environment, stdout=written, stderr=subprocess.STDOUT) as server,
    ):
        try:
            yield Installation(_address(server, log), database, var)
        finally:
            server.send_signal(signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    while server.poll() is None:
        if found := re.search(r"https?://[\w.]+:\d+(?=\D)", log.read_text()):
            return found[0]
        time.sleep(0.02)
    raise AssertionError("the server gave no address:\n" + log.read_text())


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
