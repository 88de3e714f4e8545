"""Who may open what: generated from the URL map, so that a new route is covered the moment it exists."""

import io
import zipfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from werkzeug.routing import Rule

from tests import factories
from tests.everything import address, everything_of, routes
from tracker.models.custody import CustodyEvent
from tracker.rules.access import Permission, Role, allowed
from tracker.web.access import PUBLIC

NOBODY = 999_999
NOT_FOUND = {"GET": (404,), "POST": (404, 422)}
"""A page is not there; a desk answers a write with its verdict "refused: not known here" (422)."""

SCOPED = (
    "school_id", "device_id", "pupil_id", "event_id", "user_id", "import_id", "work_id", "pile_id", "page_id",
    "agreement_id",
    "stocktake_id", "line_id",
    "expected_id",
    "batch_id", "paper_id",
    "case_id", "attachment_id",
    "place", "record_id", "photo_id",
    "parcel_id",
    "departure_id",
)  # fmt: skip
"""Arguments of an address that name something of one school, or somebody."""


@pytest.fixture
def programme(app) -> SimpleNamespace:
    """Two schools, each with a pupil who has a laptop; `mine` and `other` fill addresses."""
    world = SimpleNamespace(app=app)
    for name in ("mine", "other"):
        school = factories.make_school(name=f"Lycée {name.title()}")
        pupil = factories.make_pupil(school, last_name=f"Zyxwv{name}", first_name="Odilon")
        device = factories.make_device(school, serial=f"QQ7XW{name.upper()}")
        factories.make_device(school, serial=f"QR8XW{name.upper()}")
        user = factories.make_user("school", schools=[school], name=f"Referent{name}")
        setattr(world, name, everything_of(app.extensions["settings"], school, pupil, device, user))
        world.secrets = [device.serial, pupil.last_name, user.name, school.name]
    world.events = CustodyEvent.select().count()
    return world


def requirement(app, rule: Rule) -> Any:
    return getattr(app.view_functions[rule.endpoint], "requires", None)


def requests(app, known: dict[str, Any]) -> Iterator[tuple[Rule, str, str]]:
    for rule in routes(app):
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method, address(app, rule, known)


def sign_in_as(role: Role, programme, sign_in) -> None:
    schools = [programme.mine["school_id"]] if role is Role.SCHOOL else []
    sign_in(role.value, schools=schools)


def complain(wrong: list[str]) -> None:
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_endpoint_says_what_it_requires(app):
    marks = {rule.endpoint: requirement(app, rule) for rule in routes(app)}
    complain([f"{name}: mark it @public or @requires" for name, mark in marks.items() if mark is None])
    complain([f"{name}: {mark!r}" for name, mark in marks.items() if mark != PUBLIC and mark not in set(Permission)])


def test_a_view_that_was_never_marked_is_refused_to_everybody(app, client, sign_in, monkeypatch):
    monkeypatch.setitem(app.view_functions, "users.index", lambda: "open")
    assert client.get("/users/").status_code == 302
    sign_in("admin")
    assert client.get("/users/").status_code == 403


def test_somebody_who_is_not_signed_in_is_asked_to_and_nothing_is_done(programme, client):
    wrong = []
    for rule, method, url in requests(programme.app, programme.mine):
        if requirement(programme.app, rule) == PUBLIC:
            continue
        answer = client.open(url, method=method)
        goes_to_sign_in = answer.status_code == 302 and answer.location.startswith("/sign-in?next=")
        if not (goes_to_sign_in if method == "GET" else answer.status_code == 401):
            wrong.append(f"{method} {url}: {answer.status_code} {answer.location or ''}")
    complain(wrong)


def test_what_is_public_opens_for_everybody(programme, client):
    wrong = []
    for rule, method, url in requests(programme.app, programme.mine):
        if method == "GET" and requirement(programme.app, rule) == PUBLIC:
            status = client.get(url).status_code
            # A link without its end is no address; everything else is there, if only to say that it is over.
            if status not in ((404,) if rule.endpoint.endswith(".incomplete") else (200, 302, 303, 410)):
                wrong.append(f"{url}: {status}")
    complain(wrong)


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_it_is_granted_and_nothing_else(programme, client, sign_in, role):
    sign_in_as(role, programme, sign_in)
    wrong = []
    for rule, method, url in requests(programme.app, programme.mine):
        needed = requirement(programme.app, rule)
        if needed == PUBLIC or (method != "GET" and allowed(role, needed)):
            continue
        status = client.open(url, method=method).status_code
        expected = (200, 301, 302, 303, 308) if allowed(role, needed) else (403,)
        if status not in expected:
            wrong.append(f"{role} {method} {url}: {status}, expected one of {expected}")
    complain(wrong)


def test_a_school_that_asks_for_another_schools_things_finds_nothing(programme, client, sign_in):
    sign_in_as(Role.SCHOOL, programme, sign_in)
    wrong = []
    for rule, method, name in scoped_requests(programme.app):
        known = programme.mine | {name: programme.other[name]}
        url = address(programme.app, rule, known)
        expected = NOT_FOUND[method] if allowed(Role.SCHOOL, requirement(programme.app, rule)) else (403,)
        status = client.open(url, method=method, data=scan_of(programme)).status_code
        if status not in expected:
            wrong.append(f"{method} {url} with the {name} of another school: {status}, expected {expected}")
    complain(wrong)
    assert CustodyEvent.select().count() == programme.events


def scoped_requests(app) -> Iterator[tuple[Rule, str, str]]:
    for rule in routes(app):
        for name in sorted(rule.arguments & set(SCOPED)):
            for method in sorted(rule.methods & {"GET", "POST"}):
                yield rule, method, name


def scan_of(programme) -> dict[str, str]:
    return {"action_id": str(uuid4()), "code": "QR8XW"}


def test_what_does_not_exist_is_not_found(programme, client, sign_in):
    sign_in("admin")
    wrong = []
    for rule, method, name in scoped_requests(programme.app):
        url = address(programme.app, rule, programme.mine | {name: NOBODY})
        status = client.open(url, method=method, data=scan_of(programme)).status_code
        if status not in NOT_FOUND[method]:
            wrong.append(f"{method} {url}: {status}")
    complain(wrong)
    assert CustodyEvent.select().count() == programme.events


def test_no_page_of_a_school_names_another_schools_people_or_devices(programme, client, sign_in):
    sign_in_as(Role.SCHOOL, programme, sign_in)
    wrong = []
    for rule, method, url in requests(programme.app, programme.mine):
        needed = requirement(programme.app, rule)
        if method != "GET" or needed == PUBLIC or not allowed(Role.SCHOOL, needed):
            continue
        for question in questions(programme):
            text = readable(client.get(f"{url}?{urlencode(question)}").data)
            wrong += [f"{url}?{urlencode(question)} shows {secret}" for secret in programme.secrets if secret in text]
    complain(wrong)


def questions(programme) -> list[dict[str, Any]]:
    """What the lists, the search and the suggestions may be asked; never the whole of a secret: pages repeat it."""
    other = programme.other["school_id"]
    typed = [secret[:-1] for secret in programme.secrets]
    asked = [{name: text} for text in typed for name in ("q", "text", "name")]
    return [{}, {"school": other}, {"school_id": other}, *asked, *({"school": other, **each} for each in asked[:2])]


def readable(body: bytes) -> str:
    """The text of a page or of an exported workbook."""
    if body[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(book.read(name) for name in book.namelist())
    return body.decode("utf-8", "replace")
