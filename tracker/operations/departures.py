"""Departures opened and ended: by the school's word, by a device at a desk, by everything being back (L5)."""

from datetime import datetime

import peewee

from tracker.models.loans import Loan
from tracker.models.rosters import Departure
from tracker.rules.access import Actor


def close_when_nothing_is_left(pupil_id: int, *, actor: Actor, now: datetime) -> list[int]:
    """Rules L2, L4, L5. The open departures of a pupil who holds nothing any more are over; their ids.

    Within the caller's transaction, after the loan of the last device has ended.
    """
    if open_loans(pupil_id).exists():
        return []
    theirs = (Departure.pupil == pupil_id) & Departure.closed_at.is_null()
    closed = [row.id for row in Departure.select(Departure.id).where(theirs).order_by(Departure.id)]
    Departure.update(closed_at=now, closed_by=actor.user_id).where(Departure.id.in_(closed)).execute()
    return closed


def open_loans(pupil_id: int) -> peewee.ModelSelect:
    """What the pupil answers for, in the order in which devices are held."""
    return Loan.select().where(Loan.pupil == pupil_id, Loan.ended_at.is_null()).order_by(Loan.device)
