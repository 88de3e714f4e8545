"""A signed paper takes effect once somebody has looked at it: accepted, or refused with a reason (A3)."""

from collections.abc import Collection
from datetime import datetime

import structlog

from tracker.models.agreements import Agreement, ScannedPage
from tracker.models.database import database, locked
from tracker.operations.filing import is_within
from tracker.rules.access import Actor, Permission
from tracker.rules.agreements import AgreementState, SignedBy
from tracker.rules.refusals import Refused

log = structlog.get_logger()
LONGEST_REASON = 300


def accept(agreement_id: int, *, shown: Collection[int] | None = None, actor: Actor, now: datetime) -> Agreement:
    """Rules A3, A4. The signed paper is good: a device may be handed over.

    `shown`: the scanned pages that the person saw. Raises Refused: not_found, not_waiting, scans_changed.
    """
    with database.atomic():
        agreement = _waiting(agreement_id, shown, actor)
        agreement.state, agreement.validated_at, agreement.refusal = AgreementState.VALIDATED, now, None
        return _decided(agreement, actor, now)


def refuse(
    agreement_id: int, reason: str, *, shown: Collection[int] | None = None, actor: Actor, now: datetime
) -> Agreement:
    """Rule A3. The signed paper is not good; the school reads why, and may print it or send it again.

    Raises Refused: not_found, not_waiting, scans_changed, refusal_reason_missing, refusal_reason_too_long.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("refusal_reason_missing", rule="A3")
    if len(reason) > LONGEST_REASON:
        raise Refused("refusal_reason_too_long", rule="A3", most=LONGEST_REASON)
    with database.atomic():
        agreement = _waiting(agreement_id, shown, actor)
        agreement.state, agreement.refusal = AgreementState.REFUSED, reason
        return _decided(agreement, actor, now)


def _waiting(agreement_id: int, shown: Collection[int] | None, actor: Actor) -> Agreement:
    if not actor.may(Permission.VALIDATE_AGREEMENTS):
        raise Refused("not_allowed")
    agreement = locked(Agreement.select().where(Agreement.id == agreement_id)).first()
    if agreement is None or not is_within(agreement.pupil_id, agreement.school_year, actor):
        raise Refused("not_found")
    if agreement.state != AgreementState.SIGNED or agreement.signed_by != SignedBy.PAPER:
        raise Refused("not_waiting", rule="A3")
    if shown is not None and set(shown) != _pages(agreement):
        raise Refused("scans_changed", rule="A3")
    return agreement


def _pages(agreement: Agreement) -> set[int]:
    """The pages on file now: the school may have filed another one since the person looked."""
    return {page.id for page in ScannedPage.select(ScannedPage.id).where(ScannedPage.agreement == agreement)}


def _decided(agreement: Agreement, actor: Actor, now: datetime) -> Agreement:
    agreement.decided_by, agreement.decided_at = actor.user_id, now
    agreement.save()
    log.info("paper agreement decided", agreement=agreement.id, state=agreement.state, by=actor.user_id)
    return agreement
