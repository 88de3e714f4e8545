"""Invented agreements: most signed by link, some not yet and why, a pile of scans that waits for validation."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from peewee import JOIN

from tracker.models.agreements import Agreement, Invitation
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment, Guardian, Pupil
from tracker.models.schools import Campaign, School
from tracker.operations import paper, piles
from tracker.operations.agreement_texts import newest_text
from tracker.operations.links import new_nonce
from tracker.rules.access import SYSTEM
from tracker.rules.agreements import AgreementState, SignedBy
from tracker.storage.storage import Storage

_STATES = ((AgreementState.VALIDATED, 87), (AgreementState.SENT, 12), (AgreementState.REFUSED, 1))
_REFUSALS = ("Signature manquante", "Page 2 illisible")
LINK_DAYS = timedelta(days=120)
WAITING = 4
"""Agreements signed on paper whose scans wait for validation, in the school with an account of its own."""


def invented(dice: Random, school_year: int, today: date, writers: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The row of one agreement; `writers`: guardians, or the pupil of age. None: nobody could be written to."""
    reachable = [each for each in writers if each["email"] and each.get("legal", True)]
    state = dice.choices([state for state, _ in _STATES], [weight for _, weight in _STATES])[0]
    if not reachable and state is not AgreementState.VALIDATED:
        return None
    sent = datetime.combine(today - timedelta(days=dice.randrange(20, 45)), time(9), UTC)
    signed = sent + timedelta(days=dice.randrange(1, 15), hours=dice.randrange(10))
    row = {"school_year": school_year, "state": state, "sent_at": sent if reachable else None}
    return row | _signature(dice, state, signed, reachable)


def _signature(
    dice: Random, state: AgreementState, signed: datetime, reachable: list[dict[str, Any]]
) -> dict[str, Any]:
    is_signed, is_valid = state is not AgreementState.SENT, state is AgreementState.VALIDATED
    by_link = is_valid and bool(reachable)
    return {
        "signed_at": signed if is_signed else None,
        "validated_at": signed + timedelta(hours=0 if by_link else 20) if is_valid else None,
        "signed_by": (SignedBy.LINK if by_link else SignedBy.PAPER) if is_signed else None,
        "evidence": _evidence(dice, signed, reachable[0]) if by_link else None,
        "printed_at": None if by_link or not is_signed else signed - timedelta(days=1),
        "refusal": None if is_valid or not is_signed else dice.choice(_REFUSALS),
    }


def _evidence(dice: Random, signed: datetime, who: dict[str, Any]) -> dict[str, Any]:
    name = f"{who['first_name']} {who['last_name']}"
    return {
        "signer": name, "person": name, "quality": "guardian" if "legal" in who else "pupil", "email": who["email"],
        "address": f"203.0.113.{dice.randrange(1, 255)}", "signed_at": signed.isoformat(),
        "code_sent_at": (signed - timedelta(minutes=2)).isoformat(), "confirmed_at": signed.isoformat(),
        "language": "fr", "browser": "", "text_version": 1,
    }  # fmt: skip


def invite(dice: Random) -> None:
    """The invitations behind the agreements that were sent: some seen, some come back, the others without an answer."""
    text = newest_text()
    Agreement.update(text=text).where(Agreement.signed_at.is_null(False)).execute()
    waiting = (
        Agreement.select(Agreement, Guardian.id.alias("guardian_id"), Guardian.email.alias("to"), Pupil.email)
        .join(Pupil)
        .join(Guardian, JOIN.LEFT_OUTER, on=(Guardian.pupil == Pupil.id) & Guardian.legal & (Guardian.email != ""))
        .where(Agreement.state == AgreementState.SENT)
        .order_by(Agreement.id, Guardian.rank)
        .objects()
    )
    rows = list(_invitations(dice, waiting))
    if rows:
        Invitation.insert_many(rows).execute()


def _invitations(dice: Random, waiting: Any) -> Iterator[dict[str, Any]]:
    for each in waiting:
        fate = dice.random()
        yield {
            "agreement": each.id, "guardian": each.guardian_id, "recipient": (each.to or each.email).lower(),
            "nonce": new_nonce(), "created_at": each.sent_at, "expires_at": each.sent_at + LINK_DAYS,
            "mail": _come_back(each).id if fate < 0.15 else None,
            "seen_at": each.sent_at + timedelta(hours=dice.randrange(1, 90)) if fate > 0.6 else None,
        }  # fmt: skip


def _come_back(each: Any) -> OutboxMail:
    return OutboxMail.create(
        recipient=(each.to or each.email).lower(), subject="Convention de prêt", body="", created_at=each.sent_at,
        not_before=each.sent_at, attempts=1, last_error="recipient refused 550", failed_at=each.sent_at,
    )  # fmt: skip


def scan_some(uai: str, *, storage: Storage, now: datetime) -> int:
    """Print a few forms of a school and file their scans, as a school does; how many pages were filed."""
    school, campaign = School.get(School.uai == uai), Campaign.get()
    waiting = (
        Agreement.select(Agreement.pupil)
        .join(Enrolment, on=(Enrolment.pupil == Agreement.pupil))
        .where(Agreement.state == AgreementState.SENT, Enrolment.school == school, Enrolment.left_on.is_null())
        .order_by(Agreement.id)
        .limit(WAITING)
    )
    filed = 0
    for row in waiting:
        form = paper.print_forms(paper.Selection(pupil_id=row.pupil_id), campaign=campaign, actor=SYSTEM, now=now)
        pile = piles.keep_pile(school.id, "scan.pdf", form.pdf, storage=storage, actor=SYSTEM, now=now)
        filed += piles.file_pile(pile.id, storage=storage, actor=SYSTEM, now=now).filed
    return filed
