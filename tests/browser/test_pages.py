"""Every page, on a desk and on a phone: accessible to axe, without script faults, no wider than the screen."""

from datetime import date
from io import BytesIO

import pytest
from axe_core_python.sync_playwright import Axe

from tests.browser.conftest import open_page, sign_in
from tests.everything import address, everything_of, routes
from tests.factories import NOW, TODAY, make_device, make_pupil, make_school
from tests.operations.rosters.files import Desk, pupils_of, row
from tracker.config import Settings
from tracker.models.pupils import Enrolment
from tracker.models.rosters import CodeAnswer, Departure
from tracker.models.work import Work
from tracker.operations import rosters
from tracker.rules.access import SYSTEM
from tracker.rules.rosters import Origin

pytestmark = pytest.mark.browser

SCREENS = {"desk": (1440, 900), "phone": (390, 844)}
PARTS = 3
"""All pages take a minute: in parts, they are looked at side by side."""

FEWEST = 80
"""Pages that are there at least: fewer, and the rows behind the addresses do not open them any more."""


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
        "an applied roster": f"/rosters/{applied.id}",
        "a roster that needs a yes": f"/rosters/{ready.id}",
        "a pupil who left": f"/pupils/{depart.id}",
    }


@pytest.fixture
def pages(site, application, tmp_path):
    """Whom to sign in as, and the addresses of the program: one for each rule, then some pages in a further state."""
    school = make_school(name="Lycée Malherbe")
    device, spare, user = make_device(school), make_device(school), site.account("admin")
    known = everything_of(Settings(var_dir=site.var), school, make_pupil(school), device, user)
    further = {
        "choice of a school": f"/handover/?school={school.id}",
        "choice of a place for returns": f"/returns/desk/?school={school.id}",
        "returns desk of the warehouse": "/returns/desk/warehouse",
        "a noted device": f"/returns/record/{known['noted']}",
        "starting a stocktake": f"/stocktakes/new/?school={school.id}",
        "a pupil who leaves": "/departures/declare?q=a",
        "declaring a departure": f"/departures/declare?pupil={known['pupil_id']}",
        "a whole class that leaves": f"/departures/class/?school={school.id}&class=2GT1",
        "what happened to a device": f"/cases/new?device={device.id}",
        "a device to send": f"/parcels/new?device={spare.id}",
        "printing": f"/print/?school={school.id}",
        "search": "/search?q=lyc",
        "nothing found": "/search?q=zzzz",
        "nowhere": "/nowhere",
        **rosters_of(school, tmp_path),
    }
    rules = [rule for rule in routes(application) if "GET" in rule.methods]
    return user, {rule.rule: address(application, rule, known) for rule in rules} | further


def shows_a_page(page, address):
    """Whether a whole page is there: not a file, a part of a page or a way to another address."""
    answer = page.request.get(address, max_redirects=0)
    assert answer.status in (200, 302, 303, 308, 404, 410), address
    return "<html" in answer.text() if "text/html" in answer.headers.get("content-type", "") else False


def findings(page):
    """What axe finds, as rule: elements."""
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    # All rules are asked; of what passes, axe need not gather each element: that is half of its time.
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return {each["id"]: [node["html"][:160] for node in each["nodes"]] for each in found["violations"]}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_accessible_whole_and_within_the_screen(site, launch, pages, screen, part):
    user, addresses = pages[0], dict(list(pages[1].items())[part::PARTS])
    width, height = SCREENS[screen]
    page = open_page(launch(), site, width, height)
    faults = {}
    for name in ("/sign-in", "/forgotten"):
        page.goto(name)
        faults[name] = findings(page)
    sign_in(page, user)
    shown = {name: place for name, place in addresses.items() if shows_a_page(page, place)}
    for name, place in shown.items():
        page.goto(place)
        faults[name] = findings(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults[name]["wider than the screen"] = [page.evaluate(WIDEST, width)]
        if cut := page.evaluate(CUT_PANELS, width):
            faults[name]["panels that leave the screen"] = cut
    assert len(shown) > FEWEST / PARTS
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
    for name in ("/", "/devices/", "/handover/<int:school_id>", "/campaign/"):
        page.goto(addresses[name])
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
        faults[name] = findings(page)
    assert {name: found for name, found in faults.items() if found} == {}
