"""Every page, on a desk and on a phone: accessible to axe, without script faults, no wider than the screen."""

import pytest
from axe_core_python.sync_playwright import Axe

from tests.browser.conftest import open_page, sign_in
from tests.factories import make_device, make_pupil, make_school
from tracker.models.agreements import Agreement
from tracker.models.schools import Campaign

pytestmark = pytest.mark.browser

SCREENS = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def pages(site):
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
        "devices": "/devices",
        "device": f"/devices/{device.id}",
        "pupils": "/pupils",
        "pupil": f"/pupils/{pupils[0].id}",
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
    assert {name: found for name, found in faults.items() if found} == {}
    assert page.faults == []


WIDEST = """width => [...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > width + 1)
    .map(each => each.outerHTML.slice(0, 120))[0] || ''"""


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
