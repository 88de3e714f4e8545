"""Lists of devices and pupils on screen and as files: filters, pages, counts, what a school sees, what they cost."""

import csv
import html
import io
import re

import openpyxl
import pytest

from tests.factories import make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tests.statements import recorded_statements
from tracker.queries import pages

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def school(app):
    make_campaign()
    return make_school(name="Lycée Malherbe")


def text_of(client, url, **kwargs):
    answer = client.get(url, **kwargs)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def rows_shown(text):
    return re.findall(r'class="row-link[^"]*" href="[^"]*">([^<]*)</a>', text)


def link(text, rel):
    found = re.search(rf'rel="{rel}" href="([^"]*)"', text)
    return html.unescape(found[1]) if found else None


def csv_of(client, url):
    data = client.get(url).get_data()
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def fill(school, count):
    for number in range(count):
        lend(make_device(school), make_pupil(school, last_name=f"Nom{number:03d}"), school)


@pytest.mark.parametrize(
    "path", ["/devices/", "/pupils/", "/", "/search?q=nom", "/devices/export.csv", "/pupils/export.csv"]
)
@pytest.mark.parametrize("role", ["admin", "school"])
def test_a_screen_sends_as_many_statements_for_60_rows_as_for_3(client, sign_in, school, path, role):
    sign_in(role, schools=[school] if role == "school" else [])
    costs = []
    for more in (3, 57):
        fill(school, more)
        client.get(path).get_data()
        with recorded_statements() as sent:
            client.get(path).get_data()
        costs.append(len(sent))
    assert costs[0] == costs[1]
    assert costs[0] <= 16


def test_the_title_counts_and_the_pages_follow_each_other(client, sign_in, school, monkeypatch):
    monkeypatch.setattr(pages.page, "__kwdefaults__", {**pages.page.__kwdefaults__, "size": 2})
    for number in range(5):
        make_device(school, serial=f"PF{number}")
    sign_in("school", schools=[school])
    first = text_of(client, "/devices/?kind=laptop")
    assert '<span id="list-count">5</span>' in first
    assert rows_shown(first) == ["PF0", "PF1"]
    second = text_of(client, link(first, "next"))
    assert rows_shown(second) == ["PF2", "PF3"]
    assert "kind=laptop" in link(second, "prev")
    assert rows_shown(text_of(client, link(second, "prev"))) == ["PF0", "PF1"]


def test_a_count_beyond_the_cap_says_more(client, sign_in, school, monkeypatch):
    monkeypatch.setattr(pages.count, "__defaults__", (2,))
    monkeypatch.setattr("tracker.web.lists.COUNT_CAP", 2)
    for _ in range(4):
        make_device(school)
    sign_in()
    shown = re.search(r'id="list-count">([^<]*)<', text_of(client, "/devices/"))[1]
    assert shown in ("2+", "plus de 2")


def test_filters_change_the_rows_alone_for_htmx_and_the_whole_page_without(client, sign_in, school):
    make_device(school, serial="PF1")
    make_device(school, serial="XX1")
    sign_in()
    whole = text_of(client, "/devices/?q=PF")
    part = text_of(client, "/devices/?q=PF", headers={"HX-Request": "true"})
    assert "<html" in whole
    assert "<html" not in part
    assert rows_shown(whole) == rows_shown(part) == ["PF1"]
    assert '<span id="list-count" hx-swap-oob="true">1</span>' in part
    assert "/devices/export.csv?q=PF" in part
    form = re.search(r'<form class="filters"[^>]*>', whole)[0]
    assert 'method="get"' in form
    assert 'hx-get="/devices/"' in form
    assert 'hx-target="#rows"' in form


def test_the_address_fills_the_filters_again(client, sign_in, school):
    sign_in()
    shown = text_of(client, "/pupils/?q=mar&level=cap_of_3&left=no&class=2GT*")
    assert 'name="q" value="mar"' in shown
    assert '<option value="cap_of_3" selected>' in shown
    assert 'name="class" value="2GT*"' in shown


@pytest.mark.parametrize(
    "query",
    ["state=nonsense&kind=%C3%28&holder=x&answerable=maybe", "school=abc", "after=!!&before=W10", "q=%25%2A%27%22%5C"],
)
def test_an_address_with_nonsense_is_still_a_list(client, sign_in, school, query):
    make_device(school)
    sign_in()
    assert client.get(f"/devices/?{query}").status_code == 200
    assert client.get(f"/pupils/?{query}").status_code == 200


def test_an_empty_list_says_what_to_do_next(client, sign_in, school):
    sign_in()
    assert "tracker sample load" in text_of(client, "/devices/")
    assert "tracker sample load" in text_of(client, "/pupils/")
    assert 'href="/devices/"' in text_of(client, "/devices/?q=ZZ").split('id="rows"')[1]


def test_names_are_never_markup(client, sign_in, school):
    pupil = make_pupil(school, last_name=HOSTILE, first_name='"><img src=x>', class_name="<b>2</b>")
    device = make_device(school)
    lend(device, pupil, school)
    sign_in()
    for url in (
        "/pupils/",
        "/devices/",
        f"/pupils/{pupil.id}",
        f"/devices/{device.id}",
        "/search?q=script",
        f"/search?q={HOSTILE}",
    ):
        shown = text_of(client, url)
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "<b>2" not in shown


def test_a_file_has_exactly_what_is_filtered(client, sign_in, school):
    other = make_school(name="Lycée Corneille")
    pupil = make_pupil(school, last_name="=HYPERLINK(0)", first_name="Zoé", agreement="sent")
    make_pupil(school, last_name="Dupont")
    make_pupil(other, last_name="Autre", agreement="sent")
    sign_in("school", schools=[school])
    headings, *rows = csv_of(client, "/pupils/export.csv?agreement=sent")
    assert headings[0] == "Nom"
    assert [row[:3] for row in rows] == [["'=HYPERLINK(0)", "Zoé", "Lycée Malherbe"]]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/pupils/export.xlsx?agreement=sent").get_data()))
    assert [[cell.value for cell in row][:2] for row in book.active.iter_rows(min_row=2)] == [["'=HYPERLINK(0)", "Zoé"]]
    assert pupil.slip_code not in str(rows)


def test_a_file_of_devices_has_every_row_beyond_a_batch(client, sign_in, school, monkeypatch):
    monkeypatch.setattr(pages.every_row, "__defaults__", (2,))
    serials = [make_device(school, serial=f"PF{number}").serial for number in range(5)]
    sign_in("staff")
    assert [row[0] for row in csv_of(client, "/devices/export.csv?q=PF")[1:]] == serials


def test_no_list_and_no_file_shows_an_ine(client, sign_in, school):
    make_pupil(school, ine="123456789AB")
    sign_in()
    for url in ("/pupils/", "/pupils/export.csv", "/search?q=martin"):
        assert "123456789AB" not in text_of(client, url)
    assert "row-link" not in text_of(client, "/search?q=123456789AB")


def test_helpers_see_no_list_of_pupils_and_no_pupil_in_the_list_of_devices(client, sign_in, school):
    pupil = make_pupil(school, last_name="Secret")
    lend(make_device(school), pupil, school)
    sign_in("staff")
    assert client.get("/pupils/").status_code == 403
    assert client.get("/pupils/export.csv").status_code == 403
    assert "Secret" not in text_of(client, "/devices/")
    assert "Secret" not in text_of(client, "/devices/export.csv")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_fold_of_the_filters_says_how_many_are_set(client, sign_in, school, headers):
    make_device(school)
    sign_in("admin")
    shown = re.findall(
        r'id="filter-count"[^>]*>([^<]*)<', text_of(client, "/devices/?kind=laptop&q=PF", headers=headers)
    )
    assert shown == ["Filtres (2)"]
