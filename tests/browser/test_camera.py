"""A label in front of a webcam becomes a laptop in a pupil's hands: printed, filmed, read, recorded."""

import pytest

from tests.browser.conftest import open_page, sign_in
from tests.browser.films import film, printed_device_label, printed_slip
from tests.factories import make_device, make_pupil, make_school
from tracker.models.custody import CustodyEvent
from tracker.models.loans import Loan
from tracker.models.schools import Campaign

pytestmark = pytest.mark.browser


class Hall:
    """A school with one laptop and one pupil, and a film that shows both labels."""

    def __init__(self, site, tmp_path):
        self.site = site
        year = Campaign.get().school_year
        self.school = make_school(name="Lycée Malherbe")
        self.pupil = make_pupil(self.school, last_name="Dupont", first_name="Éléa", school_year=year)
        self.pupil.agreements[0].__class__.update(school_year=year).execute()
        self.device = make_device(self.school)
        self.user = site.account("staff")
        self.film = film(
            tmp_path / "desk.mjpeg",
            (printed_device_label(self.device.tag, self.device.serial), 3),
            (None, 1),
            (printed_slip(self.pupil.slip_code, self.pupil.full_name), 3),
            (None, 1),
        )

    def open_desk(self, launch, **options):
        return sign_in(open_page(launch(camera=self.film), self.site, **options), self.user)


@pytest.fixture
def hall(site, tmp_path):
    return Hall(site, tmp_path)


def hand_over_on_camera(page, hall):
    page.goto(f"/handover/{hall.school.id}")
    start = page.locator("[data-scanner-start]")
    if page.locator("[data-scanner]").get_attribute("data-camera") != "live" and start.is_visible():
        start.click()
    page.wait_for_selector("[data-verdict=done]", timeout=60_000)


def readings_of(page):
    """Everything that the page sends to the desk, as (where it was read)."""
    sources = []

    def note(request):
        if request.url.endswith("/scan") and request.method == "POST":
            sources.append(request.post_data or "")

    page.on("request", note)
    return sources


def test_a_printed_label_in_front_of_the_camera_is_a_loan(hall, launch):
    page = hall.open_desk(launch)
    sent = readings_of(page)
    hand_over_on_camera(page, hall)
    loan = Loan.get()
    assert (loan.device_id, loan.pupil_id) == (hall.device.id, hall.pupil.id)
    assert CustodyEvent.get(CustodyEvent.movement == "handed_over").scanned == hall.device.tag
    assert any('"source":"camera"' in post.replace(" ", "") for post in sent)
    assert page.faults == []


def test_the_server_reads_the_frames_when_the_browser_cannot(hall, launch):
    page = hall.open_desk(launch)
    page.route("**/*.wasm", lambda route: route.abort())
    sent = readings_of(page)
    hand_over_on_camera(page, hall)
    assert Loan.get().pupil_id == hall.pupil.id
    assert any('"source":"server"' in post.replace(" ", "") for post in sent)


def test_at_a_phones_width_the_verdict_stays_in_view(hall, launch):
    page = hall.open_desk(launch, width=390, height=844)
    hand_over_on_camera(page, hall)
    box = page.locator("[data-verdict]").bounding_box()
    assert 0 <= box["y"] < 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
