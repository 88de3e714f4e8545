"""Home: three figures by role, each leading to a list with exactly as many rows, and the one thing to do."""

import html
import re
from datetime import timedelta

import pytest

from tests.cases import make_case
from tests.factories import NOW, SCHOOL_YEAR, TODAY, actor, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tests.parcels import addressed_school, outbound, with_return_address
from tests.statements import recorded_statements
from tracker.models.agreements import Agreement
from tracker.operations import parcels
from tracker.queries.pupils import Year
from tracker.rules.access import EVERYWHERE
from tracker.rules.custody import DeviceState
from tracker.rules.eligibility import Eligible, Level
from tracker.web import home as home_page


@pytest.fixture
def school(app):
    make_campaign()
    school = make_school(name="Lycée Malherbe")
    for _ in range(2):
        make_pupil(school)
    make_pupil(school, level=Level.UNKNOWN, eligible=Eligible.CHECK)
    lend(make_device(school), make_pupil(school), school)
    other = make_school()
    make_pupil(other)
    make_device(other, state=DeviceState.LOST)
    return school


def home(client):
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def figures(text):
    """Each figure with the address that it leads to."""
    found = re.findall(
        r'stat-figure">([^<]*)</div>\s*<div class="stat-label"><a class="stretched-link" href="([^"]*)"', text
    )
    return [(int(figure), html.unescape(url)) for figure, url in found]


def list_count(client, url):
    return int(re.search(r'id="list-count">([^<]*)<', client.get(url).get_data(as_text=True))[1])


@pytest.mark.parametrize(("role", "expected"), [("admin", [3, 1, 1]), ("logistics", [3, 1, 1]), ("school", [2, 1, 1])])
def test_figures_of_pupils_lead_to_lists_of_the_same_length(client, sign_in, school, role, expected):
    sign_in(role, schools=[school] if role == "school" else [])
    found = figures(home(client))
    assert [figure for figure, _url in found] == expected
    for figure, url in found[:2]:
        assert list_count(client, url) == figure


def test_each_problem_leads_to_its_own_list(client, sign_in, school):
    sign_in()
    part = home(client).split('id="problems"')[1].split("</section>")[0]
    rows = re.findall(r'<li><strong>(\d+)</strong><a href="([^"]*)"', part)
    assert [int(figure) for figure, _url in rows] == [0, 1, 0]
    for figure, url in rows:
        assert list_count(client, html.unescape(url)) == int(figure)


def test_helpers_get_figures_of_devices(client, sign_in, school):
    make_device(school)
    sign_in("staff")
    found = figures(home(client))
    assert [figure for figure, _url in found] == [1, 1, 0]
    for figure, url in found:
        assert list_count(client, url) == figure


def test_the_one_thing_to_do_is_to_hand_over(client, sign_in, school):
    for role in ("admin", "logistics", "staff", "school"):
        sign_in(role, schools=[school])
        assert 'class="btn btn-primary" href="/handover/"' in home(client)


def test_without_a_school_year_an_administrator_is_led_to_open_one(client, sign_in, app):
    sign_in("admin")
    assert 'href="/campaign/"' in home(client)
    sign_in("school")
    assert 'btn btn-primary" href="/campaign' not in home(client)


def test_with_nobody_to_equip_the_page_says_what_comes_next(client, sign_in, app):
    make_campaign()
    sign_in()
    assert "tracker sample load" in home(client)


YEAR = Year(SCHOOL_YEAR, TODAY)


def counted_after_one_more_pupil(app, school, moment, time_machine_at):
    make_pupil(school)
    time_machine_at(moment)
    with app.test_request_context():
        return home_page._counted(EVERYWHERE, YEAR)[0].to_equip


def test_quick_figures_are_always_fresh(app, time_machine_at, monkeypatch):
    monkeypatch.setattr(home_page, "SLOW", timedelta(hours=1))
    make_campaign()
    school = make_school()
    seen = [counted_after_one_more_pupil(app, school, NOW, time_machine_at) for _ in range(2)]
    assert seen == [1, 2]


def test_slow_figures_are_kept_for_a_minute(app, time_machine_at, monkeypatch):
    monkeypatch.setattr(home_page, "SLOW", timedelta(0))
    make_campaign()
    school = make_school()
    moments = (NOW, NOW + timedelta(seconds=30), NOW + timedelta(seconds=90))
    assert [counted_after_one_more_pupil(app, school, each, time_machine_at) for each in moments] == [1, 1, 3]


def test_the_rate_and_the_unsigned_lead_to_their_pages(client, sign_in, school):
    make_pupil(school, agreement="sent")
    sign_in("school", schools=[school])
    text = home(client)
    assert 'href="/agreements/"' in text
    assert "3 sur 4 — 75" in text
    assert "1 convention n’est pas signée" in text
    assert list_count(client, "/agreements/unsigned/") == 1
    assert "/agreements/validation/" not in text


def test_cases_and_parcels_lead_to_lists_of_the_same_length(client, sign_in, school):
    with_return_address()
    make_case(school=school)
    outbound(addressed_school())
    parcels.ship([outbound(addressed_school()).id], actor=actor(), now=NOW)
    sign_in()
    part = home(client).split("Départs et retours")[1].split("</section>")[0]
    rows = re.findall(r'<li><strong>(\d+)</strong><a href="([^"]*)"', part)
    assert [int(figure) for figure, _url in rows] == [0, 0, 1, 1, 1]
    for figure, url in rows:
        assert list_count(client, html.unescape(url)) == int(figure)


def test_papers_that_wait_are_counted_for_who_validates(client, sign_in, school):
    paper = make_pupil(school, agreement="signed")
    Agreement.update(signed_by="paper", signed_at=NOW).where(Agreement.pupil == paper).execute()
    sign_in("logistics")
    assert "1 convention papier attend sa validation" in home(client)


def test_the_page_costs_the_same_whatever_there_is(client, sign_in, school):
    sign_in("admin")
    costs = []
    for _ in range(2):
        with recorded_statements() as sent:
            home(client)
        costs.append(len(sent))
        make_pupil(school, agreement="sent")
    assert costs[0] == costs[1] <= 17
