"""Keyset pages: nothing twice, nothing missing, whatever comes in between; the count stops at its cap."""

import pytest

from tests.factories import make_device, make_model, make_pupil, make_school
from tracker.models.devices import Device
from tracker.models.pupils import Enrolment, Pupil
from tracker.queries import devices, pages, pupils
from tracker.queries.pages import Key, Order, every_row, key_of, page
from tracker.rules.names import search_key

pytestmark = pytest.mark.usefixtures("db")


def all_devices():
    return Device.select(Device.serial)


def all_pupils():
    return Enrolment.select(Pupil.id, Pupil.last_name).join(Pupil)


def serials(found):
    return [row["serial"] for row in found.rows]


def make_devices(*names):
    model = make_model()
    for name in names:
        make_device(serial=name, model=model)


def walk_forwards(query, order, size):
    found = page(query, order, size=size)
    pages_seen = [found]
    while found.after:
        found = page(query, order, after=found.after, size=size)
        pages_seen.append(found)
    return pages_seen


def test_pages_follow_each_other_and_lead_back():
    make_devices("A1", "A2", "A3", "A4", "A5")
    walked = walk_forwards(all_devices(), devices.ORDER, 2)
    assert [serials(each) for each in walked] == [["A1", "A2"], ["A3", "A4"], ["A5"]]
    back = page(all_devices(), devices.ORDER, before=walked[-1].before, size=2)
    assert serials(back) == ["A3", "A4"]
    first = page(all_devices(), devices.ORDER, before=back.before, size=2)
    assert serials(first) == ["A1", "A2"]
    assert first.before is None
    assert first.after is not None


def test_a_full_last_page_has_no_next_page():
    make_devices("A1", "A2")
    assert page(all_devices(), devices.ORDER, size=2).after is None


def test_a_row_that_comes_in_between_moves_no_other_row():
    make_devices("A1", "A3", "A5", "A7")
    first = page(all_devices(), devices.ORDER, size=2)
    make_devices("A2", "A4")
    second = page(all_devices(), devices.ORDER, after=first.after, size=2)
    assert serials(second) == ["A4", "A5"]


def test_a_row_that_goes_away_loses_no_other_row():
    school = make_school()
    for number in range(4):
        make_pupil(school, last_name=f"Nom{number}")
    first = page(all_pupils(), pupils.ORDER, size=2)
    Pupil.get(Pupil.last_name == "Nom1").delete_instance(recursive=True)
    second = page(all_pupils(), pupils.ORDER, after=first.after, size=2)
    assert [row["last_name"] for row in second.rows] == ["Nom2", "Nom3"]


def test_equal_names_are_told_apart_by_their_id():
    school = make_school()
    ids = [make_pupil(school, last_name="Martin", first_name="Léa").id for _ in range(7)]
    for size in (1, 2, 3, 7):
        walked = walk_forwards(all_pupils(), pupils.ORDER, size)
        assert [row["id"] for each in walked for row in each.rows] == ids


def test_names_sort_by_their_folded_letters_on_both_engines():
    school = make_school()
    for name in ("Zola", "Étienne", "Eve", "d’Arc", "De La Tour", "Delà"):
        make_pupil(school, last_name=name, first_name="A")
    names = [row["last_name"] for row in page(all_pupils(), pupils.ORDER).rows]
    assert names == ["d’Arc", "De La Tour", "Delà", "Étienne", "Eve", "Zola"]
    assert names == sorted(names, key=lambda name: search_key(f"{name} A"))


def test_every_row_is_read_once_in_batches():
    school = make_school()
    ids = [make_pupil(school, last_name="Martin", first_name="Léa").id for _ in range(5)]
    assert [row["id"] for row in every_row(all_pupils(), pupils.ORDER, size=2)] == ids


def test_the_count_stops_one_beyond_its_cap():
    make_devices("A1", "A2", "A3")
    assert pages.count(all_devices(), cap=5) == 3
    assert pages.count(all_devices(), cap=2) == 3
    assert pages.count(all_devices(), cap=1) == 2


@pytest.mark.parametrize(
    "text", ["", None, "é", "!!!", "bnVsbA", "WzEsMl0", Key("A", 1).text() + "x=", "W10", "x" * 5000]
)
def test_an_address_that_carries_no_key_shows_the_first_page(text):
    make_devices("A1")
    assert serials(page(all_devices(), devices.ORDER, after=text)) == ["A1"]


def test_a_key_survives_its_address():
    key = Key("d’Arc « é » %_*", 42)
    assert key_of(key.text()) == key
    assert "Arc" not in key.text()


def test_the_newest_first_lead_forwards_and_back():
    make_devices("A1", "A2", "A3", "A4", "A5")
    newest = Order(Device.id, Device.id, newest_first=True)
    walked = walk_forwards(all_devices(), newest, 2)
    assert [serials(each) for each in walked] == [["A5", "A4"], ["A3", "A2"], ["A1"]]
    back = page(all_devices(), newest, before=walked[-1].before, size=2)
    assert serials(back) == ["A3", "A2"]
    assert [row["serial"] for row in every_row(all_devices(), newest, size=2)] == ["A5", "A4", "A3", "A2", "A1"]


def test_a_key_of_another_order_begins_anew():
    make_devices("A1", "A2")
    newest = Order(Device.id, Device.id, newest_first=True)
    for text in (Key("A1", 1).text(), Key("", 1).text()):
        assert serials(page(all_devices(), newest, after=text)) == ["A2", "A1"]
        assert serials(page(all_devices(), newest, before=text)) == ["A2", "A1"]
    assert serials(page(all_devices(), devices.ORDER, after=Key(1, 1).text())) == ["A1", "A2"]
