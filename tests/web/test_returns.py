"""Returns: the list and its files, labels and mails at one click, a device asked back; one's own schools only."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, make_campaign, make_device, make_guardian, make_pupil, make_school
from tests.lending import lend
from tests.parcels import addressed_school, with_return_address
from tests.returning import expect, fresh
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX
from tracker.models.mail import OutboxMail
from tracker.models.parcels import Parcel
from tracker.models.pupils import Pupil
from tracker.models.returns import ExpectedReturn
from tracker.queries import pages

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    with_return_address()
    return addressed_school(name="Lycée Malherbe")


def text_of(client, url, **how):
    answer = client.get(url, **how)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def shown(text):
    return [int(each) for each in re.findall(r'name="expected" value="(\d+)"', text)]


def with_mother(school, **changes):
    pupil = make_pupil(school, **changes)
    make_guardian(pupil, f"mother{pupil.id}@example.org")
    return pupil


def test_the_list_says_what_is_expected_and_each_row_opens_the_device(client, sign_in, school):
    late = expect(school, make_pupil(school, last_name="Zola", class_name="TG3"), due_on=TODAY - timedelta(1))
    soon = expect(school)
    sign_in("school", schools=[school])
    text = text_of(client, "/returns/")
    assert shown(text) == [late.id, soon.id]
    assert f'class="row-link code" href="/devices/{late.device_id}"' in text
    assert "Zola" in text
    assert "TG3" in text
    assert text.count("en retard") >= 2
    assert re.findall(r'class="stat-figure">(\d+)<', text) == ["2", "1", "0"]


def test_what_the_family_says_it_gave_to_the_school_leads_to_that_schools_desk(client, sign_in, school):
    given = expect(school, make_pupil(school, class_name="TG3"))
    ExpectedReturn.update(handed_in_at=NOW).execute()
    sign_in("school", schools=[school])
    for page in ("/returns/", f"/devices/{given.device_id}"):
        assert f'href="/returns/desk/{school.id}?class=TG3"' in text_of(client, page)


def test_pages_follow_each_other(client, sign_in, school, monkeypatch):
    monkeypatch.setattr(pages.page, "__kwdefaults__", {**pages.page.__kwdefaults__, "size": 2})
    made = [expect(school, due_on=TODAY + timedelta(day)) for day in (1, 2, 2)]
    sign_in("logistics")
    page = text_of(client, "/returns/")
    rest = text_of(client, html.unescape(re.search(r'rel="next" href="([^"]*)"', page)[1]))
    assert shown(page) + shown(rest) == [each.id for each in made]


def test_filters_stand_in_the_address_and_change_the_rows_alone(client, sign_in, school):
    other = make_school()
    mine = expect(school, make_pupil(school, class_name="TG3"))
    theirs = expect(other, reason="other", due_on=TODAY - timedelta(1))
    sign_in()
    assert shown(text_of(client, f"/returns/?school={school.id}&class=TG3")) == [mine.id]
    assert shown(text_of(client, "/returns/?standing=overdue")) == [theirs.id]
    part = text_of(client, "/returns/?reason=other", headers=HTMX)
    assert "<html" not in part
    assert shown(part) == [theirs.id]
    assert "/returns/export.csv?reason=other" in part
    assert '<input type="hidden" name="reason" value="other">' in part
    assert client.get("/returns/?school=x&standing=y&reason=z&after=WyJ4IiwxXQ").status_code == 200


def test_an_empty_list_says_where_returns_come_from(client, sign_in, school):
    sign_in()
    assert "/devices/?answerable=yes" in text_of(client, "/returns/")


def test_a_school_sees_its_own_and_helpers_nothing(client, sign_in, school):
    mine, theirs = expect(school), expect(make_school())
    sign_in("school", schools=[school])
    text = text_of(client, "/returns/")
    assert shown(text) == [mine.id]
    for path in ("label", "write", "close"):
        assert client.post(f"/returns/{theirs.id}/{path}").status_code == 404
    assert client.get(f"/returns/{theirs.id}/label/a4").status_code == 404
    assert client.post(f"/returns/device/{theirs.device_id}").status_code == 404
    sign_in("staff")
    assert client.get("/returns/").status_code == 403


def test_hostile_names_are_harmless_on_screen_and_in_the_file(client, sign_in, school):
    expect(school, make_pupil(school, last_name=HOSTILE, first_name="=1+1"))
    sign_in()
    assert "<script>alert" not in text_of(client, "/returns/")
    data = client.get("/returns/export.csv").get_data().decode("utf-8-sig")
    headings, line = csv.reader(io.StringIO(data, newline=""), delimiter=";")
    assert headings[0] == "Numéro de série"
    assert line[4:6] == [HOSTILE, "'=1+1"]
    assert client.get("/returns/export.xlsx").get_data()[:2] == b"PK"


@pytest.mark.parametrize("role", ["logistics", "school"])
def test_the_list_costs_the_same_for_many(client, sign_in, school, role):
    sign_in(role, schools=[school] if role == "school" else [])
    costs = []
    for more in (2, 12):
        for _ in range(more):
            expect(school)
        with recorded_statements() as sent:
            client.get("/returns/")
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 8


def test_one_click_on_a_device_makes_its_label_once(client, sign_in, school):
    expected = expect(school)
    sign_in("school", schools=[school])
    assert "Préparer l’étiquette de retour" in text_of(client, f"/devices/{expected.device_id}")
    for _ in range(2):
        answer = client.post(f"/returns/{expected.id}/label")
        assert (answer.status_code, answer.location) == (303, f"/devices/{expected.device_id}")
    assert Parcel.select().count() == 1
    assert f"/returns/{expected.id}/label/zpl" in text_of(client, f"/devices/{expected.device_id}")
    for form in ("a4", "10x15"):
        assert client.get(f"/returns/{expected.id}/label/{form}").get_data()[:5] == b"%PDF-"
    assert client.get(f"/returns/{expected.id}/label/zpl").get_data()[:3] == b"^XA"
    assert client.get(f"/returns/{expected.id}/label/other").status_code == 404


def test_a_label_whose_address_is_missing_is_refused_with_what_is_missing(client, sign_in, school):
    expected = expect(make_school(name="Lycée Sans Rue"))
    sign_in()
    answer = client.post(f"/returns/{expected.id}/label")
    assert answer.status_code == 422
    assert "Lycée Sans Rue" in answer.get_data(as_text=True)
    with_htmx = client.post(f"/returns/{expected.id}/label", headers=HTMX)
    assert (with_htmx.status_code, with_htmx.headers["HX-Reswap"]) == (422, "none")
    assert Parcel.select().count() == 0


def test_what_is_ticked_or_else_all_that_is_filtered_gets_its_labels_in_one_file(client, sign_in, school):
    one, two, three = expect(school), expect(school), expect(school, due_on=TODAY - timedelta(1))
    sign_in("school", schools=[school])
    ticked = client.post("/returns/labels", data={"expected": [one.id, two.id], "form": "zpl"})
    assert ticked.get_data().count(b"^XA") == 2
    assert fresh(three).parcel_id is None
    late = client.post("/returns/labels", data={"standing": "overdue", "form": "a4"})
    assert late.get_data()[:5] == b"%PDF-"
    assert fresh(three).parcel_id
    every = client.post("/returns/labels", data={"form": "zpl"})
    assert every.get_data().count(b"^XA") == 3
    assert Parcel.select().count() == 3


def test_an_empty_selection_is_refused_in_words(client, sign_in, school):
    theirs = expect(make_school())
    sign_in("school", schools=[school])
    answer = client.post("/returns/labels", data={"expected": [theirs.id], "form": "a4"})
    assert answer.status_code == 422
    assert client.post("/returns/write", data={"expected": [theirs.id]}).status_code == 422


def test_families_are_written_to_at_one_click(client, sign_in, school):
    one, two = expect(school, with_mother(school)), expect(school, with_mother(school))
    expect(school)
    sign_in("school", schools=[school])
    answer = client.post(f"/returns/{one.id}/write", follow_redirects=True)
    assert "1 message est parti" in answer.get_data(as_text=True)
    assert "Famille prévenue" in text_of(client, f"/devices/{one.device_id}")
    again = client.post(f"/returns/{one.id}/write")
    assert again.status_code == 422
    assert "déjà reçu un message aujourd’hui" in again.get_data(as_text=True)
    many = client.post("/returns/write", data={}, follow_redirects=True).get_data(as_text=True)
    assert "1 adresse a déjà reçu" in many
    assert "1 élève n’a personne" in many
    assert [row.recipient for row in OutboxMail.select()] == [f"mother{x.pupil_id}@example.org" for x in (one, two)]


def test_who_says_that_the_school_has_it_is_written_to_only_when_ticked(client, sign_in, school):
    given, out = expect(school, with_mother(school)), expect(school, with_mother(school))
    ExpectedReturn.update(handed_in_at=NOW).where(ExpectedReturn.id == given.id).execute()
    sign_in("school", schools=[school])
    assert "1 message est parti" in client.post("/returns/write", follow_redirects=True).get_data(as_text=True)
    assert [row.recipient for row in OutboxMail.select()] == [f"mother{out.pupil_id}@example.org"]
    ExpectedReturn.delete().where(ExpectedReturn.id == out.id).execute()
    said = client.post("/returns/write", follow_redirects=True).get_data(as_text=True)
    assert "le lycée a déjà ces appareils" in said
    assert fresh(given).handed_in_at == NOW
    assert client.post("/returns/write", data={"expected": given.id}).status_code == 303
    assert fresh(given).handed_in_at is None


def test_of_who_died_nobody_is_told_to_call(client, sign_in, school):
    expect(school, with_mother(school))
    Pupil.update(deceased=True).execute()
    expect(school, with_mother(school))
    sign_in("school", schools=[school])
    said = client.post("/returns/write", follow_redirects=True).get_data(as_text=True)
    assert "1 message est parti" in said
    assert "1 élève est décédé" in said
    assert "appelez" not in said


def test_nobody_is_offered_to_write_about_who_died(client, sign_in, school):
    expected = expect(school, with_mother(school))
    Pupil.update(deceased=True).execute()
    sign_in("school", schools=[school])
    text = text_of(client, f"/devices/{expected.device_id}")
    assert "à récupérer avec tact" in text
    assert f"/returns/{expected.id}/write" not in text
    assert client.post(f"/returns/{expected.id}/write").status_code == 422
    assert OutboxMail.select().count() == 0


def test_a_lent_device_is_asked_back_and_given_up_with_a_reason(client, sign_in, school):
    device = make_device(school)
    lend(device, make_pupil(school), school)
    sign_in("school", schools=[school])
    assert f"/returns/device/{device.id}" in text_of(client, f"/devices/{device.id}")
    wrong = client.post(f"/returns/device/{device.id}", data={"reason": "other", "due_on": "tomorrow"})
    assert wrong.status_code == 422
    asked = {"reason": "end_of_year", "due_on": "2026-11-01"}
    assert client.post(f"/returns/device/{device.id}", data=asked).status_code == 303
    assert client.post(f"/returns/device/{device.id}", data=asked).status_code == 422
    expected = ExpectedReturn.get()
    assert client.post(f"/returns/{expected.id}/close", data={"because": " "}).status_code == 422
    assert client.post(f"/returns/{expected.id}/close", data={"because": "Stays"}).status_code == 303
    closed = text_of(client, "/returns/?standing=closed")
    assert "Stays" in closed
    assert shown(closed) == []


def test_a_device_of_nobody_offers_nothing(client, sign_in, school):
    device = make_device(school)
    sign_in("school", schools=[school])
    assert 'id="return"' not in text_of(client, f"/devices/{device.id}")
