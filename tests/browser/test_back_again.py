"""Back again, as people do it: a CFA departure, a theft and the next one, a breakdown, each to its end in a browser."""

import io
import re
import uuid
from datetime import UTC, datetime

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import open_page, sign_in
from tests.browser.test_whole_way import PATIENCE, Lycee, bring_in
from tests.factories import actor, make_device, make_model, make_pupil, make_school, make_user
from tests.paper import opened, rendered
from tests.static.keys import azerty, press
from tracker import scanning
from tracker.models.agreements import Agreement
from tracker.models.cases import DeviceCase
from tracker.models.devices import Device
from tracker.models.loans import Loan
from tracker.models.parcels import Parcel
from tracker.models.pupils import Pupil
from tracker.models.returns import ExpectedReturn
from tracker.models.rosters import Departure
from tracker.models.schools import Campaign, CampaignSetting
from tracker.operations import ledger, loans
from tracker.rules.calendar import local_date

pytestmark = pytest.mark.browser

ADDRESS = {"street": "3 rue du Port", "postcode": "14000", "city": "Caen"}


def with_return_address():
    """Where devices come back to."""
    now = datetime.now(UTC)
    text = "Région Normandie – retours PNL; 12 rue de l’Essai; 14000 Caen"
    CampaignSetting.create(
        campaign=Campaign.get(), name="return_address", value=text, valid_from=local_date(now), set_at=now
    )


def lend(device, pupil, school):
    """The pupil has the laptop since this morning."""
    campaign, now = Campaign.get(), datetime.now(UTC)
    request = loans.Request(device.id, pupil.id, school.id, uuid.uuid4())
    loans.hand_over(request, campaign=campaign, actor=actor(user=make_user()), now=now)


class Lent:
    """A school whose pupil has a laptop, its referent and logistics, each with a page."""

    def __init__(self, site, launch):
        with_return_address()
        year = Campaign.get().school_year
        self.school = make_school(name="Lycée Malherbe", **ADDRESS)
        self.pupil = make_pupil(self.school, last_name="Lefèvre", first_name="Zoé", school_year=year)
        Agreement.update(school_year=year).execute()
        self.model = make_model()
        self.laptop = make_device(self.school, model=self.model)
        lend(self.laptop, self.pupil, self.school)
        browser = launch()
        self.referent = sign_in(open_page(browser, site), site.account("school", [self.school]))
        self.logistics = sign_in(open_page(browser, site), site.account("logistics"))

    def report(self, device, what, words, declaration=None) -> DeviceCase:
        """The school opens the case from the device's page."""
        page = self.referent
        page.goto(f"/devices/{device.id}")
        page.get_by_role("link", name="Signaler un problème").click()
        page.get_by_label(what).check()
        page.get_by_label("En quelques mots").fill(words)
        if declaration:
            page.set_input_files("input[name=declaration]", declaration)
        page.get_by_role("button", name="Ouvrir le dossier").click()
        page.wait_for_url(re.compile(r"/cases/\d+$"))
        return DeviceCase.select().order_by(DeviceCase.id.desc()).get()

    def to_the_pupil(self, case, device) -> None:
        """Rule D8. Packed, given to the carrier, received at the school, handed over there: by scanning alone."""
        page = self.logistics
        step(page, "Préparer son colis")
        page.wait_for_url("**/parcels/*")
        label = f"00{Parcel.select().order_by(Parcel.id.desc()).get().reference}"
        page.goto("/parcels/scan-out/")
        page.get_by_role("button", name="1 colis en attente").click()
        scan(page, label, "done")
        school = self.referent
        school.goto(f"/parcels/reception/{self.school.id}")
        scan(school, label, "waiting")
        assert "Lefèvre" in scan(school, device.serial, "done")
        school.goto(f"/cases/{case.id}")
        school.locator("main").get_by_role("link", name="Remettre").click()
        scan(school, device.serial, "waiting")
        assert "Lefèvre" in scan(school, self.pupil.slip_code, "done")


@pytest.fixture
def lent(site, launch):
    made = Lent(site, launch)
    yield made
    assert made.referent.faults == made.logistics.faults == []
    assert ledger.verify().broken is None


def declaration():
    """A photograph of the paper that the gendarmerie gave."""
    picture = io.BytesIO()
    Image.effect_noise((400, 300), 60).save(picture, "JPEG")
    return {"name": "déclaration.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}


def scan(page, code, verdict) -> str:
    """A keyboard scanner reads the code; what the desk says."""
    sequence = page.locator("[data-verdict]").get_attribute("data-sequence")
    page.wait_for_load_state()  # the desk may be there before its scripts listen
    press(page, azerty(code))
    expect(page.locator(f"[data-verdict={verdict}]:not([data-sequence='{sequence}'])")).to_be_visible(timeout=PATIENCE)
    return page.locator("[data-verdict]").inner_text()


def step(page, label) -> None:
    """By keyboard alone: a button that says first what it does, then does it."""
    button = page.locator("main summary", has_text=label)
    button.focus()
    page.keyboard.press("Enter")
    expect(button.locator("xpath=../div//button")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def one_key(page, key) -> None:
    """The answer to what a desk asks: a key that comes with the question itself is passed over, so it waits."""
    page.wait_for_timeout(400)
    page.keyboard.press(key)
    expect(page.locator("[data-verdict=done]")).to_be_visible(timeout=PATIENCE)


def says(page, *sentences) -> None:
    for sentence in sentences:
        expect(page.locator("main")).to_contain_text(sentence, timeout=PATIENCE)


def test_a_cfa_departure_from_the_roster_to_the_arrival_scan(site, launch, tmp_path):
    with_return_address()
    lycee = Lycee(site, tmp_path, **ADDRESS)
    browser = launch()
    page = sign_in(open_page(browser, site), lycee.referent)
    bring_in(page, lycee.pupils(), "3 arrivées")
    zoe, laptop = Pupil.get(Pupil.first_name == "Zoé"), make_device(lycee.school)
    Agreement.create(pupil=zoe, school_year=lycee.year, state="validated", validated_at=datetime.now(UTC))
    lend(laptop, zoe, lycee.school)
    bring_in(page, lycee.pupils(without={"Zoé"}), "1 départ")
    page.goto("/departures/")
    says(page, laptop.serial)
    page.get_by_role("link", name="LEFÈVRE Zoé").click()
    page.get_by_label("Un CFA hors du lycée").check()
    page.get_by_role("button", name="Enregistrer").click()
    says(page, "règle L2", "au plus tard le")
    page.get_by_role("button", name="Préparer l’étiquette de retour").click()
    label = page.get_by_role("link", name="Imprimer l’étiquette (A4)")
    expect(label).to_be_visible(timeout=PATIENCE)
    parcel = Parcel.get()
    assert parcels_on(page.request.get(label.get_attribute("href")).body()) == {f"00{parcel.reference}"}

    desk = sign_in(open_page(browser, site), lycee.logistics)
    desk.goto("/returns/desk/warehouse")
    assert "LEFÈVRE" in scan(desk, laptop.serial, "waiting")
    one_key(desk, "Enter")
    assert Departure.get().closed_at
    assert ExpectedReturn.get().came_back
    assert Loan.get().ended_at
    assert Parcel.get().state == "received"
    assert Device.get_by_id(laptop.id).state == "in_stock"
    assert ledger.verify().broken is None
    assert page.faults == desk.faults == []


def parcels_on(pdf) -> set[str]:
    """What our scanning engine reads on the printed page."""
    (page,) = opened(pdf)
    return {symbol.text for symbol in scanning.read(rendered(page, 110)).symbols}


def test_a_theft_is_replaced_on_its_declaration_and_a_second_one_is_not(lent):
    spare = make_device(model=lent.model)
    case = lent.report(lent.laptop, "Il a été volé", "Dans le train de 17 h.")
    page = lent.logistics
    page.goto(f"/cases/{case.id}")
    says(page, "Sans elle, aucun autre appareil n’est prêté (règle R2).")
    assert page.get_by_text("Accepter et prêter").count() == 0
    page.set_input_files("#files-declaration", declaration())
    page.get_by_role("button", name="Ajouter").first.click()
    step(page, "Accepter et prêter un autre appareil")
    page.get_by_role("button", name=spare.serial).click()
    lent.to_the_pupil(case, spare)
    case = DeviceCase.get_by_id(case.id)
    assert (case.state, case.outcome, case.replacement_id) == ("closed", "replaced", spare.id)

    second = lent.report(spare, "Il a été volé", "Au stade.", declaration())
    page.goto(f"/cases/{second.id}")
    step(page, "Accepter et prêter un autre appareil")
    says(page, "Une seule fois par élève")
    page.get_by_role("link", name="Voir le dossier précédent").first.click()
    page.wait_for_url(f"**/cases/{case.id}")
    assert DeviceCase.get_by_id(second.id).state == "open"
    assert Device.get_by_id(spare.id).state == "stolen"


def test_a_breakdown_is_repaired_and_handed_back_through_the_school(lent):
    case = lent.report(lent.laptop, "Il ne fonctionne plus", "Il ne démarre plus.")
    page = lent.logistics
    page.goto("/returns/desk/warehouse")
    assert "diagnostic" in scan(page, lent.laptop.serial, "waiting")
    one_key(page, "Enter")
    page.goto(f"/cases/{case.id}")
    step(page, "Le réparer")
    step(page, "Il fonctionne de nouveau")
    lent.to_the_pupil(case, lent.laptop)
    case = DeviceCase.get_by_id(case.id)
    assert (case.state, case.outcome) == ("closed", "repaired")
    open_loan = Loan.get(Loan.ended_at.is_null())
    assert (open_loan.device_id, open_loan.pupil_id) == (lent.laptop.id, lent.pupil.id)
