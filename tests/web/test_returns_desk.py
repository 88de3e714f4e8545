"""The returns desk as people use it: each way of a device, with htmx and without, nothing scanned ever lost."""

import io
import uuid

import pytest
from bs4 import BeautifulSoup

from tests.factories import NOW, TODAY, actor, make_campaign, make_device, make_guardian, make_pupil, make_school
from tests.lending import lend
from tests.pictures import photo_of
from tracker.models.attachments import Attachment
from tracker.models.loans import Loan
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.returns import ExpectedReturn, ReturnRecord
from tracker.operations.expected_returns import expect_return
from tracker.queries.custody import custody_now
from tracker.rules.custody import DeviceState
from tracker.rules.returns import ReturnReason
from tracker.rules.sscc import sscc

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _on_that_day(time_machine_at):
    time_machine_at(NOW)


class Hall:
    """A school with a pupil who has a laptop that is expected back, and somebody at a returns desk."""

    def __init__(self, client, sign_in, role="logistics", place="warehouse", expected=True):
        self.client, self.campaign = client, make_campaign()
        self.school = make_school(name="Lycée Malherbe")
        self.user = sign_in(role, schools=[self.school] if role == "school" else [])
        self.pupil = make_pupil(self.school, last_name="Dupont", first_name="Éléa")
        self.device = make_device(self.school)
        lend(self.device, self.pupil, self.school)
        if expected:
            self.expect(self.device)
        self.place = self.school.id if place == "school" else place

    def expect(self, device):
        loan = Loan.get(Loan.device == device)
        expect_return(loan, ReturnReason.DEPARTURE, due_on=TODAY, actor=actor(), now=NOW)

    def send(self, path, htmx=True, **fields):
        data = {"action_id": str(uuid.uuid4())} | fields
        return Page(self.client.post(f"/returns/desk/{self.place}/{path}", data=data, headers=HTMX if htmx else {}))

    def scan(self, code="", htmx=True, **fields):
        return self.send("scan", htmx, code=code, **fields)

    def state(self):
        return custody_now(self.device.id).state


class Page:
    """An answer of the desk, as a person sees it and as its forms send it on."""

    def __init__(self, response):
        self.response, self.soup = response, BeautifulSoup(response.get_data(as_text=True), "html.parser")

    @property
    def kind(self):
        return self.soup.select_one("[data-verdict]")["data-verdict"]

    @property
    def text(self):
        return self.soup.select_one("[data-verdict]").get_text(" ", strip=True)

    @property
    def waiting(self):
        return [each["value"] for each in self.soup.select("input[form=scan-form][name=waiting]")]

    def form(self, ends="/take"):
        form = self.soup.select_one(f"[data-verdict] form[action$='{ends}']")
        fields = {}
        buttons = form.select("button[name]")
        for each in [*form.select("input[type=hidden]"), *(buttons if len(buttons) == 1 else [])]:
            fields.setdefault(each["name"], []).append(each.get("value", ""))
        return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}

    def keys(self):
        return {each["data-key"]: each.get_text(" ", strip=True) for each in self.soup.select("[data-key]")}


@pytest.fixture
def hall(client, sign_in):
    return Hall(client, sign_in)


@pytest.mark.parametrize("htmx", [True, False])
def test_one_scan_and_one_key_put_a_device_back_into_stock(hall, htmx):
    asked = hall.scan(hall.device.tag, htmx)
    assert (asked.response.status_code, asked.kind) == (200, "waiting")
    assert "Dupont Éléa" in asked.text
    assert "départ, au plus tard le 5 oct. 2026" in asked.text
    assert "en stock" in asked.keys()["enter"]
    done = hall.send("take", htmx, **asked.form(), condition="good")
    assert (done.kind, hall.state()) == ("done", DeviceState.IN_STOCK)
    assert ExpectedReturn.get().came_back
    undone = hall.send("undo", htmx, **done.form("/undo"))
    assert (undone.kind, hall.state()) == ("info", DeviceState.LENT)


def test_what_is_missing_and_another_place_are_recorded(hall):
    form = hall.scan(hall.device.tag).form()
    hall.send(
        "take", **form, condition="worn", missing=["charger", "box"], next_place="refurbisher", note="écran jauni"
    )
    record = ReturnRecord.get()
    assert (record.missing, record.note, hall.state()) == (["charger", "box"], "écran jauni", DeviceState.TO_REFURBISH)


@pytest.mark.parametrize("htmx", [True, False])
def test_in_a_hall_an_expected_device_needs_one_scan_and_nothing_else(client, sign_in, htmx):
    hall = Hall(client, sign_in, "school", "school")
    page = hall.scan(hall.device.serial, htmx)
    assert (page.kind, hall.state()) == ("done", DeviceState.RETURNED)
    assert "Dupont Éléa" in page.text
    again = hall.scan(hall.device.serial, htmx)
    assert again.kind == "already"


def test_what_nobody_waits_for_is_taken_with_its_reason_by_one_tap(client, sign_in):
    hall = Hall(client, sign_in, "staff", "school", expected=False)
    asked = hall.scan(hall.device.tag)
    assert (asked.kind, hall.state()) == ("ask", DeviceState.LENT)
    assert set(asked.keys()) == {"1", "2", "3", "4"}
    assert hall.send("take", **asked.form(), reason="end_of_year").kind == "done"
    assert ReturnRecord.get().reason == "end_of_year"


@pytest.mark.parametrize("role", ["school", "staff"])
def test_a_breakdown_that_nobody_reported_gets_its_case_first(client, sign_in, role):
    hall = Hall(client, sign_in, role, "school", expected=False)
    links = [a["href"] for a in hall.scan(hall.device.serial).soup.select("[data-verdict] a[target=_blank]")]
    assert links == ([f"/cases/new?device={hall.device.id}"] if role == "school" else [])
    hall.expect(hall.device)
    assert not hall.scan(hall.device.serial).soup.select("[data-verdict] a[target=_blank]")


def test_at_the_warehouse_the_reason_comes_first_then_the_condition(client, sign_in):
    hall = Hall(client, sign_in, expected=False)
    asked = hall.send("take", **hall.scan(hall.device.tag).form(), reason="breakdown")
    assert "réparation" in asked.keys()["enter"]
    assert hall.send("take", **asked.form(), condition="good").kind == "done"
    assert hall.state() is DeviceState.IN_REPAIR


def test_a_second_scan_loses_nothing_and_decides_nothing_about_the_first(hall):
    other, pupil = make_device(hall.school), make_pupil(hall.school)
    lend(other, pupil, hall.school)
    hall.expect(other)
    first = hall.scan(hall.device.tag)
    second = hall.scan(other.tag, waiting=first.waiting)
    assert hall.device.serial in second.soup.select_one(".still-waiting").get_text()
    assert len(second.waiting) == 2
    unknown = hall.scan("zz zz", waiting=second.waiting)
    assert len(unknown.waiting) == 2
    done = hall.send("take", **second.form(), condition="good")
    assert (done.kind, hall.state()) == ("done", DeviceState.LENT)
    (picked,) = done.soup.select("button[name=pick_device]")
    assert (picked["data-key"], len(done.waiting)) == ("enter", 1)
    assert hall.device.serial in hall.scan(pick_device=picked["value"], waiting=done.waiting).text


def test_a_stolen_device_raises_the_alarm_and_is_kept(hall):
    stolen = make_device(hall.school, state=DeviceState.STOLEN)
    page = hall.scan(stolen.tag)
    assert (page.kind, page.response.status_code) == ("refused", 200)
    assert "R4" in page.text
    assert custody_now(stolen.id).state is DeviceState.QUARANTINED


def test_what_is_in_stock_is_back_already_and_its_place_can_be_decided_anew(hall):
    device = make_device()
    page = hall.scan(device.tag)
    assert page.kind == "already"
    asked = hall.send("take", **page.form())
    assert hall.send("take", **asked.form(), condition="broken").kind == "done"
    assert custody_now(device.id).state is DeviceState.IN_REPAIR


def test_a_number_that_nobody_knows_is_noted_and_undone(hall):
    page = hall.scan("5CD12345XY")
    assert (page.kind, page.response.status_code) == ("refused", 422)
    noted = hall.send("note", **page.form("/note"), what="other_owner")
    assert (noted.kind, ReturnRecord.get().stranger) == ("done", "other_owner")
    hall.send("undo", **noted.form("/undo"))
    assert ReturnRecord.get().undone_at is not None


def test_of_a_parcels_label_the_desk_says_to_open_the_box(hall):
    page = hall.scan(f"00{sscc('', 7)}")
    assert (page.kind, page.response.status_code) == ("refused", 422)
    assert "Ouvrez la boîte et scannez chaque appareil" in page.text
    assert "élève" not in page.text
    assert not page.soup.select("form[action$='/note']")


def test_the_pupils_slip_finds_the_device_whose_label_is_gone(hall):
    assert hall.device.serial in hall.scan(hall.pupil.slip_code).text
    nothing = hall.scan(make_pupil(hall.school).slip_code)
    assert (nothing.kind, nothing.response.status_code) == ("refused", 422)


def test_of_a_pupil_who_died_it_is_said_with_tact_and_nothing_is_sent(hall):
    make_guardian(hall.pupil)
    Pupil.update(deceased=True).execute()
    done = hall.send("take", **hall.scan(hall.device.tag).form(), condition="good")
    assert "décédé" in done.text
    record = ReturnRecord.get()
    assert "/mail" not in hall.client.get(f"/returns/record/{record.id}").get_data(as_text=True)
    assert hall.client.post(f"/returns/record/{record.id}/mail").status_code == 422
    assert OutboxMail.select().count() == 0


def test_the_receipt_is_printed_and_mailed_to_the_legal_guardian(hall):
    guardian = make_guardian(hall.pupil)
    make_guardian(hall.pupil, legal=False)
    hall.send("take", **hall.scan(hall.device.tag).form(), condition="good")
    address = f"/returns/record/{ReturnRecord.get().id}"
    assert hall.client.get(f"{address}/receipt.pdf").data.startswith(b"%PDF")
    assert hall.client.post(f"{address}/mail").status_code == 303
    assert [each.recipient for each in OutboxMail.select()] == [guardian.email]
    assert hall.client.post(f"{address}/mail").status_code == 422
    other = make_guardian(hall.pupil)
    assert hall.client.post(f"{address}/mail").status_code == 303
    assert [each.recipient for each in OutboxMail.select().order_by(OutboxMail.id)] == [guardian.email, other.email]


def test_photographs_stay_with_the_return_and_what_is_none_is_refused(hall):
    hall.send("take", **hall.scan(hall.device.tag).form(), condition="damaged")
    address = f"/returns/record/{ReturnRecord.get().id}"

    def add(name, data):
        return hall.client.post(f"{address}/photos", data={"photo": (io.BytesIO(data), name)})

    assert add("a.svg", b"<svg onload='x()'/>").status_code == 422
    assert hall.client.post(f"{address}/photos").status_code == 422
    mixed = [(io.BytesIO(b"<svg/>"), "b.svg"), (photo_of("PF123456"), "etiquette.jpg")]
    said = hall.client.post(f"{address}/photos", data={"photo": mixed}).get_data(as_text=True)
    assert ("b.svg" in said, Attachment.get().file_name) == (True, "etiquette.jpg")
    Attachment.delete().execute()
    assert add("ecran.jpg", photo_of("PF123456").getvalue()).status_code == 303
    (link,) = BeautifulSoup(hall.client.get(address).data, "html.parser").select(".photo-list img")
    assert hall.client.get(link["src"]).mimetype == "image/jpeg"


def test_a_pupil_of_another_school_is_named_neither_on_the_desk_nor_on_the_papers(client, sign_in):
    hall = Hall(client, sign_in, "school", "school")
    make_guardian(hall.pupil)
    Enrolment.update(school=make_school()).execute()
    assert "Dupont" not in hall.scan(hall.device.tag).text
    address = f"/returns/record/{ReturnRecord.get().id}"
    for page in (f"/returns/desk/{hall.place}", address):
        assert "Dupont" not in hall.client.get(page).get_data(as_text=True)
    assert hall.client.post(f"{address}/mail").status_code == 422


def test_a_device_that_the_page_never_carried_is_not_taken(hall):
    page = hall.send("take", device=str(hall.device.id), condition="good")
    assert (page.response.status_code, hall.state()) == (422, DeviceState.LENT)


@pytest.mark.parametrize("role", ["school", "staff"])
def test_the_warehouse_is_for_logistics_alone(client, sign_in, role):
    hall = Hall(client, sign_in, role)
    assert client.get("/returns/desk/warehouse").status_code == 404
    assert "/returns/desk/warehouse" not in client.get("/returns/desk/").get_data(as_text=True)
    assert client.get(f"/returns/desk/{hall.school.id}").status_code == 200


def test_the_desk_and_a_scan_cost_a_fixed_number_of_queries(hall, count_queries):
    def cost(act):
        with count_queries() as counted:
            act()
        return counted.total

    def fill(number):
        for _each in range(number):
            device = make_device(hall.school)
            lend(device, make_pupil(hall.school), hall.school)
            hall.expect(device)
            hall.send("take", **hall.scan(device.tag).form(), condition="good")

    fill(1)
    first = cost(lambda: hall.client.get("/returns/desk/warehouse")), cost(lambda: hall.scan(hall.device.tag))
    fill(3)
    assert (cost(lambda: hall.client.get("/returns/desk/warehouse")), cost(lambda: hall.scan(hall.device.tag))) == first
    assert first[0] <= 12
    assert first[1] <= 16
