"""Signing in as a person does it: pages, sessions, the form that waits, the language."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.conftest import make_settings
from tests.factories import make_user
from tracker.app import create_app
from tracker.models.database import connected, database
from tracker.models.mail import OutboxMail
from tracker.models.users import User
from tracker.operations import passwords

PASSWORD = "un bon mot de passe 7"
OTHER = "un autre mot de passe 8"


@pytest.fixture
def user(app) -> User:
    return make_user("admin", email="lea@example.org", password_hash=passwords.hasher.hash(PASSWORD))


def sign_in(client, password=PASSWORD, email="lea@example.org", headers=None, **fields):
    return client.post("/sign-in", data={"email": email, "password": password} | fields, headers=headers)


def without_tokens(page: str) -> str:
    """The page without its CSRF tokens, which change every second."""
    return re.sub(r'(csrf[-_]token" (?:content|value)="|X-CSRFToken": ")[^"]+', r"\1", page)


def is_signed_in(client) -> bool:
    return client.get("/account").status_code == 200


def test_the_right_password_leads_to_the_page_that_was_asked_for(client, user):
    asked = client.get("/users/?q=x")
    page = client.get(asked.location)
    kept = re.findall(r'name="next" value="([^"]*)"', page.text.split("<main")[1])
    answer = sign_in(client, next=kept[0])
    assert (answer.status_code, answer.location) == (303, "/users/?q=x")
    assert is_signed_in(client)


def test_a_wrong_password_says_so_and_keeps_the_address(client, user):
    answer = sign_in(client, "wrong", next="/users/")
    assert answer.status_code == 422
    assert 'value="lea@example.org"' in answer.text
    assert 'value="/users/"' in answer.text
    assert "wrong" not in answer.text.split("<main")[1].replace("is wrong", "")
    assert not is_signed_in(client)


def test_an_unknown_address_gets_the_same_page(client, user):
    unknown = without_tokens(sign_in(client, email="nobody@example.org").text)
    assert unknown.replace("nobody", "lea") == without_tokens(sign_in(client, "wrong").text)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.com/", "//example.com/", "/\\example.com", "\\\\example.com", "javascript:alert(1)",
     "/\t/example.com", "http:example.com", " //example.com", "///example.com", "x"],
)  # fmt: skip
def test_nobody_is_led_to_another_site_by_a_prepared_link(client, user, elsewhere):
    assert sign_in(client, next=elsewhere).location == "/"
    assert client.get("/sign-in", query_string={"next": elsewhere}).location == "/"


def test_a_locked_account_says_until_when(client, user):
    with time_machine.travel(datetime(2026, 10, 5, 9, 0, tzinfo=UTC), tick=False):
        for _ in range(8):
            answer = sign_in(client, "wrong")
        assert "11:15" in answer.text  # 9:15 UTC on the clocks of the place
        assert "11:15" in sign_in(client).text


def test_signing_out_ends_the_session_and_keeps_the_language(client, user):
    sign_in(client)
    client.post("/language", data={"language": "en"})
    assert client.post("/sign-out").location == "/sign-in"
    assert not is_signed_in(client)
    assert '<html lang="en"' in client.get("/sign-in").text


def test_a_new_password_ends_the_sessions_on_other_computers_and_not_this_one(app, client, user):
    other = app.test_client()
    sign_in(client)
    sign_in(other)
    client.post("/account", data={"present": PASSWORD, "password": OTHER, "again": OTHER})
    assert is_signed_in(client)
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"present": "wrong"}, "present"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "another one altogether"}, "again"),
    ],
)
def test_what_is_wrong_with_a_new_password_stands_beside_its_field(client, user, fields, field):
    sign_in(client)
    answer = client.post("/account", data={"present": PASSWORD, "password": OTHER, "again": OTHER} | fields)
    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-error"', answer.text) == [field]


def link_of_mail() -> str:
    body = OutboxMail.select().order_by(OutboxMail.id.desc()).get().body
    return re.search(r"http://127\.0\.0\.1:8000(/reset/\S+)", body)[1]


def test_a_forgotten_password_is_set_anew_by_the_link_of_the_mail(client, user):
    client.post("/forgotten", data={"email": "lea@example.org"}, headers={"Host": "evil.example"})
    link = link_of_mail()
    assert "lea@example.org" in client.get(link).text
    assert client.post(link, data={"password": OTHER, "again": OTHER}).location == "/sign-in"
    assert sign_in(client, OTHER).status_code == 303
    assert client.get(link).status_code == 410


def test_an_unknown_address_is_told_the_same_and_gets_nothing(client, user):
    known = without_tokens(client.post("/forgotten", data={"email": "lea@example.org"}).text)
    unknown = without_tokens(client.post("/forgotten", data={"email": "nobody@example.org"}).text)
    assert unknown.replace("nobody", "lea") == known
    assert [mail.recipient for mail in OutboxMail.select()] == ["lea@example.org"]


def test_a_link_older_than_an_hour_offers_a_new_one(client, user):
    client.post("/forgotten", data={"email": "lea@example.org"})
    link = link_of_mail()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)):
        answer = client.get(link)
    assert answer.status_code == 410
    assert "/forgotten" in answer.text


def test_the_language_is_kept_in_the_session_then_in_the_account(client, user):
    client.post("/language", data={"language": "en", "next": "/sign-in"})
    assert '<html lang="en"' in client.get("/sign-in").text
    sign_in(client)
    client.post("/language", data={"language": "en"})
    assert User.get_by_id(user.id).locale == "en"
    client.post("/language", data={"language": "xx"})
    assert User.get_by_id(user.id).locale == "en"


def test_a_session_ends_after_its_idle_hours_and_each_request_starts_them_anew(client, user, settings):
    start = datetime.now(UTC)
    hours = settings.session_hours
    with time_machine.travel(start) as clock:
        sign_in(client)
        for passed in (0.6, 1.2, 1.8):
            clock.move_to(start + timedelta(hours=hours * passed))
            assert is_signed_in(client)
        clock.move_to(start + timedelta(hours=hours * 2.9))
        assert not is_signed_in(client)


def test_a_form_that_was_sent_without_a_session_is_kept_and_sent_again(client, user):
    typed = {
        "name": "Zoé <Petit>",
        "email": "zoe@example.org",
        "role": "staff",
        "locale": "fr",
        "password": "secret word",
    }
    answer = client.post("/users/new", data=typed, headers={"Origin": "http://localhost"})
    assert answer.status_code == 401
    assert "secret word" not in answer.text
    kept = dict(re.findall(r'name="(kept-\w+)" value="([^"]*)"', answer.text))
    assert kept["kept-name"] == "Zoé &lt;Petit&gt;"
    kept["kept-name"] = typed["name"]
    wrong = client.post(
        "/sign-in/resume", data=kept | {"email": "lea@example.org", "password": "no", "target": "/users/new"}
    )
    assert (wrong.status_code, "kept-name" in wrong.text) == (422, True)
    shown = client.post(
        "/sign-in/resume", data=kept | {"email": "lea@example.org", "password": PASSWORD, "target": "/users/new"}
    )
    assert re.search(r'<form method="post" action="/users/new"', shown.text)
    again = {name.removeprefix("kept-"): value for name, value in kept.items()}
    assert client.post("/users/new", data=again).location == "/users/"
    assert User.get(User.email == "zoe@example.org").name == typed["name"]


@pytest.mark.parametrize(("path", "field"), [("/rosters/", "file"), ("/agreements/piles/", "files")])
@pytest.mark.parametrize("most", [None, 50])
def test_an_upload_without_a_session_asks_for_the_file_once_more_on_its_page(app, client, user, path, field, most):
    app.config["MAX_CONTENT_LENGTH"] = most or app.config["MAX_CONTENT_LENGTH"]
    answer = client.post(path, data={field: (io.BytesIO(b"<xml/>" * 20), "eleves.xml"), "school": "1"})
    app.config["MAX_CONTENT_LENGTH"] = None
    assert answer.status_code == 401
    assert "choisissez de nouveau votre fichier" in answer.text
    assert "saisie n’est perdu" not in answer.text
    form = answer.text.split("<main")[1]
    assert 'action="/sign-in"' in form
    back = re.search(r'name="next" value="([^"]+)"', form)[1]
    assert sign_in(client, next=back).location == path
    assert f'type="file" id="{field}"' in client.get(path).text


def test_an_upload_to_an_address_without_a_page_leads_back_to_where_it_came_from(client, user):
    for came_from, back in (("http://localhost/handover/1", "/handover/1"), ("http://localhost/nowhere", "/")):
        photo = {"photo": (io.BytesIO(b"x"), "photo.jpg")}
        answer = client.post("/handover/1/scan", data=photo, headers={"Referer": came_from})
        assert (answer.status_code, f'name="next" value="{back}"' in answer.text) == (401, True)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_a_form_that_another_site_sent_is_not_kept_for_anybody_to_send(client, user, headers):
    answer = client.post("/users/new", data={"name": "Mallory"}, headers=headers)
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/")


def test_a_kept_form_goes_to_this_program_only(client, user):
    fields = {"email": "lea@example.org", "password": PASSWORD, "target": "https://evil.example/", "kept-name": "x"}
    assert 'action="/"' in client.post("/sign-in/resume", data=fields).text


HTMX = {"HX-Request": "true"}


def test_the_dialog_of_an_open_page_gets_a_new_token_and_nothing_moves(app, client, user):
    app.config["WTF_CSRF_ENABLED"] = True
    asked = client.get("/account", headers=HTMX)
    assert asked.headers["HX-Trigger"] == "sign-in-needed"
    token = re.search(r'name="csrf_token" value="([^"]+)"', asked.text)[1]
    wrong = sign_in(client, "wrong", dialog="1", csrf_token=token, headers=HTMX)
    assert (wrong.status_code, "<dialog" in wrong.text) == (422, True)
    right = sign_in(client, dialog="1", csrf_token=token, headers=HTMX)
    fresh = app.json.loads(right.headers["HX-Trigger"])["signed-in"]["csrf"]
    assert right.status_code == 204
    assert client.post("/language", data={"language": "en", "csrf_token": fresh}).status_code == 303
    assert client.post("/language", data={"language": "en", "csrf_token": token}).status_code == 400


def test_attempts_are_limited_per_minute(sqlite_url, tmp_path):
    app = create_app(make_settings(sqlite_url, tmp_path, rate_limits=True))
    app.config["WTF_CSRF_ENABLED"] = False
    with connected():
        client = app.test_client()
        statuses = [sign_in(client, email="", password="").status_code for _ in range(31)]
    database.close_all()
    assert statuses == [422] * 30 + [429]
