"""The family's page by its personal link: what must come back, the label made once, the answer; nothing else opens."""

import re
from datetime import timedelta

import pytest

from tests.factories import NOW, actor, make_campaign, make_guardian, make_pupil
from tests.parcels import addressed_school, with_return_address
from tests.returning import expect, fresh, with_hotspot
from tests.statements import recorded_statements
from tests.web.at_rosters import HTMX
from tracker.models.family_links import FamilyLink
from tracker.models.parcels import Parcel
from tracker.models.pupils import Guardian, Pupil
from tracker.models.schools import School
from tracker.operations.expected_returns import stop_expecting
from tracker.operations.family_links import family_token, make_family_link
from tracker.operations.parcels import ship
from tracker.rules.families import LinkPurpose
from tracker.rules.sscc import spelled

UNTIL = NOW + timedelta(days=45)


@pytest.fixture
def school(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    with_return_address()
    return addressed_school(name="Lycée Malherbe")


@pytest.fixture
def expected(school):
    pupil = make_pupil(school, last_name="Martin", first_name="Léa")
    make_guardian(pupil, "mother@example.org")
    return expect(school, pupil)


@pytest.fixture
def address(app, expected) -> str:
    link = make_family_link(
        LinkPurpose.RETURN, expected.pupil, "mother@example.org", expires_at=UNTIL, actor=actor(), now=NOW
    )
    key = app.extensions["settings"].signing_key()
    return f"/return/{family_token(link.nonce, LinkPurpose.RETURN, key=key)}"


def text_of(client, url, status=200):
    answer = client.get(url)
    assert answer.status_code == status
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.get_data(as_text=True)


def test_the_page_says_what_why_until_when_and_how_and_whom_to_ask(client, expected, address):
    text = text_of(client, address)
    for said in ("Léa Martin", expected.device.serial, "l’élève quitte le lycée", "20 oct. 2026", "Copiez vos"):
        assert said in text
    assert "0 800 97 87 00" in text
    assert "09 74 77 42 74" not in text
    assert "Union européenne" in text
    assert FamilyLink.get().opened_at


def test_the_sim_card_of_a_hotspot_stays_in_it_and_of_a_laptop_none_is_spoken_of(client, expected, address):
    assert "SIM" not in text_of(client, address)
    with_hotspot(expected.school, expected)
    assert "Laissez la carte SIM dans le galet" in text_of(client, address)


def test_in_english_too(client, address):
    text = text_of(client, f"{address}?lang=en")
    assert "A device to send back" in text
    assert "the pupil leaves the school" in text
    assert "original box" in text
    assert f"{address}/label?lang=en" in text


def test_looking_at_the_address_alone_opens_nothing(client, address):
    client.head(address)
    client.get(address, headers={"Sec-Purpose": "prefetch"})
    assert FamilyLink.get().opened_at is None


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_label_is_made_once_and_opened_at_will(client, expected, address, headers):
    assert client.get(f"{address}/label/a4").status_code == 303
    for _ in range(2):
        answer = client.post(f"{address}/label", headers=headers)
        assert (answer.status_code, answer.location) == (303, f"{address}#label")
    assert Parcel.select().count() == 1
    assert fresh(expected).parcel_id == Parcel.get().id
    text = text_of(client, address)
    assert "Préparer mon étiquette" not in text
    assert spelled(Parcel.get().reference) in text
    for form, begin in (("a4", b"%PDF-"), ("10x15", b"%PDF-"), ("zpl", b"^XA")):
        assert client.get(f"{address}/label/{form}").get_data().startswith(begin)
    assert client.get(f"{address}/label/x").status_code == 404
    label = client.get(f"{address}/label/zpl").get_data(as_text=True)
    assert expected.device.serial in label
    assert "Port payé par la Région" in label
    assert "Martin" not in label
    assert "0 800 97 87 00" in label
    assert "09 74 77 42 74" not in label


def test_a_label_that_cannot_be_made_leads_to_the_families_service(client, school, address):
    School.update(street="").execute()
    answer = client.post(f"{address}/label")
    assert answer.status_code == 422
    assert "Appelez l’assistance aux familles" in answer.get_data(as_text=True)
    assert Parcel.select().count() == 0


def test_the_answer_that_the_school_has_it_is_noted_once(client, expected, address):
    assert client.post(f"{address}/handed-in").status_code == 303
    first = fresh(expected).handed_in_at
    assert client.post(f"{address}/handed-in", headers=HTMX).status_code == 303
    assert fresh(expected).handed_in_at == first
    text = text_of(client, address)
    assert "Vous avez dit le 5 oct. 2026" in text
    assert "Je l’ai remis au lycée" not in text


def test_what_is_on_its_way_or_back_asks_for_nothing(client, expected, address):
    client.post(f"{address}/label")
    ship([Parcel.get().id], actor=actor(), now=NOW)
    text = text_of(client, address)
    assert "Merci : il est en route" in text.replace("\u00a0", " ")
    assert "<form" not in text
    stop_expecting(expected.device_id, came_back=True, actor=actor(), now=NOW)
    text = text_of(client, address)
    assert "Rien n’est à renvoyer" in text
    assert "<form" not in text


def test_a_death_a_lost_right_and_time_close_the_page_without_a_word_about_the_pupil(client, address, time_machine_at):
    Guardian.update(legal=False).execute()
    closed = [text_of(client, address, 410)]
    Guardian.update(legal=True).execute()
    Pupil.update(deceased=True).execute()
    closed.append(text_of(client, address, 410))
    assert "Vous n’avez rien à faire" in closed[-1]
    for path in ("label", "handed-in"):
        assert client.post(f"{address}/{path}").status_code == 410
    assert Parcel.select().count() == 0
    Pupil.update(deceased=False).execute()
    time_machine_at(UNTIL)
    closed.append(text_of(client, address, 410))
    closed.append(text_of(client, "/return/", 404))
    closed.append(text_of(client, address[:-2], 404))
    assert not any(re.search("Martin|Léa|Malherbe", text) for text in closed)


def test_the_page_costs_a_fixed_number_of_queries(client, school, expected, address):
    client.get(address)
    with recorded_statements() as sent:
        client.get(address)
    assert len(sent) <= 7
