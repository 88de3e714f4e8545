"""Cases: breakdown and damage (R1), theft and loss (R2), a missing device that turns up (R4)."""

from datetime import datetime, timedelta
from enum import StrEnum

from tracker.rules.custody import DeviceState


class CaseKind(StrEnum):
    """What happened to the device."""

    BREAKDOWN = "breakdown"
    DAMAGE = "damage"
    THEFT = "theft"
    LOSS = "loss"
    SIGHTING = "sighting"


class CaseState(StrEnum):
    """Where a case stands. OWED: the pupil's device, repaired or new, is on its way or waits for the pupil (D8)."""

    OPEN = "open"
    AWAITING_DEVICE = "awaiting_device"
    DIAGNOSIS = "diagnosis"
    IN_REPAIR = "in_repair"
    OWED = "owed"
    CLOSED = "closed"
    REFUSED = "refused"


class CaseOutcome(StrEnum):
    """How a case ended, or what was decided for it."""

    REPAIRED = "repaired"
    REPLACED = "replaced"
    REFUSED = "refused"
    FOUND = "found"
    WITHDRAWN = "withdrawn"


class DocumentKind(StrEnum):
    """What an attached file is."""

    DECLARATION = "declaration"
    PHOTO = "photo"
    PROOF = "proof"
    ERASURE = "erasure"
    OTHER = "other"


class Step(StrEnum):
    """What a person does with a case."""

    SEND_BACK = "send_back"
    REPAIR = "repair"
    REPAIRED = "repaired"
    REPLACE = "replace"
    ACCEPT = "accept"
    ASSIGN = "assign"
    SEND = "send"
    REFUSE = "refuse"
    FOUND = "found"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    GIVE_UP = "give_up"


BROKEN = frozenset({CaseKind.BREAKDOWN, CaseKind.DAMAGE})
MISSING = frozenset({CaseKind.THEFT, CaseKind.LOSS})
REPORTED = BROKEN | MISSING
"""What a family or a school reports; a sighting opens by itself."""

ENDED = frozenset({CaseState.CLOSED, CaseState.REFUSED})
OWING = frozenset({CaseState.DIAGNOSIS, CaseState.IN_REPAIR, CaseState.OWED})
"""While a case is here the pupil has given their device up and is owed one: a loaner may bridge it (R1)."""

BY_ANYBODY = frozenset({Step.SEND_BACK, Step.FOUND, Step.WITHDRAW})
"""What a school may do with a case of its own; the rest is decided by logistics or an administrator."""

_OF_BROKEN = {
    CaseState.OPEN: (Step.SEND_BACK, Step.REFUSE, Step.WITHDRAW),
    CaseState.AWAITING_DEVICE: (Step.REFUSE, Step.WITHDRAW),
    CaseState.DIAGNOSIS: (Step.REPAIR, Step.REPLACE, Step.REFUSE),
    CaseState.IN_REPAIR: (Step.REPAIRED, Step.REPLACE),
}
_OF_MISSING = {CaseState.OPEN: (Step.ACCEPT, Step.REFUSE, Step.FOUND)}
_OF_SIGHTING = {CaseState.OPEN: (Step.CLOSE,)}


def steps(kind: CaseKind, state: CaseState, *, assigned: bool) -> tuple[Step, ...]:
    """Rules R1, R2. What may be done with a case, the next step first; `assigned`: it is clear which device is owed.

    The arrival of an awaited device and the hand-over of an owed one are told by their desks.
    """
    if state is CaseState.OWED:
        return (Step.SEND if assigned else Step.ASSIGN, Step.GIVE_UP)
    table = _OF_BROKEN if kind in BROKEN else _OF_MISSING if kind in MISSING else _OF_SIGHTING
    return table.get(state, ())


def missing_state(kind: CaseKind) -> DeviceState:
    """Rule R4. What a device is from the moment that its theft or loss is reported."""
    return DeviceState.STOLEN if kind is CaseKind.THEFT else DeviceState.LOST


def is_overdue(state: CaseState, since: datetime, now: datetime, days: int) -> bool:
    """Whether a case has stood in one state for longer than `days` days."""
    return state not in ENDED and now - since > timedelta(days=days)
