"""Noted devices on their screens: the desk says so, the list and the search find them, each is settled once."""

import uuid

import pytest
from bs4 import BeautifulSoup

from tests.factories import NOW, make_campaign, make_device, make_school
from tracker.models.returns import ReturnRecord

HTMX = {"HX-Request": "true"}
SERIAL = "5CD999ZZZ1"


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school(name="Lycée Malherbe")


def said(answer, status=200) -> str:
    assert answer.status_code == status
    return " ".join(BeautifulSoup(answer.data, "html.parser").get_text(" ").split())


def send(client, place, path, **fields):
    data = {"action_id": str(uuid.uuid4())} | fields
    return client.post(f"/returns/desk/{place}/{path}", data=data, headers=HTMX)


def note(client, place="warehouse", serial=SERIAL, **fields) -> ReturnRecord:
    assert send(client, place, "note", serial=serial, what="other_owner", **fields).status_code == 200
    return ReturnRecord.get(ReturnRecord.serial == serial)


def test_a_scan_of_a_noted_device_says_when_and_by_whom_and_offers_no_second_note(client, sign_in, school):
    sign_in("logistics", name="Marie Lenoir")
    noted = note(client, note="Région Bretagne")
    answer = send(client, "warehouse", "scan", code=SERIAL.lower())
    text = said(answer)
    assert "Déjà noté" in text
    assert all(part in text for part in ("5 oct. 2026", "Marie Lenoir", "Entrepôt", "Région Bretagne"))
    assert "/note" not in answer.text
    assert f"/returns/record/{noted.id}" in answer.text
    assert "Déjà noté" in said(send(client, "warehouse", "note", serial=SERIAL, what="unidentified"))
    assert ReturnRecord.select().count() == 1


def test_the_note_is_typed_where_it_is_noted_and_one_too_long_is_refused(client, sign_in, school):
    sign_in("logistics")
    asked = BeautifulSoup(send(client, "warehouse", "scan", code=SERIAL).data, "html.parser")
    assert asked.select_one("form[action$='/note'] input[name=note]")
    too_long = send(client, "warehouse", "note", serial=SERIAL, what="unidentified", note="x" * 301)
    assert "trop longue" in said(too_long, 422)
    assert not ReturnRecord.select().exists()


def test_the_search_opens_what_was_noted_and_lists_what_begins_so(client, sign_in, school):
    sign_in("logistics")
    noted = note(client)
    assert client.get(f"/search?q={SERIAL}").headers["Location"] == f"/returns/record/{noted.id}"
    assert f"/returns/record/{noted.id}" in client.get("/search?q=5CD999").text
    make_device(serial=SERIAL)
    assert "Appareils notés" in said(client.get(f"/search?q={SERIAL}"))
    client.post(f"/returns/record/{noted.id}/settle", data={"outcome": "identified"})
    assert "/devices/" in client.get(f"/search?q={SERIAL}").headers["Location"]


def test_another_schools_note_is_found_by_no_way(client, sign_in, school):
    sign_in("school", schools=[school])
    noted = note(client, school.id)
    sign_in("school", schools=[make_school()])
    for page in ("/returns/noted/?state=all", f"/search?q={SERIAL}", "/returns/noted/export.csv?state=all"):
        text = client.get(page).text
        assert (f"record/{noted.id}" in text, "Malherbe" in text) == (False, False)
    assert client.get(f"/returns/record/{noted.id}").status_code == 404
    settled = client.post(f"/returns/record/{noted.id}/settle", data={"outcome": "given_back"})
    assert (settled.status_code, ReturnRecord.get().outcome) == (404, None)


def test_logistics_finds_a_schools_note_from_the_desk_and_settles_it_once(client, sign_in, school):
    sign_in("school", schools=[school], name="Paul Martin")
    noted = note(client, school.id, note="Sans étiquette")
    sign_in("logistics", name="Marie Lenoir")
    assert "1 appareil noté à régler" in said(client.get("/returns/desk/"))
    text = said(client.get("/returns/noted/"))
    assert all(part in text for part in (SERIAL, "Lycée Malherbe", "Paul Martin", "Sans étiquette"))
    url = f"/returns/record/{noted.id}"
    assert "Choisissez ce qu’est devenu" in said(client.post(f"{url}/settle", data={"outcome": "x"}), 422)
    assert client.post(f"{url}/settle", data={"outcome": "given_back"}).location == url
    page = client.get(url)
    assert "rendu à son propriétaire" in said(page)
    assert "Marie Lenoir" in said(page)
    assert f"{url}/settle" not in page.text
    assert "a déjà été dit" in said(client.post(f"{url}/settle", data={"outcome": "recycled"}), 422)
    assert SERIAL not in said(client.get("/returns/noted/"))
    assert "rendu à son propriétaire" in client.get("/returns/noted/export.csv?state=settled").text
    assert "Déjà noté" not in said(send(client, "warehouse", "scan", code=SERIAL), 422)


def test_a_helper_is_told_that_it_is_noted_and_settles_nothing(client, sign_in, school):
    sign_in("staff")
    noted = note(client, school.id)
    assert "Déjà noté" in said(send(client, school.id, "scan", code=SERIAL))
    assert "/settle" not in client.get(f"/returns/record/{noted.id}").text
    assert client.post(f"/returns/record/{noted.id}/settle", data={"outcome": "recycled"}).status_code == 403
    assert "/returns/noted/" not in client.get("/returns/desk/").text
    assert client.get("/returns/noted/").status_code == 403


def test_the_list_costs_the_same_for_many(client, sign_in, school, count_queries):
    sign_in("logistics")

    def cost(url):
        with count_queries() as counted:
            client.get(url)
        return counted.total

    urls = ("/returns/noted/", "/returns/desk/", "/search?q=5CD", "/returns/desk/warehouse")
    note(client)
    few = [cost(url) for url in urls]
    for number in range(5):
        note(client, serial=f"5CD{number}")
    assert [cost(url) for url in urls] == few
    assert few[0] <= 7
