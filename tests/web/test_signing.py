"""What a family does with its personal link, with requests as a browser without JavaScript sends them."""

import re
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest

from tests.conftest import make_settings
from tests.factories import make_campaign, make_guardian, make_invitation, make_pupil, make_school, make_text
from tracker.app import create_app
from tracker.models.agreements import Agreement, Invitation
from tracker.models.database import connected, database
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Guardian, Pupil
from tracker.operations.links import token_of
from tracker.rules.signing import MOST_CODES, MOST_TRIES, TWICE_WITHIN

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
TEXT = (
    "Premier alinéa, en **gras**.\n\n# Les règles\n\n- une\n- deux <script>alert(1)</script>\n\n"
    "Téléphone : {families_phone}."
)
NAMES = ("Martin", "Lycée Malherbe", "2GT1", "mother@example.org")
SCHOOLS_LINE = "09 74 77 42 74"


@pytest.fixture(autouse=True)
def clock(time_machine_at):
    time_machine_at(NOW)


@pytest.fixture
def invitation(app):
    """A pupil whose mother was written to."""
    make_campaign()
    make_text(french=TEXT, english=TEXT.replace("Les règles", "The rules"))
    pupil = make_pupil(make_school(name="Lycée Malherbe"), agreement=None, last_name="Martin")
    return make_invitation(pupil, make_guardian(pupil, "mother@example.org"), sent_at=NOW - timedelta(days=2))


@pytest.fixture
def address(app, invitation) -> str:
    return address_of(app, invitation)


def address_of(app, invitation) -> str:
    return f"/sign/{token_of(invitation.nonce, key=app.extensions['settings'].signing_key())}"


def ask(client, address, **changes):
    fields = {"signer": "Camille Martin", "consent": "y", "text": "1"} | changes
    return client.post(address, data=fields)


def code_mailed() -> str:
    return re.search(r"^(\d{6})$", OutboxMail.select().order_by(OutboxMail.id.desc()).get().body, re.MULTILINE)[1]


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def confirm(client, address, code=None, **changes):
    return client.post(f"{address}/code", data={"code": code or code_mailed(), "text": "1"} | changes)


def sign(client, address):
    ask(client, address)
    return confirm(client, address)


def main_of(answer) -> str:
    return answer.text.split("<main")[1].split("</main>")[0]


def is_calm(answer) -> bool:
    """Whom to call is said, nothing about the pupil, and never the schools' own line."""
    return (
        "0 800 97 87 00" in answer.text
        and SCHOOLS_LINE not in answer.text
        and not any(name in answer.text for name in NAMES)
    )


def test_the_link_shows_the_text_and_whom_it_is_about(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert "Léa Martin" in answer.text
    assert "Lycée Malherbe" in answer.text
    assert "<strong>gras</strong>" in answer.text
    assert "<h2>Les règles</h2>" in answer.text
    assert "<li>une</li><li>deux &lt;script&gt;alert(1)&lt;/script&gt;</li>" in answer.text
    assert "Téléphone : 0 800 97 87 00." in answer.text
    assert SCHOOLS_LINE not in answer.text


def test_the_guardians_name_is_a_hint_and_nothing_is_ticked(client, address):
    answer = client.get(address)
    assert "Camille Martin" in answer.text
    assert re.search(r'name="signer"[^>]* value=""', answer.text)
    assert "checked" not in answer.text


def test_english_is_an_address_of_its_own_and_leaves_no_trace_in_a_session(client, address):
    answer = client.get(f"{address}?lang=en")
    assert '<html lang="en"' in answer.text
    assert "The rules" in answer.text
    assert f'action="{address}?lang=en"' in answer.text
    assert f'href="{address}"' in answer.text
    assert '<html lang="fr"' in client.get(address).text


def test_no_cookie_is_set_from_the_link_to_the_signature(client, address):
    answers = [client.get(address), ask(client, address), client.get(f"{address}/code?text=1")]
    answers.append(confirm(client, address))
    answers += [client.get(answers[-1].location), client.get(address)]
    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * 6


def test_what_a_signed_in_person_chose_as_language_does_not_change_the_page(client, address, sign_in):
    sign_in("admin", locale="en")
    assert '<html lang="fr"' in client.get(address).text


@pytest.mark.parametrize("path", ["", "/code", "x", "/code?lang=en"])
def test_no_cache_no_referrer_and_no_index_has_the_address(client, address, path):
    headers = client.get(address + path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_opening_is_noted_but_not_by_a_program_that_only_looks(client, address):
    client.head(address)
    client.get(address, headers={"Sec-Purpose": "prefetch;prerender"})
    assert Invitation.get().seen_at is None
    client.get(address)
    assert Invitation.get().seen_at is not None


def test_a_scanner_that_opens_every_address_of_the_mail_uses_up_nothing(client, address):
    for path in ("", "/code", "?lang=en", "/code?lang=en"):
        client.get(address + path)
        client.head(address + path)
    assert (Agreement.get().state, OutboxMail.select().count()) == ("sent", 1)
    assert ask(client, address).status_code == 303


def test_the_code_goes_to_the_address_of_the_link_and_the_page_shows_only_its_beginning(client, address):
    answer = ask(client, address)
    mail = OutboxMail.select().order_by(OutboxMail.id.desc()).get()
    assert (answer.status_code, mail.recipient) == (303, "mother@example.org")
    page = client.get(answer.location)
    assert "m…@example.org" in page.text
    assert "mother@example.org" not in page.text
    assert 'inputmode="numeric"' in page.text
    assert 'autocomplete="one-time-code"' in page.text


def test_without_name_or_consent_nothing_is_sent_and_nothing_typed_is_lost(client, address):
    answer = ask(client, address, signer="", consent="")
    assert answer.status_code == 422
    assert answer.text.count("field-error") == 2
    answer = ask(client, address, consent="")
    assert 'value="Camille Martin"' in answer.text
    assert OutboxMail.select().count() == 1
    answer = ask(client, address, signer="x" * 101)
    assert (answer.status_code, "100" in main_of(answer)) == (422, True)


def test_the_page_of_the_code_leads_back_to_the_text_when_no_code_was_asked_for(client, address):
    answer = client.get(f"{address}/code")
    assert (answer.status_code, answer.location) == (303, address)


def test_the_page_of_the_code_opens_in_its_field_and_no_other_page_does(client, address):
    assert "autofocus" not in client.get(address).text
    asked = ask(client, address)
    page = client.get(asked.location).text
    assert page.count("autofocus") == 1
    assert "autofocus" in re.search(r'<input[^>]*id="code"[^>]*>', page)[0]


def test_back_from_the_code_everything_is_as_it_was_left(client, address):
    ask(client, address)
    answer = client.get(address)
    assert 'value="Camille Martin"' in answer.text
    assert "checked" in answer.text
    assert f'href="{address}/code?text=1"' in answer.text


def test_the_right_code_signs_with_spaces_too(client, address):
    ask(client, address)
    code = code_mailed()
    answer = confirm(client, address, f" {code[:3]} {code[3:]} ")
    assert answer.status_code == 303
    agreement = Agreement.get()
    assert (agreement.state, agreement.evidence["signer"]) == ("validated", "Camille Martin")
    assert agreement.evidence["address"] == "127.0.0.1"
    assert agreement.evidence["language"] == "fr"
    page = client.get(answer.location)
    assert (page.status_code, "Camille Martin" in page.text) == (200, True)
    assert "m…@example.org" in page.text


def test_the_signed_pdf_can_be_downloaded_at_once_and_is_the_one_that_was_mailed(client, address, app):
    answer = sign(client, address)
    pdf = client.get(f"{answer.location}/pdf")
    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    assert "attachment" in pdf.headers["Content-Disposition"]
    assert "2026-2027" in pdf.headers["Content-Disposition"]
    document = pypdfium2.PdfDocument(pdf.data)
    text = "".join(each.get_textpage().get_text_range() for each in document)
    assert "Camille Martin" in text
    assert OutboxMail.select().order_by(OutboxMail.id.desc()).get().attachment == Agreement.get().document


def test_the_page_after_the_signature_closes_after_half_an_hour(client, address, time_machine_at):
    answer = sign(client, address)
    time_machine_at(NOW + timedelta(minutes=31))
    for path in ("", "/pdf"):
        late = client.get(answer.location + path)
        assert (late.status_code, is_calm(late)) == (410, True)


def test_a_receipt_of_somebodys_own_making_opens_nothing(client, address):
    answer = sign(client, address)
    assert client.get(answer.location[:-2] + "AA").status_code == 410
    assert client.get(address.replace("/sign/", "/sign/done/")).status_code == 410


def test_after_the_death_of_a_pupil_neither_link_nor_receipt_shows_anything(client, address):
    answer = sign(client, address)
    Pupil.update(deceased=True).execute()
    for path in (address, answer.location, f"{answer.location}/pdf"):
        closed = client.get(path)
        assert (closed.status_code, is_calm(closed)) == (410, True)


def test_a_wrong_code_says_how_many_tries_are_left_and_the_fifth_ends_the_code(client, address):
    ask(client, address)
    code = code_mailed()
    for left in range(MOST_TRIES - 1, 0, -1):
        answer = confirm(client, address, another(code))
        assert (answer.status_code, f"Essais restants\u00a0: {left}." in answer.text) == (422, True)
    for attempt in (another(code), code):
        answer = confirm(client, address, attempt)
        assert (answer.status_code, 'name="code"' in answer.text) == (422, False)
        assert "Cinq codes faux" in answer.text
        assert 'name="again"' in answer.text
    assert Agreement.get().state == "sent"


def test_another_code_is_sent_a_few_times_and_the_newest_one_signs(client, address, time_machine_at):
    ask(client, address)
    first = code_mailed()
    for number in range(1, MOST_CODES):
        time_machine_at(NOW + number * 2 * TWICE_WITHIN)
        answer = ask(client, address, again="1")
        assert "again=1" in answer.location
    time_machine_at(NOW + timedelta(minutes=5))
    answer = ask(client, address, again="1")
    assert (answer.status_code, str(MOST_CODES) in main_of(answer)) == (422, True)
    assert 'name="code"' in answer.text
    if first != code_mailed():
        assert confirm(client, address, first).status_code == 422
    assert confirm(client, address).status_code == 303


def test_a_double_click_sends_one_code(client, address):
    first, second = ask(client, address), ask(client, address)
    assert (first.status_code, second.status_code) == (303, 303)
    assert OutboxMail.select().count() == 2  # the invitation's mail and the code


def test_an_old_code_asks_for_a_new_one(client, address, time_machine_at):
    ask(client, address)
    time_machine_at(NOW + timedelta(minutes=16))
    page = client.get(f"{address}/code?text=1")
    assert (page.status_code, 'name="code"' in page.text) == (200, False)
    assert confirm(client, address).status_code == 422


def test_signing_twice_says_that_it_is_signed(client, address):
    ask(client, address)
    code = code_mailed()
    confirm(client, address, code)
    for answer in (confirm(client, address, code), ask(client, address), client.get(address)):
        assert (answer.status_code, is_calm(answer)) == (410, True)
    assert Agreement.select().count() == 1


def test_a_text_published_meanwhile_is_read_before_it_is_signed(client, address):
    ask(client, address)
    make_text(french="# Un nouveau texte", english="# A new text")
    answer = confirm(client, address)
    assert answer.status_code == 422
    assert "Un nouveau texte" in answer.text
    assert 'value="Camille Martin"' in answer.text
    assert "checked" not in answer.text
    assert ask(client, address).status_code == 422
    assert Agreement.get().state == "sent"
    # Not even by the page of the code, opened anew.
    assert confirm(client, address, text="1").status_code == 422


@pytest.mark.parametrize(
    ("happens", "status"),
    [
        (lambda invitation: Invitation.update(expires_at=NOW).execute(), 410),
        (lambda invitation: Agreement.update(state="validated").execute(), 410),
        (lambda invitation: Agreement.update(state="withdrawn").execute(), 410),
        (lambda invitation: Guardian.update(legal=False).execute(), 410),
        (lambda invitation: invitation.delete_instance(), 404),
    ],
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_link_that_opens_nothing_says_what_to_do_and_nothing_about_the_pupil(
    client, address, invitation, happens, status, language
):
    happens(invitation)
    for path in ("", "/code"):
        answer = client.get(f"{address}{path}?lang={language}")
        assert (answer.status_code, is_calm(answer)) == (status, True)
        assert f'<html lang="{language}"' in answer.text
    assert ask(client, address).status_code == status


@pytest.mark.parametrize("path", ["/sign/", "/sign/x", "/sign/x/code", "/sign/%00", "/sign/é.é"])
def test_what_is_no_link_of_ours_is_not_found(client, app, path):
    answer = client.get(path)
    assert answer.status_code in (404, 400)
    assert "0 800 97 87 00" in answer.text


def test_the_pupil_of_age_signs_for_themselves(client, app, invitation):
    pupil = make_pupil(make_school(), agreement=None, birth_date=date(2008, 1, 1), email="adult@example.org")
    own = address_of(app, make_invitation(pupil, sent_at=NOW))
    answer = client.get(f"{own}?lang=en")
    assert "pupil of age" in answer.text
    assert sign(client, own).status_code == 303
    assert Agreement.get(Agreement.pupil == pupil).evidence["quality"] == "pupil"


def test_the_number_of_queries_does_not_grow(client, address, count_queries):
    client.get(address)
    with count_queries() as counted:
        client.get(address)
    assert counted.total <= 10


def test_the_link_is_in_no_log(client, address, app, capsys, monkeypatch):
    def fails(*arguments, **options):
        raise RuntimeError("something")

    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("tracker.web.families.signing.shown_text", fails)
    answer = client.get(address)
    assert (answer.status_code, "0 800 97 87 00" in answer.text) == (500, True)
    written = "".join(capsys.readouterr())
    assert "/sign/…" in written
    assert address.removeprefix("/sign/") not in written


def test_too_many_attempts_are_told_in_the_families_own_frame(sqlite_url, tmp_path):
    app = create_app(make_settings(sqlite_url, tmp_path, rate_limits=True))
    with connected():
        make_campaign()
        client = app.test_client()
        answers = [client.post("/sign/x", data={}) for _ in range(31)]
    database.close_all()
    assert [answers[0].status_code, answers[-1].status_code] == [404, 429]
    assert "0 800 97 87 00" in answers[-1].text
    assert "no-store" in answers[-1].headers["Cache-Control"]


def test_no_other_form_of_the_session_is_needed_but_all_others_still_are(sqlite_url, tmp_path):
    """With CSRF on, as in real life: the link lets the form in; a form of a session needs its token."""
    app = create_app(make_settings(sqlite_url, tmp_path))
    client = app.test_client()
    assert client.post("/sign/x", data={}).status_code == 404
    assert client.post("/sign-in", data={}).status_code == 400
    database.close_all()


@pytest.mark.parametrize(
    "signer", ['#import "x" $a$ \\ *b* _c_ <d>', "علي بن أبي طالب", "Zoë 🎓 \u202eNOM", "\x01\x7f a"]
)
def test_whatever_name_and_browser_are_given_the_document_is_made(client, address, signer):
    ask(client, address, signer=signer)
    browser = 'Mozilla/5.0 #panic() $x$ \\" <svg> ' + "x" * 2000
    answer = client.post(f"{address}/code", data={"code": code_mailed(), "text": "1"}, headers={"User-Agent": browser})
    assert answer.status_code == 303
    assert len(pypdfium2.PdfDocument(client.get(f"{answer.location}/pdf").data)) >= 2
    assert Agreement.get().evidence["signer"] == " ".join(signer.split())
