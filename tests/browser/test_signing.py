"""A family signs: a real mail server, the real consumer of the queue, a phone, French and English, keyboard alone."""

import email
import email.policy
import re
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pypdfium2
import pytest

from tests.browser.conftest import open_page
from tests.browser.test_pages import WIDEST, findings
from tests.conftest import make_settings
from tests.factories import actor, make_guardian, make_invitation, make_pupil, make_school
from tests.mail.servers import Post, mail_server
from tracker import jobs
from tracker.models.agreements import Agreement, Invitation
from tracker.models.schools import Campaign
from tracker.operations import agreement_texts
from tracker.operations.links import Links
from tracker.operations.sending import send_agreements
from tracker.storage.choice import open_storage

pytestmark = pytest.mark.browser

PHONE, DESK = (390, 844), (1440, 900)
MOTHER = "mother@example.org"


class Letterbox(Post):
    """Takes all mail; a test waits for the next one to an address."""

    def __init__(self) -> None:
        super().__init__()
        self._read = 0

    def next(self, patience: float = 30) -> EmailMessage:
        """The mail after the last one that was asked for."""
        end = time.monotonic() + patience
        while len(self.taken) <= self._read:
            assert time.monotonic() < end, "no mail came"
            time.sleep(0.05)
        self._read += 1
        content = self.taken[self._read - 1][1].content
        return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def code_in(mail: EmailMessage) -> str:
    return re.search(r"^(\d{6})\s*$", text_of(mail), re.MULTILINE)[1]


@pytest.fixture
def letterbox():
    return Letterbox()


@pytest.fixture
def site_settings(letterbox):
    with mail_server(letterbox) as port:
        yield {"TRACKER_MAIL_BACKEND": "smtp", "TRACKER_SMTP_PORT": str(port), "TRACKER_MAIL_SENDER": "t@example.org"}


@pytest.fixture
def settings(site):
    """Those of the served installation."""
    return make_settings(f"sqlite:///{site.db.database}", site.var)


@pytest.fixture
def pupil(site):
    campaign = Campaign.get()
    found = make_pupil(
        make_school(name="Lycée Malherbe"), agreement=None, last_name="Lefèvre", school_year=campaign.school_year
    )
    make_guardian(found, MOTHER, first_name="Camille")
    return found


@pytest.fixture
def link(site, settings, pupil, letterbox) -> str:
    """What the mother finds in her mail, delivered by the consumer of the served installation."""
    links = Links(settings.signing_key(), site.url)
    send_agreements(None, Campaign.get(), reminders=False, links=links, actor=actor(), now=datetime.now(UTC))
    jobs.deliver_soon(settings)
    mail = letterbox.next()
    assert mail["To"] == MOTHER
    found = set(re.findall(r"https?://\S+", text_of(mail)))
    assert len(found) == 1
    return found.pop()


def faults(page) -> dict:
    found = findings(page)
    width = page.viewport_size["width"]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found["wider than the screen"] = [page.evaluate(WIDEST, width)]
    return found


def words_of(pdf: bytes) -> str:
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("javascript", [True, False])
def test_a_mother_signs_on_her_phone_in_french(site, launch, link, letterbox, settings, javascript):
    page = open_page(launch(), site, *PHONE, java_script_enabled=javascript)
    page.goto(link)
    assert page.locator("h1").inner_text() == "Convention de prêt d’un ordinateur portable"
    assert page.locator("main").get_by_text("Léa Lefèvre").first.is_visible()
    page.get_by_text("Aller à la signature").click()
    page.get_by_label("Votre prénom et votre nom").fill("Camille Lefèvre")
    page.get_by_label("J’ai lu cette convention").check()
    page.get_by_role("button", name="Recevoir mon code").click()
    page.wait_for_url("**/code?*")
    assert page.get_by_text("m…@example.org").is_visible()
    code = code_in(letterbox.next())
    page.get_by_label("Les six chiffres du code").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Signer la convention").click()
    page.wait_for_url("**/sign/done/*")
    assert page.locator("h1").inner_text().replace("\xa0", " ") == "Merci : la convention est signée"
    with page.expect_download() as download:
        page.get_by_text("Télécharger la convention signée").click()
    agreement = Agreement.get()
    kept = open_storage(settings).read(agreement.document)
    assert download.value.path().read_bytes() == kept
    mail = letterbox.next()
    (attached,) = mail.iter_attachments()
    assert (mail["To"], attached.get_content_type(), attached.get_content()) == (MOTHER, "application/pdf", kept)
    assert "Camille Lefèvre" in words_of(kept)
    assert (agreement.state, agreement.evidence["signer"]) == ("validated", "Camille Lefèvre")
    assert page.context.cookies() == []
    assert page.faults == []
    page.go_back()
    page.go_back()
    page.goto(link)
    assert page.locator("h1").inner_text() == "Cette convention est signée"


def test_by_keyboard_alone_in_english(site, launch, link, letterbox):
    page = open_page(launch(), site, *PHONE)
    page.goto(link)
    press_on(page, "English")
    page.wait_for_url("**lang=en*")
    assert page.locator("html").get_attribute("lang") == "en"
    go_to(page, "signer")
    page.keyboard.type("Camille Lefèvre")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    press_on(page, "Receive my code by e-mail")
    page.wait_for_url("**/code?*")
    code = code_in(letterbox.next())
    go_to(page, "code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign/done/*")
    assert page.locator("h1").inner_text() == "Thank you: the agreement is signed"
    (attached,) = letterbox.next().iter_attachments()
    words = words_of(attached.get_content())
    assert "Camille Lefèvre" in words
    assert "Translation for information" in words
    assert Agreement.get().evidence["language"] == "en"


def press_on(page, words: str) -> None:
    """Tab until the focus is on what says these words, then Enter."""
    tab_to(page, f"document.activeElement.textContent.trim() === {words!r}")
    page.keyboard.press("Enter")


def go_to(page, name: str) -> None:
    tab_to(page, f"document.activeElement.name === {name!r}")


def tab_to(page, condition: str) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    raise AssertionError(f"the Tab key never comes to: {condition}")


def states(page, link: str, letterbox: Letterbox):
    """Every state of the pages in turn, by its name."""
    page.goto(link)
    yield "text"
    page.click("main button[type=submit]")
    yield "nothing filled in"
    assert page.evaluate("document.querySelector('.field-error').getBoundingClientRect().top") < 844
    page.fill("[name=signer]", "Camille Lefèvre")
    page.check("[name=consent]")
    page.click("main button[type=submit]")
    yield "code"
    code = code_in(letterbox.next())
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for number in range(5):
        page.fill("[name=code]", wrong)
        page.click("main button[type=submit]")
        if number == 0:
            yield "wrong code"
    yield "code that is dead"
    Invitation.update(code_sent_at=datetime.now(UTC) - timedelta(seconds=30)).execute()
    page.get_by_role("button").filter(has_text=re.compile("Envoyer un autre|Send another")).click()
    page.wait_for_url("**again=1*")
    yield "another code"
    page.goto(link)
    yield "text with a code under way"
    page.locator("main a[href*='/code']").click()
    page.fill("[name=code]", code_in(letterbox.next()))
    page.click("main button[type=submit]")
    page.wait_for_url("**/sign/done/*")
    yield "thanks"
    page.goto(link)
    yield "signed already"
    page.goto(link[:-3])
    yield "unknown"


@pytest.mark.parametrize(("screen", "theme"), [(PHONE, "light"), (DESK, "light"), (PHONE, "dark")])
def test_every_state_is_accessible_and_within_the_screen(site, launch, link, letterbox, screen, theme):
    page = open_page(launch(), site, *screen, color_scheme=theme)
    found = {state: faults(page) for state in states(page, link, letterbox)}
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    assert len(found) == 10
    assert page.faults == []


def test_two_tabs_and_the_back_button_sign_once(site, launch, link, letterbox):
    browser = launch()
    first = open_page(browser, site, *PHONE)
    second = first.context.new_page()
    for page in (first, second):
        page.goto(link)
    for page in (first, second):
        page.fill("[name=signer]", "Camille Lefèvre")
        page.check("[name=consent]")
        page.click("main button[type=submit]")
        page.wait_for_url("**/code?*")
    code = code_in(letterbox.next())
    first.go_back()
    assert first.input_value("[name=signer]") == "Camille Lefèvre"
    second.fill("[name=code]", code)
    second.click("main button[type=submit]")
    second.wait_for_url("**/sign/done/*")
    first.check("[name=consent]")
    first.click("main button[type=submit]")
    assert first.locator("h1").inner_text() == "Cette convention est signée"
    assert Agreement.get().evidence["signer"] == "Camille Lefèvre"


@pytest.mark.parametrize("screen", [PHONE, DESK])
def test_the_texts_of_the_agreement_are_accessible_previewed_and_published(site, launch, screen):
    from tests.browser.conftest import sign_in

    agreement_texts.ensure_text(now=datetime.now(UTC), campaign=Campaign.get())
    pupil = make_pupil(make_school(), agreement=None)
    make_invitation(pupil, make_guardian(pupil))
    page = sign_in(open_page(launch(), site, *screen), site.account("admin"))
    found = {}
    for path in ("/agreement-texts/", "/agreement-texts/1", "/agreement-texts/new"):
        page.goto(path)
        found[path] = faults(page)
    page.fill("[name=french]", "# Le prêt\n\nUn texte **court** {wrong}.")
    with page.expect_navigation():  # the same address again: axe does not begin on the page that goes
        page.get_by_role("button", name="Aperçu").click()
    found["refused"] = faults(page)
    assert page.input_value("[name=french]").startswith("# Le prêt")
    page.fill("[name=french]", "# Le prêt\n\nUn texte **court**.")
    with page.expect_navigation():  # the same address again: axe does not begin on the page that goes
        page.get_by_role("button", name="Aperçu").click()
    found["preview"] = faults(page)
    assert page.get_by_role("heading", name="Le prêt", exact=True).is_visible()
    page.get_by_text("Publier…").click()
    found["question"] = faults(page)
    page.get_by_role("button", name="Publier cette version").click()
    page.wait_for_url("**/agreement-texts/2")
    found["published"] = faults(page)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    assert page.faults == []
