"""Long work: asked for with what it belongs to, taken up once, ended with its figures or its reason."""

from datetime import datetime
from typing import Any

from peewee import Expression, fn

from tracker.models.database import database, is_postgres, take_turn
from tracker.models.work import Work
from tracker.rules.access import Actor
from tracker.rules.refusals import Refused
from tracker.rules.work import ABANDONED_AFTER, FIRST, IN_TURN, WorkKind, WorkState

_TURN = 7_213_005_121
"""One piece is taken up at a time: two processes see what the other has begun."""


def ask(
    kind: WorkKind,
    subject: int | None,
    *,
    school_id: int | None,
    actor: Actor,
    now: datetime,
    asked: dict[str, Any] | None = None,
) -> Work:
    """Ask for a piece of work, within the transaction of what it belongs to. Raises Refused work_under_way.

    One piece of a kind at a time for one subject.
    """
    same = (Work.kind == kind) & (Work.subject == subject) & Work.state.in_([WorkState.WAITING, WorkState.RUNNING])
    if Work.select().where(same, Work.school == school_id).exists():
        raise Refused("work_under_way")
    return Work.create(
        kind=kind, state=WorkState.WAITING, subject=subject, school=school_id, asked=asked,
        asked_by=actor.user_id, asked_at=now,
    )  # fmt: skip


def take_up(*, now: datetime) -> Work | None:
    """The next piece that waits, now running; None when there is none. Two processes never take the same.

    The oldest, but what was read is applied first (`FIRST`), and a school's rosters are done one by one (`IN_TURN`).
    """
    with database.atomic():
        take_turn(_TURN)
        abandoned = (Work.state == WorkState.RUNNING) & (Work.started_at < now - ABANDONED_AFTER)
        due = Work.select().where((Work.state == WorkState.WAITING) | abandoned, _has_its_turn(now))
        due = due.order_by(Work.kind != FIRST, Work.asked_at, Work.id).limit(1)
        work = (due.for_update(skip_locked=True) if is_postgres() else due).first()
        if work:
            work.state, work.started_at = WorkState.RUNNING, now
            work.save(only=(Work.state, Work.started_at))
        return work


def _has_its_turn(now: datetime) -> Expression:
    """No roster of the same school is being read or applied."""
    other = Work.alias()
    under_way = (other.state == WorkState.RUNNING) & (other.started_at >= now - ABANDONED_AFTER)
    before = other.select(other.id).where(other.kind.in_(sorted(IN_TURN)), other.school == Work.school, under_way)
    return Work.kind.not_in(sorted(IN_TURN)) | ~fn.EXISTS(before)


def start_again() -> int:
    """Work that was running when its process ended waits once more; call it where the consumer starts. How many."""
    return Work.update(state=WorkState.WAITING).where(Work.state == WorkState.RUNNING).execute()


def end(work: Work, result: dict[str, Any], *, now: datetime) -> None:
    """The work is done."""
    work.state, work.result, work.ended_at = WorkState.DONE, result, now
    work.save(only=(Work.state, Work.result, Work.ended_at))


def give_up(work: Work, error: str, result: dict[str, Any] | None = None, *, now: datetime) -> None:
    """The work was refused or failed, and taken back whole; `error` is a refusal's code, or `failed`."""
    work.state, work.error, work.result, work.ended_at = WorkState.FAILED, error[:200], result, now
    work.save(only=(Work.state, Work.error, Work.result, Work.ended_at))
