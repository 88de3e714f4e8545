"""`make screenshots`: the pictures of the README, taken from the running program with its sample data."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.films import film, printed_device_label, printed_slip
from tracker.models.database import connected, open_database
from tracker.models.devices import Device
from tracker.models.pupils import Pupil
from tracker.models.schools import Campaign, School
from tracker.queries.practice import test_codes
from tracker.queries.pupils import Year
from tracker.rules.access import EVERYWHERE
from tracker.rules.calendar import local_date

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


def main() -> None:
    """Sample data in a temporary folder, the server on a free port, a film in front of the camera, pictures."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"TRACKER_VAR_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/tracker.db"}
        for command in (["migrate"], ["sample", "load"]):
            subprocess.run([sys.executable, "-m", "tracker", *command], env=environment, check=True)
        port = _free_port()
        command = [sys.executable, "-m", "tracker", "serve", "--port", str(port), "--workers", "1"]
        with subprocess.Popen(command, env=environment) as server:
            try:
                _take(Path(folder), f"http://127.0.0.1:{port}")
            finally:
                server.terminate()


def _take(folder: Path, url: str) -> None:
    school, device, pupil, class_name = _scene(f"sqlite:///{folder}/tracker.db")
    shown = film(
        folder / "desk.mjpeg",
        (printed_device_label(device.tag, device.serial), 4),
        (printed_slip(pupil.slip_code, pupil.full_name, class_name, school.name), 60),
    )
    options = [*QUIET, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    options.append(f"--use-file-for-fake-video-capture={shown}")
    email, password = _account(folder, "staff")
    _wait_for(url)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        page = browser.new_page(base_url=url, viewport={"width": 1440, "height": 900}, locale="fr-FR")
        _sign_in(page, email, password)
        page.goto(f"/handover/{school.id}")
        page.click("[data-scanner-start]")
        page.wait_for_selector("[data-verdict=done]", timeout=90_000)
        page.wait_for_timeout(1500)
        page.screenshot(path=PICTURES / "desk.png")
        browser.close()


def _scene(database_url: str) -> tuple[School, Device, Pupil, str]:
    """A school of the sample where a hand-over goes through, with the device, the pupil and the pupil's class."""
    open_database(database_url)
    with connected():
        year = Campaign.select().order_by(Campaign.school_year.desc()).get().school_year
        for school in School.select().order_by(School.id):
            for situation in test_codes(school.id, Year(year, local_date(datetime.now(UTC))), EVERYWHERE):
                if situation.answer == "done":
                    codes = dict(situation.scans)
                    pupil = Pupil.get(slip_code=codes["pupil"])
                    return school, Device.get(tag=codes["device"]), pupil, pupil.enrolments[0].class_name
    raise SystemExit("the sample has no school where a device can be handed over")


def _account(folder: Path, role: str) -> tuple[str, str]:
    """The address and password of a sample account, from the file that the sample wrote."""
    for line in (folder / "sample-accounts.txt").read_text().splitlines():
        words = line.split()
        if role in words and any("@" in word for word in words):
            email = next(word for word in words if "@" in word)
            return email, words[-1]
    raise SystemExit(f"no sample account of role {role}")


def _sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{url}/sign-in", timeout=2)
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
