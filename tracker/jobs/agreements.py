"""Long work of agreements: a sending, the filing of a pile; and the reminders of each day."""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

from tracker.config import Settings
from tracker.jobs.shift import Shift
from tracker.models.database import connected, database
from tracker.models.work import Work
from tracker.operations import piles, sending
from tracker.operations.links import Links
from tracker.queries.campaigns import current_campaign, settings_of
from tracker.rules.access import SYSTEM
from tracker.rules.calendar import TIME_ZONE, local_date
from tracker.rules.refusals import Refused
from tracker.rules.work import WorkKind


def send_agreements(shift: Shift) -> dict[str, Any]:
    """Rule A1. Post what is due of the work's school, or of all; the figures for its report."""
    campaign = current_campaign(local_date(shift.now))
    if campaign is None:
        raise Refused("no_campaign")
    asked = shift.work.asked or {}
    sent = sending.send_agreements(
        shift.work.school_id, campaign, firsts=bool(asked.get("firsts", True)),
        reminders=bool(asked.get("reminders", False)), links=_links(shift.settings), actor=shift.actor, now=shift.now,
        progress=shift.progress,
    )  # fmt: skip
    unreachable = Counter(reason.value for _pupil, reason in sent.unreachable)
    return {
        "mails": sent.mails, "agreements": sent.agreements, "reminders": sent.reminders, "waiting": sent.waiting,
        "unreachable": dict(unreachable),
    }  # fmt: skip


def file_scans(shift: Shift) -> dict[str, Any]:
    """Rule A3. File the pages of the work's pile."""
    filed = piles.file_pile(
        shift.work.subject, storage=shift.storage, actor=shift.actor, now=shift.now, progress=shift.progress
    )
    return asdict(filed)


def ask_reminders(settings: Settings, *, now: datetime) -> Work | None:
    """Rule A1 (setting). Ask for one sending of reminders to all schools, once a local day of the school year."""
    with connected(), database.atomic():
        today = local_date(now)
        campaign = current_campaign(today)
        if campaign is None or not campaign.starts_on <= today <= campaign.ends_on:
            return None
        if not settings_of(campaign, today)["reminders_automatic"] or _asked_on(today):
            return None
        try:
            return sending.ask_to_send(None, firsts=False, reminders=True, actor=SYSTEM, now=now)
        except Refused:  # a sending to all is under way: the next hour asks again
            return None


def _asked_on(today: date) -> bool:
    midnight = datetime.combine(today, time(), TIME_ZONE).astimezone(UTC)
    by_itself = (Work.kind == WorkKind.SEND_AGREEMENTS) & Work.asked_by.is_null() & (Work.asked_at >= midnight)
    return Work.select().where(by_itself).exists()


def _links(settings: Settings) -> Links:
    return Links(settings.signing_key(), settings.public_url.rstrip("/"))
