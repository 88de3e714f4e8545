"""Writes that come from scans: each once and only once, whatever is sent again."""

import uuid
from datetime import datetime
from typing import Any

from tracker.models.scans import ScanAction
from tracker.rules.access import Actor
from tracker.rules.refusals import Refused


def earlier_answer(action_id: uuid.UUID, actor: Actor) -> dict[str, Any] | None:
    """The answer that this action got the first time, or None. Someone else's action is refused as unknown."""
    found = ScanAction.get_or_none(ScanAction.id == action_id)
    if found is None:
        return None
    if found.actor_id != actor.user_id:
        raise Refused("not_found")
    return found.answer


def keep_answer(action_id: uuid.UUID, kind: str, answer: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """Remember the answer in the transaction that did the work."""
    ScanAction.insert(id=action_id, actor=actor.user_id, kind=kind, at=now, answer=answer).execute()
