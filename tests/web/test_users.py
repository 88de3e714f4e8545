"""Accounts on the administrator's screens."""

import re

import pytest

from tests.factories import make_school, make_user
from tracker.models.mail import OutboxMail
from tracker.models.users import User
from tracker.queries.users import school_ids_of

NEW = {"name": "Paul Lebrun", "email": "paul@example.org", "role": "logistics", "locale": "fr"}


@pytest.fixture
def admin(sign_in) -> User:
    return sign_in("admin", name="Anne Durand")


def test_a_new_account_gets_a_link_to_choose_a_password(client, admin):
    assert client.post("/users/new", data=NEW).location == "/users/"
    mail = OutboxMail.get()
    link = re.search(r"(/reset/\S+)", mail.body)[1]
    assert mail.recipient == "paul@example.org"
    assert client.get(link).status_code == 200
    assert "Paul Lebrun" in client.get("/users/").text


def test_a_school_user_needs_a_school_and_nothing_typed_is_lost(client, admin):
    answer = client.post("/users/new", data=NEW | {"role": "school", "school_text": "malh"})
    assert answer.status_code == 422
    assert "Paul Lebrun" in answer.text
    assert 'id="schools-error"' in answer.text
    assert User.select().count() == 1


@pytest.mark.parametrize("typed", ["malh", "CAEN", "0141234", "malherbe caen"])
def test_schools_are_found_by_name_city_or_uai(client, admin, typed):
    school = make_school(name="Lycée Malherbe", city="Caen", uai="0141234A")
    make_school(name="Lycée Corneille", city="Rouen", uai="0760001B")
    fragment = client.get("/users/schools", query_string={"school_text": typed}, headers={"HX-Request": "true"}).text
    assert re.findall(r'name="school" value="(\d+)"', fragment) == [str(school.id)]


def test_without_javascript_the_button_finds_schools_and_keeps_what_was_typed_and_ticked(client, admin):
    mine, found = make_school(name="Lycée Alain"), make_school(name="Lycée Malherbe")
    answer = client.post(
        "/users/new", data=NEW | {"role": "school", "school": mine.id, "school_text": "malherbe", "find": "1"}
    )
    assert answer.status_code == 200
    assert re.findall(r'name="school" value="(\d+)"( checked)?', answer.text) == [
        (str(mine.id), " checked"),
        (str(found.id), ""),
    ]
    assert 'value="paul@example.org"' in answer.text
    assert User.select().count() == 1


def test_the_schools_of_a_user_are_changed(client, admin):
    first, second = make_school(), make_school()
    user = make_user("school", schools=[first])
    assert f'value="{first.id}" checked' in client.get(f"/users/{user.id}").text
    client.post(f"/users/{user.id}", data={"name": "Paul", "role": "school", "school": [second.id]})
    assert school_ids_of(user.id) == [second.id]


def test_the_last_administrator_is_told_beside_the_role_why_not(client, admin):
    answer = client.post(f"/users/{admin.id}", data={"name": "Anne", "role": "staff"})
    assert answer.status_code == 422
    assert 'id="role-error"' in answer.text
    assert client.post(f"/users/{admin.id}/close").status_code == 422
    assert User.get_by_id(admin.id).role == "admin"


def test_an_address_that_is_taken_is_said_beside_the_address(client, admin):
    answer = client.post("/users/new", data=NEW | {"email": admin.email.upper()})
    assert (answer.status_code, 'id="email-error"' in answer.text) == (422, True)


def test_a_closed_account_leaves_the_list_and_can_be_reopened(app, client, admin):
    user = make_user("staff", name="Paul Lebrun")
    theirs = app.test_client()
    with theirs.session_transaction() as session:
        session["_user_id"] = f"{user.id}.{user.session_key}"
    assert theirs.get("/account").status_code == 200
    client.post(f"/users/{user.id}/close")
    assert theirs.get("/account").status_code == 302
    assert "Paul Lebrun" not in client.get("/users/").text
    assert "Paul Lebrun" in client.get("/users/?state=closed").text
    client.post(f"/users/{user.id}/reopen")
    assert "Paul Lebrun" in client.get("/users/").text


def test_sessions_are_ended_and_a_link_is_sent(client, admin):
    user = make_user("staff")
    client.post(f"/users/{user.id}/sessions/end")
    assert User.get_by_id(user.id).session_key != user.session_key
    client.post(f"/users/{user.id}/invite")
    assert OutboxMail.get().recipient == user.email


def test_the_list_is_read_by_pages_and_narrowed_by_name_and_role(client, admin):
    for number in range(60):
        make_user("staff", name=f"Helper {number:03d}", email=f"staff-{number:03d}@example.org")
    first = client.get("/users/")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    names = re.findall(r"Helper \d{3}", first.text) + re.findall(r"Helper \d{3}", client.get(following).text)
    assert len(set(names)) == len(names) == 60
    assert re.findall(r"Helper \d{3}", client.get("/users/?q=helper+007&role=staff").text) == ["Helper 007"]
    assert not re.findall(r"Helper \d{3}", client.get("/users/?q=helper+007&role=admin").text)
