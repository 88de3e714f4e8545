"""What the page of a device says of its second life, to who does reuse."""

from dataclasses import dataclass
from typing import Any

from flask_login import current_user

from tracker.queries.batches import code_of, newest_outcome
from tracker.queries.reuse import last_lent
from tracker.rules.access import Permission
from tracker.rules.custody import Holder
from tracker.rules.returns import NextPlace
from tracker.rules.reuse import MAY_BE_SORTED, is_erased


@dataclass(frozen=True)
class Part:
    """Whether data are gone, the last batch, and whether its next place may be decided here."""

    erased: bool
    batch: dict[str, Any] | None
    code: str
    may_triage: bool
    places: tuple[NextPlace, ...] = tuple(NextPlace)


def reuse_part(device: dict[str, Any]) -> Part | None:
    """None for who does no reuse. Two queries."""
    if not current_user.may(Permission.MANAGE_REUSE):
        return None
    lent, batch = last_lent([device["id"]]).get(device["id"]), newest_outcome(device["id"])
    here = device["holder"] == Holder.WAREHOUSE and device["state"] in MAY_BE_SORTED
    in_batch = batch is not None and batch["outcome"] is None
    code = code_of(batch["id"]) if batch else ""
    return Part(is_erased(device["erased_at"], lent), batch, code, here and not in_batch)
