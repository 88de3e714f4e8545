"""A family reports what happened by its personal link, and is written the link to do so (R1, R2, A1, L5)."""

from datetime import datetime, timedelta

import structlog

from tracker.models.cases import DeviceCase
from tracker.models.database import database, locked
from tracker.models.family_links import FamilyLink
from tracker.models.loans import Loan
from tracker.models.pupils import Pupil
from tracker.models.schools import Campaign
from tracker.operations import mail
from tracker.operations.case_letters import report_letter
from tracker.operations.cases import Report, open_case
from tracker.operations.family_links import address_of, make_family_link
from tracker.operations.links import Links
from tracker.queries.campaigns import current_campaign, settings_of
from tracker.queries.families import contacts_of, written_today
from tracker.queries.pupils import visible
from tracker.rules.access import Actor, Permission, Role, Scope
from tracker.rules.calendar import local_date
from tracker.rules.cases import CaseKind
from tracker.rules.families import LinkPurpose
from tracker.rules.recipients import reach
from tracker.rules.refusals import Refused

log = structlog.get_logger()


def write_to_family(pupil_id: int, *, links: Links, actor: Actor, now: datetime) -> int:
    """Rules A1, L5. Mail each legal guardian, or the pupil of age, the link to report and to add documents; how many.

    Raises Refused: not_allowed, not_found, no_campaign, written_today, return_… where no mail reaches anybody.
    """
    if not actor.may(Permission.OPEN_CASES):
        raise Refused("not_allowed")
    campaign = current_campaign(local_date(now))
    if campaign is None:
        raise Refused("no_campaign")
    with database.atomic():
        # One sending after the other: two at a time would both find that an address got nothing today.
        locked(Campaign.select().where(Campaign.id == campaign.id)).get()
        pupil = Pupil.get_or_none(Pupil.id == pupil_id, visible(actor.scope))
        if pupil is None:
            raise Refused("not_found")
        settings = settings_of(campaign, local_date(now))
        until = now + timedelta(days=settings["link_days"])
        addresses = _addresses(pupil, now)
        for address in addresses:
            link = make_family_link(LinkPurpose.CASE, pupil, address, expires_at=until, actor=actor, now=now)
            letter = report_letter(pupil, address_of(link, links), until=local_date(until), settings=settings)
            link.mail = mail.post(address, letter.subject, letter.body, now)
            link.save(only=(FamilyLink.mail,))
    log.info("family asked to report", pupil=pupil_id, mails=len(addresses), by=actor.user_id)
    return len(addresses)


def _addresses(pupil: Pupil, now: datetime) -> list[str]:
    """Whom the mail reaches and has not reached today yet."""
    today, contacts = local_date(now), contacts_of([pupil.id])[pupil.id]
    found = reach(pupil.birth_date, pupil.email, contacts, deceased=pupil.deceased, today=today)
    if found.unreachable:
        raise Refused(f"return_{found.unreachable}", rule="L5" if pupil.deceased else "A1")
    addresses = {each.address for each in found.recipients}
    waiting = sorted(addresses - written_today(addresses, now))
    if not waiting:
        raise Refused("written_today")
    return waiting


def report_by_family(
    link: FamilyLink, device_id: int, kind: CaseKind, description: str, *, now: datetime
) -> DeviceCase:  # fmt: skip
    """Rules R1, R2. What the family says of a device that its child answers for; the school looks at it first.

    Raises Refused: not_found, those of `open_case`.
    """
    theirs = (Loan.device == device_id) & (Loan.pupil == link.pupil_id) & Loan.ended_at.is_null()
    loan = Loan.get_or_none(theirs)
    if loan is None:
        raise Refused("not_found")
    report = Report(device_id, kind, description, confirmed=False)
    return open_case(report, actor=family_at(loan.school_id), now=now)


def family_at(school_id: int | None) -> Actor:
    """Who acts by a personal link: nobody with an account, within the one school."""
    return Actor(None, Role.SCHOOL, Scope(frozenset({school_id} if school_id else set())))
