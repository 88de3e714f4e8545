"""Two people who hold what the other needs: one goes on, the other reads that nothing was recorded."""

import threading

import peewee
import pytest

from tests.factories import make_campaign, make_device
from tracker.models.database import connected, database
from tracker.operations import custody


@pytest.fixture
def settings(settings, postgres_url):
    return settings.model_copy(update={"database_url": postgres_url})


def deadlock() -> None:
    """Two transactions take two devices in opposite orders. Raises what the one gets that gives way."""
    first, second = make_device().id, make_device().id
    both_hold, errors = threading.Barrier(2), []

    def take(mine: int, other: int) -> None:
        with connected():
            try:
                with database.atomic():
                    custody.lock(mine)
                    both_hold.wait()
                    custody.lock(other)
            except peewee.OperationalError as error:
                errors.append(error)

    people = [threading.Thread(target=take, args=pair) for pair in ((first, second), (second, first))]
    for each in people:
        each.start()
    for each in people:
        each.join()
    raise errors[0]


def test_who_gave_way_is_asked_to_try_again_and_any_other_fault_is_one(app, client, sign_in, monkeypatch):
    make_campaign()
    sign_in("admin")
    monkeypatch.setitem(app.view_functions, "home.index", marked(app, deadlock))
    answer = client.get("/")
    assert (answer.status_code, "Rien n’a été enregistré" in answer.text) == (409, True)
    monkeypatch.setitem(app.view_functions, "home.index", marked(app, lambda: database.execute_sql("SELECT pg_sleep")))
    assert client.get("/").status_code == 500


def marked(app, view):
    """The view, for whom the page is."""

    def instead() -> None:
        view()

    instead.requires = app.view_functions["home.index"].requires
    return instead
