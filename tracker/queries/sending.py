"""What a sending of agreements would bring now: who gets a mail, who waits for tomorrow, whom no mail reaches."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import peewee

from tracker.models.agreements import Agreement
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.schools import School
from tracker.models.work import Work
from tracker.queries.families import entitled, in_batches, written_today
from tracker.queries.pupils import Year
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.agreements import TO_BE_SIGNED
from tracker.rules.campaign import CampaignSettings
from tracker.rules.recipients import Ask, Unreachable, due
from tracker.rules.work import WorkKind

MOST_PLANNED = 5_000
"""Pupils that a page looks at one by one; beyond, the report of the sending says what was done."""


@dataclass
class Plan:
    """Rule A1. Addresses that would get a mail now, how many pupils are asked for the first time or reminded.

    `first_addresses`: those of a sending without reminders. `waiting`: addresses that had a mail today already.
    `unreachable`: pupils by id, with the reason.
    """

    addresses: int = 0
    first_addresses: int = 0
    first: int = 0
    reminders: int = 0
    waiting: int = 0
    unreachable: dict[int, Unreachable] = field(default_factory=dict)


def unsigned(scope: Scope, year: Year, school_id: int | None) -> peewee.ModelSelect:
    """Rule A1. The enrolments whose families may be asked to sign."""
    query = entitled(scope, year).where(Agreement.state.is_null() | Agreement.state.in_(sorted(TO_BE_SIGNED)))
    return query.where(Enrolment.school == school_id) if school_id else query


def plan(school_id: int | None, scope: Scope, year: Year, settings: CampaignSettings, *, now: datetime) -> Plan | None:
    """Rule A1. What a sending of first mails and reminders would bring now; None: too many pupils to look at here."""
    query = unsigned(scope, year, school_id)
    if query.limit(MOST_PLANNED + 1).count() > MOST_PLANNED:
        return None
    found = Plan()
    asks: dict[str, dict[int, Ask]] = defaultdict(dict)
    for batch in in_batches(query, year.today):
        for family in batch:
            if family.reach.unreachable:
                found.unreachable[family.pupil_id] = family.reach.unreachable
            for recipient in family.reach.recipients:
                ask = due(
                    family.asked.get(recipient.address, []), today=year.today, reminders=True,
                    after_days=settings["reminder_after_days"], most=settings["reminders_most"],
                )  # fmt: skip
                if ask:
                    asks[recipient.address][family.pupil_id] = ask
    return _counted(found, asks, now)


def _counted(found: Plan, asks: dict[str, dict[int, Ask]], now: datetime) -> Plan:
    busy = written_today(asks, now) if asks else set()
    open_asks = [by_pupil for address, by_pupil in asks.items() if address not in busy]
    found.addresses, found.waiting = len(open_asks), len(busy)
    found.first_addresses = sum(Ask.FIRST in by_pupil.values() for by_pupil in open_asks)
    for ask in Ask:
        pupils = {pupil for by_pupil in open_asks for pupil, asked in by_pupil.items() if asked is ask}
        setattr(found, {Ask.FIRST: "first", Ask.REMINDER: "reminders"}[ask], len(pupils))
    return found


def pupils_by_id(ids: list[int], scope: Scope, year: Year) -> list[dict[str, Any]]:
    """Name, class and school of these pupils, class after class. One query."""
    query = (
        Enrolment.select(Pupil.id, Pupil.last_name, Pupil.first_name, Enrolment.class_name, School.name.alias("school"))
        .join(Pupil)
        .join_from(Enrolment, School)
        .where(Enrolment.school_year == year.school_year, Pupil.id.in_(ids), within(scope, Enrolment.school))
    )
    return list(query.order_by(School.name_key, Enrolment.class_name, Pupil.name_key).dicts())


def newest_sending(scope: Scope, school_id: int | None) -> Work | None:
    """The last sending of one school, or to all of them; who sees one school is shown a sending to all too."""
    ours = Work.school == school_id if school_id else within(scope, Work.school)
    query = Work.select().where(Work.kind == WorkKind.SEND_AGREEMENTS.value, ours | Work.school.is_null())
    return query.order_by(Work.id.desc()).first()
