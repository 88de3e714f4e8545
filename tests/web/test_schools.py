"""The schools of the programme on the administrator's screens."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from tests.factories import make_school
from tracker.models.schools import School
from tracker.web.clock import today

NEW = {"uai": "0149901l", "name": "Lycée Malherbe", "city": "Caen", "member_from": "2026-09-01"}


@pytest.fixture(autouse=True)
def admin(sign_in):
    return sign_in("admin")


def states(client) -> dict[str, str]:
    rows = BeautifulSoup(client.get("/schools/").data, "html.parser").select("tbody tr")
    return {row.select_one("a").text: " ".join(row.select("td")[-1].text.split()) for row in rows}


def test_without_a_school_the_list_says_what_to_do(client):
    assert 'href="/schools/new"' in client.get("/schools/").text


def test_a_school_is_added_once_and_nothing_typed_is_lost(client):
    assert client.post("/schools/new", data=NEW).location == "/schools/"
    assert School.get().uai == "0149901L"
    again = client.post("/schools/new", data=NEW | {"name": "Un autre"})
    assert (again.status_code, "Un autre" in again.text, 'id="uai-error"' in again.text) == (422, True, True)
    assert School.select().count() == 1


@pytest.mark.parametrize(
    ("field", "wrong"), [("uai", "0149901A"), ("uai", ""), ("name", " "), ("city", ""), ("member_from", "hier")]
)
def test_what_is_no_school_is_said_beside_the_field(client, field, wrong):
    answer = client.post("/schools/new", data=NEW | {field: wrong})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert School.select().count() == 0


def test_a_school_leaves_the_programme_on_a_day(client):
    school = make_school(name="Lycée Malherbe")
    fields = {"name": school.name, "city": school.city, "member_from": school.member_from.isoformat()}
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert client.post(f"/schools/{school.id}", data=fields | {"member_until": yesterday}).status_code == 303
    reversed_ = client.post(f"/schools/{school.id}", data=fields | {"member_until": "2020-01-01"})
    assert (reversed_.status_code, 'id="member_until-error"' in reversed_.text) == (422, True)
    assert School.get().member_until.isoformat() == yesterday


def test_the_list_says_who_is_a_member_today(client):
    day = timedelta(days=1)
    make_school(name="Member")
    make_school(name="Leaves", member_until=today() + day)
    make_school(name="Left", member_until=today() - day)
    make_school(name="Joins", member_from=today() + day)
    known = states(client)
    assert known["Member"] == "membre"
    assert known["Leaves"].startswith("membre jusqu’au")
    assert (known["Left"], known["Joins"]) == ("non membre", "à venir")


def test_the_list_asks_the_same_queries_however_many_schools_there_are(client, count_queries):
    counts = []
    for _ in range(2):
        for _ in range(5):
            make_school()
        with count_queries() as counted:
            client.get("/schools/")
        counts.append(counted.total)
    assert counts[0] == counts[1]


def test_only_an_administrator_comes_here(client, sign_in):
    sign_in("logistics")
    assert client.get("/schools/").status_code == 403
