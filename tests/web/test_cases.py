"""Cases: the list, a report, one case from step to step, its files; one's own schools only."""

import csv
import html
import io
import re
from datetime import timedelta

import cv2
import numpy as np
import pytest

from tests.cases import make_case
from tests.factories import NOW, actor, make_campaign, make_device, make_guardian, make_pupil, make_school
from tests.lending import lend
from tests.parcels import addressed_school, set_to, with_return_address
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX
from tracker.models.attachments import Attachment
from tracker.models.cases import CaseStep, DeviceCase
from tracker.models.devices import Device
from tracker.models.family_links import FamilyLink
from tracker.models.mail import OutboxMail
from tracker.models.parcels import Parcel
from tracker.models.pupils import Pupil
from tracker.operations.case_steps import advance
from tracker.operations.cases import Report, open_case
from tracker.queries import pages
from tracker.rules.cases import CaseKind, CaseState, Step
from tracker.rules.sscc import spelled
from tracker.web.cases.screens import _TAKE
from tracker.web.cases.steps import OFFERS

PHOTO = cv2.imencode(".jpg", np.full((40, 40, 3), 90, np.uint8))[1].tobytes()
HOSTILE = "<script>alert(1)</script>"
REPORT = {"kind": "breakdown", "description": "L’écran reste noir."}


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    with_return_address()
    return addressed_school(name="Lycée Malherbe")


@pytest.fixture
def lent(school):
    """A pupil's laptop."""
    pupil, device = make_pupil(school, last_name="Zola"), make_device(school)
    lend(device, pupil, school)
    return device


def text_of(client, url, status=200, **how):
    answer = client.get(url, **how)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def shown(text):
    return [int(each) for each in re.findall(r'class="row-link code" href="/cases/(\d+)"', text)]


def opened(device, kind="breakdown", **changes):
    return open_case(Report(device.id, CaseKind(kind), "L’écran reste noir.", **changes), actor=actor(), now=NOW)


def fresh(case):
    return DeviceCase.get_by_id(case.id)


def refused(client, url, **form):
    """What a refused step says on its page, and that htmx gets the same as a part of the page."""
    answer = client.post(url, data=form)
    part = client.post(url, data=form, headers=HTMX).get_data(as_text=True)
    assert answer.status_code == 422
    assert "<html" not in part
    assert 'role="alert"' in part
    return answer.get_data(as_text=True)


def test_every_step_is_offered_in_words_and_can_be_taken():
    assert set(Step) == OFFERS.keys() == _TAKE.keys()


def test_the_list_has_what_waits_for_longest_first_and_says_what_is_late(client, sign_in, school):
    late = make_case(school=school, state_since=NOW - timedelta(days=11), state="diagnosis")
    new = make_case(school=school, kind="theft")
    make_case(school=school, state="closed", closed_at=NOW, outcome="repaired")
    sign_in("school", schools=[school])
    text = text_of(client, "/cases/")
    assert shown(text) == [late.id, new.id]
    assert text.count("11 jours") == 1
    assert re.findall(r'class="stat-figure">(\d+)<', text) == ["2", "1"]
    assert shown(text_of(client, "/cases/?state=overdue")) == [late.id]
    assert shown(text_of(client, "/cases/?state=open&kind=theft")) == [new.id]
    assert len(shown(text_of(client, "/cases/?state=over"))) == 1


def test_pages_follow_each_other_with_htmx_too(client, sign_in, school, monkeypatch):
    monkeypatch.setattr(pages.page, "__kwdefaults__", {**pages.page.__kwdefaults__, "size": 2})
    made = [make_case(school=school, state_since=NOW - timedelta(minutes=minute)) for minute in (5, 4, 4)]
    sign_in("logistics")
    first = text_of(client, "/cases/")
    rest = text_of(client, html.unescape(re.search(r'rel="next" href="([^"]*)"', first)[1]), headers=HTMX)
    assert "<html" not in rest
    assert shown(first) + shown(rest) == [case.id for case in made]
    assert client.get("/cases/?state=x&kind=y&school=z&after=WyJ4IiwxXQ").status_code == 200


def test_the_list_as_a_file_with_hostile_names(client, sign_in, school):
    device, pupil = make_device(school), make_pupil(school, last_name=HOSTILE, first_name="=1+1")
    make_case(device, school, pupil=pupil)
    sign_in()
    assert "<script>alert" not in text_of(client, "/cases/")
    data = client.get("/cases/export.csv").get_data().decode("utf-8-sig")
    headings, line = csv.reader(io.StringIO(data, newline=""), delimiter=";")
    assert headings[:3] == ["Dossier", "Ce qui s’est passé", "Numéro de série"]
    assert line[2] == device.serial
    assert line[6:8] == [HOSTILE, "'=1+1"]
    assert client.get("/cases/export.xlsx").get_data()[:2] == b"PK"


def test_a_school_sees_its_own_cases_and_helpers_none(client, sign_in, school):
    mine, theirs = make_case(school=school), make_case(school=make_school())
    sign_in("school", schools=[school])
    assert shown(text_of(client, "/cases/")) == [mine.id]
    assert client.get(f"/cases/{theirs.id}").status_code == 404
    for path in ("withdraw", "documents"):
        assert client.post(f"/cases/{theirs.id}/{path}").status_code == 404
    assert client.post(f"/cases/{mine.id}/nothing").status_code == 404
    sign_in("staff")
    assert client.get("/cases/").status_code == 403


@pytest.mark.parametrize("path", ["/cases/", "/cases/{}"])
def test_a_screen_costs_the_same_for_many(client, sign_in, school, path):
    sign_in("logistics")
    pupil, costs = make_pupil(school), []
    for more in (1, 6):
        for _ in range(more):
            case = make_case(school=school, pupil=pupil)
            advance(case, CaseState.OPEN, actor=actor(), now=NOW)
        with recorded_statements() as sent:
            text_of(client, path.format(case.id))
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 12


def test_a_problem_is_reported_on_the_devices_page_with_a_photo(client, sign_in, school, lent):
    sign_in("school", schools=[school])
    assert f"/cases/new?device={lent.id}" in text_of(client, f"/devices/{lent.id}")
    assert lent.serial in text_of(client, f"/cases/new?device={lent.id}")
    form = REPORT | {"device": lent.id, "photos": (io.BytesIO(PHOTO), "écran.jpg")}
    answer = client.post(f"/cases/new?device={lent.id}", data=form)
    case = DeviceCase.get()
    assert (answer.status_code, answer.location) == (303, f"/cases/{case.id}")
    assert (case.state, case.pupil.last_name) == ("awaiting_device", "Zola")
    assert Attachment.get().kind == "photo"
    assert f"/cases/{case.id}" in text_of(client, f"/devices/{lent.id}")
    assert f"/cases/{case.id}" in text_of(client, f"/pupils/{case.pupil_id}")


def test_a_problem_is_reported_by_a_serial_number_or_for_a_pupil(client, sign_in, school, lent):
    sign_in("school", schools=[school])
    pupil = Pupil.get()
    assert f"/cases/new?pupil={pupil.id}" in text_of(client, f"/pupils/{pupil.id}")
    assert f'name="device" value="{lent.id}"' in text_of(client, f"/cases/new?pupil={pupil.id}")
    client.post("/cases/new", data=REPORT | {"code": lent.serial.lower(), "kind": "theft"})
    assert (DeviceCase.get().kind, Device.get_by_id(lent.id).state) == ("theft", "stolen")


@pytest.mark.parametrize("wrong", [{"kind": ""}, {"description": " "}, {"code": "NOSUCHSERIAL"}, {"code": ""}])
def test_a_report_that_cannot_be_taken_keeps_what_was_typed(client, sign_in, school, lent, wrong):
    sign_in("school", schools=[school])
    form = REPORT | {"code": lent.serial} | wrong
    answer = client.post("/cases/new", data=form)
    assert answer.status_code == 422
    assert all(value in answer.get_data(as_text=True) for value in form.values())
    assert DeviceCase.select().count() == 0


def test_an_empty_report_names_all_that_is_missing_at_once(client, sign_in, school):
    sign_in("school", schools=[school])
    text = client.post("/cases/new", data={}).get_data(as_text=True)
    assert [said in text for said in ("Dites de quel appareil", "Dites ce qui s’est passé", "Décrivez")] == [True] * 3


def test_a_school_sends_back_a_broken_device_of_its_own_stock(client, sign_in, school):
    device = make_device(school)
    sign_in("school", schools=[school])
    page = client.post("/cases/new", data=REPORT | {"code": device.serial}).location
    form = f"/parcels/new?kind=return&amp;device={device.serial}&amp;school={school.id}"
    assert form in text_of(client, page)
    assert device.serial in text_of(client, html.unescape(form))


def test_a_second_report_leads_to_the_open_case(client, sign_in, school, lent):
    case = opened(lent)
    sign_in("school", schools=[school])
    text = refused(client, "/cases/new", **REPORT, device=lent.id)
    assert f'href="/cases/{case.id}"' in text


def test_another_schools_device_cannot_be_reported(client, sign_in, school, lent):
    sign_in("school", schools=[make_school()])
    assert client.get(f"/cases/new?device={lent.id}").status_code == 404
    assert client.post("/cases/new", data=REPORT | {"code": lent.serial}).status_code == 422
    assert DeviceCase.select().count() == 0


def test_a_file_that_cannot_be_kept_is_told_and_the_case_is_open(client, sign_in, school, lent):
    sign_in("school", schools=[school])
    form = REPORT | {"device": lent.id, "photos": (io.BytesIO(b"<svg/>"), "a.svg")}
    answer = client.post("/cases/new", data=form, follow_redirects=True)
    assert "a.svg" in answer.get_data(as_text=True)
    assert (DeviceCase.select().count(), Attachment.select().count()) == (1, 0)


def test_a_school_takes_its_steps_and_leaves_the_others_to_logistics(client, sign_in, school, lent):
    case = opened(lent, confirmed=False)
    sign_in("school", schools=[school])
    text = text_of(client, f"/cases/{case.id}")
    assert f"/cases/{case.id}/send_back" in text
    assert f"/cases/{case.id}/refuse" not in text
    assert "compte" in refused(client, f"/cases/{case.id}/refuse", note="Non")
    assert client.post(f"/cases/{case.id}/send_back").status_code == 303
    assert f'href="/devices/{lent.id}#return"' in text_of(client, f"/cases/{case.id}")
    client.post(f"/cases/{case.id}/withdraw", data={"note": "Il remarche."})
    assert (fresh(case).state, fresh(case).outcome) == ("closed", "withdrawn")
    assert "Il remarche." in text_of(client, f"/cases/{case.id}")


def test_a_theft_waits_for_its_declaration_then_another_device_is_chosen_and_sent(client, sign_in, school, lent):
    spare, case = make_device(model=lent.model), opened(lent, "theft")
    sign_in("logistics")
    text = text_of(client, f"/cases/{case.id}")
    assert "règle R2" in text
    assert f"/cases/{case.id}/accept" not in text
    assert "manque" in refused(client, f"/cases/{case.id}/accept")
    form = {"kind": "declaration", "files": (io.BytesIO(PHOTO), "plainte.jpg")}
    assert client.post(f"/cases/{case.id}/documents", data=form).location == f"/cases/{case.id}#documents"
    assert client.post(f"/cases/{case.id}/accept").status_code == 303
    assert spare.serial in text_of(client, f"/cases/{case.id}")
    assert "NOSUCH" in refused(client, f"/cases/{case.id}/assign", code="NOSUCHSERIAL")
    client.post(f"/cases/{case.id}/assign", data={"code": spare.serial})
    sent = client.post(f"/cases/{case.id}/send")
    assert (Parcel.get().kind, sent.location) == ("named", f"/parcels/{Parcel.get().id}")
    text = text_of(client, f"/cases/{case.id}")
    assert spelled(Parcel.get().reference) in text
    assert f"/cases/{case.id}/send" not in text


def test_where_loaners_are_allowed_the_case_leads_to_the_desk_while_its_device_is_away(client, sign_in, school, lent):
    case = opened(lent)
    set_to("loaners", True)
    sign_in("school", schools=[school])
    said = "un appareil de prêt peut être remis"
    assert said not in text_of(client, f"/cases/{case.id}")
    advance(fresh(case), CaseState.DIAGNOSIS, actor=actor(), now=NOW)
    assert said in text_of(client, f"/cases/{case.id}")


def test_a_second_grant_is_refused_with_the_earlier_case_and_an_administrator_goes_on(client, sign_in, school, lent):
    case = opened(lent)
    earlier = make_case(school=school, pupil=case.pupil_id, state="closed", outcome="repaired", closed_at=NOW)
    advance(fresh(case), CaseState.DIAGNOSIS, actor=actor(), now=NOW)
    sign_in("logistics")
    text = refused(client, f"/cases/{case.id}/repair")
    assert f'href="/cases/{earlier.id}"' in text
    assert "override_reason" not in text
    assert "Qui peut en décider autrement" in text
    sign_in()
    assert "override_reason" in refused(client, f"/cases/{case.id}/repair")
    client.post(f"/cases/{case.id}/repair", data={"override_reason": "Défaut de série"})
    assert (fresh(case).state, fresh(case).quota_case_id) == ("in_repair", earlier.id)
    assert "Défaut de série" in text_of(client, f"/cases/{case.id}")


def test_a_refusal_needs_its_reason_and_the_school_reads_it(client, sign_in, school, lent):
    case = opened(lent, "loss")
    sign_in("logistics")
    refused(client, f"/cases/{case.id}/refuse", note=" ")
    client.post(f"/cases/{case.id}/refuse", data={"note": "Pas de déclaration."})
    sign_in("school", schools=[school])
    assert "Pas de déclaration." in text_of(client, f"/cases/{case.id}")


def test_a_repaired_device_at_the_school_leads_to_the_desk(client, sign_in, school):
    case = make_case(make_device(school), school, pupil=make_pupil(school), state="owed", outcome="repaired")
    sign_in("school", schools=[school])
    assert f'href="/handover/{school.id}"' in text_of(client, f"/cases/{case.id}")


def test_files_are_shown_as_they_are_kept_and_to_nobody_elsewhere(client, sign_in, school):
    case = make_case(school=school)
    sign_in("school", schools=[school])
    files = [(io.BytesIO(PHOTO), "écran.jpg"), (io.BytesIO(b"MZ"), "virus.exe")]
    answer = client.post(f"/cases/{case.id}/documents", data={"kind": "photo", "files": files})
    assert answer.status_code == 422
    assert "virus.exe" in answer.get_data(as_text=True)
    assert client.post(f"/cases/{case.id}/documents", data={"kind": "photo"}).status_code == 422
    url = f"/cases/{case.id}/documents/{Attachment.get().id}"
    assert url in text_of(client, f"/cases/{case.id}")
    kept = client.get(url)
    assert (kept.mimetype, kept.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert kept.headers["Content-Disposition"].startswith("inline")
    assert kept.headers["Cache-Control"] == "no-store"
    assert client.get(f"/cases/{make_case(school=school).id}/documents/{Attachment.get().id}").status_code == 404
    sign_in("school", schools=[make_school()])
    assert client.get(url).status_code == 404


def test_the_story_says_who_when_why_and_how_long_and_hides_what_happened_elsewhere(client, sign_in, school, lent):
    case, elsewhere = opened(lent, "theft"), make_school(name="Lycée Ailleurs")
    CaseStep.update(at=NOW - timedelta(days=2)).execute()
    CaseStep.create(case=case, state="open", at=NOW, actor_id=sign_in(name="Autrui").id, seen=True, school=elsewhere)
    sign_in("school", schools=[school])
    text = text_of(client, f"/cases/{case.id}")
    assert "dans cet état pendant 2 jours" in text
    assert "autre lycée" in text
    assert "Lycée Ailleurs" not in text
    assert "Autrui" not in text
    sign_in("logistics")
    assert "Lycée Ailleurs" in text_of(client, f"/cases/{case.id}")


def test_a_sighting_elsewhere_names_no_pupil_of_another_school(client, sign_in, school, lent):
    there = make_school()
    case = make_case(lent, there, kind="sighting", pupil=Pupil.get())
    sign_in("school", schools=[there])
    assert "Zola" not in text_of(client, f"/cases/{case.id}")


def test_the_family_is_mailed_its_page_and_never_about_a_pupil_who_died(client, sign_in, school, lent):
    pupil = Pupil.get()
    make_guardian(pupil, "mother@example.org")
    sign_in("school", schools=[school])
    assert f"/cases/family/{pupil.id}" in text_of(client, f"/pupils/{pupil.id}")
    assert client.post(f"/cases/family/{pupil.id}").location == f"/pupils/{pupil.id}"
    assert (OutboxMail.get().recipient, FamilyLink.get().purpose) == ("mother@example.org", "case")
    assert client.post(f"/cases/family/{pupil.id}").status_code == 422
    Pupil.update(deceased=True).execute()
    assert f"/cases/family/{pupil.id}" not in text_of(client, f"/pupils/{pupil.id}")
    assert client.post(f"/cases/family/{pupil.id}").status_code == 422
    assert OutboxMail.select().count() == 1
