"""Signing by the personal link: a code by mail, then the signature with its evidence (A2)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import structlog

from tracker import documents
from tracker.documents import Evidence, Named, Text
from tracker.models.agreements import Agreement, Invitation
from tracker.models.database import database, locked
from tracker.models.schools import Campaign
from tracker.operations import mail
from tracker.operations.agreement_texts import contacts_on, text_of
from tracker.operations.invitations import Opened, read_invitation
from tracker.operations.letters import code_letter, signed_letter
from tracker.queries.campaigns import settings_of
from tracker.rules.agreements import AgreementState, SignedBy, may_become
from tracker.rules.calendar import local_date
from tracker.rules.campaign import CampaignSettings
from tracker.rules.refusals import Refused
from tracker.rules.signing import (
    CODE_FIGURES,
    CODE_GOOD_FOR,
    LONGEST_SIGNER,
    MOST_CODES,
    MOST_TRIES,
    Codes,
    code_refusal,
    one_more,
)
from tracker.storage.storage import Storage, Stored

log = structlog.get_logger()
KIND = "agreements"
_LONGEST_BROWSER = 300


@dataclass(frozen=True)
class Answer:
    """What the signing page sends with the code: `text_version` is the one it showed, `address` the IP."""

    code: str
    text_version: int
    address: str
    browser: str
    language: str


def ask_code(token: str, *, signer: str, consent: bool, text_version: int, key: str, now: datetime) -> Opened:
    """Rule A2. Mail a code to the invitation's own address; what the page shows next.

    Raises Refused: those of the link, signer_missing, signer_too_long, consent_missing, text_changed, codes_too_many.
    """
    opened = read_invitation(token, key=key, now=now)
    signer = " ".join(signer.split())
    _check_asked(opened, signer, consent, text_version)
    code = f"{secrets.randbelow(10**CODE_FIGURES):0{CODE_FIGURES}d}"
    letter = code_letter(code, good_until=now + CODE_GOOD_FOR, settings=_settings(opened, now))
    with database.atomic():
        invitation = locked(Invitation.select().where(Invitation.id == opened.invitation_id)).get()
        codes = one_more(Codes(invitation.codes, invitation.codes_from), now)
        if codes is None:
            raise Refused("codes_too_many", rule="A2", most=MOST_CODES)
        invitation.signer, invitation.code_digest = signer, _code_digest(invitation, code, key)
        invitation.code_sent_at, invitation.code_attempts = now, 0
        invitation.codes, invitation.codes_from = codes.number, codes.since
        invitation.save()
        mail.post(opened.recipient, letter.subject, letter.body, now, pupil=opened.pupil_id)
    log.info("code posted", invitation=invitation.id)
    return read_invitation(token, key=key, now=now)


def _check_asked(opened: Opened, signer: str, consent: bool, text_version: int) -> None:
    if not signer:
        raise Refused("signer_missing", rule="A2")
    if len(signer) > LONGEST_SIGNER:
        raise Refused("signer_too_long", rule="A2", most=LONGEST_SIGNER)
    if not consent:
        raise Refused("consent_missing", rule="A2")
    _check_text(opened, text_version)


def _check_text(opened: Opened, text_version: int) -> None:
    """Nobody signs what they have not seen."""
    if opened.text.version != text_version:
        raise Refused("text_changed", rule="A2")


def confirm(token: str, answer: Answer, *, key: str, storage: Storage, now: datetime) -> Agreement:
    """Rules A2, A4. The signature: it takes effect at once, its PDF is kept and mailed to the signer.

    Raises Refused: those of the link, text_changed, code_missing, code_expired, code_dead, code_wrong; of two parents
    at the same time the second finds agreement_signed.
    """
    opened = read_invitation(token, key=key, now=now)
    _check_text(opened, answer.text_version)
    invitation = _try_code(token, opened, answer.code, key, now)
    evidence = _evidence(opened, invitation, answer, now)
    # Outside of any transaction: setting the pages takes a while.
    document = storage.put(_document(opened, evidence, answer.language, now), kind=KIND, suffix=".pdf")
    try:
        with database.atomic():
            agreement = _sign(token, opened, evidence, document, key, now)
    except BaseException:
        storage.delete(document.key)
        raise
    log.info("agreement signed", agreement=agreement.id, invitation=invitation.id)
    return agreement


def _try_code(token: str, opened: Opened, code: str, key: str, now: datetime) -> Invitation:
    """Count the attempt before the code is looked at: however many come at once, no more than five are looked at."""
    with database.atomic():
        invitation = locked(Invitation.select().where(Invitation.id == opened.invitation_id)).get()
        read_invitation(token, key=key, now=now)  # a second click that waited for the row finds the link used
        refusal = code_refusal(invitation.code_sent_at, invitation.code_attempts, now)
        if refusal or not invitation.code_digest:
            raise Refused(refusal or "code_missing", rule="A2")
        invitation.code_attempts += 1
        invitation.save(only=(Invitation.code_attempts,))
    if not hmac.compare_digest(invitation.code_digest, _code_digest(invitation, _figures(code), key)):
        raise Refused("code_wrong", rule="A2", left=MOST_TRIES - invitation.code_attempts)
    return invitation


def _figures(code: str) -> str:
    """The code without the spaces that phones and people put into it."""
    return "".join(code.split())


def _code_digest(invitation: Invitation, code: str, key: str) -> str:
    """Keyed: a million codes are soon tried by whoever reads the database without the key."""
    said = f"{invitation.nonce}:{code}".encode()
    return hmac.new(key.encode(), b"signing-code:" + said, hashlib.sha256).hexdigest()


def _sign(token: str, opened: Opened, evidence: Evidence, document: Stored, key: str, now: datetime) -> Agreement:
    agreement = locked(Agreement.select().where(Agreement.id == opened.agreement_id)).get()
    read_invitation(token, key=key, now=now)  # of two at the same time the second finds the agreement signed
    if not may_become(AgreementState(agreement.state), AgreementState.VALIDATED):
        raise Refused("agreement_signed", rule="A2")
    agreement.state, agreement.signed_by = AgreementState.VALIDATED, SignedBy.LINK
    agreement.signed_at = agreement.validated_at = now
    agreement.text, agreement.evidence = opened.text, _kept(opened, evidence)
    agreement.document, agreement.document_digest = document.key, document.digest
    agreement.refusal = agreement.decided_by = agreement.decided_at = None
    agreement.save()
    used = {"used_at": now, "code_digest": ""}
    Invitation.update(**used).where(Invitation.id == opened.invitation_id).execute()
    _post_document(opened, evidence, document, now)
    return agreement


def _post_document(opened: Opened, evidence: Evidence, document: Stored, now: datetime) -> None:
    settings = _settings(opened, now)
    letter = signed_letter(opened.pupil, evidence.signer, school_year=opened.year_label, settings=settings)
    mail.post(
        opened.recipient, letter.subject, letter.body, now, pupil=opened.pupil_id,
        attachment=document.key, attachment_name=f"convention-de-pret-{opened.year_label}.pdf",
    )  # fmt: skip


def _evidence(opened: Opened, invitation: Invitation, answer: Answer, now: datetime) -> Evidence:
    return Evidence(
        signer=invitation.signer, quality="pupil" if opened.quality == "pupil" else "guardian",
        email=opened.recipient, address=answer.address, code_sent_at=invitation.code_sent_at, confirmed_at=now,
        signed_at=now, reference=f"{opened.school_year}-{opened.agreement_id}-{opened.invitation_id}",
        language=answer.language, browser=answer.browser[:_LONGEST_BROWSER],
    )  # fmt: skip


def _kept(opened: Opened, evidence: Evidence) -> dict[str, str | int]:
    """The evidence as the database keeps it, with the exact text that was signed."""
    plain = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(evidence).items()
    }
    text = opened.text
    return plain | {
        "text_version": text.version,
        "text_digest": text.digest,
        "person": opened.person,
        "invitation": opened.invitation_id,
    }


def _document(opened: Opened, evidence: Evidence, language: str, now: datetime) -> bytes:
    text = opened.text
    named = Named(
        opened.pupil, opened.birth_date, opened.school, opened.class_name, opened.year_label, opened.guardians
    )
    translation = Text(text.version, text.english, text.digest) if language == "en" else None
    return documents.signed_agreement(
        text_of(text), named, evidence, words=documents.default_words("en" if translation else "fr"),
        contacts=contacts_on(_campaign(opened), now), translation=translation,
    )  # fmt: skip


def _campaign(opened: Opened) -> Campaign | None:
    return Campaign.get_or_none(Campaign.school_year == opened.school_year)


def _settings(opened: Opened, now: datetime) -> CampaignSettings:
    campaign = _campaign(opened)
    return settings_of(campaign, local_date(now))
