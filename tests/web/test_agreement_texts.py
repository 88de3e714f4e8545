"""The versions of the agreement's text on the administrator's screens."""

import re

import pypdfium2
import pytest

from tests.factories import make_campaign, make_text
from tracker.models.agreements import AgreementText
from tracker.models.mail import OutboxMail
from tracker.web.clock import today

FRENCH, ENGLISH = "# Le prêt\n\nAppelez le {families_phone}.", "# The loan\n\nCall {families_phone}."


@pytest.fixture(autouse=True)
def administrator(sign_in):
    make_campaign(school_year=today().year)
    return sign_in("admin", name="Personne Région")


def post(client, act="preview", **changes):
    return client.post("/agreement-texts/new", data={"french": FRENCH, "english": ENGLISH, "act": act} | changes)


def error_at(answer, name: str) -> str:
    """What stands at this field, empty where nothing does."""
    found = re.search(rf'id="{name}-error">.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    return found[1] if found else ""


def test_the_list_shows_when_by_whom_and_how_many_signed(client, administrator):
    make_text(digest="ab" * 32)
    make_text(published_by=administrator.id)
    page = client.get("/agreement-texts/").text
    assert "Personne Région" in page
    assert "abababababab" in page
    assert page.index("Version 2") < page.index("Version 1")
    assert page.count("en vigueur") == 1


def test_the_campaign_leads_to_it(client):
    assert 'href="/agreement-texts/"' in client.get("/campaign/").text


def test_without_any_text_the_list_says_so(client):
    assert client.get("/agreement-texts/").status_code == 200


def test_a_version_is_shown_as_families_read_it(client):
    make_text(french=FRENCH, english=ENGLISH)
    page = client.get("/agreement-texts/1").text
    assert "<h3>Le prêt</h3>" in page
    assert "Call 0 800 97 87 00." in page
    assert client.get("/agreement-texts/2").status_code == 404


def test_its_blank_form_is_of_nobody(client):
    make_text(french=FRENCH, english=ENGLISH)
    answer = client.get("/agreement-texts/1/form.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.data))
    assert "Nom Prénom" in text
    assert "Appelez le 0 800 97 87 00." in text


def test_a_new_version_begins_as_the_last_one(client):
    make_text(french="Un texte de départ", english="A text to begin with")
    page = client.get("/agreement-texts/new").text
    assert "Un texte de départ" in page
    assert "A text to begin with" in page
    assert "{families_phone}" in page


def test_the_first_one_begins_as_the_text_of_the_program(client):
    assert "Pack Numérique Lycéen" in client.get("/agreement-texts/new").text


def test_a_preview_shows_both_languages_and_the_pages_and_keeps_nothing(client):
    answer = post(client)
    assert answer.status_code == 200
    assert "<h3>Le prêt</h3>" in answer.text
    assert "<h3>The loan</h3>" in answer.text
    assert "1 page." in answer.text
    assert AgreementText.select().count() == 0


def test_publishing_makes_a_version_and_leaves_the_older_one(client):
    make_text()
    answer = post(client, "publish")
    assert (answer.status_code, answer.location) == (303, "/agreement-texts/2")
    assert client.get(answer.location).status_code == 200
    assert [each.french for each in AgreementText.select().order_by(AgreementText.version)] == ["Texte 1.", FRENCH]
    assert OutboxMail.select().count() == 0


@pytest.mark.parametrize("act", ["preview", "publish"])
@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"french": " "}, "french", "langue"),
        ({"english": ""}, "english", "langue"),
        ({"english": ENGLISH + " {school_phone}"}, "english", "{school_phone}"),
        ({"french": "\n\n".join(["Un long paragraphe. " * 40] * 60)}, "french", "4"),
    ],
)
def test_what_cannot_be_published_is_said_at_its_field_and_nothing_typed_is_lost(client, act, changes, field, said):
    answer = post(client, act, **changes)
    assert answer.status_code == 422
    assert said in error_at(answer, field)
    assert error_at(answer, "english" if field == "french" else "french") == ""
    kept = {"french": FRENCH, "english": ENGLISH} | changes
    assert all(text.strip().splitlines()[0] in answer.text for text in kept.values() if text.strip())
    assert AgreementText.select().count() == 0


def test_the_same_text_again_is_refused(client):
    post(client, "publish")
    answer = post(client, "publish", french=FRENCH.replace("\n", "\r\n"))
    assert (answer.status_code, "version 1" in error_at(answer, "french")) == (422, True)
    assert AgreementText.select().count() == 1


def test_markup_that_is_none_of_ours_stays_text(client):
    answer = post(client, french="<b onclick=x>gras</b>")
    assert "&lt;b onclick=x&gt;gras&lt;/b&gt;" in answer.text
    assert "<b onclick" not in answer.text
