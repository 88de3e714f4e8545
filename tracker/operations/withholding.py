"""Mail that must not leave: about a pupil who died (L5), or to somebody who is no legal guardian any more (A1)."""

from collections.abc import Iterable
from datetime import datetime

import structlog

from tracker.models.agreements import Agreement, Invitation
from tracker.models.database import database
from tracker.models.family_links import FamilyLink
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Pupil
from tracker.operations.family_links import may_reach
from tracker.queries.families import contacts_of
from tracker.rules.calendar import local_date
from tracker.rules.recipients import Contact, Recipient, signer_at

log = structlog.get_logger()

WITHHELD = "withheld"
"""The last error of a mail that was kept back: it was never sent, and nobody was written to."""


def withhold(pupil_id: int, *, now: datetime) -> int:
    """Rule L5. Keep back every waiting mail about the pupil, end their links; how many mails.

    Call it inside the operation that notes the death. Siblings' links of the same mails are posted anew at the next
    sending.
    """
    with database.atomic():
        waiting = OutboxMail.sent_at.is_null() & OutboxMail.failed_at.is_null()
        theirs = Invitation.select(Invitation.mail).join(Agreement).where(Agreement.pupil == pupil_id)
        links = FamilyLink.select(FamilyLink.mail).where(FamilyLink.pupil == pupil_id)
        about = OutboxMail.id.in_(theirs) | OutboxMail.id.in_(links) | (OutboxMail.pupil == pupil_id)
        mails = list(OutboxMail.select().where(waiting, about))
        for mail in mails:
            give_up(mail, now)
        live = list(live_links(pupil_id, now=now))
        Invitation.update(expires_at=now, code_digest="").where(Invitation.id.in_(live)).execute()
    return len(mails)


def live_links(pupil_id: int, *, now: datetime) -> dict[int, datetime]:
    """The invitations about the pupil whose links still open, and until when: what `withhold` ends."""
    theirs = Agreement.select(Agreement.id).where(Agreement.pupil == pupil_id)
    rows = Invitation.select(Invitation.id, Invitation.expires_at)
    return dict(rows.where(Invitation.agreement.in_(theirs), Invitation.expires_at > now).tuples())


def open_again(links: Iterable[tuple[int, datetime]]) -> None:
    """The links that a death ended which nobody died of; those of mails that never left are gone."""
    for invitation_id, until in links:
        Invitation.update(expires_at=until).where(Invitation.id == invitation_id).execute()


def must_stay(mail: OutboxMail) -> bool:
    """Rules L5, A1. Whether this mail may not leave: asked at each delivery, for whatever happened since it was posted.

    Five queries at most, however many children it is about.
    """
    if mail.pupil_id is not None and Pupil.select().where(Pupil.id == mail.pupil_id, Pupil.deceased).exists():
        return True
    about = Invitation.select(Invitation, Agreement, Pupil).join(Agreement).join(Pupil)
    invitations = list(about.where(Invitation.mail == mail.id))
    links = list(FamilyLink.select(FamilyLink, Pupil).join(Pupil).where(FamilyLink.mail == mail.id))
    contacts = contacts_of({each.agreement.pupil_id for each in invitations} | {each.pupil_id for each in links})
    if any(not may_reach(each, contacts[each.pupil_id]) for each in links):
        return True
    return any(not _may_reach(each, contacts) for each in invitations)


def _may_reach(invitation: Invitation, contacts: dict[int, list[Contact]]) -> bool:
    pupil = invitation.agreement.pupil
    invited = Recipient(invitation.recipient, invitation.guardian_id)
    signer = signer_at(
        invited, contacts[pupil.id],
        birth=pupil.birth_date, email=pupil.email, sent_on=local_date(invitation.created_at),
    )  # fmt: skip
    return signer is not None and not pupil.deceased


def give_up(mail: OutboxMail, now: datetime) -> None:
    """Keep the mail back for good. Its links are forgotten: nobody got them, and the next sending makes new ones."""
    mail.failed_at, mail.last_error = now, WITHHELD
    mail.save(only=(OutboxMail.failed_at, OutboxMail.last_error))
    for table in (Invitation, FamilyLink):
        table.delete().where(table.mail == mail.id).execute()
    log.info("mail withheld", mail=mail.id)
