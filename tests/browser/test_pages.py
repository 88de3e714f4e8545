"""Every page, on a desk and on a phone: accessible to axe, without script faults, no wider than the screen."""

from datetime import date
from io import BytesIO

import pytest
from axe_core_python.sync_playwright import Axe

from tests.browser.conftest import open_page, sign_in
from tests.cases import make_case
from tests.factories import NOW, TODAY, make_device, make_pupil, make_school
from tests.operations.rosters.files import Desk, pupils_of, row
from tracker.models.agreements import Agreement
from tracker.models.pupils import Enrolment
from tracker.models.returns import ReturnRecord
from tracker.models.rosters import CodeAnswer, Departure
from tracker.models.schools import Campaign
from tracker.models.stocktakes import StocktakeLine
from tracker.models.work import Work
from tracker.operations import rosters, stocktakes
from tracker.queries.pupils import Year
from tracker.rules.access import SYSTEM
from tracker.rules.custody import Holder
from tracker.rules.rosters import Origin
from tracker.rules.stocktakes import Place, StocktakePlace

pytestmark = pytest.mark.browser

SCREENS = {"desk": (1440, 900), "phone": (390, 844)}


def rosters_of(school, folder):
    """The addresses of rosters: one applied, one of another school and year with a pupil who must be named."""
    desk, other = Desk(folder), make_school()
    known = make_pupil(other, last_name="Tabard", first_name="Ethan", birth_date=date(2011, 5, 24))
    depart = make_pupil(school, left_on=TODAY)
    CodeAnswer.create(kind="mef", code="9991001911")
    Departure.create(
        pupil=depart, enrolment=Enrolment.get(pupil=depart), school=school, noticed_at=NOW, left_on=TODAY,
        destination="to_qualify",
    )  # fmt: skip
    applied = desk.apply(school, row(1), row(2, email="x"), stops=["collapsed"])
    asked = [row(3, last_name=known.last_name, first_name=known.first_name, birth_date=known.birth_date), row(4)]
    content = pupils_of(school, asked, uai=other.uai, year=2025)
    kept = desk.storage.put(content, kind="rosters", suffix=".roster")
    ready = rosters.take_in(kept, "a.xml", school.id, origin=Origin.UPLOAD, actor=SYSTEM, now=NOW)
    Work.delete().execute()  # read here, not by the server
    rosters.preview(ready.id, BytesIO(content), now=NOW)
    return {
        "rosters": "/rosters/",
        "an applied roster": f"/rosters/{applied.id}",
        "a roster that needs a yes": f"/rosters/{ready.id}",
        "departures": "/departures/",
        "a pupil who left": f"/pupils/{depart.id}",
    }


def stocktakes_of(school):
    """The addresses of a stocktake with something missing, something of elsewhere and an unknown code."""
    place, year = Place(StocktakePlace.SCHOOL, school.id), Year(Campaign.get().school_year, TODAY)
    made = stocktakes.start(place, year=year, actor=SYSTEM, now=NOW)
    stray = make_device()
    seen = {"stocktake": made, "expected": False, "seen_at": NOW}
    StocktakeLine.create(**seen, code=stray.serial, device=stray, holder=Holder.WAREHOUSE)
    StocktakeLine.create(**seen, code="PC-SALLE-12")
    return {
        "stocktakes": "/stocktakes/",
        "starting a stocktake": f"/stocktakes/new/?school={school.id}",
        "a stocktake": f"/stocktakes/{made.id}",
        "stocktake desk": f"/stocktakes/{made.id}/desk/",
    }


def came_back(device):
    """A return that was collected and not looked at yet."""
    return ReturnRecord.create(
        device=device, serial=device.serial, school=device.school_id, missing=[], received_at=NOW
    )


@pytest.fixture
def pages(site, tmp_path):
    """The address of each page for an administrator, on a small school with something of everything."""
    year = Campaign.get().school_year
    school = make_school(name="Lycée Malherbe")
    pupils = [make_pupil(school, school_year=year) for _ in range(3)]
    Agreement.update(school_year=year).execute()
    device = make_device(school)
    make_device(school, state="lost")
    user = site.account("admin")
    site.account("school", schools=[school])
    return user, {
        "home": "/",
        "choice of a school": f"/handover/?school={school.id}",
        "hand-over desk": f"/handover/{school.id}",
        "choice of a place for returns": f"/returns/desk/?school={school.id}",
        "returns desk": "/returns/desk/warehouse",
        "return": f"/returns/record/{came_back(device).id}",
        "devices": "/devices",
        "device": f"/devices/{device.id}",
        "pupils": "/pupils",
        "pupil": f"/pupils/{pupils[0].id}",
        "signature rate": "/agreements/",
        "unsigned agreements": "/agreements/unsigned/",
        "printing the forms": "/agreements/unsigned/print",
        "sending": "/agreements/send/",
        "scans": "/agreements/piles/",
        "validation": "/agreements/validation/",
        **rosters_of(school, tmp_path),
        **stocktakes_of(school),
        "whole classes leave": f"/departures/class/?school={school.id}",
        "a pupil leaves": "/departures/declare?q=a",
        "declaring a departure": f"/departures/declare?pupil={pupils[0].id}",
        "returns": "/returns/",
        "cases": "/cases/",
        "a case": f"/cases/{make_case(device, school).id}",
        "reporting a problem": "/cases/new",
        "parcels": "/parcels/",
        "preparing a parcel": "/parcels/new",
        "addresses of schools": "/parcels/addresses/",
        "address of a school": f"/parcels/addresses/{school.id}",
        "tracking numbers": "/parcels/tracking",
        "scan-out": "/parcels/scan-out/",
        "reception of parcels": f"/parcels/reception/{school.id}",
        "reuse": "/reuse/",
        "batches": "/reuse/batches/",
        "report of reuse": "/reuse/report/",
        "codes": "/codes/",
        "search": "/search?q=lyc",
        "nothing found": "/search?q=zzzz",
        "scanner test": "/scan/test",
        "label rules": "/scan/rules",
        "one label rule": "/scan/rules/2",
        "printing": f"/print/?school={school.id}",
        "users": "/users",
        "one user": f"/users/{user.id}",
        "campaign": "/campaign",
        "own account": "/account",
        "not found": "/nowhere",
    }


def findings(page):
    """What axe finds, as rule: elements."""
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    return {each["id"]: [node["html"][:160] for node in each["nodes"]] for each in found["violations"]}


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_accessible_whole_and_within_the_screen(site, launch, pages, screen):
    user, addresses = pages
    width, height = SCREENS[screen]
    page = open_page(launch(), site, width, height)
    page.goto("/sign-in")
    faults = {"sign-in": findings(page)}
    page.goto("/forgotten")
    faults["forgotten"] = findings(page)
    sign_in(page, user)
    for name, address in addresses.items():
        answer = page.goto(address)
        assert answer.status == (404 if name == "not found" else 200), name
        faults[name] = findings(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults[name]["wider than the screen"] = [page.evaluate(WIDEST, width)]
        if cut := page.evaluate(CUT_PANELS, width):
            faults[name]["panels that leave the screen"] = cut
    assert {name: found for name, found in faults.items() if found} == {}
    assert page.faults == []


WIDEST = """width => [...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > width + 1)
    .map(each => each.outerHTML.slice(0, 120))[0] || ''"""

CUT_PANELS = """width => [...document.querySelectorAll('main details.menu')].filter(menu => {
    menu.open = true;
    const panel = menu.querySelector('.menu-panel').getBoundingClientRect();
    menu.open = false;
    return panel.width && (panel.left < 0 || panel.right > width + 1);
}).map(menu => menu.innerText.trim())"""


@pytest.mark.parametrize("javascript", [True, False])
def test_filters_are_folded_on_a_phone_and_open_on_a_desk(site, launch, pages, javascript):
    user, _addresses = pages
    page = sign_in(open_page(launch(), site, java_script_enabled=javascript), user)
    page.goto("/pupils/")
    name, fold = page.locator("#filter-q"), page.locator("details.fold")
    assert (name.is_visible(), fold.is_visible()) == (True, False)
    page.set_viewport_size({"width": 390, "height": 844})
    assert (name.is_visible(), fold.is_visible()) == (False, True)
    fold.locator("summary").click()
    assert name.is_visible()


def test_after_a_refused_answer_the_keyboard_goes_on_at_the_form(site, launch):
    school = make_school()
    pupil = make_pupil(school, left_on=TODAY)
    departure = Departure.create(
        pupil=pupil, enrolment=Enrolment.get(pupil=pupil), school=school, noticed_at=NOW, left_on=TODAY,
        destination="to_qualify",
    )  # fmt: skip
    page = sign_in(open_page(launch(), site), site.account("school", schools=[school]))
    page.goto(f"/departures/{departure.id}")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    page.get_by_role("alert").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "destination"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_have_contrast_in_both_themes(site, launch, pages, theme):
    user, addresses = pages
    page = sign_in(open_page(launch(), site, color_scheme=theme), user)
    faults = {}
    for name in ("home", "devices", "hand-over desk", "campaign"):
        page.goto(addresses[name])
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
        faults[name] = findings(page)
    assert {name: found for name, found in faults.items() if found} == {}
