"""What happened to one pupil's agreement: mails, looks, codes, paper, decisions, the newest first."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import JOIN, SQL, fn

from tracker.models.agreements import Agreement, AgreementText, Invitation, ScannedPage, ScanPile
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment
from tracker.models.users import User
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.agreements import AgreementState, SignedBy


@dataclass(frozen=True)
class Moment:
    """One thing that happened. `what`: sent, reminded, bounced, seen, code_sent, signed, printed, scanned, accepted,
    refused; `facts` its address, reason, page or person."""

    at: datetime
    what: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AgreementStory:
    """The agreement with its text's version and everything that happened to it."""

    agreement: Agreement
    moments: tuple[Moment, ...]


def agreement_story(pupil_id: int, school_year: int, scope: Scope) -> AgreementStory | None:
    """The story of the pupil's agreement, None where there is none within the scope. Three queries."""
    theirs = (Enrolment.pupil == pupil_id) & (Enrolment.school_year == school_year) & within(scope, Enrolment.school)
    agreement = (
        Agreement.select(Agreement, AgreementText, User.name.alias("decider"))
        .join(AgreementText, JOIN.LEFT_OUTER)
        .join_from(Agreement, User, JOIN.LEFT_OUTER, on=(User.id == Agreement.decided_by))
        .where(Agreement.pupil == pupil_id, Agreement.school_year == school_year)
        .where(fn.EXISTS(Enrolment.select(Enrolment.id).where(theirs)))
        .objects()
        .first()
    )
    if agreement is None:
        return None
    moments = [*_of_mails(agreement), *_of_paper(agreement), *_of_agreement(agreement)]
    return AgreementStory(agreement, tuple(sorted(moments, key=lambda each: each.at, reverse=True)))


def document_of(agreement_id: int, scope: Scope, today: date) -> Agreement | None:
    """The agreement whose signed PDF is asked for: seen by who sees all schools, and by the school of the pupil today.

    It holds a guardian's addresses, which a former school has no need of. `document` is the key of the kept file.
    """
    theirs = (Enrolment.pupil == Agreement.pupil) & (Enrolment.school_year == Agreement.school_year)
    stays = Enrolment.left_on.is_null() | (Enrolment.left_on > today)
    here = within(scope, Enrolment.school) & stays if scope.school_ids is not None else SQL("1 = 1")
    seen = fn.EXISTS(Enrolment.select(Enrolment.id).where(theirs, here))
    return Agreement.select().where(Agreement.id == agreement_id, seen).first()


def _of_mails(agreement: Agreement) -> list[Moment]:
    query = (
        Invitation.select(Invitation, OutboxMail.failed_at, OutboxMail.last_error)
        .join(OutboxMail, JOIN.LEFT_OUTER)
        .where(Invitation.agreement == agreement.id)
        .objects()
    )
    found = []
    for row in query:
        to = {"recipient": row.recipient}
        found.append(Moment(row.created_at, "reminded" if row.reminder else "sent", to))
        found += [Moment(row.failed_at, "bounced", to | {"error": row.last_error})] if row.failed_at else []
        found += [Moment(row.seen_at, "seen", to)] if row.seen_at else []
        found += [Moment(row.code_sent_at, "code_sent", to)] if row.code_sent_at else []
    return found


def _of_paper(agreement: Agreement) -> list[Moment]:
    query = (
        ScannedPage.select(ScannedPage.page_number, ScannedPage.filed_at, ScannedPage.id, User.name.alias("person"))
        .join(ScanPile)
        .join_from(ScannedPage, User, JOIN.LEFT_OUTER, on=(User.id == ScannedPage.filed_by))
        .where(ScannedPage.agreement == agreement.id)
        .dicts()
    )
    printed = [Moment(agreement.printed_at, "printed")] if agreement.printed_at else []
    scanned = [
        Moment(row["filed_at"], "scanned", {"page": row["page_number"], "page_id": row["id"], "person": row["person"]})
        for row in query
    ]
    return printed + scanned


def _of_agreement(agreement: Agreement) -> list[Moment]:
    """The signature and the decision on a paper; a signature by link is both."""
    found = []
    if agreement.signed_at:
        signer = (agreement.evidence or {}).get("signer", "")
        found.append(Moment(agreement.signed_at, "signed", {"by": agreement.signed_by, "signer": signer}))
    by = {"person": agreement.decider}
    if agreement.decided_at and agreement.state == AgreementState.VALIDATED and agreement.signed_by == SignedBy.PAPER:
        found.append(Moment(agreement.decided_at, "accepted", by))
    if agreement.decided_at and agreement.refusal:
        found.append(Moment(agreement.decided_at, "refused", by | {"reason": agreement.refusal}))
    return found
