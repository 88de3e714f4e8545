"""The personal link of a family: what it opens, and why it does not."""

from dataclasses import dataclass
from datetime import date, datetime

from peewee import JOIN, ModelSelect

from tracker.models.agreements import Agreement, AgreementText, Invitation
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import Campaign, School
from tracker.operations.agreement_texts import newest_text
from tracker.operations.links import nonce_in
from tracker.rules.agreements import AgreementState
from tracker.rules.calendar import local_date
from tracker.rules.recipients import Contact, Recipient, signer_at
from tracker.rules.refusals import Refused

GUARDIAN, PUPIL = "guardian", "pupil"


@dataclass(frozen=True)
class Opened:
    """What the signing page shows. `quality`: guardian or pupil; `person`: their name as the enrolment file has it."""

    invitation_id: int
    agreement_id: int
    pupil_id: int
    pupil: str
    birth_date: date | None
    school: str
    class_name: str
    school_year: int
    quality: str
    person: str
    guardians: tuple[str, ...]
    recipient: str
    expires_at: datetime
    text: AgreementText
    code_sent_at: datetime | None
    signer: str

    @property
    def year_label(self) -> str:
        """The school year as people write it: 2026-2027."""
        return Campaign(school_year=self.school_year).label


def open_invitation(token: str, *, key: str, now: datetime) -> Opened:
    """Rule A2. What the link opens; that it was opened is noted, once.

    Raises Refused: link_unknown, link_expired, link_used, agreement_signed, withdrawn, not_guardian.
    """
    opened = read_invitation(token, key=key, now=now)
    never_seen = (Invitation.id == opened.invitation_id) & Invitation.seen_at.is_null()
    Invitation.update(seen_at=now).where(never_seen).execute()
    return opened


def read_invitation(token: str, *, key: str, now: datetime) -> Opened:
    """The same without a trace. Raises Refused."""
    nonce = nonce_in(token, key=key)
    found = _with_people().where(Invitation.nonce == nonce).first() if nonce else None
    if found is None:
        raise Refused("link_unknown", rule="A2")
    _check_open(found, now)
    text = newest_text()
    if text is None:
        raise Refused("link_unknown", rule="A2")
    return _opened(found, text)


def _with_people() -> ModelSelect:
    return (
        Invitation.select(Invitation, Agreement, Pupil, Guardian)
        .join(Agreement)
        .join(Pupil)
        .join_from(Invitation, Guardian, JOIN.LEFT_OUTER)
    )


def _check_open(invitation: Invitation, now: datetime) -> None:
    """A death ends every link at once, even one that nobody came to end (L5)."""
    agreement = invitation.agreement
    if agreement.pupil.deceased or agreement.state == AgreementState.WITHDRAWN:
        raise Refused("withdrawn", rule="A2")
    if invitation.used_at:
        raise Refused("link_used", rule="A2", signed_on=local_date(invitation.used_at))
    if agreement.state == AgreementState.VALIDATED:
        raise Refused("agreement_signed", rule="A2")
    if invitation.expires_at <= now:
        raise Refused("link_expired", rule="A2", expired_on=local_date(invitation.expires_at))


def _opened(invitation: Invitation, text: AgreementText) -> Opened:
    agreement, pupil = invitation.agreement, invitation.agreement.pupil
    guardians = [
        each for each in Guardian.select().where(Guardian.pupil == pupil).order_by(Guardian.rank) if each.legal
    ]
    quality, person = _quality(invitation, guardians)
    class_name, school = _place(agreement)
    return Opened(
        invitation_id=invitation.id, agreement_id=agreement.id, pupil_id=pupil.id,
        pupil=f"{pupil.first_name} {pupil.last_name}", birth_date=pupil.birth_date, school=school,
        class_name=class_name, school_year=agreement.school_year, quality=quality, person=person,
        guardians=tuple(_name(each) for each in guardians), recipient=invitation.recipient,
        expires_at=invitation.expires_at, text=text, code_sent_at=invitation.code_sent_at, signer=invitation.signer,
    )  # fmt: skip


def _quality(invitation: Invitation, guardians: list[Guardian]) -> tuple[str, str]:
    """Rule A1. As whom this address signs today; Refused when it is no longer a legal guardian's."""
    pupil = invitation.agreement.pupil
    signer = signer_at(
        Recipient(invitation.recipient, invitation.guardian_id),
        [Contact(each.id, each.email, each.legal, each.rank) for each in guardians],
        birth=pupil.birth_date, email=pupil.email, sent_on=local_date(invitation.created_at),
    )  # fmt: skip
    if signer is None:
        raise Refused("not_guardian", rule="A1")
    if signer.guardian_id is None:
        return PUPIL, f"{pupil.first_name} {pupil.last_name}"
    return GUARDIAN, next(_name(each) for each in guardians if each.id == signer.guardian_id)


def _name(guardian: Guardian) -> str:
    return f"{guardian.first_name} {guardian.last_name}".strip()


def _place(agreement: Agreement) -> tuple[str, str]:
    """Class and school of that year: the enrolment that goes on, else the last one."""
    found = (
        Enrolment.select(Enrolment.class_name, School.name)
        .join(School)
        .where(Enrolment.pupil == agreement.pupil_id, Enrolment.school_year == agreement.school_year)
        .order_by(Enrolment.left_on.is_null().desc(), Enrolment.id.desc())
        .tuples()
        .first()
    )
    return found or ("", "")
