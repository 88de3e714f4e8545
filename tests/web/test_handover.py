"""The hand-over desk over HTTP: with htmx and without JavaScript."""

import json
import uuid

import pytest
from bs4 import BeautifulSoup

from tests.factories import NOW, SCHOOL_YEAR, actor, make_campaign, make_device, make_pupil, make_school
from tests.pictures import photo_of
from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.custody import CustodyEvent
from tracker.models.loans import Loan
from tracker.operations import allocations
from tracker.rules.custody import DeviceState

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _on_a_day_of_the_campaign(app, time_machine_at):
    time_machine_at(NOW)


class Hall:
    """A school, somebody of a role at its desk, a device and a pupil."""

    def __init__(self, client, sign_in, role="staff"):
        make_campaign()
        self.client = client
        self.school = make_school(name="Lycée Malherbe")
        self.user = sign_in(role, schools=[self.school] if role == "school" else [])
        self.pupil = make_pupil(self.school, last_name="Dupont", first_name="Éléa")
        self.device = make_device(self.school)

    def scan(self, code="", htmx=True, **fields):
        data = {"code": code, "action_id": str(uuid.uuid4())} | fields
        return Page(self.client.post(f"/handover/{self.school.id}/scan", data=data, headers=HTMX if htmx else {}))

    def hold(self, row):
        """The device or pupil, scanned: what the page then keeps in hand."""
        return self.scan(getattr(row, "tag", None) or row.slip_code).held


class Page:
    """An answer of the desk, as a person sees it."""

    def __init__(self, response):
        self.response, self.soup = response, BeautifulSoup(response.get_data(as_text=True), "html.parser")

    @property
    def kind(self):
        return self.soup.select_one("[data-verdict]")["data-verdict"]

    @property
    def text(self):
        return self.soup.select_one("[data-verdict]").get_text(" ", strip=True)

    @property
    def held(self):
        return {each["name"]: each["value"] for each in self.soup.select("input[form=scan-form]")}


@pytest.fixture
def hall(client, sign_in):
    return Hall(client, sign_in)


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("order", [("device", "pupil"), ("pupil", "device")])
def test_two_scans_in_either_order_record_the_loan(hall, order, htmx):
    codes = {"device": hall.device.serial, "pupil": hall.pupil.slip_code}
    first = hall.scan(codes[order[0]], htmx=htmx)
    assert (first.response.status_code, first.kind) == (200, "waiting")
    second = hall.scan(codes[order[1]], htmx=htmx, **first.held)
    assert (second.response.status_code, second.kind) == (200, "done")
    assert "Dupont" in second.text
    assert Loan.get().device_id == hall.device.id
    assert CustodyEvent.get(CustodyEvent.movement == "handed_over").scanned == hall.device.serial
    assert second.held == {}


def test_a_name_typed_in_part_asks_which_pupil_is_meant(hall):
    make_pupil(hall.school, last_name="Dupond", first_name="Élise")
    page = hall.scan("dup")
    assert page.kind == "ask"
    buttons = page.soup.select("button[name=pick_pupil]")
    assert [button["form"] for button in buttons] == ["scan-form"] * 2
    picked = hall.scan(pick_pupil=buttons[1]["value"])
    assert (picked.kind, picked.held) == ("waiting", hall.hold(hall.pupil))


def test_a_name_that_only_one_pupil_has_is_taken(hall):
    assert hall.scan("elea dupont").held == hall.hold(hall.pupil)


def test_a_suggested_name_is_picked(hall):
    page = Page(hall.client.get(f"/handover/{hall.school.id}/pupils?code=dup"))
    picked = hall.scan("dup", pick_pupil=page.soup.select_one("button[name=pick_pupil]")["value"])
    assert (picked.kind, picked.held) == ("waiting", hall.hold(hall.pupil))


def test_a_photograph_of_a_label_does_the_same_as_a_scan(hall):
    photo = (photo_of(hall.device.tag), "label.jpg")
    page = Page(
        hall.client.post(
            f"/handover/{hall.school.id}/scan", data={"photo": photo, "action_id": str(uuid.uuid4())}, headers=HTMX
        )
    )
    assert page.held == hall.hold(hall.device)


def test_a_carton_with_several_codes_gives_the_device_that_is_known(hall):
    readings = [
        {"text": "4006381333931", "symbology": "ean_13"},
        {"text": "PF9ZZZZZ", "symbology": "code_128"},
        {"text": hall.device.serial, "symbology": "code_128"},
    ]
    held = hall.scan(readings=json.dumps(readings)).held
    assert held == hall.hold(hall.device) | {"scanned": hall.device.serial}


def test_an_article_number_is_named_and_refused(hall):
    page = hall.scan(readings=json.dumps([{"text": "4006381333931", "symbology": "ean_13"}]))
    assert (page.response.status_code, page.kind) == (422, "refused")
    assert "4006381333931" in page.text


def test_a_refusal_keeps_what_was_in_hand(hall):
    first = hall.scan(hall.pupil.slip_code)
    assert hall.scan("zzz-nothing", **first.held).held == first.held


def test_a_refusal_names_its_rule_and_who_may_override(hall):
    pupil = make_pupil(hall.school, agreement="sent")
    page = hall.scan(pupil.slip_code)
    assert (page.response.status_code, page.kind) == (422, "refused")
    assert "A4" in page.text
    assert Loan.select().count() == 0


def test_a_stolen_device_is_refused_as_soon_as_it_is_scanned(hall):
    stolen = make_device(hall.school, state=DeviceState.STOLEN)
    page = hall.scan(stolen.tag)
    assert (page.kind, page.held) == ("refused", {})
    assert "R4" in page.text
    assert "La logistique est prévenue" in page.text


@pytest.mark.parametrize("first", ["device", "pupil"])
def test_a_stolen_device_that_is_scanned_opens_one_case_whoever_stands_there(hall, first):
    stolen = make_device(hall.school, state=DeviceState.STOLEN)
    held = hall.hold(hall.pupil) if first == "pupil" else {}
    for _ in range(2):
        assert hall.scan(stolen.tag, **held).kind == "refused"
    case = DeviceCase.get()
    assert (case.kind, case.school_id, case.opened_by) == ("sighting", hall.school.id, hall.user.id)
    assert CaseStep.select().where(CaseStep.seen, CaseStep.school == hall.school).count() == 1


def test_an_administrator_overrides_with_a_reason(client, sign_in):
    hall = Hall(client, sign_in, "admin")
    pupil = make_pupil(hall.school, agreement="sent")
    first = hall.scan(pupil.slip_code)
    assert set(first.held) == {"pupil"}
    second = hall.scan(hall.device.serial, **first.held)
    assert second.soup.select_one("input[name=reason]") is not None
    ids = decision(second, "override")
    assert hall.scan(**ids, reason=" ").kind == "refused"
    assert Loan.select().count() == 0
    assert hall.scan(**ids, reason="Accord du proviseur").kind == "done"


def test_an_administrator_swaps_and_overrides_one_after_the_other(client, sign_in):
    hall = Hall(client, sign_in, "admin")
    owner, pupil = make_pupil(hall.school), make_pupil(hall.school, agreement="sent")
    other = make_device(hall.school)
    allocations.allocate(hall.device.id, owner.id, actor=actor(), now=NOW)
    allocations.allocate(other.id, pupil.id, actor=actor(), now=NOW)
    asked = hall.scan(hall.device.serial, **hall.hold(pupil))
    assert choices(asked) == ["swap"]
    refused = hall.scan(**decision(asked, "swap"))
    assert "A4" in refused.text
    assert choices(refused) == ["override"]
    assert hall.scan(**decision(refused, "override"), reason="Accord du proviseur").kind == "done"


@pytest.mark.parametrize(("role", "offered"), [("staff", []), ("admin", ["override"])])
def test_no_swap_is_offered_where_there_is_nothing_to_swap(client, sign_in, role, offered):
    hall = Hall(client, sign_in, role)
    owner = make_pupil(hall.school, last_name="Lebreton")
    allocations.allocate(hall.device.id, owner.id, actor=actor(), now=NOW)
    page = hall.scan(hall.device.serial, **hall.hold(hall.pupil))
    assert (page.kind, choices(page)) == ("refused", offered)
    assert "Lebreton" in page.text
    assert "D4" in page.text


def choices(page):
    return [button["value"] for button in page.soup.select("button[name=decide]")]


def decision(page, choice):
    fields = {each["name"]: each.get("value", "") for each in page.soup.select("form.decision input[type=hidden]")}
    return fields | {"decide": choice}


def test_a_reason_that_is_missing_is_asked_for_again(client, sign_in):
    hall = Hall(client, sign_in, "admin")
    pupil = make_pupil(hall.school, agreement="sent")
    page = hall.scan(decide="override", reason=" ", **hall.hold(hall.device), **hall.hold(pupil))
    assert page.soup.select_one("form.decision input[name=reason]") is not None


def test_a_reason_that_is_too_long_is_refused_and_not_lost(client, sign_in):
    hall = Hall(client, sign_in, "admin")
    pupil = make_pupil(hall.school, agreement="sent")
    held = {**hall.hold(hall.device), **hall.hold(pupil)}
    page = hall.scan(decide="override", reason="é" * 301, **held)
    assert (page.response.status_code, Loan.select().count()) == (422, 0)
    assert page.soup.select_one("form.decision input[name=reason]")["value"] == "é" * 301


def test_a_reason_outlives_the_swap_that_must_be_agreed_to_first(client, sign_in):
    hall = Hall(client, sign_in, "admin")
    owner, pupil = make_pupil(hall.school), make_pupil(hall.school, agreement="sent")
    allocations.allocate(hall.device.id, owner.id, actor=actor(), now=NOW)
    allocations.allocate(make_device(hall.school).id, pupil.id, actor=actor(), now=NOW)
    page = hall.scan(decide="override", reason="Accord", **hall.hold(hall.device), **hall.hold(pupil))
    refused = hall.scan(**decision(page, "swap"))
    assert refused.soup.select_one("form.decision input[name=reason]")["value"] == "Accord"


def test_a_stolen_device_among_several_in_view_raises_its_alarm_and_is_not_asked_about(hall):
    stolen = make_device(hall.school, state=DeviceState.STOLEN)
    readings = json.dumps([{"text": each.tag, "symbology": "qr"} for each in (hall.device, stolen)])
    for held in ({}, hall.hold(hall.pupil)):
        page = hall.scan(readings=readings, **held)
        assert page.kind == "refused"
        assert "R4" in page.text
        assert stolen.serial in page.text


def no_more_member(school):
    school.member_until = NOW.date().replace(month=9)
    school.save()
    return school


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda hall: make_device(hall.school, state=DeviceState.LOST), "5 oct. 2026"),
        (lambda hall: make_pupil(hall.school, level="premiere_gt"), "Première"),
        (lambda hall: make_pupil(no_more_member(hall.school)), "5 sept. 2026"),
    ],
    ids=["lost", "level", "membership"],
)
def test_a_refusal_names_its_date_or_level(hall, make, named):
    row = make(hall)
    page = hall.scan(getattr(row, "tag", None) or row.slip_code)
    assert page.kind == "refused"
    assert named in page.text


def test_a_pupil_of_another_school_is_refused_with_the_name_of_that_school(hall):
    pupil = make_pupil(make_school(name="Lycée Allende"))
    page = hall.scan(pupil.slip_code)
    assert page.kind == "refused"
    assert "Lycée Allende" in page.text


def test_a_school_learns_nothing_of_a_device_or_pupil_by_its_number(client, sign_in):
    hall = Hall(client, sign_in, "school")
    pupil = make_pupil(make_school(), last_name="Zyxwv")
    stranger, device = str(pupil.id), make_device(make_school(), state=DeviceState.LOST)
    for fields in (
        {"pupil": stranger}, {"pick_pupil": stranger}, {"device": str(device.id)}, {"pick_device": str(device.id)},
        {"pupil": stranger, **hall.hold(hall.device)}, {"device": str(device.id), **hall.hold(hall.pupil)},
    ):  # fmt: skip
        for code in ("zzz-nothing", hall.device.serial):
            page = hall.scan(code, **fields)
            assert (page.response.status_code, page.kind) == (422, "refused")
            assert "Zyxwv" not in page.response.get_data(as_text=True)
            assert device.serial not in page.response.get_data(as_text=True)


def test_what_is_in_hand_is_of_no_use_elsewhere(hall, sign_in):
    held = hall.hold(hall.device)
    assert hall.scan(hall.pupil.slip_code, pupil=held["device"]).held == {}
    here, hall.school = hall.school, make_school()
    assert hall.scan(pick_device=held["device"]).held == {}
    hall.school = here
    sign_in("staff")
    page = hall.scan(**held)
    assert (page.kind, page.held) == ("refused", {})
    assert hall.device.serial not in page.response.get_data(as_text=True)


def test_the_same_post_twice_is_one_loan_and_the_same_answer(hall):
    fields = hall.hold(hall.device) | {"action_id": str(uuid.uuid4())}
    first, again = (hall.scan(hall.pupil.slip_code, **fields) for _ in range(2))
    assert (first.kind, again.kind) == ("done", "done")
    assert Loan.select().count() == 1


def test_an_action_id_of_an_old_page_never_answers_for_another_pupil(hall):
    fields = {"action_id": str(uuid.uuid4())}
    hall.scan(hall.pupil.slip_code, **hall.hold(hall.device), **fields)
    other_pupil, other_device = make_pupil(hall.school), make_device(hall.school)
    page = hall.scan(pick_pupil=hall.hold(other_pupil)["pupil"], **hall.hold(other_device), **fields)
    assert page.kind == "refused"
    assert Loan.select().count() == 1


def test_the_fragment_brings_counter_last_ten_and_a_fresh_action_id(hall):
    page = hall.scan(hall.pupil.slip_code, **hall.hold(hall.device))
    assert "1" in page.soup.select_one("#desk-counter").get_text()
    assert hall.device.serial in page.soup.select_one("#desk-recent").get_text()
    assert page.soup.select_one("#scan-action-id")["hx-swap-oob"] == "true"


def test_a_fragment_that_wrote_nothing_leaves_counter_and_list_alone(hall):
    page = hall.scan(hall.pupil.slip_code)
    assert page.kind == "waiting"
    assert page.soup.select("#desk-counter, #desk-recent") == []


def test_undo_from_the_list_puts_it_back(hall):
    page = hall.scan(hall.pupil.slip_code, **hall.hold(hall.device))
    form = page.soup.select_one("#desk-recent form")
    data = {"action_id": str(uuid.uuid4()), "event": form.select_one("button[name=event]")["value"]}
    answer = Page(hall.client.post(form["action"], data=data, headers=HTMX))
    assert answer.kind == "info"
    assert Loan.get().end_reason == "undone"
    assert answer.soup.select("#desk-recent tr.is-undone")
    assert not answer.soup.select("#desk-recent button")


def test_another_schools_desk_is_not_found(client, sign_in):
    hall = Hall(client, sign_in, "school")
    other = make_school()
    assert client.get(f"/handover/{other.id}").status_code == 404
    assert client.post(f"/handover/{other.id}/scan", data={"code": hall.device.serial}).status_code == 404


def test_a_person_with_one_school_is_asked_for_the_class_only(client, sign_in):
    hall = Hall(client, sign_in, "school")
    page = BeautifulSoup(client.get("/handover/").get_data(as_text=True), "html.parser")
    assert page.select_one("select[name=school]") is None
    assert page.select_one(f"a[href='/handover/{hall.school.id}?class=2GT1']") is not None


def test_a_desk_asks_the_database_the_same_number_of_times_however_many_pupils_there_are(hall, count_queries):
    def cost():
        with count_queries() as counted:
            hall.client.get(f"/handover/{hall.school.id}")
        return counted.total

    few = cost()
    for _ in range(40):
        make_pupil(hall.school)
    assert cost() == few


def test_hotspots_and_years_are_told_apart_in_the_counter(hall):
    make_pupil(hall.school, school_year=SCHOOL_YEAR - 1)
    make_pupil(hall.school, eligible="no", eligible_reason="second_year", level="premiere_gt")
    make_pupil(hall.school, agreement=None)
    page = BeautifulSoup(hall.client.get(f"/handover/{hall.school.id}").get_data(as_text=True), "html.parser")
    assert page.select_one("#desk-counter").get_text(" ", strip=True).startswith("0 / 1")


@pytest.mark.parametrize("order", [("device", "pupil"), ("pupil", "device")])
def test_the_same_pair_scanned_again_one_after_the_other_is_already_done_not_refused(hall, order):
    hall.scan(hall.pupil.slip_code, **hall.hold(hall.device))
    codes = {"device": hall.device.tag, "pupil": hall.pupil.slip_code}
    first = hall.scan(codes[order[0]])
    assert (first.response.status_code, first.kind) == (200, "already")
    assert hall.scan(codes[order[1]], **first.held).kind == "already"
    assert Loan.select().count() == 1


def test_a_lent_device_and_another_pupil_is_refused_at_the_second_scan(hall):
    hall.scan(hall.pupil.slip_code, **hall.hold(hall.device))
    first = hall.scan(hall.device.tag)
    assert hall.scan(make_pupil(hall.school).slip_code, **first.held).kind == "refused"


def test_logistics_undoes_somebody_elses_hand_over_from_the_devices_page(hall, client, sign_in):
    hall.scan(hall.pupil.slip_code, **hall.hold(hall.device))
    sign_in("logistics")
    page = BeautifulSoup(client.get(f"/devices/{hall.device.id}").get_data(as_text=True), "html.parser")
    form = page.select_one("form[action$='/undo']")
    fields = {each["name"]: each["value"] for each in form.select("input[name]")}
    assert Page(client.post(form["action"], data=fields)).kind == "info"
    assert Loan.get().end_reason == "undone"


def test_without_a_school_year_the_desk_says_what_to_do_next(client, sign_in):
    make_school()
    sign_in("admin")
    page = client.get("/handover/")
    assert page.status_code == 200
    assert "/campaign/" in page.get_data(as_text=True)
