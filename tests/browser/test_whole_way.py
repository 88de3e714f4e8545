"""From the school's roster to a validated agreement, as people do it: a real browser, a real mail server."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page, sign_in
from tests.browser.test_signing import Letterbox, code_in, text_of
from tests.factories import make_school
from tests.mail.servers import mail_server
from tests.scanning.uploads import pile_of, scanned
from tracker.models.agreements import Agreement
from tracker.models.pupils import Enrolment
from tracker.models.schools import Campaign
from tracker.operations.sample.siecle import guardians_file, pupils_file

pytestmark = pytest.mark.browser

MOTHER = "camille@example.org"
PATIENCE = 30_000


@pytest.fixture
def letterbox():
    return Letterbox()


@pytest.fixture
def site_settings(letterbox):
    with mail_server(letterbox) as port:
        yield {"TRACKER_MAIL_BACKEND": "smtp", "TRACKER_SMTP_PORT": str(port), "TRACKER_MAIL_SENDER": "t@example.org"}


class Lycee:
    """A school, its people, and the files that SIECLE gives it today."""

    def __init__(self, site, folder, **changes):
        self.site, self.folder = site, folder
        self.school = make_school(name="Lycée Malherbe", **changes)
        self.year = Campaign.get().school_year
        self.referent = site.account("school", [self.school])
        self.logistics = site.account("logistics")

    def pupils(self, without=()) -> str:
        """Two in seconde, one in terminale, but for those who left."""
        seconde = {"mef": "20010010110", "class_name": "2GT1", "birth_date": date(self.year - 15, 3, 14)}
        rows = [
            {"roster_id": 700_001, "last_name": "LEFÈVRE", "first_name": "Zoé", **seconde},
            {"roster_id": 700_002, "last_name": "D'ŒUVRE", "first_name": "Éloi", **seconde},
            {"roster_id": 700_003, "last_name": "MARIE", "first_name": "Noé", "mef": "20211010110", "class_name": "TG1",
             "birth_date": date(self.year - 17, 3, 14)},
        ]  # fmt: skip
        always = {"regime": "2", "status": "ST", "previous_uai": "0140001A", "previous_mef": "10310019110"}
        return self._kept("eleves.xml", pupils_file, [row | always for row in rows if row["first_name"] not in without])

    def guardians(self) -> str:
        """Zoé's mother has an address; Éloi's father has none."""
        return self._kept("responsables.xml", guardians_file, [
            {"roster_id": 700_001, "title": "MME", "last_name": "LEFÈVRE", "first_name": "Camille", "email": MOTHER,
             "legal": True},
            {"roster_id": 700_002, "title": "M.", "last_name": "D'ŒUVRE", "first_name": "Paul", "legal": True},
        ])  # fmt: skip

    def _kept(self, name, write, rows) -> str:
        path = self.folder / name
        # SIECLE's clock is the school's, and may be a little behind ours.
        exported_at = datetime.now(UTC) - timedelta(hours=3)
        path.write_bytes(b"".join(write(self.school.uai, self.year, exported_at, rows)))
        return str(path)


@pytest.fixture
def lycee(site, tmp_path):
    return Lycee(site, tmp_path)


def test_from_the_roster_to_the_rate(lycee, launch, letterbox):
    browser = launch()
    page = sign_in(open_page(browser, lycee.site), lycee.referent)
    bring_in(page, lycee.pupils(), "3 arrivées")
    assert Enrolment.select().where(Enrolment.eligible == "yes").count() == 2
    bring_in(page, lycee.guardians(), "2 modifiés")
    send(page)
    sign_on_a_phone(browser, lycee, letterbox)
    form = print_unsigned(page)
    bring_scan_back(page, form)
    expect_rate(page, "50")
    accept(sign_in(open_page(browser, lycee.site), lycee.logistics))
    expect_rate(page, "100")
    states = {row.pupil.first_name: (row.state, row.signed_by) for row in Agreement.select()}
    assert states == {"Zoé": ("validated", "link"), "Éloi": ("validated", "paper")}
    assert page.faults == []


def bring_in(page, file: str, said: str) -> None:
    """Upload, preview, apply."""
    page.goto("/rosters/")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Comparer ce fichier").click()
    apply = page.get_by_role("button", name="Appliquer")
    expect(apply).to_be_visible(timeout=PATIENCE)
    assert said in page.locator("main").inner_text().replace("\xa0", " ").replace("\n", " ")
    apply.click()
    expect(page.locator("h1")).to_contain_text("appliqué", timeout=PATIENCE)


def send(page) -> None:
    page.goto("/agreements/send/")
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.locator("main")).to_contain_text("Dernier envoi", timeout=PATIENCE)
    assert "D'ŒUVRE" in page.locator("#unreachable").inner_text()


def sign_on_a_phone(browser, lycee, letterbox) -> None:
    """Zoé's mother, from the mail to the thanks."""
    mail = letterbox.next()
    assert mail["To"] == MOTHER
    (link,) = set(re.findall(r"https?://\S+", text_of(mail)))
    phone = open_page(browser, lycee.site, 390, 844)
    phone.goto(link)
    phone.fill("[name=signer]", "Camille Lefèvre")
    phone.check("[name=consent]")
    phone.click("main button[type=submit]")
    phone.wait_for_url("**/code?*")
    phone.fill("[name=code]", code_in(letterbox.next()))
    phone.click("main button[type=submit]")
    phone.wait_for_url("**/sign/done/*")
    (attached,) = letterbox.next().iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert phone.faults == []
    phone.context.close()


def print_unsigned(page) -> bytes:
    """The form of the pupil whose family no mail reaches."""
    page.goto("/agreements/unsigned/")
    assert "D'ŒUVRE" in page.locator("#rows").inner_text()
    page.get_by_role("link", name="Imprimer les conventions papier").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Créer le PDF").click()
    return download.value.path().read_bytes()


def bring_scan_back(page, form: bytes) -> None:
    pile = pile_of(scanned(form, dpi=150, crooked=1.5))
    page.goto("/agreements/piles/")
    page.set_input_files("input[type=file]", {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": pile})
    page.get_by_role("button", name="Lire ces pages").click()
    page.wait_for_url("**/piles/*")
    expect(page.locator("main")).to_contain_text("D'ŒUVRE", timeout=PATIENCE)


def accept(page) -> None:
    page.goto("/agreements/validation/")
    assert "D'ŒUVRE" in page.locator("main").inner_text()
    page.keyboard.press("a")
    expect(page.locator("main")).to_contain_text("Rien à valider", timeout=PATIENCE)
    assert page.faults == []


def expect_rate(page, percent: str) -> None:
    page.goto("/agreements/")
    assert re.sub(r"\D.*", "", page.locator(".rate-figure").inner_text().strip()) == percent
