"""The entries of the bars and their tabs: few for each role, each page below the right one."""

import re

import pytest

from tests.factories import make_campaign, make_school
from tracker.web.access import PUBLIC
from tracker.web.navigation import MENU

LOGISTICS = ["Home", "Hand over", "Returns", "Parcels", "Pupils", "Agreements", "Devices", "Reuse"]
ENTRIES = {
    "school": ["Home", "Hand over", "Returns", "Pupils", "Agreements", "Devices"],
    "staff": ["Home", "Hand over", "Take back", "Devices"],
    "logistics": [*LOGISTICS, "Label reading"],
    "admin": [*LOGISTICS, "Settings"],
}
APART = {"accounts", "search", "work", "signing", "family_cases", "family_returns", "static"}
"""Groups of screens that belong to no entry: one's own account, what is found or under way, pages of families."""


def links(text, shape):
    """Label, address and whether it is the open one, of each link in the first part of the page that fits `shape`."""
    part = re.search(shape, text, re.DOTALL)
    found = re.findall(r'<a[^>]*href="([^"]*)"([^>]*)>.*?<span>([^<]*)</span>', part[1], re.DOTALL) if part else []
    return [(label, url, "aria-current" in more) for url, more, label in found]


def sidebar(text):
    return links(text, r'<ul class="side-list">(.*?)</ul>')


def tabs(text):
    return links(text, r'<nav class="tabs"[^>]*>(.*?)</nav>')


def opened(client, url):
    answer = client.get(url, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, url
    return answer.get_data(as_text=True)


@pytest.fixture
def me(app, sign_in):
    make_campaign()
    school, _other = make_school(), make_school()
    return lambda role: sign_in(role, locale="en", schools=[school] if role == "school" else [])


@pytest.mark.parametrize("role", ENTRIES)
def test_few_entries_and_everything_else_is_one_tab_further(client, me, role):
    me(role)
    entries = sidebar(opened(client, "/"))
    assert [label for label, _url, _active in entries] == ENTRIES[role]
    for label, url, _active in entries:
        text = opened(client, url)
        assert [each for each, _url, active in sidebar(text) if active] == [label]
        for tab, tab_url, _active in tabs(text):
            text = opened(client, tab_url)
            assert [each for each, _url, active in sidebar(text) if active] == [label]
            assert [each for each, _url, active in tabs(text) if active] == [tab]


def test_a_school_finds_its_parcels_among_the_returns_and_logistics_by_an_entry(client, me):
    me("school")
    assert "Parcels" in [label for label, _url, _active in tabs(opened(client, "/departures/"))]
    assert [label for label, _url, active in sidebar(opened(client, "/parcels/")) if active] == ["Returns"]
    me("logistics")
    assert "Parcels" not in [label for label, _url, _active in tabs(opened(client, "/departures/"))]
    assert [label for label, _url, active in sidebar(opened(client, "/parcels/")) if active] == ["Parcels"]


def test_every_page_belongs_to_one_entry(app):
    """A new group of screens needs its line in the menu, or here."""
    lost = set()
    for rule in app.url_map.iter_rules():
        required = getattr(app.view_functions[rule.endpoint], "requires", PUBLIC)
        if "GET" in rule.methods and required != PUBLIC and rule.endpoint.split(".")[0] not in APART:
            sections = [each for each in MENU if any(place.is_around(rule.endpoint) for place in each.places)]
            if not sections:
                lost.add(rule.endpoint)
    assert lost == set()


def test_a_phone_has_five_links_at_hand_and_marks_more_when_the_open_page_is_behind_it(client, me):
    me("school")
    text = opened(client, "/devices/")
    bar = re.search(r'<nav class="bottombar".*?</nav>', text, re.DOTALL)[0]
    assert len(re.findall(r"<a href", bar.split("<details")[0])) == 4
    assert '<summary class="is-open">' in bar
    me("staff")
    bar = re.search(r'<nav class="bottombar".*?</nav>', opened(client, "/"), re.DOTALL)[0]
    assert "<details" not in bar
