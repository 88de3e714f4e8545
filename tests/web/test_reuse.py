"""Reuse over HTTP: the worklist, batches from the first scan to the proof, the report; with htmx and without."""

import csv
import io
import uuid

import pytest
from bs4 import BeautifulSoup

from tests.factories import NOW, make_campaign, make_device, make_pupil, make_school
from tests.pictures import photo_of
from tests.reuse import batch_of, inside, prove, waiting
from tests.statements import recorded_statements
from tracker.models.attachments import Attachment
from tracker.models.devices import Device
from tracker.models.reuse import Batch, BatchDevice
from tracker.queries.batches import code_of
from tracker.rules.custody import DeviceState
from tracker.rules.reuse import BatchKind
from tracker.rules.sscc import sscc

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _somebody_of_logistics(app, time_machine_at, sign_in):
    time_machine_at(NOW)
    make_campaign()
    sign_in("logistics")


def text_of(answer, status=200):
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def soup_of(answer, status=200):
    return BeautifulSoup(text_of(answer, status), "html.parser")


def state_of(device):
    return Device.get_by_id(device.id).state


def scan(client, batch, code, *, htmx=True, **fields):
    data = {"code": code, "action_id": str(uuid.uuid4())} | fields
    return client.post(f"/reuse/batches/{batch.id}/desk/scan", data=data, headers=HTMX if htmx else {})


def test_the_worklist_shows_what_waits_in_the_warehouse_and_nothing_else(client):
    here, lent_out = waiting(DeviceState.TO_RECYCLE), make_device(make_school())
    page = soup_of(client.get("/reuse/"))
    assert here.serial in page.text
    assert lent_out.serial not in page.text
    assert here.serial not in text_of(client.get("/reuse/?state=returned", headers=HTMX))
    rows = list(csv.reader(io.StringIO(text_of(client.get("/reuse/export.csv"))), delimiter=";"))
    assert [row[0] for row in rows[1:]] == [here.serial]


@pytest.mark.parametrize("everything", [False, True])
def test_a_selection_gets_its_next_place_with_its_reason_or_says_why_not(client, everything):
    devices = [waiting(), waiting()]
    chosen = {"everything": "yes"} if everything else {"device": [each.id for each in devices]}
    asked = chosen | {"do": "triage", "place": "repair"}
    refused = text_of(client.post("/reuse/selection", data=asked), 422)
    assert "Indiquez pourquoi" in refused
    assert len(BeautifulSoup(refused, "html.parser").select("input[type=checkbox][checked]")) == (
        1 if everything else 2
    )
    assert '<option value="repair" selected>' in refused
    assert {state_of(each) for each in devices} == {"returned"}
    answer = client.post("/reuse/selection?state=returned", data=asked | {"reason": "Clavier"})
    assert (answer.status_code, answer.location) == (303, "/reuse/?state=returned")
    assert {state_of(each) for each in devices} == {"in_repair"}


@pytest.mark.parametrize("htmx", [True, False])
def test_each_scan_puts_one_device_in_and_the_next_is_ready(client, htmx):
    batch, device = batch_of(devices=0), waiting(DeviceState.IN_REPAIR)
    page = soup_of(scan(client, batch, device.tag, htmx=htmx))
    assert page.select_one("[data-verdict]")["data-verdict"] == "done"
    assert page.select_one("#scan-action-id")["value"]
    assert device.serial in page.select_one("#desk-recent").text
    assert bool(page.select_one("html")) is not htmx
    again = soup_of(scan(client, batch, device.serial, htmx=htmx))
    assert again.select_one("[data-verdict]")["data-verdict"] == "already"
    client.post(f"/reuse/batches/{batch.id}/desk/undo", data={"device": device.id}, headers=HTMX if htmx else {})
    assert not BatchDevice.select().exists()


@pytest.mark.parametrize("what", ["lent", "slip", "batch", "nothing"])
def test_what_does_not_belong_into_a_batch_is_refused_and_said(client, what):
    batch = batch_of(devices=0)
    pupil = make_pupil(make_school())
    code = {"lent": make_device(make_school()).serial, "slip": pupil.slip_code, "batch": code_of(batch.id)}.get(
        what, ""
    )
    page = soup_of(scan(client, batch, code), 422)
    assert page.select_one("[data-verdict]")["data-verdict"] == "refused"
    assert pupil.last_name not in page.text


def test_of_a_parcels_label_the_batch_asks_for_the_device_and_for_no_pupil(client):
    page = soup_of(scan(client, batch_of(devices=0), f"00{sscc('', 7)}"), 422)
    assert "Scannez celle de l’appareil" in page.text
    assert "l’élève" not in page.text


def test_a_batch_from_its_opening_to_its_proof(client):
    devices = [waiting(DeviceState.TO_RECYCLE) for _ in range(2)]
    text_of(client.post("/reuse/batches/", data={"kind": "recycle", "partner": " "}), 422)
    answer = client.post("/reuse/batches/", data={"kind": "recycle", "partner": "Éco <b>Normandie</b>"})
    batch = Batch.get()
    assert answer.location == f"/reuse/batches/{batch.id}/desk/"
    at = f"/reuse/batches/{batch.id}"
    assert "<b>Normandie" not in text_of(client.get(answer.location))
    assert client.post(f"{at}/everything").status_code == 303
    assert client.get(f"{at}/slip").data[:5] == b"%PDF-"
    assert client.post(f"{at}/send").status_code == 303
    text_of(client.post(f"{at}/close"), 422)
    told = {"outcome": "recycled", "device": [each.id for each in devices]}
    assert client.post(f"{at}/outcomes", data=told).status_code == 303
    proof = {"reference": "BSD-12", "proof_on": "2026-10-05", "weight": "4,6", "counted": "3"}
    assert client.post(f"{at}/proof", data=proof).status_code == 303
    paper = {"kind": "proof", "file": (photo_of("BSD-12"), "bsd.jpg")}
    assert client.post(f"{at}/papers/", data=paper).status_code == 303
    kept = Attachment.get()
    assert client.get(f"{at}/papers/{kept.id}").data[:2] == b"\xff\xd8"
    page = soup_of(client.get(at))
    assert page.select_one("#reason").has_attr("required")
    refused = soup_of(client.post(f"{at}/close", data={"reason": "x" * 301}), 422)
    assert (refused.select_one("#reason")["value"], refused.select_one("[role=alert]")["id"]) == (
        "x" * 301,
        "reason-error",
    )
    assert "un autre nombre (3)" in soup_of(client.post(f"{at}/close"), 422).select_one("#reason-error").text
    assert client.post(f"{at}/close", data={"reason": "Un écran à part"}).status_code == 303
    assert "Un écran à part" in soup_of(client.get(at)).text
    assert "Un écran à part" in text_of(client.get("/reuse/batches/export.csv"))
    closed = Batch.get()
    assert (closed.state, closed.weight, closed.counted) == ("closed", 4600, 3)
    assert {state_of(each) for each in devices} == {"retired"}
    rows = list(csv.reader(io.StringIO(text_of(client.get("/reuse/report/export.csv"))), delimiter=";"))
    assert [rows[7][0], rows[7][4]] == ["2026", "2"]
    assert rows[-1][-1] == "4,6"
    assert "4,6" in text_of(client.get("/reuse/report/"))
    assert client.get("/reuse/batches/export.xlsx?year=2026").data[:2] == b"PK"


@pytest.mark.parametrize("space", ["", " ", "\u00a0", "\u202f"])
def test_a_weight_is_read_as_the_page_shows_it(client, space):
    batch = batch_of(sent=True)
    typed = {"weight": f" 1{space}234,5 ", "counted": f"1{space}200", "proof_on": "2026-10-05"}
    assert client.post(f"/reuse/batches/{batch.id}/proof", data=typed).status_code == 303
    assert (Batch.get().weight, Batch.get().counted) == (1_234_500, 1200)
    assert "1\u202f234,5 kg" in text_of(client.get("/reuse/batches/"))
    client.post(f"/reuse/batches/{batch.id}/proof", data={"weight": "1234.5"})
    assert Batch.get().weight == 1_234_500


@pytest.mark.parametrize(
    "wrong",
    [
        *({"weight": text} for text in ("x", "inf", "-1", "+1", "1e3", "1_000", "1.2.3", "1,", ",5", "1 2", "12 34,5")),
        *({"weight": text} for text in ("1,5 000", "1\n234", "٣", "9" * 5000)),
        *({"counted": text} for text in ("1.5", "1e3", "1_0", "-2", "9" * 5000)),
        {"proof_on": "31/02"},
    ],
)
def test_a_proof_with_figures_that_cannot_be_is_refused(client, wrong):
    batch = batch_of(sent=True)
    text_of(client.post(f"/reuse/batches/{batch.id}/proof", data=wrong), 422)


def test_the_partners_list_is_looked_at_before_it_is_recorded(client):
    batch = batch_of(BatchKind.REFURBISH, sent=True)
    one, two = (Device.get_by_id(each) for each in inside(batch))
    at, text = f"/reuse/batches/{batch.id}/list", f"{one.serial};reconditionné;A\n{two.serial};réparé;\n"
    page = text_of(client.post(f"{at}/", data={"file": (io.BytesIO(text.encode("cp1252")), "retour.csv")}))
    assert one.serial in page
    assert f'action="{at}/apply"' not in page
    text_of(client.post(f"{at}/apply", data={"text": text}), 422)
    text_of(client.post(f"{at}/", data={"text": ""}), 422)
    right = text.replace("réparé", "hs")
    assert f'action="{at}/apply"' in text_of(client.post(f"{at}/", data={"text": right}))
    assert client.post(f"{at}/apply", data={"text": right}).status_code == 303
    assert (state_of(one), state_of(two)) == ("in_stock", "to_recycle")


def test_a_refurbished_device_says_so_on_its_page_at_the_desk_and_on_its_label(client):
    batch = batch_of(BatchKind.REFURBISH, 1, sent=True)
    (device_id,) = inside(batch)
    client.post(f"/reuse/batches/{batch.id}/outcomes", data={"outcome": "refurbished:B", "device": [device_id]})
    device = Device.get_by_id(device_id)
    assert "reconditionné" in text_of(client.get(f"/devices/{device_id}"))
    school = make_school()
    verdict = client.post(f"/handover/{school.id}/scan", data={"code": device.tag}, headers=HTMX)
    assert "reconditionné (grade B)" in text_of(verdict).replace("\u00a0", " ")
    assert client.get(f"/print/device/{device_id}").data[:5] == b"%PDF-"


def test_the_slips_code_opens_its_batch(client, sign_in):
    batch = batch_of()
    answer = client.get(f"/search?q={code_of(batch.id).lower()}")
    assert answer.location == f"/reuse/batches/{batch.id}"
    sign_in("school", schools=[make_school()])
    assert client.get(f"/search?q={code_of(batch.id)}").status_code == 200


def test_one_device_is_sorted_from_its_own_page(client):
    device = waiting()
    text_of(client.get(f"/devices/{device.id}"))
    asked = {"do": "triage", "place": "quarantine", "reason": "Odeur de brûlé"}
    assert client.post(f"/reuse/device/{device.id}", data=asked).location == f"/devices/{device.id}"
    assert state_of(device) == "quarantined"
    client.post(f"/reuse/device/{device.id}", data={"do": "erased"})
    assert Device.get_by_id(device.id).erased_at is None  # never lent: there is nothing to say


@pytest.mark.parametrize("url", ["/reuse/", "/reuse/batches/", "/reuse/batches/1", "/reuse/report/"])
def test_a_screen_costs_the_same_for_many(client, url):
    batch_of(BatchKind.REFURBISH, 1, sent=True)
    costs = []
    for more in (1, 8):
        for _ in range(more):
            waiting(DeviceState.TO_RECYCLE)
            BatchDevice.create(batch=1, device=make_device(), added_at=NOW)
            prove(batch_of(BatchKind.RECYCLE, 1))
        with recorded_statements() as sent:
            text_of(client.get(url))
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 14
