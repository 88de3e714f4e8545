"""The short-lived address that shows a signature right after it was made, with its PDF (A2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.models.agreements import Agreement
from tracker.models.pupils import Pupil
from tracker.models.schools import Campaign
from tracker.operations import tokens
from tracker.rules.agreements import AgreementState
from tracker.rules.refusals import Refused

GOOD_FOR = timedelta(minutes=30)
"""Long enough to download on a slow phone; afterwards the mail has the PDF."""

_PURPOSE = "signed-agreement"


@dataclass(frozen=True)
class Receipt:
    """What the page after the signature shows; `document` is the key of the kept PDF."""

    pupil: str
    signer: str
    recipient: str
    signed_at: datetime
    year_label: str
    reference: str
    document: str


def receipt_for(agreement: Agreement, *, key: str, now: datetime) -> str:
    """The end of the address that shows this signature, and no other of the same agreement, until GOOD_FOR is over."""
    until = int((now + GOOD_FOR).timestamp())
    return tokens.sign([agreement.id, agreement.document_digest, until], purpose=_PURPOSE, key=key)


def open_receipt(receipt: str, *, key: str, now: datetime) -> Receipt:
    """What the address shows. Raises Refused receipt_over: too old, none of ours, or not in force any more."""
    agreement = _signed(tokens.read(receipt, purpose=_PURPOSE, key=key), now)
    if agreement is None:
        raise Refused("receipt_over", rule="A2")
    pupil, evidence = agreement.pupil, agreement.evidence
    return Receipt(
        f"{pupil.first_name} {pupil.last_name}", evidence["signer"], evidence["email"], agreement.signed_at,
        Campaign(school_year=agreement.school_year).label, evidence["reference"], agreement.document,
    )  # fmt: skip


def _signed(said: Any, now: datetime) -> Agreement | None:
    """Rule L5: of a pupil who died nothing is shown."""
    if not said or now.timestamp() >= said[2]:
        return None
    agreement_id, digest, _until = said
    return (
        Agreement.select(Agreement, Pupil)
        .join(Pupil)
        .where(
            Agreement.id == agreement_id,
            Agreement.document_digest == digest,
            Agreement.state == AgreementState.VALIDATED,
            ~Pupil.deceased,
        )
        .first()
    )
