"""How often a pupil gets a repair or another device: once for breakage, once for theft or loss (R1 to R3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tracker.rules.access import Role
from tracker.rules.cases import MISSING, CaseKind, CaseOutcome
from tracker.rules.refusals import Refused

_USES = frozenset({CaseOutcome.REPAIRED, CaseOutcome.REPLACED})


@dataclass(frozen=True)
class Earlier:
    """An earlier case of the same pupil, for the same kind of device."""

    case_id: int
    kind: CaseKind
    outcome: CaseOutcome | None
    opened_on: date


def quota_case(kind: CaseKind, earlier: Iterable[Earlier], *, shared: bool) -> Earlier | None:
    """Rules R1, R2, R3. The oldest case that used the quota of this kind; None: it is still there.

    A case uses it from the decision to repair or replace on. `shared`: one quota for breakage, theft and loss.
    """
    uses = (
        each for each in earlier if each.outcome in _USES and (shared or (each.kind in MISSING) == (kind in MISSING))
    )
    return min(uses, key=lambda each: (each.opened_on, each.case_id), default=None)


def quota_refusal(kind: CaseKind, earlier: Iterable[Earlier], *, shared: bool) -> Refused | None:
    """Rules R1 to R3. Why there is no second repair or replacement, with the case that used the only one."""
    used = quota_case(kind, earlier, shared=shared)
    if used is None:
        return None
    rule = "R3" if shared else "R2" if kind in MISSING else "R1"
    return Refused(
        "quota_used", rule=rule, overridable_by=Role.ADMIN,
        case_id=used.case_id, earlier_kind=used.kind, opened_on=used.opened_on,
    )  # fmt: skip


def declaration_refusal(kind: CaseKind, *, on_file: bool) -> Refused | None:
    """Rule R2. Without the declaration to police or gendarmerie on file nothing is provided anew."""
    return Refused("declaration_missing", rule="R2") if kind in MISSING and not on_file else None
