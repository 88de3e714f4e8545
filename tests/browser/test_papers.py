"""Signed papers by keyboard alone: decided one after the other, filed by hand from page to page."""

from datetime import UTC, datetime

import pytest

from tests.browser.conftest import open_page, sign_in
from tests.factories import make_guardian, make_pupil, make_school, make_text
from tests.operations.papers import BLANK
from tracker.models.agreements import Agreement, ScannedPage, ScanPile
from tracker.models.schools import Campaign
from tracker.storage.local import LocalStorage

pytestmark = pytest.mark.browser


@pytest.fixture
def school(site):
    make_text()
    return make_school(name="Lycée Malherbe")


@pytest.fixture
def picture(site):
    return LocalStorage(site.var / "files").put(BLANK, kind="scans", suffix=".jpg").key


def pupil_of(school, name):
    pupil = make_pupil(school, agreement=None, last_name=name, school_year=Campaign.get().school_year)
    make_guardian(pupil)
    return pupil


def pile(school):
    return ScanPile.create(school=school, file_name="scan.pdf", digest="0" * 64, uploaded_at=datetime.now(UTC))


def waiting(school, name, picture):
    now = datetime.now(UTC)
    agreement = Agreement.create(
        pupil=pupil_of(school, name), school_year=Campaign.get().school_year, state="signed", signed_by="paper",
        signed_at=now,
    )  # fmt: skip
    ScannedPage.create(pile=pile(school), number=1, image=picture, agreement=agreement, page_number=1, filed_at=now)
    return agreement


def test_a_accepts_r_refuses_and_the_next_one_comes(site, launch, school, picture):
    first, second = waiting(school, "Abel", picture), waiting(school, "Zola", picture)
    page = open_page(launch(), site)
    sign_in(page, site.account("logistics"))
    page.goto("/agreements/validation/")
    page.wait_for_selector("text=Abel Léa")
    page.wait_for_timeout(200)
    page.keyboard.press("a")
    page.wait_for_selector("#case >> text=Zola Léa")
    page.wait_for_timeout(1000)
    page.keyboard.press("r")
    page.wait_for_selector("details.refuse[open]")
    page.wait_for_timeout(100)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Rien à valider")
    rows = {row.id: (row.state, row.refusal) for row in Agreement.select()}
    assert rows[first.id] == ("validated", None)
    assert rows[second.id][0] == "refused"
    assert rows[second.id][1].startswith("Il manque une page")
    assert page.faults == []


def test_what_a_scanner_types_decides_nothing(site, launch, school, picture):
    agreement = waiting(school, "Abel", picture)
    page = open_page(launch(), site)
    sign_in(page, site.account("logistics"))
    page.goto("/agreements/validation/")
    page.wait_for_timeout(1000)
    page.keyboard.type("XA7RA2", delay=5)
    page.wait_for_timeout(800)
    assert Agreement.get_by_id(agreement.id).state == "signed"


def test_a_name_and_enter_file_a_page_and_lead_to_the_next(site, launch, school, picture):
    pupil = pupil_of(school, "Yvetot")
    held = pile(school)
    pages = [ScannedPage.create(pile=held, number=number, image=picture, note="unread") for number in (1, 2)]
    page = open_page(launch(), site)
    sign_in(page, site.account("school", schools=[school]))
    page.goto(f"/agreements/pages/{pages[0].id}")
    page.keyboard.type("yvet", delay=20)
    page.wait_for_selector("input[name=pupil]:checked")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/agreements/pages/{pages[1].id}")
    filed = ScannedPage.get_by_id(pages[0].id)
    assert (filed.agreement.pupil_id, filed.page_number) == (pupil.id, 1)
    assert page.faults == []
