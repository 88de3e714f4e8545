"""Whatever is sent to whatever address: a page, a sentence, never a fault, and nothing that was not asked for."""

import io
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, ClassVar

import pytest
from werkzeug.datastructures import ImmutableMultiDict

from tests.factories import NOW
from tests.web.test_access import address, programme, requests, routes, sign_in_as  # noqa: F401 (a fixture)
from tracker.models.database import database
from tracker.rules.access import Role

NONSENSE = (
    "x" * 6_000, "9" * 25, "-1", "2147483648", "0000-00-00", "9999-12-31", "\x01\x1b", "a\r\nb: c", "[]", "NaN", "²",
    "=1+1", "%s %(x)s {0}", "' OR 1=1 --",
)  # fmt: skip
"""Each in every field in turn."""


class Forms(HTMLParser):
    """The forms of a page that are posted: where to, and the names of their fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or one of its fields."""
        known = dict(attrs)
        if tag == "form":
            self.inside = known.get("method") == "post"
            self.found += [(known.get("action") or "", [])] if self.inside else []
        elif self.inside and known.get("name"):
            self.found[-1][1].append(known["name"] or "")

    def handle_endtag(self, tag: str) -> None:
        """What follows is no field of it."""
        self.inside = self.inside and tag != "form"


class Asked(ImmutableMultiDict):
    """What an address may be asked with: the names that a view looks for."""

    names: ClassVar[set[str]] = set()

    def get(self, key: Any, *args: Any, **more: Any) -> Any:
        """Noted, and not there."""
        self.names.add(key)
        return super().get(key, *args, **more)

    def getlist(self, key: Any, *args: Any, **more: Any) -> Any:
        """Noted, and not there."""
        self.names.add(key)
        return super().getlist(key, *args, **more)


@pytest.fixture
def faults(programme, sign_in, time_machine_at):  # noqa: F811
    """Ready to be asked; every fault that somebody meets raises in the test."""
    time_machine_at(NOW)
    sign_in_as(Role.ADMIN, programme, sign_in)
    return programme


def all_forms(client, programme) -> dict[tuple[str, ...], str]:  # noqa: F811
    """Where each form of any page is sent to, by that and its fields."""
    found = {}
    for _rule, method, url in requests(programme.app, programme.mine):
        answer = client.get(url) if method == "GET" else None
        if answer and answer.status_code == 200 and answer.mimetype == "text/html":
            for action, names in Forms(answer.text).found:
                found[(action or url, *names)] = action or url
    return found


def nonsense(names: list[str]) -> Iterator[dict[str, Any]]:
    """Nothing at all; then each nonsense in every field in turn; then a file where text is expected."""
    yield {}
    for turn in range(len(NONSENSE)):
        yield {name: NONSENSE[(turn + place) % len(NONSENSE)] for place, name in enumerate(names)}
    yield {name: (io.BytesIO(b"%PDF-1.4 <svg onload=x>"), "../\0" + "x" * 300) for name in names}


def test_no_form_of_any_page_meets_a_fault(faults, client):
    """Each is taken back afterwards: one answer must not hide the next."""
    wrong = []
    for (_action, *names), action in all_forms(client, faults).items():
        for data in nonsense([name for name in names if name != "csrf_token"]):
            with database.atomic() as taken_back:
                answer = client.post(action, data=data)
                taken_back.rollback()
            if answer.status_code >= 500:
                wrong.append(f"{action} {answer.status_code} {str(data)[:200]}")
    assert not wrong, "\n".join(wrong)


def test_json_is_no_form(faults, client):
    for path in ("/forgotten", "/users/new", "/cases/new"):
        for body in ("[1]", '{"email": 7, "name": [1], "description": {"a": 1}}', "{"):
            assert client.post(path, data=body, content_type="application/json").status_code == 422, (path, body)


def test_no_address_meets_a_fault_whatever_it_is_asked_with(faults, client, monkeypatch):
    monkeypatch.setattr(faults.app.request_class, "parameter_storage_class", Asked)
    wrong = []
    for rule in routes(faults.app):
        url = address(faults.app, rule, faults.mine) if "GET" in rule.methods else ""
        Asked.names = set()
        if not url or client.get(url).status_code >= 400:
            continue
        for turn in range(len(NONSENSE)):
            names = enumerate(sorted(Asked.names))
            asked = {name: NONSENSE[(turn + place) % len(NONSENSE)] for place, name in names}
            answer = client.get(url, query_string=asked)
            answer.close()
            if answer.status_code >= 500:
                wrong.append(f"{url} {answer.status_code} {str(asked)[:200]}")
            if not asked:
                break
    assert not wrong, "\n".join(wrong)
