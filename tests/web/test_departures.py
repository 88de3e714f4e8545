"""Departures: pupils off the roster on their list, in its files and on the pupil's page; one's own schools only."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest

from tests.factories import NOW, TODAY, make_campaign, make_device, make_pupil, make_school
from tests.lending import lend
from tests.operations.rosters.files import pupils_of, row, several
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX, Browser
from tracker.models.pupils import Enrolment
from tracker.models.rosters import Departure
from tracker.queries import pages

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    return make_school(name="Lycée Malherbe")


def depart(school, destination="to_qualify", **changes):
    pupil = make_pupil(school, left_on=TODAY, **changes)
    Departure.create(
        pupil=pupil, enrolment=Enrolment.get(pupil=pupil), school=school, noticed_at=NOW, left_on=TODAY,
        destination=destination,
    )  # fmt: skip
    return pupil


def text_of(client, url, **how):
    answer = client.get(url, **how)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def shown(text):
    """The pupils whose departures the rows open."""
    pupils = dict(Departure.select(Departure.id, Departure.pupil).tuples())
    return [str(pupils[int(each)]) for each in re.findall(r'class="row-link" href="/departures/(\d+)"', text)]


def test_who_is_off_the_roster_stands_there_with_what_they_hold(client, sign_in, school):
    pupil = make_pupil(school)
    device = make_device(school)
    lend(device, pupil, school)
    Enrolment.update(left_on=TODAY).where(Enrolment.pupil == pupil).execute()
    Departure.create(
        pupil=pupil, enrolment=Enrolment.get(pupil=pupil), school=school, noticed_at=NOW, left_on=TODAY,
        destination="other_region",
    )  # fmt: skip
    sign_in("school", schools=[school])
    text = text_of(client, "/departures/")
    assert shown(text) == [str(pupil.id)]
    assert device.serial in text
    assert "une autre région" in text
    assert "5 oct. 2026" in text


def test_those_whom_nobody_can_place_come_first_then_the_newest(client, sign_in, school, monkeypatch):
    monkeypatch.setattr(pages.page, "__kwdefaults__", {**pages.page.__kwdefaults__, "size": 2})
    first, second, third, fourth = (depart(school, to) for to in ("cfa", "to_qualify", "cfa", "to_qualify"))
    sign_in("logistics")
    page = text_of(client, "/departures/?device=any")
    after = html.unescape(re.search(r'rel="next" href="([^"]*)"', page)[1])
    rest = text_of(client, after)
    before = html.unescape(re.search(r'rel="prev" href="([^"]*)"', rest)[1])
    assert shown(page) + shown(rest) == [str(each.id) for each in (fourth, second, third, first)]
    assert shown(text_of(client, before)) == shown(page)


def test_who_came_back_is_no_longer_there(client, sign_in, school):
    pupil = depart(school)
    Departure.update(closed_at=NOW).where(Departure.pupil == pupil).execute()
    sign_in()
    assert shown(text_of(client, "/departures/?device=any")) == []


def test_filters_stand_in_the_address_and_change_the_rows_alone(client, sign_in, school):
    other = make_school()
    holder, cfa, elsewhere = depart(school), depart(school, "cfa"), depart(other)
    lend_later = make_device(school)
    Enrolment.update(left_on=None).where(Enrolment.pupil == holder).execute()
    lend(lend_later, holder, school, override_reason="a while ago")
    sign_in()
    assert shown(text_of(client, "/departures/")) == [str(holder.id)]
    assert "/departures/?device=any" in text_of(client, "/departures/")
    assert set(shown(text_of(client, "/departures/?device=no"))) == {str(cfa.id), str(elsewhere.id)}
    assert shown(text_of(client, f"/departures/?device=any&school={other.id}")) == [str(elsewhere.id)]
    part = text_of(client, "/departures/?device=any&destination=cfa", headers=HTMX)
    assert "<html" not in part
    assert shown(part) == [str(cfa.id)]
    assert "/departures/export.csv?destination=cfa&amp;device=any" in part
    assert client.get("/departures/?school=x&destination=y&device=z&after=WzEsMV0").status_code == 200


def test_an_empty_list_leads_to_the_next_file(client, sign_in, school):
    sign_in("school", schools=[school])
    assert 'href="/rosters/"' in text_of(client, "/departures/").split('id="rows"')[1]
    sign_in("logistics")
    assert 'href="/rosters/"' not in text_of(client, "/departures/")


def test_a_school_sees_its_own_and_a_pupil_who_moved_on_opens_for_the_others_only(client, sign_in, school):
    mine, theirs = depart(school), depart(make_school())
    gone_on = depart(school, last_name="Ailleurs")
    Enrolment.create(
        pupil=gone_on, school=make_school(), school_year=2027, level="seconde_gt", eligible="yes", eligible_reason="x"
    )
    sign_in("school", schools=[school])
    text = text_of(client, "/departures/?device=any")
    assert shown(text) == [str(gone_on.id), str(mine.id)]
    for pupil, opens in ((mine, True), (gone_on, False)):
        departure = Departure.get(pupil=pupil)
        assert (f'href="/pupils/{pupil.id}"' in text_of(client, f"/departures/{departure.id}")) is opens
    assert theirs.last_name not in text


def test_hostile_names_are_harmless_on_screen_and_in_the_file(client, sign_in, school):
    depart(school, last_name=HOSTILE, first_name="=1+1", class_name="=2")
    sign_in()
    assert "<script>alert" not in text_of(client, "/departures/?device=any")
    assert "<script>alert" not in text_of(client, f"/departures/{Departure.get().id}")
    data = client.get("/departures/export.csv?device=any").get_data().decode("utf-8-sig")
    headings, line = csv.reader(io.StringIO(data, newline=""), delimiter=";")
    assert headings[0] == "Nom"
    assert line[:2] == [HOSTILE, "'=1+1"]
    assert "'=2" in line
    assert client.get("/departures/export.xlsx").get_data()[:2] == b"PK"


@pytest.mark.parametrize("role", ["admin", "school"])
def test_the_list_costs_the_same_for_many(client, sign_in, school, role):
    sign_in(role, schools=[school] if role == "school" else [])
    costs = []
    for more in (2, 20):
        for _ in range(more):
            depart(school)
        with recorded_statements() as sent:
            client.get("/departures/?device=any")
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 6


def test_helpers_of_a_day_see_no_departures(client, sign_in, school):
    sign_in("staff")
    assert client.get("/departures/").status_code == 403


def test_the_pupils_page_tells_the_departure_and_what_rosters_did(client, sign_in, settings, school):
    user = sign_in("school", schools=[school])
    browser = Browser(client, settings)
    browser.apply(browser.bring_in(pupils_of(school, several(12))))
    browser.apply(browser.bring_in(pupils_of(school, several(11), on=TODAY + timedelta(1))))
    departure = Departure.get()
    text = text_of(client, f"/pupils/{departure.pupil_id}")
    assert "Destination" in text.split("Scolarité")[1].split("</dl>")[0]
    story = text.split('class="story"')[1]
    assert "Sortie de la base élèves" in story
    assert "Inscrit par la base élèves" in story
    assert user.name in story


def test_who_works_at_a_former_school_is_not_told_to_the_next_one(client, sign_in, settings, school):
    user = sign_in("school", schools=[school], name="Odile Zyxwv")
    browser = Browser(client, settings)
    browser.apply(browser.bring_in(pupils_of(school, [row(1)])))
    Enrolment.update(left_on=TODAY).execute()
    second = make_school()
    sign_in("school", schools=[second])
    later = row(1, entered_on=TODAY, roster_id=5)
    browser.apply(browser.bring_in(pupils_of(second, [later])))
    pupil = Enrolment.get(school=second).pupil_id
    text = text_of(client, f"/pupils/{pupil}")
    assert "Changement de lycée par la base élèves" in text
    assert school.name in text
    assert user.name not in text
