"""The paper that is to be decided about next, with what a person compares it with."""

from dataclasses import dataclass
from typing import Any

from tracker.models.pupils import Guardian
from tracker.queries import paper
from tracker.queries.pages import page
from tracker.queries.paper import WAITING, Scans
from tracker.queries.pupils import Year
from tracker.rules.access import Scope


@dataclass(frozen=True)
class Case:
    """One signed paper: of whom, its scans, who may have signed; `after`: the key that leads to the next one."""

    row: dict[str, Any]
    scans: Scans
    guardians: list[Guardian]
    after: str | None


def next_case(scope: Scope, year: Year, *, after: str | None = None) -> Case | None:
    """Rule A3. The oldest paper that waits, or the one that follows `after`. Four queries."""
    found = page(paper.waiting(scope, year), WAITING, after=after, size=1)
    if not found.rows:
        return None
    row = found.rows[0]
    legal = Guardian.select().where(Guardian.pupil == row["pupil_id"], Guardian.legal).order_by(Guardian.rank)
    return Case(row, paper.scans_of([row["id"]])[row["id"]], list(legal), found.after)
