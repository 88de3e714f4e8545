"""The family's page by its personal link: the report, how far it is, the declaration; nothing else opens."""

import io
from datetime import timedelta

import pytest

from tests.cases import make_case
from tests.factories import NOW, actor, make_campaign, make_device, make_guardian, make_pupil, make_school, make_user
from tests.lending import lend
from tests.parcels import addressed_school, with_return_address
from tests.web.test_cases import PHOTO
from tracker.models.attachments import Attachment
from tracker.models.cases import DeviceCase
from tracker.models.family_links import FamilyLink
from tracker.models.pupils import Guardian, Pupil
from tracker.models.returns import ExpectedReturn
from tracker.operations.case_steps import advance
from tracker.operations.family_links import family_token, make_family_link
from tracker.rules.cases import CaseState
from tracker.rules.families import LinkPurpose

REPORT = {"kind": "breakdown", "description": "L’écran reste noir."}


@pytest.fixture
def device(app, time_machine_at):
    time_machine_at(NOW)
    make_campaign()
    with_return_address()
    school = addressed_school(name="Lycée Malherbe")
    pupil, device = make_pupil(school, last_name="Martin", first_name="Léa"), make_device(school)
    make_guardian(pupil, "mother@example.org")
    lend(device, pupil, school)
    return device


@pytest.fixture
def address(app, device) -> str:
    until = NOW + timedelta(days=45)
    link = make_family_link(
        LinkPurpose.CASE, Pupil.get(), "mother@example.org", expires_at=until, actor=actor(), now=NOW
    )  # fmt: skip
    key = app.extensions["settings"].signing_key()
    return f"/report/{family_token(link.nonce, LinkPurpose.CASE, key=key)}"


def text_of(client, url, status=200):
    answer = client.get(url)
    assert answer.status_code == status
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    return answer.get_data(as_text=True)


def test_the_page_shows_the_device_and_whom_to_ask_in_both_languages(client, device, address):
    text = text_of(client, address)
    for said in ("Léa Martin", device.serial, "Lycée Malherbe", "Dites-nous ce qui s’est passé"):
        assert said in text
    assert "Tell us what happened" in text_of(client, f"{address}?lang=en")
    assert FamilyLink.get().opened_at is not None


def test_a_breakdown_that_a_family_reports_is_looked_at_before_the_device_must_come_back(client, device, address):
    answer = client.post(address, data=REPORT | {"device": device.id, "photos": (io.BytesIO(PHOTO), "é.jpg")})
    assert (answer.status_code, answer.location) == (303, address)
    case = DeviceCase.get()
    assert (case.state, case.opened_by, case.pupil_id) == ("open", None, Pupil.get().id)
    assert (Attachment.get().kind, Attachment.get().added_by) == ("photo", None)
    assert ExpectedReturn.select().count() == 0
    text = text_of(client, address)
    assert "Le lycée le regarde" in text
    assert "Dites-nous" not in text


def test_a_theft_asks_for_its_declaration_until_it_is_there(client, device, address):
    client.post(address, data=REPORT | {"device": device.id, "kind": "theft"})
    assert "Ajoutez la déclaration" in text_of(client, address)
    url = f"{address}/documents/{DeviceCase.get().id}"
    refused = client.post(url, data={"files": (io.BytesIO(b"<svg/>"), "a.svg")})
    assert refused.status_code == 422
    assert "a.svg" in refused.get_data(as_text=True)
    assert client.post(url, data={"files": (io.BytesIO(PHOTO), "plainte.jpg")}).status_code == 303
    text = text_of(client, address)
    assert "plainte.jpg" in text
    assert "Ajoutez la déclaration" not in text
    assert Attachment.get().kind == "declaration"


def test_a_report_without_what_happened_is_refused_with_what_was_typed(client, device, address):
    answer = client.post(address, data={"description": "Tombé", "device": device.id})
    assert answer.status_code == 422
    assert "Tombé" in answer.get_data(as_text=True)
    assert DeviceCase.select().count() == 0


def test_a_link_reports_and_shows_nothing_of_others(client, device, address):
    school = make_school()
    other, theirs = make_device(school), make_pupil(school)
    lend(other, theirs, school)
    case = make_case(other, school, pupil=theirs)
    assert client.post(address, data=REPORT | {"device": other.id}).status_code == 422
    assert client.post(f"{address}/documents/{case.id}", data={}).status_code == 404
    assert other.serial not in text_of(client, address)


@pytest.mark.parametrize("state", [state for state in CaseState if state not in ("closed", "refused")])
def test_every_state_is_said_in_plain_words(client, device, address, state):
    case = make_case(device, device.school, pupil=Pupil.get())
    advance(case, state, actor=actor(), now=NOW)
    assert 'class="notice notice-ok"' in text_of(client, address)


def test_dead_links_open_nothing(client, device, address):
    assert client.get("/report/forged").status_code == 404
    assert client.get("/report/").status_code == 404
    Guardian.update(email="other@example.org").execute()
    assert client.get(address).status_code == 410
    Guardian.update(email="mother@example.org").execute()
    Pupil.update(deceased=True).execute()
    assert client.get(address).status_code == 410
    assert client.post(address, data=REPORT | {"device": device.id}).status_code == 410
    assert DeviceCase.select().count() == 0


def test_what_the_school_added_to_the_case_is_not_named_to_the_family(client, device, address):
    client.post(address, data=REPORT | {"device": device.id, "photos": (io.BytesIO(PHOTO), "ecran.jpg")})
    Attachment.create(
        case=DeviceCase.get(), kind="other", file_name="note-interne.pdf", file="k", media_type="application/pdf",
        digest="0" * 64, size=1, added_by=make_user("school").id, added_at=NOW,
    )  # fmt: skip
    text = text_of(client, address)
    assert ("ecran.jpg" in text, "note-interne" in text) == (True, False)
