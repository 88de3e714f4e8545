"""How often one person may ask for what costs the server much."""

import io

import pytest

from tests.factories import NOW, make_campaign, make_school
from tracker.app import create_app

FRAMES_A_MINUTE = 120


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"rate_limits": True})


@pytest.fixture
def application(settings):
    return create_app(settings)


@pytest.fixture(params=["desk", "scanner test"])
def address(request, client, sign_in, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    sign_in("staff")
    return f"/handover/{make_school().id}/scan" if request.param == "desk" else "/scan/test"


def statuses(client, address, data, times):
    found = [client.post(address, data=data(), headers={"HX-Request": "true"}) for _ in range(times)]
    return [response.status_code for response in found]


def test_photographs_are_counted_like_frames(client, address):
    found = statuses(client, address, lambda: {"photo": (io.BytesIO(b""), "label.jpg")}, FRAMES_A_MINUTE + 1)
    assert found == [422] * FRAMES_A_MINUTE + [429]


def test_codes_are_not_counted(client, address):
    found = statuses(client, address, lambda: {"code": "zzz-nothing", "photo": (io.BytesIO(b""), "")}, 125)
    assert 429 not in found
