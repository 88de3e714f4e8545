"""The page that sends agreements: what would go, the sending once, its report."""

import re
from datetime import timedelta

import pytest

from tests.factories import NOW, make_campaign, make_guardian, make_invitation, make_pupil, make_school, make_text
from tests.statements import recorded_statements
from tracker.jobs.queue import open_queue
from tracker.jobs.work import do_waiting_work
from tracker.models.mail import OutboxMail
from tracker.models.work import Work
from tracker.queries import sending


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    make_text()
    return make_school(name="Lycée Malherbe")


def family(school, sent_days_ago=None, **changes):
    pupil = make_pupil(school, agreement=None, **changes)
    guardian = make_guardian(pupil)
    if sent_days_ago is not None:
        make_invitation(pupil, guardian, sent_at=NOW - timedelta(days=sent_days_ago))
    return pupil


def figures(client, school_id=""):
    text = client.get(f"/agreements/send/?school={school_id}").text
    return [int(each) for each in re.findall(r'stat-figure">([^<]*)</div>', text)]


def send(client, **form):
    return client.post("/agreements/send/", data={"reminders": "yes"} | form)


def work_off(app):
    settings = app.extensions["settings"]
    do_waiting_work(settings, open_queue(settings))


@pytest.fixture
def families(school):
    """Two first requests, one reminder, one written to today, one whom nobody can reach."""
    family(school)
    family(school)
    family(school, sent_days_ago=8)
    family(school, sent_days_ago=0)
    make_pupil(school, agreement=None, last_name="Injoignable")
    return school


def test_what_would_go_now_is_counted_and_who_cannot_be_reached_is_named(client, sign_in, families):
    sign_in("school", schools=[families])
    assert figures(client) == [2, 1, 0, 1]
    text = client.get("/agreements/send/").text
    assert "Injoignable" in text
    assert "aucun représentant légal connu" in text
    assert "les adresses des responsables viennent avec le fichier des responsables" in text


def test_what_was_announced_is_what_is_sent_and_reported(app, client, sign_in, families):
    sign_in("school", schools=[families])
    answer = send(client)
    assert (answer.status_code, answer.location) == (303, f"/agreements/send/?school={families.id}")
    assert 'class="card block working"' in client.get(answer.location).text
    work_off(app)
    assert OutboxMail.select().where(OutboxMail.sent_at.is_null()).count() == 3
    report = client.get(answer.location).text
    assert "Dernier envoi" in report
    assert figures(client) == [0, 0, 0, 1]


def test_pressed_twice_it_is_sent_once(app, client, sign_in, families):
    sign_in("school", schools=[families])
    send(client)
    twice = send(client)
    assert (twice.status_code, Work.select().count()) == (422, 1)
    work_off(app)
    work_off(app)
    assert OutboxMail.select().where(OutboxMail.sent_at.is_null()).count() == 3


def test_without_reminders_only_first_requests_go(app, client, sign_in, families):
    sign_in("school", schools=[families])
    send(client, reminders="no")
    work_off(app)
    assert Work.get().result["reminders"] == 0
    assert Work.get().result["mails"] == 2


def test_a_brother_and_a_sister_at_one_address_get_one_mail(client, sign_in, school):
    for _ in range(2):
        make_guardian(make_pupil(school, agreement=None), email="famille@example.org")
    sign_in("school", schools=[school])
    assert figures(client) == [2, 0, 0, 0]
    assert "Premières demandes seulement\u00a0: 1 adresse" in client.get("/agreements/send/").text


def test_an_administrator_sends_for_one_school_or_for_all(app, client, sign_in, school):
    other = make_school()
    family(school)
    family(other)
    sign_in("admin")
    assert figures(client) == [2, 0, 0, 0]
    assert figures(client, school.id) == [1, 0, 0, 0]
    send(client, school=school.id)
    assert (Work.get().school_id, Work.get().asked) == (school.id, {"firsts": True, "reminders": True})
    work_off(app)
    send(client, school="")
    work_off(app)
    assert [work.result["mails"] for work in Work.select().order_by(Work.id)] == [1, 1]


def test_a_school_cannot_send_for_another_one(client, sign_in, school):
    other = make_school()
    family(other)
    sign_in("school", schools=[school])
    send(client, school=other.id)
    assert Work.get().school_id == school.id


@pytest.mark.parametrize("role", ["logistics", "staff"])
def test_who_may_not_send_is_refused(client, sign_in, school, role):
    sign_in(role)
    assert client.get("/agreements/send/").status_code == 403
    assert send(client).status_code == 403


def test_too_many_pupils_are_not_looked_at_one_by_one(client, sign_in, families, monkeypatch):
    monkeypatch.setattr(sending, "MOST_PLANNED", 3)
    sign_in("admin")
    assert figures(client) == []
    assert 'name="reminders"' in client.get("/agreements/send/").text


def test_the_page_costs_the_same_whatever_the_school_has(client, sign_in, families):
    sign_in("school", schools=[families])
    costs = []
    for _ in range(2):
        with recorded_statements() as sent:
            figures(client)
        costs.append(len(sent))
        family(families, sent_days_ago=9)
        make_pupil(families, agreement=None)
    assert costs[0] == costs[1] <= 20
