"""Devices that are nobody's on record: noted at a returns desk, settled once it is known what becomes of each."""

import uuid
from datetime import datetime
from typing import Any

from tracker.models.database import database, locked
from tracker.models.returns import ReturnRecord
from tracker.operations import scans
from tracker.operations.scans import Answer
from tracker.operations.taking_back import LONGEST_NOTE, check_desk
from tracker.queries.noted_devices import Desks, open_note
from tracker.queries.returns_desk import at_desks
from tracker.rules.access import Actor, Permission
from tracker.rules.refusals import Refused
from tracker.rules.returns import NextPlace, Stranger, StrangerOutcome

LONGEST_SERIAL = 60


def note_stranger(
    serial: str,
    what: Stranger,
    *,
    school_id: int | None,
    action_id: uuid.UUID,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Answer:
    """A device that is not on record: set aside, to be identified or for its owner. Raises Refused.

    The ledger knows nothing of it; the record of the return is all there is. `already_noted`: it waits to be settled
    already, and nothing was written.
    """
    check_desk(school_id, actor)
    serial = as_noted(serial)
    if not serial or len(serial) > LONGEST_SERIAL:
        raise Refused("stale_page")
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long", most=LONGEST_NOTE)
    row = {"school": school_id, "received_by": actor.user_id, "received_at": now, "note": note}
    return scans.until_not_overtaken(
        lambda: _note_stranger(row | {"serial": serial, "stranger": what}, action_id, actor)
    )


def as_noted(text: str) -> str:
    """A serial number as it is kept: without the gaps around it, in capitals."""
    return text.strip().upper()


def _note_stranger(row: dict[str, Any], action_id: uuid.UUID, actor: Actor) -> Answer:
    earlier = scans.earlier_answer(action_id, actor, outcome="noted")
    if earlier:
        return earlier
    known = open_note(row["serial"], desks_of(actor))
    if known:
        return Answer("already_noted", None, record_id=known["id"])
    made = ReturnRecord.create(missing=[], next_place=NextPlace.QUARANTINE, **row)
    noted = Answer("noted", None, None, record_id=made.id)
    return scans.remember(noted, action_id, actor=actor, now=row["received_at"])


def desks_of(actor: Actor) -> Desks:
    """The desks whose notes this person sees."""
    return Desks(actor.scope, actor.may(Permission.TRIAGE))


def settle(record_id: int, outcome: StrangerOutcome, *, actor: Actor, now: datetime) -> ReturnRecord:
    """What became of a noted device, said once. Raises Refused: not_allowed, not_found, noted_settled."""
    if not actor.may(Permission.SEND_RETURNS):
        raise Refused("not_allowed")
    with database.atomic():
        record = _held(record_id, actor)
        if record.settled_at is not None:
            raise Refused("noted_settled", at=record.settled_at, outcome=record.outcome)
        record.outcome, record.settled_by, record.settled_at = outcome, actor.user_id, now
        record.save(only=(ReturnRecord.outcome, ReturnRecord.settled_by, ReturnRecord.settled_at))
    return record


def _held(record_id: int, actor: Actor) -> ReturnRecord:
    """The noted device that this person may see, held: of two who settle it the second learns what the first said."""
    here = at_desks(actor.scope, warehouse=actor.may(Permission.TRIAGE))
    query = ReturnRecord.select().where(ReturnRecord.id == record_id, ReturnRecord.stranger.is_null(False), here)
    record = locked(query).first()
    if record is None or record.undone_at is not None:
        raise Refused("not_found")
    return record
