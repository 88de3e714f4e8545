"""Writes that come from scans: each once and only once, whatever is sent again and whoever was faster."""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import peewee

from tracker.models.database import database
from tracker.models.scans import ScanAction
from tracker.rules.access import Actor
from tracker.rules.refusals import Refused


class Overtaken(Exception):
    """Another desk moved a device between the question which ones to lock and the lock."""


@dataclass(frozen=True)
class Answer:
    """What a scan got: its outcome, whom and what it was about, and the event that holds the story, if any.

    `record_id`: what the returns desk noted beside it.
    """

    outcome: str
    device_id: int | None
    pupil_id: int | None = None
    event_id: int | None = None
    repeated: bool = False
    record_id: int | None = None


def until_not_overtaken(work: Callable[[], Answer], more: int = 2) -> Answer:
    """Do the work in one transaction; again when another desk was faster on the same rows: the next look sees it."""
    try:
        with database.atomic():
            return work()
    except (peewee.IntegrityError, peewee.OperationalError, Overtaken):  # OperationalError: a deadlock was broken
        if not more:
            raise
    return until_not_overtaken(work, more - 1)


def earlier_answer(action_id: uuid.UUID, actor: Actor, **asked: Any) -> Answer | None:
    """The answer that this action got the first time, or None.

    Raises Refused: someone else's action is not_found; an id that answered something else than what is `asked`
    now came from a page out of date (stale_page).
    """
    found = ScanAction.get_or_none(ScanAction.id == action_id)
    if found is None:
        return None
    if found.actor_id != actor.user_id:
        raise Refused("not_found")
    if any(found.answer.get(name) != value for name, value in asked.items()):
        raise Refused("stale_page")
    return Answer(**found.answer | {"repeated": True})


def remember(answer: Answer, action_id: uuid.UUID, *, actor: Actor, now: datetime) -> Answer:
    """Keep the answer in the transaction that did the work, and give it."""
    ScanAction.insert(id=action_id, actor=actor.user_id, kind=answer.outcome, at=now, answer=asdict(answer)).execute()
    return answer
