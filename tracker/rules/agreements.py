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


_S = AgreementState

FOLLOWS: dict[AgreementState, frozenset[AgreementState]] = {
    _S.PREPARED: frozenset({_S.SENT, _S.SIGNED, _S.VALIDATED, _S.WITHDRAWN}),
    _S.SENT: frozenset({_S.SIGNED, _S.VALIDATED, _S.WITHDRAWN}),
    # Back: the page with the signature turned out to be another pupil's.
    _S.SIGNED: frozenset({_S.VALIDATED, _S.REFUSED, _S.WITHDRAWN, _S.SENT, _S.PREPARED}),
    _S.REFUSED: frozenset({_S.SENT, _S.SIGNED, _S.VALIDATED, _S.WITHDRAWN}),
    _S.VALIDATED: frozenset({_S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset(),
}
"""What may follow what. A validated agreement is never unsigned again by a mail, a scan or a second signature."""

TO_BE_SIGNED = frozenset({_S.PREPARED, _S.SENT, _S.REFUSED})
"""The states in which a family is asked to sign."""


def may_become(state: AgreementState, wanted: AgreementState) -> bool:
    """Whether an agreement in `state` may come into the state `wanted`."""
    return wanted in FOLLOWS[state]


def lets_hand_over(state: AgreementState | None) -> bool:
    """Rule A4. No validated agreement, no hand-over."""
    return state is AgreementState.VALIDATED
