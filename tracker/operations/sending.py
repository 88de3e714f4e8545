"""Agreements go out by mail: who gets them (A1), reminders, one mail a day for each family, in steps that resume."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from tracker.models.agreements import Agreement, Invitation
from tracker.models.database import database, locked
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment
from tracker.models.schools import Campaign
from tracker.models.work import Work
from tracker.operations import works
from tracker.operations.agreement_texts import ensure_text
from tracker.operations.letters import Letter, ToSign, request_letter
from tracker.operations.links import Links, new_nonce
from tracker.queries.campaigns import settings_of
from tracker.queries.families import Family, entitled, families, in_batches, written_today
from tracker.queries.pupils import Year
from tracker.rules.access import Actor, Permission
from tracker.rules.agreements import TO_BE_SIGNED, AgreementState
from tracker.rules.calendar import local_date
from tracker.rules.campaign import CampaignSettings
from tracker.rules.recipients import Ask, Recipient, Unreachable, due
from tracker.rules.refusals import Refused
from tracker.rules.work import WorkKind

log = structlog.get_logger()

AT_ONCE = 100
"""Addresses whose mail is written in one transaction: a run that is stopped is simply started again."""

Progress = Callable[[int, int], None]


@dataclass
class Sent:
    """What a sending did: mails written, agreements in them, reminders among those.

    `waiting`: addresses that got a mail today already; theirs goes with the next sending. `unreachable`: pupils for
    whom nobody can be written to, with the reason.
    """

    mails: int = 0
    agreements: int = 0
    reminders: int = 0
    waiting: int = 0
    unreachable: list[tuple[int, Unreachable]] = field(default_factory=list)


@dataclass(frozen=True)
class _Run:
    """What stays the same during a sending."""

    campaign: Campaign
    settings: CampaignSettings
    firsts: bool
    reminders: bool
    links: Links
    actor: Actor
    now: datetime

    @property
    def year(self) -> Year:
        return Year(self.campaign.school_year, local_date(self.now))

    @property
    def expires_at(self) -> datetime:
        return self.now + timedelta(days=self.settings["link_days"])


@dataclass(frozen=True)
class _Request:
    """One agreement for one address, with the nonce of its link."""

    family: Family
    recipient: Recipient
    ask: Ask
    nonce: str


def send_agreements(
    school_id: int | None, campaign: Campaign, *, reminders: bool, links: Links, actor: Actor, now: datetime,
    progress: Progress = lambda done, total: None, firsts: bool = True,
) -> Sent:  # fmt: skip
    """Rules A1, L5. Post the agreements that are due, of one school or of all within the actor's scope.

    `firsts`: to families that got none yet; `reminders`: to those who did not sign, and to whom of them may sign now
    and got nothing yet.

    An address gets one mail a day at most, with a link for each child. Stopped and started again, nobody gets it
    twice. Raises Refused.
    """
    _check_may(school_id, actor)
    run = _Run(campaign, settings_of(campaign, local_date(now)), firsts, reminders, links, actor, now)
    ensure_text(now=now, campaign=campaign)
    sent = Sent()
    pupils_of = _addresses(run, school_id, sent)
    addresses = sorted(pupils_of)
    for start in range(0, len(addresses), AT_ONCE):
        progress(start, len(addresses))
        _send_some(run, {each: pupils_of[each] for each in addresses[start : start + AT_ONCE]}, sent)
    progress(len(addresses), len(addresses))
    log.info("agreements posted", by=actor.user_id, mails=sent.mails, unreachable=len(sent.unreachable))
    return sent


def ask_to_send(
    school_id: int | None, *, firsts: bool = True, reminders: bool, actor: Actor, now: datetime
) -> Work:  # fmt: skip
    """Rule A1. Have the agreements of one school, or of all, sent as long work. Raises Refused: work_under_way."""
    _check_may(school_id, actor)
    with database.atomic():
        asked = {"firsts": firsts, "reminders": reminders}
        return works.ask(WorkKind.SEND_AGREEMENTS, None, school_id=school_id, actor=actor, now=now, asked=asked)


def _check_may(school_id: int | None, actor: Actor) -> None:
    if not actor.may(Permission.SEND_AGREEMENTS):
        raise Refused("not_allowed")
    if school_id is not None and not actor.scope.covers(school_id):
        raise Refused("school_not_found")


def _addresses(run: _Run, school_id: int | None, sent: Sent) -> dict[str, list[int]]:
    """Which pupils' agreements each address may have to get; who cannot be reached is noted."""
    query = entitled(run.actor.scope, run.year)
    if school_id is not None:
        query = query.where(Enrolment.school == school_id)
    query = query.where(Agreement.state.is_null() | Agreement.state.in_(sorted(TO_BE_SIGNED)))
    found: dict[str, list[int]] = defaultdict(list)
    for batch in in_batches(query, run.year.today):
        for family in batch:
            if family.reach.unreachable:
                sent.unreachable.append((family.pupil_id, family.reach.unreachable))
            for recipient in _recipients_due(run, family):
                found[recipient.address].append(family.pupil_id)
    return found


def _recipients_due(run: _Run, family: Family) -> Iterator[Recipient]:
    return (each for each in family.reach.recipients if _ask(run, family, each))


def _ask(run: _Run, family: Family, recipient: Recipient) -> Ask | None:
    return due(
        family.asked.get(recipient.address, []), today=run.year.today, reminders=run.reminders,
        after_days=run.settings["reminder_after_days"], most=run.settings["reminders_most"],
        firsts=run.firsts, family_asked_on=family.asked_on,
    )  # fmt: skip


def _send_some(run: _Run, pupils_of: dict[str, list[int]], sent: Sent) -> None:
    """One transaction: look again at everything, write the mails."""
    with database.atomic():
        # One sending after the other: two at the same time would both find that an address got nothing today.
        locked(Campaign.select().where(Campaign.id == run.campaign.id)).get()
        mails = _due_now(run, pupils_of)
        busy = written_today(mails, run.now)
        mails = {address: requests for address, requests in mails.items() if address not in busy}
        if mails:
            _write(run, mails)
    requests = [each for listed in mails.values() for each in listed]
    sent.waiting += len(busy)
    sent.mails += len(mails)
    sent.agreements += len(requests)
    sent.reminders += sum(each.ask is Ask.REMINDER for each in requests)


def _due_now(run: _Run, pupils_of: dict[str, list[int]]) -> dict[str, list[_Request]]:
    ids = {each for listed in pupils_of.values() for each in listed}
    query = entitled(run.actor.scope, run.year).where(
        Enrolment.pupil.in_(ids), Agreement.state.is_null() | Agreement.state.in_(sorted(TO_BE_SIGNED))
    )
    found: dict[str, list[_Request]] = defaultdict(list)
    for family in families(query.order_by(Enrolment.id), run.year.today):
        for recipient in family.reach.recipients:
            if recipient.address in pupils_of and (ask := _ask(run, family, recipient)):
                found[recipient.address].append(_Request(family, recipient, ask, new_nonce()))
    return found


def _write(run: _Run, mails: dict[str, list[_Request]]) -> None:
    agreements = _agreements({each.family.pupil_id for listed in mails.values() for each in listed}, run)
    posted = _post({address: _letter(run, listed) for address, listed in mails.items()}, run)
    Invitation.insert_many(
        [
            {
                "agreement": agreements[each.family.pupil_id], "guardian": each.recipient.guardian_id,
                "recipient": address, "reminder": each.ask is Ask.REMINDER, "nonce": each.nonce,
                "created_at": run.now, "expires_at": run.expires_at, "mail": posted[address],
            }
            for address, listed in mails.items()
            for each in listed
        ]
    ).execute()  # fmt: skip
    may_be_sent = Agreement.id.in_(list(agreements.values())) & Agreement.state.in_(
        [AgreementState.PREPARED, AgreementState.REFUSED]
    )
    first = Agreement.update(state=AgreementState.SENT).where(may_be_sent)
    Agreement.update(sent_at=run.now).where(may_be_sent, Agreement.sent_at.is_null()).execute()
    first.execute()


def _agreements(pupil_ids: set[int], run: _Run) -> dict[int, int]:
    """The agreement of each pupil, made where there is none yet."""
    rows = [
        {"pupil": each, "school_year": run.campaign.school_year, "state": AgreementState.PREPARED}
        for each in sorted(pupil_ids)
    ]
    Agreement.insert_many(rows).on_conflict_ignore().execute()
    found = Agreement.select(Agreement.pupil, Agreement.id).where(
        Agreement.pupil.in_(pupil_ids), Agreement.school_year == run.campaign.school_year
    )
    return dict(found.tuples())


def _post(letters: dict[str, Letter], run: _Run) -> dict[str, int]:
    """The mails into the outbox, all at once; the id of each by its address."""
    rows = [
        {
            "recipient": address, "subject": letter.subject, "body": letter.body,
            "created_at": run.now, "not_before": run.now,
        }
        for address, letter in letters.items()
    ]  # fmt: skip
    written = OutboxMail.insert_many(rows).returning(OutboxMail.id, OutboxMail.recipient).tuples().execute()
    return {recipient: mail_id for mail_id, recipient in written}


def _letter(run: _Run, requests: Sequence[_Request]) -> Letter:
    """A reminder only where it holds nothing new."""
    return request_letter(
        [ToSign(each.family.pupil, each.family.school, run.links.of(each.nonce)) for each in requests],
        reminder=all(each.ask is Ask.REMINDER for each in requests),
        until=local_date(run.expires_at),
        school_year=run.campaign.label,
        settings=run.settings,
    )
