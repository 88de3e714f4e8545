"""The page of one pupil: why or why not, devices, guardians for whom they concern, and the look on record."""

from datetime import date, timedelta

import pytest
from structlog.testing import capture_logs

from tests.factories import (
    NOW,
    SCHOOL_YEAR,
    make_campaign,
    make_device,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
)
from tests.lending import lend
from tests.statements import recorded_statements
from tracker.models.agreements import Agreement, Invitation
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, Guardian
from tracker.rules.eligibility import Eligible, Level


@pytest.fixture
def school(app):
    make_campaign()
    return make_school(name="Lycée Malherbe")


def shown(client, pupil):
    answer = client.get(f"/pupils/{pupil.id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def add_guardian(pupil, name="Tutrice"):
    Guardian.create(pupil=pupil, last_name=name, first_name="Anne", email="anne@example.org", legal=True)


def test_a_pupil_who_can_get_a_laptop_leads_to_the_desk_of_the_school(client, sign_in, school):
    pupil = make_pupil(school)
    sign_in("school", schools=[school])
    assert f'class="btn btn-primary" href="/handover/{school.id}"' in shown(client, pupil)
    assert "E1" in shown(client, pupil)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"agreement": "sent"}, "E1"),
        ({"level": Level.PREMIERE_GT, "eligible": Eligible.NO}, "E2"),
        ({"class_name": ""}, "E3"),
        ({"level": Level.CAP_OF_3, "eligible": Eligible.CHECK}, "E1"),
    ],
)
def test_a_pupil_who_cannot_get_one_yet_is_told_why_and_not_led_there(client, sign_in, school, changes, rule):
    pupil = make_pupil(school, **changes)
    sign_in("school", schools=[school])
    page = shown(client, pupil)
    assert f"/handover/{school.id}" not in page
    assert rule in page


def test_devices_now_and_before_are_shown_with_links(client, sign_in, school):
    pupil, device = make_pupil(school), make_device(school)
    lend(device, pupil, school)
    sign_in("school", schools=[school])
    page = shown(client, pupil)
    assert f'href="/devices/{device.id}"' in page
    assert device.serial in page


def test_a_device_of_another_school_is_named_without_a_link(client, sign_in, school):
    old = make_school()
    pupil, device = make_pupil(old), make_device(old)
    lend(device, pupil, old)
    Enrolment.update(school=school).where(Enrolment.pupil == pupil).execute()
    sign_in("school", schools=[school])
    page = shown(client, pupil)
    assert device.serial in page
    assert f"/devices/{device.id}" not in page


def test_guardians_are_shown_to_the_region_and_to_the_pupil_s_own_school(client, sign_in, school):
    pupil = make_pupil(school)
    add_guardian(pupil)
    for role, schools in (("admin", []), ("logistics", []), ("school", [school])):
        sign_in(role, schools=schools)
        assert "Tutrice" in shown(client, pupil)


def test_the_school_that_a_pupil_has_left_no_longer_sees_guardians(client, sign_in, school):
    pupil = make_pupil(school, left_on=date(2026, 9, 5))
    add_guardian(pupil)
    sign_in("school", schools=[school])
    assert "Tutrice" not in shown(client, pupil)
    assert "anne@example.org" not in shown(client, pupil)


def test_only_the_end_of_the_ine_is_shown(client, sign_in, school):
    sign_in()
    page = shown(client, make_pupil(school, ine="123456789AB"))
    assert "123456789AB" not in page
    assert "…9AB" in page


def test_each_look_is_one_line_of_ids_in_the_log(client, sign_in, school):
    pupil = make_pupil(school, last_name="Secret")
    user = sign_in()
    with capture_logs() as lines:
        shown(client, pupil)
    assert lines == [{"event": "pupil_seen", "log_level": "info", "user_id": user.id, "pupil_id": pupil.id}]


def test_another_school_s_pupil_is_not_there_and_no_look_is_recorded(client, sign_in, school):
    theirs = make_pupil(make_school())
    sign_in("school", schools=[school])
    with capture_logs() as lines:
        assert client.get(f"/pupils/{theirs.id}").status_code == 404
    assert lines == []


def test_the_page_of_a_pupil_who_died_says_so_with_tact(client, sign_in, school):
    sign_in("admin")
    pupil = make_pupil(school, deceased=True)
    assert "Cet élève est décédé" in client.get(f"/pupils/{pupil.id}").text
    assert "décédé" not in client.get(f"/pupils/{make_pupil(school).id}").text


def test_a_leaver_with_a_device_is_told_apart(client, sign_in, school):
    pupil = make_pupil(school)
    lend(make_device(school), pupil, school)
    Enrolment.update(school_year=SCHOOL_YEAR - 1).where(Enrolment.pupil == pupil).execute()
    sign_in()
    assert "notice-warn" in shown(client, pupil)


def test_a_page_without_a_school_year_still_opens(client, sign_in, app):
    pupil = make_pupil(make_school())
    sign_in()
    assert pupil.last_name in shown(client, pupil)


def test_a_page_costs_the_same_whatever_the_pupil_has(client, sign_in, school):
    pupil = make_pupil(school)
    sign_in()
    costs = []
    for _ in range(2):
        with recorded_statements() as sent:
            shown(client, pupil)
        costs.append(len(sent))
        add_guardian(pupil)
        add_guardian(pupil, "Second")
        if len(costs) == 1:
            lend(make_device(school), pupil, school)
    assert costs[0] == costs[1] <= 20


def test_an_administrator_says_on_the_page_whether_a_pupil_arrived_in_the_course(app, client, sign_in, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    unknown = {"arrived_mid_course": None, "eligible": "check", "eligible_reason": "arrival_unknown"}
    pupil = make_pupil(make_school(), level="premiere_gt", **unknown)
    sign_in("admin")
    assert f"/pupils/{pupil.id}/arrival" in client.get(f"/pupils/{pupil.id}").text
    answered = client.post(f"/pupils/{pupil.id}/arrival", data={"arrived": "yes"}, follow_redirects=True)
    assert (answered.status_code, "/arrival" in answered.text) == (200, False)
    assert Enrolment.get(Enrolment.pupil == pupil).eligible == "yes"
    assert client.post(f"/pupils/{pupil.id}/arrival", data={"arrived": "perhaps"}).status_code == 400
    assert client.post(f"/pupils/{pupil.id}/arrival", data={"arrived": "no"}).status_code == 422


def sent(school, days=20, **changes):
    pupil = make_pupil(school, agreement=None, **changes)
    guardian = make_guardian(pupil, email="zoe.parent@example.org")
    return pupil, make_invitation(pupil, guardian, sent_at=NOW - timedelta(days=days))


def test_the_agreement_s_whole_story_is_told(app, client, sign_in, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    school = make_school()
    pupil, invitation = sent(school)
    Invitation.update(seen_at=NOW).where(Invitation.id == invitation.id).execute()
    make_invitation(pupil, Guardian.get(), reminder=True)
    OutboxMail.update(failed_at=NOW, last_error="5.1.1 unknown").where(OutboxMail.id == invitation.mail_id).execute()
    sign_in("school", schools=[school])
    page = shown(client, pupil)
    for said in (
        "Convention envoyée",
        "Rappel envoyé",
        "Convention ouverte",
        "Le courriel est revenu",
        "5.1.1 unknown",
    ):
        assert said in page
    assert page.count("Convention envoyée") == 1


def test_addresses_are_half_hidden_where_the_guardians_are(app, client, sign_in, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    school = make_school()
    pupil, _invitation = sent(school, left_on=date(2026, 10, 1))
    sign_in("school", schools=[school])
    page = shown(client, pupil)
    assert "zoe.parent@example.org" not in page
    assert "z…@example.org" in page


def test_the_paper_form_is_offered_from_its_day_on(app, client, sign_in, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    school = make_school()
    late, early = sent(school)[0], sent(school, days=5)[0]
    sign_in("school", schools=[school])
    assert f'action="/agreements/unsigned/print?pupil={late.id}"' in shown(client, late)
    page = shown(client, early)
    assert "/agreements/unsigned/print" not in page
    assert "à partir du 15 oct. 2026" in page


def test_the_signed_document_and_a_refusal_are_on_the_page(client, sign_in, school):
    signed, refused = make_pupil(school), make_pupil(school, agreement="refused")
    Agreement.update(document="agreements/x.pdf").where(Agreement.pupil == signed).execute()
    Agreement.update(refusal="Signature <b>absente</b>").where(Agreement.pupil == refused).execute()
    sign_in("school", schools=[school])
    assert f'href="/agreements/{Agreement.get(Agreement.pupil == signed).id}/document"' in shown(client, signed)
    assert "Signature &lt;b&gt;absente&lt;/b&gt;" in shown(client, refused)
