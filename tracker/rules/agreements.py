"""The life of a loan agreement: rules A1 to A4."""

from enum import StrEnum


class AgreementState(StrEnum):
    """Where an agreement stands; only a validated one lets a device be handed over (A4)."""

    PREPARED = "prepared"
    SENT = "sent"
    SIGNED = "signed"
    VALIDATED = "validated"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class SignedBy(StrEnum):
    """How an agreement was signed: by the personal link (A2), or on paper (A3)."""

    LINK = "link"
    PAPER = "paper"


def lets_hand_over(state: AgreementState | None) -> bool:
    """Rule A4. No validated agreement, no hand-over."""
    return state is AgreementState.VALIDATED
