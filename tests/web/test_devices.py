"""The page of one device: facts, story, next step, and who may open it."""

from dataclasses import replace

import pytest

from tests.factories import NOW, actor, make_campaign, make_device, make_pupil, make_school, make_user
from tests.lending import lend
from tests.statements import recorded_statements
from tracker.operations import custody
from tracker.rules.custody import DeviceState, Holder, Movement


@pytest.fixture
def school(app):
    make_campaign()
    return make_school(name="Lycée Malherbe")


def shown(client, device):
    answer = client.get(f"/devices/{device.id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def lose(device, reason):
    head = custody.last_event(device.id)
    lost = replace(custody.custody_of(head), state=DeviceState.LOST, holder=Holder.UNKNOWN, pupil_id=None)
    around = custody.Circumstances(reason=reason)
    custody.append(device, Movement.DECLARED_LOST, lost, actor=actor(), now=NOW, circumstances=around)


def test_a_device_in_stock_offers_the_hand_over(client, sign_in, school):
    sign_in("school", schools=[school])
    page = shown(client, make_device(school, serial="PF77"))
    assert "PF77" in page
    assert "Lycée Malherbe" in page
    assert 'class="btn btn-primary" href="/handover/"' in page


def test_a_lent_device_names_its_pupil_and_leads_to_the_pupil(client, sign_in, school):
    device, pupil = make_device(school), make_pupil(school, last_name="Delaunay")
    lend(device, pupil, school)
    sign_in("school", schools=[school])
    assert f'class="btn btn-primary" href="/pupils/{pupil.id}"' in shown(client, device)
    assert "Delaunay" in shown(client, device)


def test_a_helper_sees_that_it_is_lent_but_not_to_whom(client, sign_in, school):
    device, pupil = make_device(school), make_pupil(school, last_name="Delaunay")
    lend(device, pupil, school)
    sign_in("staff")
    assert "Delaunay" not in shown(client, device)
    assert f"/pupils/{pupil.id}" not in shown(client, device)


def test_a_lost_device_says_so_with_the_reason_and_keeps_who_answers(client, sign_in, school):
    device, pupil = make_device(school), make_pupil(school, last_name="Delaunay")
    lend(device, pupil, school)
    lose(device, "Oublié dans le bus")
    sign_in()
    page = shown(client, device)
    assert "Oublié dans le bus" in page
    assert "notice-bad" in page
    assert page.count("Delaunay") >= 3


def test_an_override_is_told_with_its_rule_and_reason(client, sign_in, school):
    device, pupil = make_device(school), make_pupil(school, agreement="sent")
    who = actor(user=make_user(name="Claire Marais"))
    lend(device, pupil, school, who=who, override_reason="Signé devant moi")
    sign_in()
    page = shown(client, device)
    assert "Signé devant moi" in page
    assert "A4" in page
    assert "Claire Marais" in page


def test_another_school_s_device_and_one_in_the_warehouse_are_not_there(client, sign_in, school):
    theirs, stock = make_device(make_school()), make_device()
    sign_in("school", schools=[school])
    assert client.get(f"/devices/{theirs.id}").status_code == 404
    assert client.get(f"/devices/{stock.id}").status_code == 404
    assert client.get("/devices/999999").status_code == 404


def test_a_page_costs_the_same_however_long_the_story(client, sign_in, school):
    device = make_device(school)
    sign_in()
    costs = []
    for _ in range(2):
        with recorded_statements() as sent:
            shown(client, device)
        costs.append(len(sent))
        lend(device, make_pupil(school), school) if len(costs) == 1 else None
        lose(device, "perdu")
    assert costs[0] == costs[1] <= 12  # the device and its story 8; its return, batch, case and parcel one each
