"""What no person types and no row can hold is answered with a sentence, never with a fault, on both engines."""

import json
import uuid
from dataclasses import replace

import pytest

from tests.factories import NOW, make_campaign, make_device, make_pupil, make_school
from tracker.queries.pages import Key, key_of

HUGE = "9" * 25
LONG = "9" * 5000


@pytest.fixture
def settings(settings, db_url):
    return settings.model_copy(update={"database_url": db_url})


@pytest.fixture
def hall(app, sign_in, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    sign_in("admin")
    school = make_school()
    make_pupil(school)
    make_device(school)
    return school


PLACES = ("/devices/", "/pupils/", "/handover/", "/print/slips/", "/print/device/", "/users/")
LISTS = ("/devices/", "/pupils/", "/handover/", "/print/", "/print/test-codes")


@pytest.mark.parametrize("number", [HUGE, str(2**31), str(2**63), "-1", "²"])
def test_an_address_with_a_number_that_no_row_has_is_not_there(hall, client, number):
    assert {client.get(place + number).status_code for place in PLACES} == {404}


@pytest.mark.parametrize("number", [HUGE, LONG, str(2**63), "x"])
def test_a_filter_that_no_row_can_meet_is_no_fault(hall, client, number):
    found = {address: client.get(address, query_string={"school": number}).status_code for address in LISTS}
    assert set(found.values()) == {200}, found


def test_a_desk_that_gets_an_impossible_number_answers_with_a_verdict(hall, client):
    for field in ("device", "pupil", "pick_device", "pick_pupil"):
        data = {field: HUGE, "code": "zzz-nothing", "action_id": str(uuid.uuid4())}
        assert client.post(f"/handover/{hall.id}/scan", data=data).status_code == 422


def test_nul_in_an_address_is_refused(hall, client):
    filters = ("/search?q=a%00b", "/devices/?q=%00", "/devices/?maker=%00", "/pupils/?class=%00")
    assert {client.get(address).status_code for address in (*filters, f"/handover/{hall.id}?class=%00")} == {400}


def test_nul_in_a_form_is_refused(hall, client):
    assert client.post(f"/handover/{hall.id}/scan", data={"code": "PF\0A"}).status_code == 400


READINGS = (
    "[" * 100_000,
    "{",
    "7",
    json.dumps([{"text": "PF0A\0B"}]),
    json.dumps([{"text": "\ud800"}]),
    json.dumps([{"text": "PF0ABCDE", "symbology": {}}]),
    json.dumps([{"text": "PF0ABCDE", "symbology": "aztec"}]),
    json.dumps([{"text": "PF0ABCDE", "physical": [1]}]),
    json.dumps([{"text": "x" * 10_000}] * 50),
)


def test_readings_of_any_kind_get_a_verdict(hall, client):
    for readings in READINGS:
        response = client.post(f"/handover/{hall.id}/scan", data={"readings": readings, "action_id": "no-uuid"})
        assert response.status_code == 422, readings[:60]


@pytest.mark.parametrize("key", [Key("PF\0", 1), Key("\ud800", 1), Key("PF", 2**80)])
def test_a_place_in_a_list_that_no_row_can_have_counts_as_none(key):
    assert key_of(key.text()) is None
    assert key_of(replace(key, value="PF", identity=1).text()) == Key("PF", 1)


def test_the_rules_are_read_once_however_many_codes_are_tried(hall, client, count_queries):
    def cost(lines):
        with count_queries() as counted:
            client.post("/scan/rules/try", data={"codes": "\n".join(lines)})
        return counted.total

    assert cost(["PF0ABCDE"]) == cost([f"PF0ABC{number}" for number in range(10, 60)])
