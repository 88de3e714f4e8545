"""Parcels on their screens: list, page, labels, form, tracking numbers, search."""

import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from tests import factories
from tests.carriers import services
from tests.factories import NOW
from tests.paper import opened, words
from tests.parcels import addressed_school, outbound, prepared, with_return_address
from tracker.models.devices import Device
from tracker.models.parcels import Parcel
from tracker.operations import parcels
from tracker.rules.parcels import ParcelKind, ParcelState
from tracker.rules.sscc import spelled, sscc


class World:
    """A school with a parcel on its way, seen by logistics."""

    def __init__(self) -> None:
        factories.make_campaign()
        with_return_address()
        self.school = addressed_school(name="Lycée Malherbe")
        self.pupil = factories.make_pupil(self.school, last_name="Lefèvre", class_name="2GT4")
        self.device = factories.make_device()
        self.parcel = prepared(ParcelKind.NAMED, self.school, self.device, pupil_id=self.pupil.id)


@pytest.fixture
def world(app, time_machine_at):
    time_machine_at(NOW)
    return World()


def said(response) -> str:
    return " ".join(BeautifulSoup(response.data, "html.parser").get_text(" ").split())


def test_the_list_shows_each_parcel_in_a_fixed_number_of_queries(world, client, sign_in, count_queries):
    sign_in("logistics")
    client.get("/parcels/")
    with count_queries() as few:
        text = said(client.get("/parcels/"))
    for _ in range(5):
        parcels.ship([outbound(world.school).id], actor=factories.actor(), now=NOW)
    with count_queries() as many:
        client.get("/parcels/")
    assert spelled(world.parcel.reference) in text
    assert "Lefèvre" in text
    assert few.total == many.total


def test_filters_narrow_the_list_and_its_export(world, client, sign_in):
    other = outbound(world.school)
    sign_in("logistics")
    assert spelled(other.reference) not in said(client.get("/parcels/?kind=named"))
    exported = client.get("/parcels/export.csv?kind=named").data.decode("utf-8-sig")
    assert world.parcel.reference in exported
    assert other.reference not in exported


def test_a_parcel_that_is_on_its_way_for_too_long_is_overdue(world, client, sign_in, time_machine_at):
    parcels.ship([world.parcel.id], actor=factories.actor(), now=NOW.replace(month=9))
    outbound(world.school)
    sign_in("logistics")
    rows = BeautifulSoup(client.get("/parcels/?state=overdue").data, "html.parser").select("tbody tr")
    assert len(rows) == 1
    assert "en retard" in rows[0].get_text()


def test_its_page_leads_to_the_next_step_of_each_state(world, client, sign_in):
    sign_in("logistics")
    page = f"/parcels/{world.parcel.id}"
    primary = ".page-actions .btn-primary"

    def next_step() -> str:
        return BeautifulSoup(client.get(page).data, "html.parser").select_one(primary)["href"]

    assert next_step() == f"{page}/label?form=a4"
    client.post(f"{page}/ship")
    assert next_step() == f"/parcels/reception/{world.school.id}"
    parcels.receive(world.parcel.id, actor=factories.actor(), now=NOW)
    assert next_step() == f"/handover/{world.school.id}"


@pytest.mark.parametrize(("form", "start"), [("a4", b"%PDF"), ("10x15", b"%PDF"), ("zpl", b"^XA")])
def test_labels_come_alone_or_all_that_are_filtered(world, client, sign_in, form, start):
    outbound(world.school)
    sign_in("school", schools=[world.school])
    assert client.get(f"/parcels/{world.parcel.id}/label?form={form}").data.startswith(start)
    assert client.get(f"/parcels/labels?form={form}&state=prepared").data.startswith(start)


def test_a_named_label_bears_name_and_class_never_the_ine_nor_the_schools_line(world, client, sign_in):
    world.pupil.ine = "123456789AB"
    world.pupil.save()
    sign_in("logistics")
    zpl = client.get(f"/parcels/{world.parcel.id}/label?form=zpl").data.decode()
    assert "Lefèvre Léa · 2GT4" in zpl
    assert "0 800 97 87 00" in zpl
    assert "Financé par" in zpl
    assert "123456789AB" not in zpl
    assert "09 74 77 42 74" not in zpl


def printed_words(response) -> str:
    """What stands on all pages, without gaps."""
    return "".join(words(page) for page in opened(response.data))


def test_labels_are_french_whoever_prints_them(world, client, sign_in):
    sign_in("logistics", locale="en")
    prepared(ParcelKind.RETURN, world.school, factories.make_device(world.school))
    assert "Search" in client.get("/parcels/").text
    alone = printed_words(client.get(f"/parcels/{world.parcel.id}/label?form=a4"))
    assert ("COLISNOMINATIF" in alone, "Pourenvoyerlecolis" in alone, "Tosend" in alone) == (True, True, False)
    returns = client.get("/parcels/labels?kind=return&form=zpl").text
    assert ("Port payé par la Région" in returns, "Postage" in returns) == (True, False)


def test_the_sim_card_of_a_hotspot_stays_in_it_and_of_a_laptop_none_is_spoken_of(world, client, sign_in):
    sign_in("logistics")
    laptop, hotspot = factories.make_device(world.school), factories.make_device(world.school, kind="hotspot")
    prepared(ParcelKind.RETURN, world.school, laptop)
    without = printed_words(client.get("/parcels/labels?kind=return&form=a4"))
    assert ("cléUSB" in without, "SIM" in without) == (True, False)
    prepared(ParcelKind.RETURN, world.school, hotspot)
    pages = [words(page) for page in opened(client.get("/parcels/labels?kind=return&form=a4").data)]
    assert ["LaissezlacarteSIMdanslegalet4G" in page for page in pages] == [False, True]


def test_another_schools_parcel_is_not_found_by_any_way(world, client, sign_in):
    sign_in("school", schools=[addressed_school()])
    for way in ("", "/label", "/carrier-label"):
        assert client.get(f"/parcels/{world.parcel.id}{way}").status_code == 404
    for way in ("ship", "cancel", "take-back", "tracking", "incomplete", "carrier"):
        assert client.post(f"/parcels/{world.parcel.id}/{way}").status_code in (404, 422)
    assert Parcel.get().state == ParcelState.PREPARED
    assert "/parcels/" not in client.get(f"/search?q={world.parcel.reference}").headers.get("Location", "")


def test_a_parcel_is_prepared_from_the_form(world, client, sign_in):
    device = factories.make_device()
    sign_in("logistics")
    pupil = factories.make_pupil(world.school, last_name="Ozanne")
    form = {"kind": "named", "school": world.school.id, "pupil": "Ozanne Léa", "numbers": device.serial.lower()}
    answer = client.post("/parcels/new", data=form)
    parcel = Parcel.get(Parcel.pupil == pupil.id)
    assert answer.headers["Location"] == f"/parcels/{parcel.id}"
    assert Device.get_by_id(device.id).holder == "parcel"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"numbers": "PF99"}, "PF99"),
        ({"numbers": ""}, "1 à 100"),
        ({"pupil": "Personne"}, "Aucun élève"),
        ({"school": ""}, "un lycée"),
    ],
)
def test_a_form_that_is_wrong_says_where_and_keeps_what_was_typed(world, client, sign_in, changes, sentence):
    device = factories.make_device()
    addressed_school()
    sign_in("logistics")
    form = {"kind": "named", "school": world.school.id, "pupil": "Lefèvre", "numbers": device.serial} | changes
    answer = client.post("/parcels/new", data=form)
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert Parcel.select().count() == 1
    if "numbers" not in changes:
        assert device.serial in answer.text


def test_a_school_prepares_returns_only(world, client, sign_in):
    sign_in("school", schools=[world.school])
    device = factories.make_device(world.school)
    assert client.post("/parcels/new", data={"kind": "outbound", "numbers": device.serial}).status_code == 422
    assert client.post("/parcels/new", data={"kind": "return", "numbers": device.serial}).status_code == 303


def test_an_address_that_is_not_whole_is_refused_before_the_label(world, client, sign_in):
    world.school.street = ""
    world.school.save()
    sign_in("logistics")
    form = {"kind": "outbound", "school": world.school.id, "numbers": factories.make_device().serial}
    answer = client.post("/parcels/new", data=form)
    assert answer.status_code == 422
    assert "rue" in said(answer)


def test_a_tracking_number_is_written_by_hand_and_found_by_the_search_box(world, client, sign_in):
    sign_in("logistics")
    refused = client.post(f"/parcels/{world.parcel.id}/tracking", data={"tracking": "?"})
    assert refused.status_code == 422
    client.post(f"/parcels/{world.parcel.id}/tracking", data={"tracking": "8r 0000 0000 012"})
    for text in (
        "8R00000000012",
        world.parcel.reference,
        f"(00){world.parcel.reference}",
        spelled(world.parcel.reference),
    ):
        assert client.get("/search", query_string={"q": text}).headers["Location"] == f"/parcels/{world.parcel.id}"


def test_a_carriers_file_is_written_down_whole_or_not_at_all(world, client, sign_in):
    sign_in("logistics")

    def send(text: str):
        return client.post("/parcels/tracking", data={"file": (io.BytesIO(text.encode()), "suivi.csv")})

    wrong = send(f"reference;tracking\r\n{world.parcel.reference};8R00000000012\r\n{sscc('', 999)};8R1234567\r\n12;x")
    assert wrong.status_code == 422
    assert "Aucun colis n’a cette référence" in said(wrong)
    assert Parcel.get().tracking == ""
    assert send(f"reference;tracking\r\n{spelled(world.parcel.reference)};8R00000000012\r\n\r\n").status_code == 303
    assert Parcel.get().tracking == "8R00000000012"


def test_a_carriers_file_that_gives_a_number_twice_or_anew_says_so_of_each_line(world, client, sign_in):
    sign_in("logistics")
    known, first, second = outbound(world.school), outbound(world.school), outbound(world.school)
    parcels.cancel(second.id, actor=factories.actor(), now=NOW)
    client.post(f"/parcels/{known.id}/tracking", data={"tracking": "8R00000000012"})
    lines = [(first, "8R00000000029"), (world.parcel, "8R00000000029"), (second, "8R00000000036")]
    text = "\n".join(f"{parcel.reference};{number}" for parcel, number in lines)
    answer = client.post("/parcels/tracking", data={"file": (io.BytesIO(text.encode()), "suivi.csv")})
    assert answer.status_code == 422
    for sentence in ("Ce numéro figure deux fois", "Ce colis est annulé"):
        assert sentence in said(answer)
    file = io.BytesIO(f"{first.reference};8R00000000012".encode())
    answer = client.post("/parcels/tracking", data={"file": (file, "suivi.csv")})
    assert f"Le colis {spelled(known.reference)} a déjà ce numéro" in said(answer)
    by_hand = client.post(f"/parcels/{first.id}/tracking", data={"tracking": "8R00000000012"})
    assert (by_hand.status_code, "a déjà ce numéro" in said(by_hand)) == (422, True)


def test_of_a_late_parcel_the_school_is_told_to_receive_it(world, client, sign_in, time_machine_at):
    parcels.ship([world.parcel.id], actor=factories.actor(), now=NOW)
    time_machine_at(NOW + timedelta(30))
    sign_in("logistics")
    assert "demandez au lycée" in client.get(f"/parcels/{world.parcel.id}").text
    sign_in("school", schools=[world.school])
    told = client.get(f"/parcels/{world.parcel.id}").text
    assert ("réceptionnez-le" in told, "demandez au lycée" in told) == (True, False)


def test_a_named_parcel_says_at_once_that_pupil_and_device_are_missing(world, client, sign_in):
    sign_in("logistics")
    sent = {"kind": "named", "school": world.school.id, "numbers": "NOSUCH1"}
    answer = client.post("/parcels/new", data=sent)
    assert (answer.status_code, "Écrivez à qui" in answer.text, "NOSUCH1</span>" in answer.text) == (422, True, True)


def test_the_pages_of_device_and_pupil_say_in_which_parcel(world, client, sign_in):
    sign_in("logistics")
    for page in (f"/devices/{world.device.id}", f"/pupils/{world.pupil.id}"):
        assert f'href="/parcels/{world.parcel.id}"' in client.get(page).text


def test_a_carriers_label_is_kept_with_its_number_and_a_failure_changes_nothing(world, client, sign_in):
    pytest.importorskip("karrio")
    sign_in("logistics")
    settings = client.application.extensions["settings"]
    with services.serving() as service:
        settings.colissimo_account, settings.colissimo_url = "123", service.url
        service.answer = services.colissimo_error("Contrat inconnu")
        refused = client.post(f"/parcels/{world.parcel.id}/carrier", data={"carrier": "colissimo"})
        assert refused.status_code == 422
        assert "Contrat inconnu" in said(refused)
        assert Parcel.get().carrier == "own"
        service.answer = services.colissimo_label()
        assert client.post(f"/parcels/{world.parcel.id}/carrier", data={"carrier": "colissimo"}).status_code == 303
    parcel = Parcel.get()
    assert (parcel.carrier, parcel.tracking) == ("colissimo", "8R00000000012")
    assert client.get(f"/parcels/{parcel.id}/carrier-label").data == services.PDF


def test_logistics_completes_a_schools_address_and_one_that_would_be_cut_is_refused(world, client, sign_in):
    school = factories.make_school(name="Lycée sans adresse")
    sign_in("logistics")
    rows = BeautifulSoup(client.get("/parcels/addresses/").data, "html.parser").select("tbody tr")
    assert "Lycée sans adresse" in rows[0].get_text()
    form = {"street": "2 rue Haute", "postcode": "14000", "city": "C" * 40}
    assert client.post(f"/parcels/addresses/{school.id}", data=form).status_code == 422
    assert client.post(f"/parcels/addresses/{school.id}", data=form | {"city": "Caen"}).status_code == 303
    assert outbound(type(school).get_by_id(school.id)).recipient["street"] == "2 rue Haute"


def test_the_pages_of_device_and_pupil_lead_to_a_parcel_where_one_is_possible(world, client, sign_in):
    stock, there = factories.make_device(), factories.make_device(world.school)
    pupil = factories.make_pupil(world.school)
    sign_in("logistics")
    assert f"/parcels/new?pupil={pupil.id}" in client.get(f"/pupils/{pupil.id}").text
    assert (
        f"/parcels/new?pupil={world.pupil.id}" not in client.get(f"/pupils/{world.pupil.id}").text
    )  # has one under way
    assert "kind=outbound" in client.get(f"/devices/{stock.id}").text
    assert "kind=return" in client.get(f"/devices/{there.id}").text
    filled = client.get(f"/parcels/new?pupil={pupil.id}").text
    assert f'value="{pupil.last_name} {pupil.first_name}"' in filled
