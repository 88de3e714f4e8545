"""A second life: batches of devices to repairers, refurbishers and recyclers, and what became of each (U1)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from tracker.rules.custody import Custody, DeviceState, Holder, Movement
from tracker.rules.refusals import Refused
from tracker.rules.returns import NextPlace

LONGEST_REASON = 300
"""Characters of a reason: of a triage, of a batch that its proof contradicts."""


class BatchKind(StrEnum):
    """What the partner does with the devices."""

    REPAIR = "repair"
    REFURBISH = "refurbish"
    RECYCLE = "recycle"


class BatchState(StrEnum):
    """Where a batch stands; CLOSED once each device's outcome and the proof are on file."""

    OPEN = "open"
    SENT = "sent"
    CLOSED = "closed"


class BatchOutcome(StrEnum):
    """What became of one device of a batch."""

    REPAIRED = "repaired"
    REFURBISHED = "refurbished"
    NOT_REPAIRABLE = "not_repairable"
    RECYCLED = "recycled"


class Grade(StrEnum):
    """The state of a refurbished device, as refurbishers grade it: A like new, B light traces, C visible traces."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True)
class Way:
    """What a kind of batch takes, by which movement it leaves, who holds it then, and what may become of it."""

    takes: DeviceState
    movement: Movement
    holder: Holder
    outcomes: tuple[BatchOutcome, ...]
    needs_proof: bool


WAYS: dict[BatchKind, Way] = {
    BatchKind.REPAIR: Way(
        DeviceState.IN_REPAIR, Movement.SENT_TO_REPAIR, Holder.REPAIRER,
        (BatchOutcome.REPAIRED, BatchOutcome.NOT_REPAIRABLE), False,
    ),
    BatchKind.REFURBISH: Way(
        DeviceState.TO_REFURBISH, Movement.SENT_TO_REFURBISHER, Holder.REFURBISHER,
        (BatchOutcome.REFURBISHED, BatchOutcome.NOT_REPAIRABLE), True,
    ),
    BatchKind.RECYCLE: Way(
        DeviceState.TO_RECYCLE, Movement.SENT_TO_RECYCLER, Holder.RECYCLER, (BatchOutcome.RECYCLED,), True,
    ),
}  # fmt: skip

WAITING = (
    DeviceState.RETURNED,
    DeviceState.QUARANTINED,
    DeviceState.IN_REPAIR,
    DeviceState.TO_REFURBISH,
    DeviceState.TO_RECYCLE,
)
"""What waits in the warehouse for somebody to decide or for a partner."""

MAY_BE_SORTED = (*WAITING, DeviceState.IN_STOCK)
"""Whose next place somebody may decide while it is in the warehouse."""

_AWAY_FOR_GOOD = (NextPlace.REFURBISHER, NextPlace.RECYCLING)


def is_erased(erased_at: datetime | None, last_lent_at: datetime | None) -> bool:
    """Rule U1. Whether no pupil's data are left: never lent, or erased since its last loan began."""
    return last_lent_at is None or (erased_at is not None and erased_at >= last_lent_at)


def triage_refusal(before: Custody, place: NextPlace, *, erased: bool, in_batch: bool) -> Refused | None:
    """Rule U1. Why a device may not go to its next place now.

    Into stock only without data, unless it waits for the very pupil whose it is; one set aside for a pupil is neither
    given away nor scrapped.
    """
    if before.holder is not Holder.WAREHOUSE or before.state not in MAY_BE_SORTED:
        return Refused("triage_not_here", rule="U1", state=before.state, holder=before.holder)
    if in_batch:
        return Refused("triage_in_batch", rule="U1")
    if before.allocated_to is not None and place in _AWAY_FOR_GOOD:
        return Refused("triage_promised", rule="U1")
    if place is NextPlace.STOCK and not erased and before.allocated_to is None:
        return Refused("not_erased", rule="U1")
    return None


def batch_refusal(kind: BatchKind, before: Custody, *, other_batch: str | None) -> Refused | None:
    """Rule U1. Why a device may not be put into a batch of this kind; `other_batch`: the code of one that has it."""
    if other_batch:
        return Refused("in_other_batch", rule="U1", batch=other_batch)
    if before.holder is not Holder.WAREHOUSE:
        return Refused("batch_not_here", rule="U1", holder=before.holder, state=before.state)
    if before.state is not WAYS[kind].takes:
        return Refused("batch_wrong_state", rule="U1", state=before.state, wanted=WAYS[kind].takes)
    return None


def send_refusal(kind: BatchKind, devices: int, not_erased: int, *, partner_erases: bool) -> Refused | None:
    """Rule U1. Why a batch may not leave: empty, or with data that nobody is to erase.

    What goes to repair comes back to the same pupil: its data stay.
    """
    if not devices:
        return Refused("batch_empty", rule="U1")
    if not_erased and kind is not BatchKind.REPAIR and not partner_erases:
        return Refused("batch_not_erased", rule="U1", count=not_erased)
    return None


def outcome_refusal(kind: BatchKind, outcome: BatchOutcome, grade: Grade | None) -> Refused | None:
    """Rule U1. Why this cannot have become of a device of such a batch; a grade goes with a refurbished one alone."""
    if outcome not in WAYS[kind].outcomes:
        return Refused("outcome_not_possible", rule="U1", outcome=outcome, kind=kind)
    if outcome is BatchOutcome.REFURBISHED and grade is None:
        return Refused("grade_missing", rule="U1")
    if outcome is not BatchOutcome.REFURBISHED and grade is not None:
        return Refused("grade_not_wanted", rule="U1", outcome=outcome)
    return None


def after_outcome(before: Custody, outcome: BatchOutcome, *, erased: bool) -> tuple[Movement, Custody]:
    """Rule U1. Where the device is once its outcome is known.

    Back with us it is in stock if it waits for its pupil or holds no data, else to be looked at; what cannot be
    repaired waits for a recycler, and is nobody's.
    """
    if outcome is BatchOutcome.RECYCLED:
        return Movement.RECYCLED, replace(before, state=DeviceState.RETIRED)
    here = replace(before, holder=Holder.WAREHOUSE, school_id=None)
    if outcome is BatchOutcome.NOT_REPAIRABLE:
        return Movement.CAME_FROM_PARTNER, replace(here, state=DeviceState.TO_RECYCLE, allocated_to=None)
    usable = erased or before.allocated_to is not None
    return Movement.CAME_FROM_PARTNER, replace(here, state=DeviceState.IN_STOCK if usable else DeviceState.RETURNED)


@dataclass(frozen=True)
class Proof:
    """What is on file for a batch: papers, and what they say (`weight` in grams)."""

    has_paper: bool = False
    has_erasure: bool = False
    proof_on: date | None = None
    weight: int | None = None
    counted: int | None = None

    @property
    def is_whole(self) -> bool:
        """Rule U1. A paper, its date, and a weight or a count."""
        return self.has_paper and self.proof_on is not None and bool(self.weight or self.counted)

    def contradicts(self, devices: int) -> bool:
        """Rule U1. Whether it counts another number than the `devices` of its batch."""
        return self.counted is not None and self.counted != devices


def close_refusal(
    kind: BatchKind, unknown: int, proof: Proof, *, devices: int, partner_erases: bool, reason: str
) -> Refused | None:
    """Rule U1. Why a batch is not over: `unknown` outcomes, no proof, no certificate of what the partner erased.

    Nor without a `reason` where the proof counts another number than the batch has `devices`.
    """
    if unknown:
        return Refused("outcomes_missing", rule="U1", count=unknown)
    if WAYS[kind].needs_proof and not proof.is_whole:
        return Refused("proof_missing", rule="U1")
    if partner_erases and not proof.has_erasure:
        return Refused("erasure_proof_missing", rule="U1")
    return _unexplained(proof, devices, reason) if proof.contradicts(devices) else None


def _unexplained(proof: Proof, devices: int, reason: str) -> Refused | None:
    if not reason:
        return Refused("proof_contradicts", rule="U1", counted=proof.counted, count=devices)
    return Refused("reason_too_long", most=LONGEST_REASON) if len(reason) > LONGEST_REASON else None
