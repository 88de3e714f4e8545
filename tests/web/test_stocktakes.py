"""Stocktakes in the browser's words: start, scan, differences, the end; own places only, with htmx and without."""

import csv
import html
import io
import re
import uuid

import pytest
from bs4 import BeautifulSoup

from tests.factories import NOW, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tests.paper import opened, rendered
from tests.paper import words as printed_words
from tests.parcels import addressed_school, outbound, with_return_address
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX
from tracker import scanning
from tracker.models.custody import CustodyEvent
from tracker.models.parcels import Parcel
from tracker.models.stocktakes import Stocktake, StocktakeLine
from tracker.rules.sscc import spelled, sscc


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school(name="Lycée Malherbe")


@pytest.fixture
def count(client, sign_in, school):
    """A stocktake of the school's own stock, two devices of it expected, one of the warehouse beside them."""
    return Count(client, sign_in, school)


class Count:
    def __init__(self, client, sign_in, school):
        self.client, self.school = client, school
        self.here, self.missing, self.stray = make_device(school), make_device(school), make_device()
        sign_in("logistics", name="Marie Lenoir")
        assert client.post("/stocktakes/new/", data={"place": "school", "school": school.id}).status_code == 303
        self.id = Stocktake.get().id
        self.url = f"/stocktakes/{self.id}"

    def scan(self, code, status=200, **how):
        data = {"code": code, "action_id": str(uuid.uuid4())}
        answer = self.client.post(f"{self.url}/desk/scan", data=data, headers=HTMX, **how)
        assert answer.status_code == status
        return words(answer)

    def settle(self, code, way, reason="", headers=HTMX):
        line = StocktakeLine.get(StocktakeLine.stocktake == self.id, StocktakeLine.code == code)
        return self.client.post(f"{self.url}/lines/{line.id}", data={"way": way, "reason": reason}, headers=headers)


def words(answer):
    """What stands on the page, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def kind(answer):
    return re.search(r'data-verdict="(\w+)"', answer.get_data(as_text=True))[1]


def test_each_scan_has_a_verdict_of_its_own_and_the_ledger_gains_nothing(count):
    before = CustodyEvent.select().count()
    said = {}
    for name, code in (("found", count.here.tag), ("already", count.here.serial), ("elsewhere", count.stray.serial)):
        answer = count.client.post(f"{count.url}/desk/scan", data={"code": code}, headers=HTMX)
        said[name] = (kind(answer), words(answer))
    assert [each for each, _ in said.values()] == ["done", "already", "ask"]
    assert "Lieu inscrit : l’entrepôt" in said["elsewhere"][1].replace("\xa0", " ")
    assert "Déjà vu par Marie Lenoir" in said["already"][1]
    assert "Aucun appareil du programme" in count.scan("PF9ZZZZ9")
    assert CustodyEvent.select().count() == before


def test_a_stolen_device_raises_its_alarm_and_a_wrong_code_of_the_label_is_not_kept(count):
    stolen = make_device(count.school, state="stolen")
    said = count.scan(stolen.serial)
    assert "volé" in said
    assert "R4" in said
    assert StocktakeLine.get(code=stolen.serial).seen_at
    lines = StocktakeLine.select().count()
    count.scan("", status=422)
    count.scan("PNPBBBBBBBBB", status=200)  # no slip: its check letter is wrong, so it is a text like any other
    assert StocktakeLine.select().count() == lines + 1


@pytest.mark.parametrize("how", ["00{0}", "(00){0}", "{0}", "spelled", "tracking"])
def test_a_parcel_is_no_unknown_code_however_its_number_is_spelled_the_box_is_to_be_opened(count, how):
    with_return_address()
    parcel = outbound(addressed_school())
    Parcel.update(tracking="6A12345678909").execute()
    lines = StocktakeLine.select().count()
    named = {"spelled": spelled(parcel.reference)[5:], "tracking": "6a1234567890 9"}
    said = count.scan(named.get(how) or how.format(parcel.reference), status=422)
    assert "scannez chaque appareil" in said
    assert StocktakeLine.select().count() == lines


def test_without_javascript_the_desk_comes_back_whole(count):
    page = count.client.post(f"{count.url}/desk/scan", data={"code": count.here.serial})
    assert page.status_code == 200
    assert "<html" in page.get_data(as_text=True)
    line = StocktakeLine.get(code=count.here.serial)
    page = count.client.post(f"{count.url}/desk/undo", data={"line": line.id})
    assert "compte comme non vu" in words(page)
    assert StocktakeLine.get(code=count.here.serial).seen_at is None


def test_the_counter_shows_what_the_others_scanned(count, sign_in):
    count.scan(count.here.serial)
    sign_in("logistics")
    assert words(count.client.get(f"{count.url}/desk/counter", headers=HTMX)).startswith("1 / 2")


def test_differences_are_settled_with_reasons_and_the_record_opens_by_its_code(count):
    for code in (count.here.serial, count.stray.serial, "PF9ZZZZ9"):
        count.scan(code)
    refused = count.settle(count.missing.serial, "declared_lost")
    assert refused.status_code == 422
    assert "Écrivez pourquoi" in words(refused)
    assert count.settle(count.missing.serial, "declared_lost", "cherché deux fois", headers={}).status_code == 303
    assert "enregistré ici" in words(count.settle(count.stray.serial, "moved_here", "posé sur l’étagère"))
    closed = count.client.post(f"{count.url}/close", data={"reason": ""})
    assert closed.status_code == 422
    assert "Écarts non réglés : 1" in words(closed).replace("\xa0", " ")
    assert count.client.post(f"{count.url}/close", data={"reason": "à voir"}).status_code == 303
    made = count.client.get(f"{count.url}/record.pdf")
    assert made.mimetype == "application/pdf"
    page = opened(made.data)[0]
    printed = "".join(printed_words(page).split())
    assert "déclaréperdu·cherchédeuxfois·MarieLenoir" in printed
    assert all(reason in printed for reason in ("posésurl’étagère", "Raison:àvoir"))
    code = scanning.read(rendered_png(page)).symbols[0].text
    assert count.client.get(f"/search?q={code}").location == count.url
    assert count.client.get(f"{count.url}/desk/").status_code == 303
    count.scan(count.here.serial, status=422)


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_way_without_a_reason_is_refused_beside_its_field_and_stays_chosen(count, headers):
    page = BeautifulSoup(count.client.get(count.url).data, "html.parser")
    assert all(field.has_attr("required") for field in page.select("input[name=reason][id^=reason-]"))
    answer = count.settle(count.missing.serial, "found_later", headers=headers)
    assert answer.status_code == 422
    line = StocktakeLine.get(code=count.missing.serial)
    form = BeautifulSoup(answer.data, "html.parser").select_one(f"#reason-{line.id}").find_parent("form")
    assert "Écrivez pourquoi" in form.select_one(f"#error-{line.id}").text
    assert form.select_one("input[name=way][checked]")["value"] == "found_later"
    assert line.resolution is None
    too_long = count.settle(count.missing.serial, "found_later", "é" * 301, headers=headers)
    assert "é" * 301 in too_long.get_data(as_text=True)


def offered(count, device):
    """The ways that the page offers for the line of a device."""
    page = BeautifulSoup(count.client.get(count.url).data, "html.parser")
    row = page.find("a", string=device.serial).find_parent("tr")
    return [each["value"] for each in row.select("input[name=way]")]


def test_only_what_a_person_may_do_is_offered(count, sign_in):
    lent, other = make_device(count.school), make_device(make_school())
    lend(lent, make_pupil(count.school), count.school)
    for device in (count.stray, lent, other):
        count.scan(device.serial)
    assert offered(count, count.stray) == offered(count, other) == ["moved_here", "stays"]
    assert offered(count, lent) == ["stays"]
    assert offered(count, count.missing) == ["found_later", "declared_lost", "stays"]
    sign_in("school", schools=[count.school])
    assert offered(count, count.stray) == offered(count, other) == offered(count, lent) == ["stays"]
    assert offered(count, count.missing) == ["found_later", "stays"]


def rendered_png(page):
    import cv2

    return cv2.imencode(".png", rendered(page, 150))[1].tobytes()


def test_of_a_parcels_label_the_count_asks_for_the_device_and_for_no_pupil(count):
    said = count.scan(f"00{sscc('', 7)}", status=422)
    assert "scannez chaque appareil" in said
    assert "l’élève" not in said


def test_a_paused_stocktake_takes_no_scan_until_it_goes_on(count):
    assert "Reprendre" in words(count.client.post(f"{count.url}/pause", headers=HTMX))
    assert "en pause" in count.scan(count.here.serial, status=422)
    gone = count.client.post(f"{count.url}/go-on", headers=HTMX)
    assert gone.headers["HX-Redirect"] == f"{count.url}/desk/"
    assert "Trouvé" in count.scan(count.here.serial)


def test_a_stocktake_started_by_mistake_is_discarded(count):
    assert "Abandonner" in words(count.client.get(count.url))
    count.scan(count.here.serial)
    assert count.client.post(f"{count.url}/discard").status_code == 422
    assert "Abandonner" not in words(count.client.get(count.url))
    count.client.post(f"{count.url}/desk/undo", data={"line": StocktakeLine.get(code=count.here.serial).id})
    assert count.client.post(f"{count.url}/discard").location == "/stocktakes/"
    assert count.client.get(count.url).status_code == 404


def test_the_export_has_exactly_the_lines_that_are_filtered(count):
    count.scan(count.stray.serial)
    text = count.client.get(f"{count.url}/export.csv?finding=elsewhere").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    assert [row[0] for row in rows[1:]] == [count.stray.serial]
    assert "l’entrepôt" in rows[1]


def test_the_same_place_twice_is_refused_with_the_way_to_the_first(count):
    answer = count.client.post("/stocktakes/new/", data={"place": "school", "school": count.school.id})
    assert answer.status_code == 422
    assert f'href="{count.url}"' in answer.get_data(as_text=True)
    assert count.client.post("/stocktakes/new/", data={"place": "attic"}).status_code == 422


def test_a_school_counts_its_classes_and_never_sees_the_warehouse(client, sign_in, school):
    sign_in("logistics")
    client.post("/stocktakes/new/", data={"place": "warehouse"})
    warehouse = Stocktake.get().id
    device = make_device(school)
    lend(device, make_pupil(school, class_name="2DE1", last_name="Dupont", first_name="Éléa"), school)
    sign_in("school", schools=[school])
    assert "entrepôt" not in words(client.get("/stocktakes/")) + words(client.get("/stocktakes/new/"))
    assert client.get(f"/stocktakes/{warehouse}").status_code == 404
    assert client.post("/stocktakes/new/", data={"place": "warehouse"}).status_code == 422
    made = client.post("/stocktakes/new/", data={"place": "class", "school": school.id, "class": "2DE1"})
    assert made.status_code == 303
    page = client.get(made.location.removesuffix("desk/").rstrip("/"))
    assert "Dupont Éléa" in words(page)
    assert 'value="declared_lost"' not in page.get_data(as_text=True)


def test_the_number_of_queries_does_not_grow_with_the_lines(count):
    def asked(url):
        with recorded_statements() as statements:
            assert count.client.get(url).status_code == 200
        return len(statements)

    urls = ("/stocktakes/", count.url, f"{count.url}/desk/", f"{count.url}/desk/counter")
    few = [asked(url) for url in urls]
    for _ in range(3):
        count.scan(make_device().serial)
    assert [asked(url) for url in urls] == few
    assert max(few) <= 14
