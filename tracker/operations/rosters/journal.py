"""The journal of an import: a line for each pupil it touched, enough to show it and to take it back."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracker.operations.rosters.comparison import Planned


@dataclass
class Journal:
    """What was done to one pupil: `before` is what undoing writes back, `after` what it takes away."""

    planned: Planned
    pupil_id: int = 0
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def plain(value: Any) -> Any:
    """A value of a row as JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value
