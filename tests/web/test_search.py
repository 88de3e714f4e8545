"""The search box: a code opens its page, words give results by kind, each with the way to the whole list."""

import pytest

from tests.factories import make_campaign, make_device, make_pupil, make_school


@pytest.fixture
def school(app):
    make_campaign()
    return make_school(name="Lycée Malherbe")


def shown(client, text):
    answer = client.get("/search", query_string={"q": text})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_an_exact_code_opens_its_page_at_once(client, sign_in, school):
    device, pupil = make_device(school, serial="PF3ABC12"), make_pupil(school)
    sign_in("school", schools=[school])
    for text, address in (
        ("pf3abc12", f"/devices/{device.id}"),
        (device.tag, f"/devices/{device.id}"),
        (pupil.slip_code, f"/pupils/{pupil.id}"),
    ):
        assert client.get("/search", query_string={"q": text}).headers["Location"] == address


def test_words_give_pupils_devices_classes_and_schools(client, sign_in, school):
    pupil = make_pupil(school, last_name="Mal", class_name="MAL1")
    device = make_device(school, serial="MAL0001")
    sign_in()
    page = shown(client, "mal")
    for address in (f"/pupils/{pupil.id}", f"/devices/{device.id}", "class=MAL1", f"/pupils/?school={school.id}"):
        assert address in page


def test_more_than_ten_lead_to_the_whole_list(client, sign_in, school):
    for _ in range(11):
        make_pupil(school, last_name="Martin")
    sign_in()
    assert "/pupils/?q=martin&amp;left=any" in shown(client, "martin")


def test_another_school_s_things_do_not_appear(client, sign_in, school):
    there = make_school(name="Lycée Corneille")
    device = make_device(there, serial="PF99")
    make_pupil(there, last_name="Martin", class_name="2GT9")
    sign_in("school", schools=[school])
    for text in ("PF99", "PF9", "martin", "2GT9", "corneille"):
        page = shown(client, text)
        assert "row-link" not in page
        assert f"/devices/{device.id}" not in page


def test_a_helper_finds_no_pupil_and_is_sent_to_the_desk_with_a_slip(client, sign_in, school):
    pupil = make_pupil(school, last_name="Martin")
    sign_in("staff")
    assert "row-link" not in shown(client, "martin")
    page = shown(client, pupil.slip_code)
    assert "Martin" not in page
    assert "coupon" in page


def test_nothing_typed_and_nothing_found_both_say_what_to_do(client, sign_in, school):
    sign_in()
    assert 'class="nothing"' in shown(client, "")
    assert 'class="nothing"' in shown(client, "zzzz")
    assert 'class="nothing"' in shown(client, "x" * 5000)
