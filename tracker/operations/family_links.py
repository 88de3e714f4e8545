"""Personal links by which a family does one thing: made for one address, opened only by whom they may reach today."""

from collections.abc import Iterable
from datetime import datetime

from tracker.models.cases import DeviceCase
from tracker.models.family_links import FamilyLink
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Pupil
from tracker.operations import tokens
from tracker.operations.links import Links, new_nonce
from tracker.queries.families import contacts_of
from tracker.rules.access import Actor
from tracker.rules.calendar import local_date
from tracker.rules.families import LinkPurpose
from tracker.rules.recipients import Contact, Recipient, signer_at
from tracker.rules.refusals import Refused

PATHS = {LinkPurpose.RETURN: "/return/", LinkPurpose.CASE: "/report/"}
"""Where the pages of each purpose stand."""


def make_family_link(
    purpose: LinkPurpose, pupil: Pupil, recipient: str, *, expires_at: datetime, actor: Actor, now: datetime,
    case: DeviceCase | None = None, mail: OutboxMail | int | None = None,
) -> FamilyLink:  # fmt: skip
    """A link for one address, within the caller's transaction. Rule L5: never about a pupil who died.

    Raises Refused: family_link_ended.
    """
    if pupil.deceased:
        raise Refused("family_link_ended", rule="L5")
    return FamilyLink.create(
        purpose=purpose, pupil=pupil, case=case, recipient=recipient, nonce=new_nonce(), mail=mail,
        created_by=actor.user_id, created_at=now, expires_at=expires_at,
    )  # fmt: skip


def address_of(link: FamilyLink, links: Links) -> str:
    """The address that opens the link: what its mail says."""
    purpose = LinkPurpose(link.purpose)
    return f"{links.public_url}{PATHS[purpose]}{family_token(link.nonce, purpose, key=links.key)}"


def family_token(nonce: str, purpose: LinkPurpose, *, key: str) -> str:
    """The end of the link's address, signed: good for this purpose alone."""
    return tokens.sign(nonce, purpose=_salt(purpose), key=key)


def open_family_link(token: str, purpose: LinkPurpose, *, key: str, now: datetime) -> FamilyLink:
    """The link with its pupil; that it was opened is noted, once.

    Raises Refused: family_link_unknown, family_link_expired, family_link_ended (L5), family_link_not_theirs (A1).
    """
    link = read_family_link(token, purpose, key=key, now=now)
    never_opened = (FamilyLink.id == link.id) & FamilyLink.opened_at.is_null()
    FamilyLink.update(opened_at=now).where(never_opened).execute()
    return link


def read_family_link(token: str, purpose: LinkPurpose, *, key: str, now: datetime) -> FamilyLink:
    """The same without a trace. Raises Refused."""
    nonce = tokens.read(token, purpose=_salt(purpose), key=key)
    is_this = (FamilyLink.nonce == nonce) & (FamilyLink.purpose == purpose)
    link = FamilyLink.select(FamilyLink, Pupil).join(Pupil).where(is_this).first() if isinstance(nonce, str) else None
    if link is None:
        raise Refused("family_link_unknown")
    if link.pupil.deceased:
        raise Refused("family_link_ended", rule="L5")
    if link.expires_at <= now:
        raise Refused("family_link_expired", expired_on=local_date(link.expires_at))
    if not may_reach(link, contacts_of([link.pupil_id])[link.pupil_id]):
        raise Refused("family_link_not_theirs", rule="A1")
    return link


def may_reach(link: FamilyLink, contacts: Iterable[Contact]) -> bool:
    """Rules A1, L5. Whether the address is still a legal guardian's or the adult pupil's, of a pupil who is alive."""
    pupil = link.pupil
    signer = signer_at(
        Recipient(link.recipient, None), contacts,
        birth=pupil.birth_date, email=pupil.email, sent_on=local_date(link.created_at),
    )  # fmt: skip
    return signer is not None and not pupil.deceased


def _salt(purpose: LinkPurpose) -> str:
    return f"family-{purpose}"
