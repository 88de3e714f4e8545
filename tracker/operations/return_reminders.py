"""Families are written to about what must come back: at a person's click, and by itself while it is not there (L7)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import peewee
import structlog

from tracker.models.database import database, locked
from tracker.models.family_links import FamilyLink
from tracker.models.returns import ExpectedReturn
from tracker.models.schools import Campaign
from tracker.operations import mail
from tracker.operations.family_links import address_of, make_family_link
from tracker.operations.links import Links
from tracker.operations.return_letters import ToSendBack, return_letter
from tracker.queries.campaigns import current_campaign, settings_of
from tracker.queries.families import written_today
from tracker.queries.return_families import (
    OwingFamily,
    expected_of_families,
    in_batches,
    owing_families,
    to_be_reminded,
)
from tracker.rules.access import EVERYWHERE, SYSTEM, Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.campaign import CampaignSettings
from tracker.rules.expected_returns import MOST_AT_ONCE, link_works_for, may_remind
from tracker.rules.families import LinkPurpose
from tracker.rules.recipients import Unreachable
from tracker.rules.refusals import Refused

log = structlog.get_logger()

AT_ONCE = 100
"""Addresses whose mail is written in one transaction: a run that is stopped is simply started again."""


@dataclass
class Written:
    """What was done: mails written; addresses that had a mail today already; pupils whom no mail reaches, and why."""

    mails: int = 0
    waiting: int = 0
    unreachable: dict[int, Unreachable] = field(default_factory=dict)


@dataclass(frozen=True)
class _Run:
    """What stays the same while families are written to; `by_itself`: only where a reminder is due."""

    campaign: Campaign
    settings: CampaignSettings
    links: Links
    actor: Actor
    now: datetime
    by_itself: bool

    @property
    def today(self) -> date:
        return local_date(self.now)

    def expires_at(self, families: Sequence[OwingFamily]) -> datetime:
        """When the links of one letter end: all on one day, long enough for what is due last."""
        last = max(each.due_on for family in families for each in family.devices)
        return self.now + timedelta(days=link_works_for(last, self.today, self.settings["link_days"]))


def write_to_families(expected_ids: Collection[int], *, links: Links, actor: Actor, now: datetime) -> Written:
    """Rules L7, A1, L5. Write to the families of these returns now: what must come back, and their personal link.

    One mail a day at most for an address. Where the family had said that the school has the device, that is taken
    back: whoever writes has looked. Raises Refused: not_allowed, too_many_returns, no_campaign, return_not_open; where
    there is one pupil only, also written_today or the reason why no mail reaches anybody.
    """
    if not actor.may(Permission.SEND_RETURNS):
        raise Refused("not_allowed")
    if len(expected_ids) > MOST_AT_ONCE:
        raise Refused("too_many_returns", most=MOST_AT_ONCE)
    run = _run(links, actor, now, by_itself=False)
    if run is None:
        raise Refused("no_campaign")
    query = expected_of_families(actor.scope)
    wanted = query.where(ExpectedReturn.id.in_(list(expected_ids))).select(ExpectedReturn.pupil)
    pupil_ids = {pupil for (pupil,) in wanted.tuples()}
    if not pupil_ids:
        raise Refused("return_not_open", rule="L7")
    written = Written()
    with database.atomic():
        _write_some(run, query.where(ExpectedReturn.pupil.in_(pupil_ids)), None, written)
        if len(pupil_ids) == 1:
            _check_written(written)
    log.info("families asked for devices", by=actor.user_id, mails=written.mails)
    return written


def _check_written(written: Written) -> None:
    for reason in written.unreachable.values():
        raise Refused(f"return_{reason}", rule="L5" if reason is Unreachable.DECEASED else "A1")
    if not written.mails:
        raise Refused("written_today")


def remind_families(*, links: Links, now: datetime) -> Written:
    """Rules L7, L5. The reminders that are due today, of all schools. Run again, nobody is written to twice."""
    written = Written()
    run = _run(links, SYSTEM, now, by_itself=True)
    if run is None:
        return written
    pupils_of = _addresses(run, written)
    addresses = sorted(pupils_of)
    for start in range(0, len(addresses), AT_ONCE):
        some = {each: pupils_of[each] for each in addresses[start : start + AT_ONCE]}
        ids = {each for listed in some.values() for each in listed}
        with database.atomic():
            _write_some(run, to_be_reminded(EVERYWHERE).where(ExpectedReturn.pupil.in_(ids)), some.keys(), written)
    log.info("families reminded of devices", mails=written.mails, unreachable=len(written.unreachable))
    return written


def _run(links: Links, actor: Actor, now: datetime, *, by_itself: bool) -> _Run | None:
    campaign = current_campaign(local_date(now))
    return _Run(campaign, settings_of(campaign, local_date(now)), links, actor, now, by_itself) if campaign else None


def _addresses(run: _Run, written: Written) -> dict[str, list[int]]:
    """Which pupils each address may have to be reminded of; who cannot be reached is noted."""
    found: dict[str, list[int]] = defaultdict(list)
    for batch in in_batches(to_be_reminded(EVERYWHERE), run.today):
        for family in batch:
            if family.reach.unreachable:
                written.unreachable[family.pupil.id] = family.reach.unreachable
            for address in _due(run, family):
                found[address].append(family.pupil.id)
    return found


def _due(run: _Run, family: OwingFamily) -> Iterator[str]:
    for recipient in family.reach.recipients:
        if not run.by_itself or _is_time(run, family, recipient.address):
            yield recipient.address


def _is_time(run: _Run, family: OwingFamily, address: str) -> bool:
    """Rule L7. Whether one of the devices is to be written about: the mail then names them all."""
    return any(
        may_remind(
            family.asked.get(address, []), expected_on=each.expected_on, due_on=each.due_on, today=run.today,
            return_days=run.settings["return_days"], after_days=run.settings["return_reminder_days"],
            most=run.settings["return_reminders_most"],
        )
        for each in family.devices
    )  # fmt: skip


def _write_some(run: _Run, query: peewee.ModelSelect, only: Collection[str] | None, written: Written) -> None:
    """Look again at everything, within the caller's transaction, and write the mails; `only` to these addresses."""
    # One sending after the other, of agreements too: two at a time would both find that an address got nothing today.
    locked(Campaign.select().where(Campaign.id == run.campaign.id)).get()
    mails: dict[str, list[OwingFamily]] = defaultdict(list)
    for family in owing_families(query, run.today):
        if family.reach.unreachable:
            written.unreachable[family.pupil.id] = family.reach.unreachable
        for address in _due(run, family):
            if only is None or address in only:
                mails[address].append(family)
    busy = written_today(mails, run.now) if mails else set()
    written.waiting += len(busy)
    for address, families in mails.items():
        if address not in busy:
            _post(run, address, families)
            written.mails += 1
    if not run.by_itself:
        _doubt({family.pupil.id for address, listed in mails.items() if address not in busy for family in listed})


def _post(run: _Run, address: str, families: list[OwingFamily]) -> None:
    expires_at = run.expires_at(families)
    links = [
        make_family_link(LinkPurpose.RETURN, family.pupil, address, expires_at=expires_at, actor=run.actor, now=run.now)
        for family in families
    ]
    letter = return_letter(
        [ToSendBack(family, address_of(link, run.links)) for family, link in zip(families, links, strict=True)],
        reminder=all(family.asked.get(address) and family.is_late(run.today) for family in families),
        today=run.today, until=local_date(expires_at), settings=run.settings,
    )  # fmt: skip
    posted = mail.post(address, letter.subject, letter.body, run.now)
    FamilyLink.update(mail=posted).where(FamilyLink.id.in_([link.id for link in links])).execute()


def _doubt(pupil_ids: set[int]) -> None:
    """Whoever has them written to again did not find the devices at the school."""
    is_theirs = ExpectedReturn.pupil.in_(pupil_ids) & ExpectedReturn.closed_at.is_null()
    ExpectedReturn.update(handed_in_at=None).where(is_theirs).execute()
