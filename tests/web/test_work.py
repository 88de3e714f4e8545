"""Long work on its page: how far it is, when it has ended, why it failed; one's own schools only."""

import re

import pytest

from tests.factories import NOW, make_campaign, make_school
from tests.operations.rosters.files import pupils_of, several
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX, Browser
from tracker.jobs.progress import Progress
from tracker.jobs.queue import open_queue
from tracker.models.work import Work
from tracker.rules.work import WorkState


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school()


@pytest.fixture
def browser(client, sign_in, settings, school):
    sign_in("school", schools=[school])
    return Browser(client, settings)


@pytest.fixture
def work(browser, school):
    """A roster that waits to be read."""
    browser.send(pupils_of(school, several(2)))
    return Work.get()


def fragment(browser, work):
    return browser.client.get(f"/work/{work.id}", headers=HTMX)


def test_work_that_waits_is_asked_about_each_second(browser, work):
    answer = fragment(browser, work)
    text = answer.get_data(as_text=True)
    assert "<html" not in text
    assert f'hx-get="/work/{work.id}" hx-trigger="every 1s" hx-swap="outerHTML"' in text
    assert "En attente de son tour" in text
    assert re.search(r'<progress class="bar" max="1" aria', text)
    assert "HX-Refresh" not in answer.headers


def test_what_was_said_before_stays_while_the_fragment_comes_and_goes(browser, work):
    assert 'id="flash"' not in fragment(browser, work).get_data(as_text=True)


def test_work_that_runs_says_how_much_is_done_and_left(browser, work, settings):
    Work.update(state=WorkState.RUNNING, kind="apply_roster").execute()
    Progress(open_queue(settings), work.id)(1200, 5000)
    text = fragment(browser, work).get_data(as_text=True).replace("\u202f", " ")
    assert "1 200 élèves enregistrés sur 5 000, 3 800 restants" in text
    assert 'max="5000" value="1200"' in text


def test_reading_says_how_much_of_the_file_is_read(browser, work, settings):
    Work.update(state=WorkState.RUNNING).execute()
    Progress(open_queue(settings), work.id)(999, 2000)
    assert "49\xa0% du fichier lus" in fragment(browser, work).get_data(as_text=True)


def test_once_it_has_ended_the_page_around_it_is_loaded_anew(browser, work):
    browser.work()
    answer = fragment(browser, work)
    assert answer.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in answer.get_data(as_text=True)


def test_its_own_page_leads_to_what_it_is_about(browser, work):
    text = browser.client.get(f"/work/{work.id}").get_data(as_text=True)
    assert "<html" in text
    assert f'href="/rosters/{work.subject}"' in text
    browser.work()
    assert "C’est terminé." in browser.client.get(f"/work/{work.id}").get_data(as_text=True)


def test_work_that_failed_says_why(browser, work):
    Work.update(state=WorkState.FAILED, error="file_missing").execute()
    text = browser.client.get(f"/work/{work.id}").get_data(as_text=True)
    assert "notice-bad" in text
    assert "hx-trigger" not in text


def test_another_schools_work_is_not_there(client, sign_in, work):
    sign_in("school", schools=[make_school()])
    assert client.get(f"/work/{work.id}").status_code == 404
    assert client.get(f"/work/{work.id}", headers=HTMX).status_code == 404


def test_asking_costs_two_statements_beside_the_session(browser, work):
    with recorded_statements() as sent:
        fragment(browser, work)
    assert len(sent) <= 2
