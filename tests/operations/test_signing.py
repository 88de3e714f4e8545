"""Signing by the personal link: what it opens, the code, the evidence, one signature only; on both engines."""

import re
import threading
from datetime import date, timedelta

import pytest

from tests.factories import (
    NOW,
    actor,
    make_campaign,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
    make_text,
)
from tracker.models.agreements import Agreement, Invitation
from tracker.models.database import connected
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Guardian, Pupil
from tracker.operations import agreement_texts, mail, signing, withholding
from tracker.operations.invitations import open_invitation
from tracker.operations.links import token_of
from tracker.operations.signing import Answer, ask_code, confirm
from tracker.rules.agreements import AgreementState
from tracker.rules.refusals import Refused
from tracker.rules.signing import CODE_GOOD_FOR, MOST_CODES, MOST_TRIES
from tracker.storage.local import LocalStorage

KEY = "key"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def storage(tmp_path) -> LocalStorage:
    return LocalStorage(tmp_path / "files")


@pytest.fixture
def asked(db):
    """A pupil whose mother was written to."""
    make_campaign()
    make_text()
    pupil = make_pupil(make_school(name="Lycée Malherbe"), agreement=None, last_name="Martin")
    return make_invitation(pupil, make_guardian(pupil, "mother@example.org"))


def token(invitation) -> str:
    return token_of(invitation.nonce, key=KEY)


def opens(invitation, now=NOW):
    return open_invitation(token(invitation), key=KEY, now=now)


def refusal_of(call, *arguments, **options) -> str:
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.code


def asks(invitation, now=NOW, **changes):
    values = {"signer": "Camille Martin", "consent": True, "text_version": 1} | changes
    return ask_code(token(invitation), key=KEY, now=now, **values)


def code_mailed() -> str:
    return re.search(r"^(\d{6})$", OutboxMail.select().order_by(OutboxMail.id.desc()).get().body, re.MULTILINE)[1]


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def signs(invitation, storage, code=None, now=NOW, **changes):
    values = {"text_version": 1, "address": "192.0.2.7", "browser": "Firefox", "language": "fr"} | changes
    answer = Answer(code=code or code_mailed(), **values)
    return confirm(token(invitation), answer, key=KEY, storage=storage, now=now)


def files(storage) -> list:
    return [path for path in storage._folder.rglob("*") if path.is_file()]


def test_the_link_opens_what_is_to_be_signed_and_that_is_noted_once(asked):
    opened = opens(asked, NOW + MINUTE)
    assert (opened.pupil, opened.school, opened.quality) == ("Léa Martin", "Lycée Malherbe", "guardian")
    assert (opened.person, opened.recipient, opened.text.version) == ("Camille Martin", "mother@example.org", 1)
    opens(asked, NOW + 5 * MINUTE)
    assert Invitation.get().seen_at == NOW + MINUTE


def test_only_a_link_of_ours_opens(asked):
    assert refusal_of(open_invitation, asked.nonce, key=KEY, now=NOW) == "link_unknown"
    assert refusal_of(open_invitation, token(asked) + "x", key=KEY, now=NOW) == "link_unknown"
    assert refusal_of(open_invitation, token_of(asked.nonce, key="other"), key=KEY, now=NOW) == "link_unknown"
    assert refusal_of(open_invitation, token_of("gone", key=KEY), key=KEY, now=NOW) == "link_unknown"


def test_it_expires(asked):
    opens(asked, asked.expires_at - MINUTE)
    assert refusal_of(opens, asked, asked.expires_at) == "link_expired"


def test_a_guardian_who_is_none_any_more_cannot_sign(asked):
    Guardian.update(legal=False).execute()
    assert refusal_of(opens, asked) == "not_guardian"


def test_guardians_written_anew_by_a_roster_still_sign_from_the_same_address(asked):
    pupil = asked.agreement.pupil
    Guardian.delete().execute()
    assert refusal_of(opens, asked) == "not_guardian"
    make_guardian(pupil, "Mother@example.org")
    assert opens(asked).quality == "guardian"


def test_the_pupil_of_age_signs_for_themselves(db, storage):
    make_campaign()
    make_text()
    pupil = make_pupil(make_school(), agreement=None, birth_date=date(2008, 10, 5), email="lea@example.org")
    invitation = make_invitation(pupil)
    assert opens(invitation).quality == "pupil"
    asks(invitation)
    assert signs(invitation, storage).evidence["quality"] == "pupil"


def test_the_pupil_of_age_signs_for_themselves_from_an_address_that_a_guardian_shares(db):
    make_text()
    pupil = make_pupil(make_school(), agreement=None, birth_date=date(2008, 10, 5), email="family@example.org")
    make_guardian(pupil, "family@example.org")
    assert opens(make_invitation(pupil)).quality == "pupil"


def test_a_minors_own_address_signs_nothing(db):
    make_text()
    pupil = make_pupil(make_school(), agreement=None, email="lea@example.org")
    assert refusal_of(opens, make_invitation(pupil)) == "not_guardian"


def test_the_signature_takes_effect_at_once_with_its_evidence_and_its_pdf(asked, storage):
    asks(asked, NOW + MINUTE)
    signs(asked, storage, now=NOW + 3 * MINUTE)
    agreement = Agreement.get()
    assert (agreement.state, agreement.signed_by) == (AgreementState.VALIDATED, "link")
    assert agreement.signed_at == agreement.validated_at == NOW + 3 * MINUTE
    kept = agreement.evidence
    assert (kept["signer"], kept["quality"], kept["email"]) == ("Camille Martin", "guardian", "mother@example.org")
    assert (kept["address"], kept["browser"], kept["language"]) == ("192.0.2.7", "Firefox", "fr")
    assert kept["code_sent_at"] == (NOW + MINUTE).isoformat()
    assert kept["confirmed_at"] == (NOW + 3 * MINUTE).isoformat()
    assert (kept["text_version"], kept["text_digest"], agreement.text.version) == (1, "0" * 64, 1)
    assert storage.read(agreement.document).startswith(b"%PDF")
    assert len(agreement.document_digest) == 64
    assert Invitation.get().used_at == NOW + 3 * MINUTE


def test_the_signer_gets_the_very_pdf_that_is_kept(asked, storage):
    asks(asked)
    agreement = signs(asked, storage)
    sent = []

    class Pigeon:
        def send(self, message):
            sent.append(message)

    while mail.deliver_next(Pigeon(), now=NOW, storage=storage):
        pass
    assert [message.recipient for message in sent] == ["mother@example.org"] * 2
    attachment = sent[-1].attachments[0]
    assert attachment.name == "convention-de-pret-2026-2027.pdf"
    assert attachment.data == storage.read(agreement.document)


def test_a_link_signs_once(asked, storage):
    asks(asked)
    signs(asked, storage)
    assert refusal_of(opens, asked) == "link_used"
    assert refusal_of(signs, asked, storage, "123456") == "link_used"
    assert len(files(storage)) == 1


def test_one_signature_is_enough_and_the_other_parents_link_dies(asked, storage):
    pupil = asked.agreement.pupil
    father = make_invitation(pupil, make_guardian(pupil, "father@example.org"))
    asks(asked)
    signs(asked, storage)
    assert refusal_of(opens, father) == "agreement_signed"
    assert refusal_of(asks, father) == "agreement_signed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signer": "  "}, "signer_missing"),
        ({"signer": "x" * 101}, "signer_too_long"),
        ({"consent": False}, "consent_missing"),
        ({"text_version": 2}, "text_changed"),
    ],
)
def test_no_code_without_a_name_the_consent_and_the_text_of_today(asked, changes, code):
    before = OutboxMail.select().count()
    assert refusal_of(asks, asked, **changes) == code
    assert OutboxMail.select().count() == before


def test_nobody_signs_a_text_that_they_have_not_seen(asked, storage):
    asks(asked)
    code = code_mailed()
    agreement_texts.publish_text("Nouveau.", "New.", campaign=None, actor=actor(), now=NOW)
    assert refusal_of(signs, asked, storage, code) == "text_changed"
    assert Agreement.get().state == AgreementState.SENT


def test_a_wrong_code_signs_nothing_and_five_of_them_kill_it(asked, storage):
    asks(asked)
    code = code_mailed()
    for _ in range(MOST_TRIES):
        assert refusal_of(signs, asked, storage, another(code)) == "code_wrong"
    assert refusal_of(signs, asked, storage, code) == "code_dead"
    asks(asked)
    assert signs(asked, storage).state == AgreementState.VALIDATED


def test_a_code_is_good_for_a_quarter_of_an_hour(asked, storage):
    asks(asked)
    assert refusal_of(signs, asked, storage, now=NOW + CODE_GOOD_FOR + timedelta(seconds=1)) == "code_expired"
    assert signs(asked, storage, now=NOW + CODE_GOOD_FOR).state == AgreementState.VALIDATED


def test_only_the_last_code_counts_and_it_may_be_typed_with_spaces(asked, storage):
    asks(asked)
    first = code_mailed()
    asks(asked)
    last = code_mailed()
    if first != last:
        assert refusal_of(signs, asked, storage, first) == "code_wrong"
    assert signs(asked, storage, f" {last[:3]} {last[3:]}").state == AgreementState.VALIDATED


def test_without_a_code_nothing_is_signed(asked, storage):
    assert refusal_of(signs, asked, storage, "000000") == "code_missing"


def test_a_few_codes_a_day(asked):
    for _ in range(MOST_CODES):
        asks(asked)
    assert refusal_of(asks, asked) == "codes_too_many"
    assert refusal_of(asks, asked, NOW + timedelta(hours=23)) == "codes_too_many"
    asks(asked, NOW + timedelta(days=1))


def test_the_code_is_nowhere_in_the_invitation(asked):
    asks(asked)
    assert code_mailed() not in str(Invitation.select().dicts().get())


def test_a_death_ends_link_code_and_confirmation(asked, storage):
    asks(asked)
    code = code_mailed()
    Pupil.update(deceased=True).execute()
    assert refusal_of(opens, asked) == "withdrawn"
    assert refusal_of(signs, asked, storage, code) == "withdrawn"
    assert withholding.withhold(asked.agreement.pupil_id, now=NOW) == 1
    assert OutboxMail.select().where(OutboxMail.last_error == withholding.WITHHELD).count() == 1
    Pupil.update(deceased=False).execute()
    assert refusal_of(opens, asked) == "link_expired"


def test_a_signature_that_fails_leaves_no_file(asked, storage, monkeypatch):
    asks(asked)

    def fails(*_arguments):
        raise RuntimeError

    monkeypatch.setattr(signing, "_post_document", fails)
    with pytest.raises(RuntimeError):
        signs(asked, storage)
    assert files(storage) == []
    assert Agreement.get().state == AgreementState.SENT


def test_the_english_reader_signs_the_french_text_and_gets_the_translation(asked, storage):
    asks(asked)
    french = len(storage.read(signs(asked, storage, language="en").document))
    assert Agreement.get().evidence["language"] == "en"
    assert french > 1000


def test_both_parents_at_the_same_instant_make_one_signature(asked, storage):
    pupil = asked.agreement.pupil
    father = make_invitation(pupil, make_guardian(pupil, "father@example.org"))
    codes = {}
    for invitation in (asked, father):
        asks(invitation)
        codes[invitation.id] = code_mailed()
    start, said = threading.Barrier(4), []

    def parent(invitation) -> None:
        with connected():
            start.wait()
            try:
                said.append(signs(invitation, storage, codes[invitation.id]).state)
            except Refused as refused:
                said.append(refused.code)

    threads = [threading.Thread(target=parent, args=(each,)) for each in (asked, father) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count("validated") == 1
    assert set(said) <= {"validated", "agreement_signed", "link_used"}
    assert len(said) == 4
    assert len(files(storage)) == 1
    assert OutboxMail.select().where(OutboxMail.attachment.is_null(False)).count() == 1
    assert Invitation.select().where(Invitation.used_at.is_null(False)).count() == 1
