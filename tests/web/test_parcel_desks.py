"""The two desks for parcels: scan-out with its manifest, and the reception at a school; with htmx and without."""

import uuid

import pytest
from bs4 import BeautifulSoup

from tests import factories
from tests.factories import NOW
from tests.paper import opened, words
from tests.parcels import RETURN_ADDRESS, addressed_school, outbound, with_return_address
from tracker.models.devices import Device
from tracker.models.parcels import Manifest, Parcel
from tracker.operations import parcels
from tracker.rules.parcels import ParcelState
from tracker.rules.sscc import sscc

HTMX = {"HX-Request": "true"}


class World:
    """Two parcels for a school, one of them with two devices."""

    def __init__(self) -> None:
        factories.make_campaign()
        with_return_address()
        self.school = addressed_school(name="Lycée Malherbe")
        self.devices = [factories.make_device(), factories.make_device()]
        self.parcel = outbound(self.school, *self.devices)
        self.other = outbound(self.school)


@pytest.fixture
def world(app, time_machine_at):
    time_machine_at(NOW)
    return World()


def verdict(response) -> str:
    return BeautifulSoup(response.data, "html.parser").select_one("[data-verdict]")["data-verdict"]


def state(parcel) -> str:
    return Parcel.get_by_id(parcel.id).state


@pytest.fixture
def desk(world, client, sign_in):
    sign_in("logistics")
    return client.post("/parcels/scan-out/", data={"carrier": "own"}).headers["Location"]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_labels_are_scanned_out_one_after_the_other(world, client, desk, headers):
    form = {"code": f"00{world.parcel.reference}", "action_id": str(uuid.uuid4())}
    assert verdict(client.post(f"{desk}/scan", data=form, headers=headers)) == "done"
    assert verdict(client.post(f"{desk}/scan", data=form, headers=headers)) == "done"  # sent again: the first answer
    again = client.post(f"{desk}/scan", data={"code": world.parcel.reference}, headers=headers)
    assert verdict(again) == "already"
    assert (state(world.parcel), state(world.other)) == (ParcelState.SHIPPED, ParcelState.PREPARED)


@pytest.mark.parametrize("text", ["PF000000", f"00{sscc('', 777)}", "", "12"])
def test_what_is_no_parcel_of_ours_is_refused_at_the_scan_out(client, desk, text):
    answer = client.post(f"{desk}/scan", data={"code": text}, headers=HTMX)
    assert (answer.status_code, verdict(answer)) == (422, "refused")


def test_a_scan_out_is_undone_until_the_manifest_is_closed_and_the_carrier_gets_it_as_pdf(world, client, desk):
    for parcel in (world.parcel, world.other):
        client.post(f"{desk}/scan", data={"code": parcel.reference}, headers=HTMX)
    client.post(f"{desk}/undo", data={"parcel": world.other.id}, headers=HTMX)
    assert state(world.other) == ParcelState.PREPARED
    assert client.post(f"{desk}/close").status_code == 303
    assert Manifest.get().closed_at == NOW or Manifest.get().closed_at is not None
    late = client.post(f"{desk}/scan", data={"code": world.other.reference}, headers=HTMX)
    assert verdict(late) == "refused"
    assert verdict(client.post(f"{desk}/undo", data={"parcel": world.parcel.id}, headers=HTMX)) == "refused"
    printed = words(opened(client.get(f"{desk}/manifest.pdf").data)[0])
    assert world.parcel.reference in printed
    assert world.other.reference not in printed
    assert all("".join(line.split()).upper() in printed.upper() for line in RETURN_ADDRESS.split("; "))


def test_the_manifest_is_french_whoever_prints_it(world, client, sign_in):
    sign_in("logistics", locale="en")
    url = client.post("/parcels/scan-out/", data={"carrier": "own"}).location
    client.post(f"{url}/scan", data={"code": world.parcel.reference})
    printed = words(opened(client.get(f"{url}/manifest.pdf").data)[0])
    assert ("Bordereau" in printed, "Manifest" in printed, "Takenbythecarrier" in printed) == (True, False, False)


def test_a_manifest_takes_its_own_carriers_parcels_only(world, client, desk):
    Parcel.update(carrier="colissimo").where(Parcel.id == world.parcel.id).execute()
    assert verdict(client.post(f"{desk}/scan", data={"code": world.parcel.reference})) == "refused"


@pytest.fixture
def hall(world, client, sign_in):
    parcels.ship([world.parcel.id, world.other.id], actor=factories.actor(), now=NOW)
    sign_in("school", schools=[world.school])
    return f"/parcels/reception/{world.school.id}"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_parcel_is_received_by_its_label_and_its_devices(world, client, hall, headers):
    label = client.post(f"{hall}/scan", data={"code": f"(00){world.parcel.reference}"}, headers=headers)
    assert verdict(label) == "waiting"
    for device in world.devices:
        assert state(world.parcel) == ParcelState.SHIPPED
        form = {"code": device.serial, "action_id": str(uuid.uuid4())}
        assert verdict(client.post(f"{hall}/scan", data=form, headers=headers)) == "done"
        assert verdict(client.post(f"{hall}/scan", data=form, headers=headers)) == "done"
    assert state(world.parcel) == ParcelState.RECEIVED
    assert verdict(client.post(f"{hall}/scan", data={"code": device.tag}, headers=headers)) == "already"
    assert {Device.get_by_id(each.id).holder for each in world.devices} == {"school"}


def test_a_whole_parcel_is_received_by_one_key(world, client, hall):
    label = client.post(f"{hall}/scan", data={"code": world.parcel.reference}, headers=HTMX)
    whole = BeautifulSoup(label.data, "html.parser").select_one("[name=whole]")["value"]
    form = {"whole": whole, "action_id": str(uuid.uuid4())}
    assert verdict(client.post(f"{hall}/scan", data=form, headers=HTMX)) == "done"
    assert state(world.parcel) == ParcelState.RECEIVED
    assert verdict(client.post(f"{hall}/scan", data={"whole": "forged"}, headers=HTMX)) == "refused"


def test_a_reception_is_undone(world, client, hall):
    device = world.devices[0]
    done = client.post(f"{hall}/scan", data={"code": device.serial}, headers=HTMX)
    event = BeautifulSoup(done.data, "html.parser").select_one("[name=event]")["value"]
    assert verdict(client.post(f"{hall}/undo", data={"event": event}, headers=HTMX)) == "info"
    assert Device.get_by_id(device.id).holder == "parcel"
    assert verdict(client.post(f"{hall}/scan", data={"code": device.serial}, headers=HTMX)) == "done"


def test_something_missing_is_received_incomplete_and_stays_noted(world, client, hall):
    client.post(f"{hall}/scan", data={"code": world.devices[0].serial}, headers=HTMX)
    client.post(f"/parcels/{world.parcel.id}/incomplete")
    assert state(world.parcel) == ParcelState.RECEIVED
    assert Device.get_by_id(world.devices[1].id).holder == "parcel"
    assert "1 appareil" in client.get(f"/parcels/{world.parcel.id}").text
    assert verdict(client.post(f"{hall}/scan", data={"code": world.devices[1].serial}, headers=HTMX)) == "done"


def test_what_is_not_for_here_is_refused_with_its_reason(world, client, hall):
    elsewhere = outbound(addressed_school())
    for code in (
        elsewhere.reference,
        factories.make_device(world.school).serial,
        f"00{sscc('', 777)}",
        "PF999999",
        "x",
    ):
        answer = client.post(f"{hall}/scan", data={"code": code}, headers=HTMX)
        assert (answer.status_code, verdict(answer)) == (422, "refused"), code


def test_the_desk_costs_a_fixed_number_of_queries(world, client, hall, count_queries):
    with count_queries() as first:
        client.post(f"{hall}/scan", data={"code": world.devices[0].serial}, headers=HTMX)
    with count_queries() as second:
        client.post(f"{hall}/scan", data={"code": world.devices[1].serial}, headers=HTMX)
    assert abs(first.total - second.total) <= 1  # the last device also receives the parcel
